"""An entry as a line: the bytes that the chain holds together, and back."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from quanmin.exchange.log.entry import Entry

START = bytes(32)
"""The link before the first entry."""


def line(sequence: int, entry: Entry) -> str:
    """The canonical JSON line of an entry, without its body: its digest stands for that."""
    held = vars(entry)
    told: dict[str, Any] = {
        name: held[name] for name in _PLAIN if held[name] is not None
    }  # what is not there has no name
    told |= {"sequence": sequence, "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds")}
    told |= {
        "base": entry.base.decode("ascii", "backslashreplace"),
        "signature": base64.b64encode(entry.signature).decode(),
    }
    return _written(told)


def link(before: bytes, text: str) -> bytes:
    """The hash over a line and the link before it."""
    return hashlib.sha256(before + text.encode()).digest()


def entry(text: str, body: bytes | None = None) -> tuple[int, Entry]:
    """Its number and the entry of a line; KeyError, TypeError, ValueError where it is none."""
    told = json.loads(text)
    sequence, at = int(told.pop("sequence")), datetime.fromisoformat(told.pop("at"))
    base, signature = told.pop("base").encode(), base64.b64decode(told.pop("signature"), validate=True)
    return sequence, Entry(at=at, base=base, signature=signature, body=body, **told)


_PLAIN = (
    "direction",
    "kind",
    "message",
    "sender",
    "receiver",
    "digest",
    "size",
    "key",
    "agreement",
    "case",
    "request",
    "delivery",
    "status",
    "fault",
    "took",
)

_written = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode
"""Canonical JSON (`canonical.py`) of texts and whole numbers: made once, as it is asked for thousands of times a second."""
