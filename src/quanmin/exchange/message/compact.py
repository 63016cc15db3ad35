"""Compact JWS (RFC 7515) by a key of a member: what is signed once and shown to anybody afterwards.

`alg` is `Ed25519` (RFC 9864); in the national suite the same form with `alg` `SM2-SM3`, which is registered nowhere, and the
signature of an SM2 key.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from quanmin.exchange.canonical import canonical
from quanmin.exchange.member.member import Identity, Key
from quanmin.trust.keys import signature as signatures

ALGORITHMS = {"ed25519": "Ed25519", "sm2-sm3": "SM2-SM3"}
"""The name in a header of what a key signs with."""


def signed(identity: Identity, kind: str, payload: bytes) -> str:
    """The compact JWS with `typ` `kind`; the key stays where it is."""
    signer = identity.signer
    header = {"alg": ALGORITHMS[signer.algorithm], "kid": signer.key, "typ": kind}
    message = f"{encoded(canonical(header))}.{encoded(payload)}"
    return f"{message}.{encoded(signer.sign(message.encode()))}"


def header_of(text: str, kind: str) -> Mapping[str, Any] | None:
    """The header, where it says algorithm, key and this kind and nothing else; read before anything is believed."""
    try:
        header = json.loads(decoded(text.split(".")[0]))
    except (ValueError, RecursionError):
        return None
    if not isinstance(header, dict) or header.keys() != {"alg", "kid", "typ"} or header["typ"] != kind:
        return None
    return header


def holds(key: Key, text: str) -> bool:
    """Whether the key signed it: by joserfc, or by the national suite."""
    public = bytes.fromhex(key.public)
    if key.algorithm == "ed25519":
        try:
            own = OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": encoded(public)})
            jws.deserialize_compact(text, own, algorithms=["Ed25519"])
        except (JoseError, ValueError):
            return False
        return True
    message, _, given = text.rpartition(".")
    try:
        return signatures.verify("national", public, message.encode(), decoded(given))
    except ValueError:
        return False


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """The bytes again; ValueError for what is written in another form than `encoded` gives."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
    if encoded(data) != text:
        raise ValueError("base64")
    return data
