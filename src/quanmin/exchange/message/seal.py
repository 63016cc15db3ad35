"""Bodies sealed to their receiver: compact JWE (RFC 7516), ECDH-ES+A256KW over X25519 (RFC 8037), A256GCM, by joserfc."""

from __future__ import annotations

import gc
import json
from functools import lru_cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from joserfc import jwe
from joserfc.jwk import OKPKey
from joserfc.util import urlsafe_b64decode

from quanmin.exchange.member.member import Key
from quanmin.exchange.message.errors import SealBroken

MEDIA = "application/jose"
_KEYS, _CONTENT = "ECDH-ES+A256KW", "A256GCM"
_HEADER = 1024
"""Bytes in which the header must end."""
_LARGE = 256 << 10
_REGISTRY = jwe.JWERegistry(algorithms=[_KEYS, _CONTENT])
_REGISTRY.max_ciphertext_length = 64 << 20  # a chunk of the largest size, in base64


def seal(body: bytes, key: Key) -> bytes:
    """The body, to be opened by the holder of a key only."""
    header = {"alg": _KEYS, "enc": _CONTENT, "kid": key.id}
    try:
        return jwe.encrypt_compact(header, body, _receiver(key.public), registry=_REGISTRY).encode()
    finally:
        _let_go(body)


def named(sealed: bytes) -> str:
    """The id of the key that a sealed body is for; SealBroken."""
    try:
        found = json.loads(urlsafe_b64decode(sealed[:_HEADER].split(b".", 1)[0]))["kid"]
    except (ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        raise SealBroken(reason="header") from error
    if not isinstance(found, str):
        raise SealBroken(reason="header")
    return found


def unseal(sealed: bytes, secret: bytes) -> bytes:
    """The body, by the 32 secret bytes of the key; SealBroken."""
    try:
        return _opened(sealed, secret)
    finally:
        _let_go(sealed)


def _opened(sealed: bytes, secret: bytes) -> bytes:
    try:
        opened = jwe.decrypt_compact(sealed, _own(secret), registry=_REGISTRY)
    except Exception as error:  # whatever does not open is refused
        raise SealBroken(reason=type(error).__name__) from error
    if opened.plaintext is None:
        raise SealBroken(reason="empty")
    return opened.plaintext


def _let_go(body: bytes) -> None:
    """Copies of a body stay behind in objects that refer to each other: those of a large one are not left to chance.

    What the program is made of is set aside before, so that looking for them takes no longer than what is new.
    """
    if len(body) >= _LARGE:
        _set_aside()
        gc.collect()


@lru_cache(1)
def _set_aside() -> None:
    gc.collect()
    gc.freeze()


@lru_cache(256)
def _receiver(public: str) -> OKPKey:
    raw = X25519PublicKey.from_public_bytes(bytes.fromhex(public))
    pem = raw.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return OKPKey.import_key(pem)


@lru_cache(16)
def _own(secret: bytes) -> OKPKey:
    raw = X25519PrivateKey.from_private_bytes(secret)
    pem = raw.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return OKPKey.import_key(pem)
