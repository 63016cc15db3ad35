"""Content-Digest (RFC 9530): the body's hash as a header, so that a signature over headers holds the body."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re

NAME = "content-digest"
_ALGORITHMS = {"sha-256": "sha256", "sha-512": "sha512", "sm3": "sm3"}
"""`sm3` is registered nowhere; it stands beside sha-256 only."""
_MEMBER = re.compile(r"([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/]*={0,2}):(?:;[^,]*)?")


def content_digest(body: bytes, algorithm: str = "sha-256") -> str:
    """The header's value: `sha-256=:…:`."""
    return f"{algorithm}=:{base64.b64encode(hashlib.new(_ALGORITHMS[algorithm], body).digest()).decode()}:"


def holds(header: str, body: bytes) -> bool:
    """Whether every digest that is known here fits the body, and there is one at least (sha-256 or sha-512)."""
    found = 0
    for part in header.split(","):
        member = _MEMBER.fullmatch(part.strip())
        if member is None:
            return False
        name = _ALGORITHMS.get(member[1])
        if name is None:
            continue
        try:
            told = base64.b64decode(member[2], validate=True)
        except binascii.Error:
            return False
        if not hmac.compare_digest(told, hashlib.new(name, body).digest()):
            return False
        found += member[1] != "sm3"
    return found > 0
