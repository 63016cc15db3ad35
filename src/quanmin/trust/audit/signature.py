"""Who vouches for a head: a small interface for signing and checking, and Ed25519 behind it.

The private key stands in the key ring and never leaves the store; the public one, `keys/audit.pub`, is for whoever verifies.
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
from quanmin.trust.keys import KeyStore, file, open_store
from quanmin.trust.keys.store import AUDIT

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
    """A key that is at hand."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public = Ed25519Public(key.public_key())

    def sign(self, message: bytes) -> bytes:
        """A signature over the message."""
        return self._key.sign(message)


class StoreSigner:
    """The installation's own key, in its key store."""

    def __init__(self, store: KeyStore) -> None:
        self._store = store
        self.public = Ed25519Public(Ed25519PublicKey.from_public_bytes(store.public(AUDIT)))

    def sign(self, message: bytes) -> bytes:
        """A signature over the message."""
        return self._store.sign(AUDIT, message)[4:]

    @classmethod
    def open(cls, settings: Settings) -> StoreSigner:
        """With the key of the home, made the first time, its public half in a file; AuditKeyUnusable, and what a store raises."""
        store, folder = open_store(settings), settings.home / "keys"
        store.take(AUDIT, "signature", folder / "audit.key", _read)
        signer = cls(store)
        try:
            if not (folder / "audit.pub").exists():
                file.write(folder / "audit.pub", signer.public.pem(), 0o644)
        except OSError as error:
            raise AuditKeyUnusable(reason=error.strerror or type(error).__name__) from error
        return signer


def _read(content: bytes | None) -> tuple[bytes, bytes]:
    """The key of a home from before it stood in the ring, or a new one: secret and public half."""
    try:
        key = Ed25519PrivateKey.generate() if content is None else serialization.load_pem_private_key(content, None)
    except (ValueError, TypeError) as error:
        raise AuditKeyUnusable(reason=type(error).__name__) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise AuditKeyUnusable(reason="not Ed25519")
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()
