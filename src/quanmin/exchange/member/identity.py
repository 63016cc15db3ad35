"""The own side of a member: signing and sealing keys in the key store of its home, never anywhere else."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from quanmin.exchange.member.member import Algorithm, Key, Signer
from quanmin.exchange.message import seal
from quanmin.exchange.message.errors import SealBroken
from quanmin.settings import Settings
from quanmin.trust.keys import FileStore, KeyInfo, open_store
from quanmin.trust.keys.errors import KeyGone, KeyUnknown
from quanmin.trust.keys.ring import Version

SIGNING, SEALING = "exchange/sign", "exchange/seal"
"""Names in the key ring. What seals is a scalar of X25519 derived of a stored key, rotated and revoked as any is."""


SIGNS_AFTER = timedelta(hours=24)
"""Age at which a new version begins to sign: before, directories take it up, and who has an older one knows the older key."""


class HomeIdentity:
    """An `Identity` by the keys of a home; rotating makes the next version, and older ones still unseal.

    A new version of the signing key is listed at once and signs a day later, or as soon as every older one was revoked.
    """

    def __init__(self, member: str, store: FileStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.member, self._store, self._now = member, store, now
        store.ensure(SIGNING, "signature")
        store.ensure(SEALING)

    @classmethod
    def open(cls, settings: Settings) -> HomeIdentity:
        """Of an installation; its keys are made the first time."""
        return cls(settings.member, open_store(settings))

    @property
    def signer(self) -> Signer:
        """The key that signs; it raises KeyGone where every one was revoked."""
        own = self._signing()
        return Signer(f"{self.member}/signature/{own.version}", _algorithm(own.suite), partial(self._sign, own.version))

    def _sign(self, version: int, message: bytes) -> bytes:
        return self._store.sign(SIGNING, message, version)[4:]

    def unseal(self, sealed: bytes) -> bytes:
        """What was encrypted to this member; SealBroken."""
        name = seal.named(sealed)
        member, _, rest = name.partition("/encryption/")
        if member != self.member or not (rest.isascii() and rest.isdecimal()) or len(rest) > 6:
            raise SealBroken(reason="for another")
        try:
            return seal.unseal(sealed, self._scalar(int(rest)))
        except (KeyUnknown, KeyGone) as error:
            raise SealBroken(reason="key gone") from error

    def keys(self) -> tuple[Key, ...]:
        """The open halves, the newest of each use last, as directories list them."""
        found = [one for one in self._store.names() if one.name in (SIGNING, SEALING)]
        return tuple(self._open_half(one) for one in sorted(found, key=lambda one: (one.name, one.version)))

    def _signing(self) -> Version:
        versions = self._store.ring().keys[SIGNING]
        usable = [one for one in versions if one.state in ("active", "retired")]
        if len(usable) < 2:
            return usable[0] if usable else versions[-1]
        ripe = self._now() - SIGNS_AFTER
        return next((one for one in reversed(usable) if datetime.fromisoformat(one.made) <= ripe), usable[0])

    def _open_half(self, one: KeyInfo) -> Key:
        since = datetime.fromisoformat(one.made).astimezone(UTC)
        revoked = since if one.state in ("revoked", "destroyed") else None
        if one.name == SIGNING:
            public = self._store.public(SIGNING, one.version).hex()
            return Key(
                f"{self.member}/signature/{one.version}", "signature", _algorithm(one.suite), public, since, revoked
            )
        public = "" if revoked else _public(self._scalar(one.version))
        return Key(f"{self.member}/encryption/{one.version}", "encryption", "x25519", public, since, revoked)

    def _scalar(self, version: int) -> bytes:
        derived = self._store.material(SEALING, "x25519", version).key  # 32 bytes, or 16 of the national suite
        return hmac.digest(derived, b"scalar of X25519", "sha256")


def _public(scalar: bytes) -> str:
    return X25519PrivateKey.from_private_bytes(scalar).public_key().public_bytes_raw().hex()


def _algorithm(suite: str) -> Algorithm:
    return "sm2-sm3" if suite == "national" else "ed25519"
