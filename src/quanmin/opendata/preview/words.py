"""The beginning of a text, whatever it is written in: UTF-8, else GB 18030."""

from __future__ import annotations

import codecs
from pathlib import Path

from quanmin.opendata.preview.look import BROKEN, EMPTY, Unfit, Words

SHOWN = 64 << 10
"""Bytes of a text that are shown."""


def beginning(path: Path, limit: int) -> tuple[str, bool]:
    """At most so many bytes of a file as text, and whether there is more of it."""
    with path.open("rb") as stream:
        raw = stream.read(limit + 1)
    cut, raw = len(raw) > limit, raw[:limit]
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return codecs.getincrementaldecoder(encoding)().decode(raw, final=not cut), cut
        except UnicodeDecodeError:
            continue
    raise Unfit(BROKEN)


def words(path: Path) -> Words:
    """The beginning of a text."""
    text, more = beginning(path, SHOWN)
    if "\0" in text:
        raise Unfit(BROKEN)
    if not text.strip():
        raise Unfit(EMPTY)
    return Words(text, more)
