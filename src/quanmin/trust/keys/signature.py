"""Signatures by a key of the ring: Ed25519, or SM2 in the national suite."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from quanmin.trust.keys import sm2


def generate(suite: str) -> tuple[bytes, bytes]:
    """A secret and its public half."""
    if suite == "national":
        pair = sm2.load().generate()
        return pair.secret + pair.public, pair.public
    key = Ed25519PrivateKey.generate()
    return key.private_bytes_raw(), key.public_key().public_bytes_raw()


def sign(suite: str, secret: bytes, message: bytes) -> bytes:
    """A signature over the message."""
    if suite == "national":
        return sm2.load().sign(sm2.Pair(secret[:32], secret[32:]), message)
    return _private(secret).sign(message)


@lru_cache(16)
def _private(secret: bytes) -> Ed25519PrivateKey:
    """Making the key of its bytes takes as long as signing with it."""
    return Ed25519PrivateKey.from_private_bytes(secret)


def verify(suite: str, public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature is of this message by this key."""
    if suite == "national":
        return sm2.load().verify(public, message, signature)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True
