"""The key of identity: seals what must be read again, digests what must only be recognised.

It stands in the key ring, apart from the database: who takes the database alone can neither read a seed nor test a guess.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from quanmin.settings import Settings
from quanmin.trust.identity.errors import VaultUnreadable
from quanmin.trust.keys import open_store
from quanmin.trust.keys.store import IDENTITY

_BYTES, _NONCE = 32, 12


class Vault:
    """Sealing and digests, each use with a key of its own."""

    def __init__(self, key: bytes) -> None:
        if len(key) != _BYTES:
            raise VaultUnreadable(reason=f"{len(key)} bytes")
        self._cipher = AESGCM(hmac.digest(key, b"seal", "sha256"))
        self._digest = hmac.digest(key, b"digest", "sha256")

    @classmethod
    def open(cls, settings: Settings) -> Vault:
        """With the key of the home, which is made the first time; VaultUnreadable, and what a key store raises."""
        store = open_store(settings)
        store.take(IDENTITY, "digest", settings.home / "keys" / "identity.key", _read)
        return cls(store.material(IDENTITY, "vault").key)

    def seal(self, value: str, place: str) -> str:
        """Encrypted text that opens only at the same `place` (table, account and use)."""
        nonce = secrets.token_bytes(_NONCE)
        return base64.b64encode(nonce + self._cipher.encrypt(nonce, value.encode(), place.encode())).decode()

    def unseal(self, sealed: str, place: str) -> str:
        """What was sealed; VaultUnreadable when it was altered, moved, or sealed by another key."""
        raw = base64.b64decode(sealed)
        try:
            return self._cipher.decrypt(raw[:_NONCE], raw[_NONCE:], place.encode()).decode()
        except InvalidTag:
            raise VaultUnreadable(reason="seal") from None

    def digest(self, use: str, value: str) -> str:
        """A keyed digest: recognises a value of few possibilities, and tells nobody without the key what it is."""
        return hmac.digest(self._digest, f"{use}\n{value}".encode(), "sha256").hex()


def _read(content: bytes | None) -> tuple[bytes, bytes]:
    """The key of a home from before it stood in the ring, or a new one."""
    if content is not None and len(content) != _BYTES:
        raise VaultUnreadable(reason=f"{len(content)} bytes")
    return content or secrets.token_bytes(_BYTES), b""


def plain_digest(secret: str) -> str:
    """The digest of a random secret of 128 bits or more, such as a session's token."""
    return hashlib.sha256(secret.encode()).hexdigest()
