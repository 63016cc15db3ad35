"""The issuer's public keys as a file that anybody keeps: a JWK set (RFC 7517, RFC 8037)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Key
from quanmin.exchange.message import compact
from quanmin.programs.vital.document.errors import KeyUnreadable
from quanmin.settings import Settings

_LONGEST = 256 << 10
_SIZES = {"Ed25519": 32, "SM2": 64}
_CURVES = {"ed25519": "Ed25519", "sm2-sm3": "SM2"}


def own(settings: Settings) -> list[Key]:
    """The signing keys of this installation that count, oldest first."""
    return [one for one in HomeIdentity.open(settings).keys() if one.use == "signature" and one.revoked is None]


def written(keys: list[Key]) -> dict[str, Any]:
    """The JWK set. A key of SM2 stands as a curve of its own name, which no registry knows."""
    return {"keys": [_jwk(one) for one in keys]}


def read(data: bytes) -> list[Key]:
    """The keys of a JWK set. KeyUnreadable."""
    try:
        if len(data) > _LONGEST:
            raise ValueError("too long")
        return [_key(one) for one in json.loads(data)["keys"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise KeyUnreadable() from None


def _jwk(key: Key) -> dict[str, str]:
    public, curve = bytes.fromhex(key.public), _CURVES[key.algorithm]
    told = {"kid": key.id, "use": "sig", "alg": compact.ALGORITHMS[key.algorithm], "crv": curve}
    if curve == "SM2":
        return {**told, "kty": "EC", "x": compact.encoded(public[:32]), "y": compact.encoded(public[32:])}
    return {**told, "kty": "OKP", "x": compact.encoded(public)}


def _key(told: dict[str, str]) -> Key:
    algorithm = next(one for one, curve in _CURVES.items() if curve == told["crv"]) if told["crv"] in _SIZES else None
    public = compact.decoded(told["x"]) + (compact.decoded(told["y"]) if told["crv"] == "SM2" else b"")
    if algorithm is None or len(public) != _SIZES[told["crv"]]:
        raise ValueError("not a key of ours")
    since = datetime.fromtimestamp(0, UTC)
    if algorithm == "ed25519":
        return Key(str(told["kid"]), "signature", "ed25519", public.hex(), since)
    return Key(str(told["kid"]), "signature", "sm2-sm3", public.hex(), since)
