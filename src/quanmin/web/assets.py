"""The files that pages load, by the name under which they were built."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from quanmin.web.errors import NotBuilt

FOLDER = Path(__file__).parent / "static"


@cache
def _names() -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads((FOLDER / "manifest.json").read_text("utf-8"))["files"]
    except OSError:
        raise NotBuilt() from None
    return found


def address(name: str) -> str:
    """The address of a file; its name holds the digest of its content, so that a browser keeps it for good. NotBuilt."""
    return f"/static/{_names()[name]}"


@cache
def built() -> frozenset[str]:
    """The names that files were built under."""
    return frozenset(_names().values())
