"""Which bytes of a file are asked for (RFC 9110, section 14)."""

from __future__ import annotations

import re

from quanmin.web.data.errors import RangeRefused

_FORM = re.compile(r"\s*bytes\s*=\s*(.+)", re.IGNORECASE)
_ONE = re.compile(r"(\d{0,19})\s*-\s*(\d{0,19})")
MOST = 50


def span(header: str | None, size: int) -> tuple[int, int] | None:
    """The first byte and the one behind the last; None: all (without the header, or where it is none of ours).

    Several ranges that touch are one; several that do not, and one beyond the end, are refused: RangeRefused.
    """
    form = _FORM.fullmatch(header or "")
    if form is None:
        return None
    parts = [_ONE.fullmatch(one.strip()) for one in form[1].split(",") if one.strip()]
    if not parts or len(parts) > MOST:
        raise RangeRefused(size=size)
    found: list[tuple[int, int]] = []
    for part in parts:
        if part is None or part[1] == part[2] == "" or (part[1] and part[2] and int(part[2]) < int(part[1])):
            return None  # not a range at all: ignored, as the standard has it
        one = _bounds(part[1], part[2], size)
        found += [one] if one[0] < one[1] else []
    return _joined(sorted(found), size)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(size - int(last), 0), size
    return int(first), min(int(last) + 1, size) if last else size


def _joined(found: list[tuple[int, int]], size: int) -> tuple[int, int]:
    if not found:
        raise RangeRefused(size=size)
    start, end = found[0]
    for first, beyond in found[1:]:
        if first > end:
            raise RangeRefused(size=size)
        end = max(end, beyond)
    return start, end
