"""Who vouches for a head: a small interface for signing and checking, and Ed25519 behind it.

The private key is `keys/audit.key` in the home, readable by its owner only; the public one beside it is for whoever verifies.
Another algorithm (SM2 by an optional extra) is a class with these few members.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from quanmin.settings import Settings
from quanmin.trust.audit import record
from quanmin.trust.audit.errors import AuditKeyUnusable, HeadUnreadable
from quanmin.trust.keys import file

_CONTEXT = "quanmin audit head v1"


class Public(Protocol):
    """Checks signatures."""

    algorithm: str
    key: str

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this key over this message."""
        ...


class Signer(Protocol):
    """Makes signatures."""

    @property
    def public(self) -> Public:
        """The other half."""
        ...

    def sign(self, message: bytes) -> bytes:
        """A signature over the message."""
        ...


class SignedHead(NamedTuple):
    """So many entries, the root over them, when, and a signature over all of that."""

    at: datetime
    size: int
    root: bytes
    hash: str
    algorithm: str
    key: str
    signature: bytes

    def message(self) -> bytes:
        """What is signed; its hash is also what a time stamp (RFC 3161) is asked for."""
        parts = (_CONTEXT, self.algorithm, self.key, record.stamp(self.at), self.hash, str(self.size), self.root.hex())
        return "\n".join(parts).encode()

    def holds(self, public: Public) -> bool:
        """Whether this key signed it."""
        mine = (self.algorithm, self.key) == (public.algorithm, public.key)
        return mine and public.holds(self.message(), self.signature)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        shown = {"at": record.stamp(self.at), "root": self.root.hex(), "signature": self.signature.hex()}
        return self._asdict() | shown

    @classmethod
    def read(cls, document: Any, where: str) -> SignedHead:
        """From JSON; HeadUnreadable."""
        try:
            at = datetime.fromisoformat(document["at"])
            root, signature = bytes.fromhex(document["root"]), bytes.fromhex(document["signature"])
            hash_, algorithm, key = (str(document[name]) for name in ("hash", "algorithm", "key"))
            if at.tzinfo is None or len(root) != 32:
                raise ValueError("at, root")
            return cls(at, int(document["size"]), root, hash_, algorithm, key, signature)
        except (KeyError, TypeError, ValueError) as error:
            raise HeadUnreadable(file=where, reason=type(error).__name__) from error


class Ed25519Public:
    """An Ed25519 public key."""

    algorithm = "ed25519"

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key
        raw = key.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.key = hashlib.sha256(raw).hexdigest()[:32]

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this key over this message."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def pem(self) -> bytes:
        """For those who verify."""
        return self._key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    @classmethod
    def read(cls, path: Path) -> Ed25519Public:
        """From a PEM file; HeadUnreadable."""
        try:
            key = serialization.load_pem_public_key(path.read_bytes())
        except (OSError, ValueError) as error:
            raise HeadUnreadable(file=path.name, reason=type(error).__name__) from error
        if not isinstance(key, Ed25519PublicKey):
            raise HeadUnreadable(file=path.name, reason="not Ed25519")
        return cls(key)


class Ed25519Signer:
    """The installation's own key."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = Ed25519Public(key.public_key())

    def sign(self, message: bytes) -> bytes:
        """A signature over the message."""
        return self._key.sign(message)

    @classmethod
    def open(cls, settings: Settings) -> Ed25519Signer:
        """With the key in the home, which is made the first time, with its public half beside it; AuditKeyUnusable."""
        path = settings.home / "keys" / "audit.key"
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                file.once(path, _fresh())
            if path.stat().st_mode & 0o077:
                raise AuditKeyUnusable(reason="mode")
            key = serialization.load_pem_private_key(path.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise AuditKeyUnusable(reason=getattr(error, "strerror", None) or type(error).__name__) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise AuditKeyUnusable(reason="not Ed25519")
        signer = cls(key)
        if not (public := path.with_suffix(".pub")).exists():
            file.write(public, signer.public.pem(), 0o644)
        return signer


def _fresh() -> bytes:
    """A new private key."""
    none = serialization.NoEncryption()
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, none
    )
