"""SM2 behind four verbs, from an optional library. It is no certified module; a certified one fits behind `Sm2`."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple, Protocol

from quanmin.trust.keys.errors import Altered, Sm2Missing


class Pair(NamedTuple):
    """A key pair: 32 bytes of the secret half, 64 of the public one."""

    secret: bytes
    public: bytes


class Sm2(Protocol):
    """What is asked of SM2."""

    def generate(self) -> Pair:
        """A new key pair."""
        ...

    def sign(self, pair: Pair, message: bytes) -> bytes:
        """A signature over the message with the usual signer's id (DER)."""
        ...

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this message and key."""
        ...

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        """Up to 255 bytes, such as a key, for the holder of the secret half (DER, C1C3C2)."""
        ...

    def decrypt(self, pair: Pair, sealed: bytes) -> bytes:
        """The plain bytes; Altered if they do not hold."""
        ...


class GmsslSm2:
    """SM2 of the package `gmssl-pyx`."""

    def __init__(self, module: Any) -> None:
        self._module = module

    def generate(self) -> Pair:
        """A new key pair."""
        public, secret = self._module.sm2_key_generate()
        return Pair(bytes(secret), bytes(public))

    def sign(self, pair: Pair, message: bytes) -> bytes:
        """A signature (DER)."""
        return bytes(self._module.sm2_sign(pair.secret, pair.public, message))

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this message and key; what is no signature at all is not."""
        try:
            return bool(self._module.sm2_verify(public, message, signature))
        except self._module.GmsslInnerError:
            return False

    def encrypt(self, public: bytes, plain: bytes) -> bytes:
        """Up to 255 bytes (DER, C1C3C2)."""
        return bytes(self._module.sm2_encrypt(public, plain))

    def decrypt(self, pair: Pair, sealed: bytes) -> bytes:
        """The plain bytes; Altered if they do not hold."""
        try:
            return bytes(self._module.sm2_decrypt(pair.secret, sealed))
        except self._module.GmsslInnerError as error:
            raise Altered(place="SM2") from error


def load() -> Sm2:
    """The installed SM2; Sm2Missing when there is none."""
    try:
        return GmsslSm2(importlib.import_module("gmssl_pyx"))
    except ImportError as error:
        raise Sm2Missing from error
