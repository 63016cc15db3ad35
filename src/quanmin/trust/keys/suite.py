"""The two families of algorithms: international (AES-256, SHA-256, Ed25519) and national (SM4, SM3, SM2).

SM3 and SM4 are OpenSSL's. They are no certified module: where the law asks for one, put it behind `Master` and `KeyStore`.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import Literal, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SuiteName = Literal["international", "national"]
NONCE = 12
TAG = 16


class Aead(Protocol):
    """Encryption that also proves: what was changed, or is opened in another context, raises InvalidTag."""

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The ciphertext with its tag."""
        ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes."""
        ...


class Sm4Gcm:
    """SM4 in Galois counter mode, shaped as `AESGCM` is."""

    def __init__(self, key: bytes) -> None:
        self._key = algorithms.SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The ciphertext with its tag."""
        work = Cipher(self._key, modes.GCM(nonce)).encryptor()
        work.authenticate_additional_data(associated_data or b"")
        return work.update(data) + work.finalize() + work.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None) -> bytes:
        """The plain bytes; InvalidTag if anything differs."""
        if len(data) < TAG:
            raise InvalidTag
        work = Cipher(self._key, modes.GCM(nonce, data[-TAG:])).decryptor()
        work.authenticate_additional_data(associated_data or b"")
        plain = work.update(data[:-TAG])
        return plain + work.finalize()


@dataclass(frozen=True)
class Suite:
    """One family of algorithms."""

    name: SuiteName
    digest: str
    key_bytes: int

    def aead(self, key: bytes) -> Aead:
        """AES-256-GCM or SM4-GCM."""
        return AESGCM(key) if self.name == "international" else Sm4Gcm(key)

    def block(self, key: bytes) -> Cipher[modes.ECB]:
        """The bare block cipher, for what is one block: see `quanmin.trust.keys.block`."""
        one = algorithms.AES(key) if self.name == "international" else algorithms.SM4(key)
        return Cipher(one, modes.ECB())

    def derive(self, key: bytes, info: bytes, salt: bytes = b"", length: int | None = None) -> bytes:
        """A key for one use (HKDF over the suite's hash); by default as long as the cipher's."""
        over = hashes.SHA256() if self.name == "international" else hashes.SM3()
        return HKDF(over, length or self.key_bytes, salt or None, info).derive(key)

    def mac(self, key: bytes, data: bytes) -> bytes:
        """A keyed digest (HMAC)."""
        return hmac.digest(key, data, self.digest)


SUITES: dict[str, Suite] = {
    "international": Suite("international", "sha256", 32),
    "national": Suite("national", "sm3", 16),
}


def suite(name: str) -> Suite:
    """A suite by name."""
    return SUITES[name]


def context(*parts: str | int | bytes) -> bytes:
    """What a ciphertext belongs to, as bytes that no other list of parts gives: each part with its length before it."""
    plain = [part if isinstance(part, bytes) else str(part).encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in plain)
