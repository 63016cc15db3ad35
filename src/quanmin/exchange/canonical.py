"""JSON in one form only: what is signed and hashed is the same bytes whoever writes it down.

Names in order of their code points, no spaces, UTF-8, no floats: for text, whole numbers, truth values, lists and objects this
is RFC 8785 (JSON Canonicalization Scheme) wherever names are ASCII, as all of ours are.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical(document: Mapping[str, Any]) -> bytes:
    """The bytes of a document. TypeError for a float and for what JSON does not have."""
    _without_floats(document)
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical(document)).hexdigest()


def _without_floats(value: Any) -> None:
    if value.__class__ in _PLAIN:
        return
    if isinstance(value, float):
        raise TypeError("a float has no one form")
    if isinstance(value, Mapping):
        for one in value.values():
            _without_floats(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _without_floats(one)


_PLAIN = frozenset((str, int, bool, type(None)))
"""What has one form anyway, and is most of a document."""
