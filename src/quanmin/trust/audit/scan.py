"""Part of an exported log: hashed as it is, without parsing, and folded into the largest whole subtrees.

The parts of a file are scanned by several processes; what each gives back is small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from quanmin.trust.audit import record, tree
from quanmin.trust.audit.verdict import Damage

_OPEN, _AFTER = b'{"leaf":"', b'",'
_SEQUENCE = re.compile(rb'"sequence":(\d{1,18}),')


class Part(NamedTuple):
    """The entries of one part: the first and how many, whether all hold, their subtrees up to each size that was asked for."""

    first: int
    entries: int
    whole: bool
    subtrees: tuple[tuple[int, tuple[tree.Peak, ...]], ...]
    begins: bytes
    ends: bytes
    backwards: tuple[int, ...]


class Place(NamedTuple):
    """Bytes of a file."""

    file: Path
    start: int
    end: int


def lines(place: Place) -> list[bytes]:
    """The lines that begin within the place."""
    with place.file.open("rb") as source:
        start = place.start
        if start:
            source.seek(start - 1)
            start += len(source.readline()) - 1
        if start >= place.end:
            return []
        source.seek(start)
        data = source.read(place.end - start)
        end = b"" if data.endswith(b"\n") else source.readline()
    data = data + end if end else data
    found = data.split(b"\n")
    if not found[-1]:
        found.pop()
    return found


def scan(place: Place, name: str, cuts: Sequence[int]) -> Part:
    """Check the lines against their own hashes, numbers and times; `cuts` are sizes at which the tree is to be compared."""
    new, rows = tree.HASHES[name], lines(place)
    first = number(rows[0]) if rows else 0
    if first is None:
        return Part(0, len(rows), False, (), b"", b"", ())
    rest, digit = record.REST, record.SEQUENCE
    leaves = [new(b"\0{" + row[rest:]).digest() for row in rows]
    declared = b"".join([row[record.LEAF] for row in rows])
    whole = declared == b"".join(leaves).hex().encode()
    whole = whole and {row[:9] for row in rows} <= {_OPEN} and {row[73:75] for row in rows} <= {_AFTER}
    whole = whole and all([row.startswith(b"%d," % n, digit) for n, row in enumerate(rows, first)])
    times = [row[record.TIME] for row in rows]
    return Part(first, len(rows), whole, _fold(new, first, leaves, cuts), *_times(times, first))


def _times(times: list[bytes], first: int) -> tuple[bytes, bytes, tuple[int, ...]]:
    if not times:
        return b"", b"", ()
    back = [n for n in range(1, len(times)) if times[n] < times[n - 1]] if times != sorted(times) else []
    return times[0], times[-1], tuple(first + n for n in back)


def _fold(
    new: tree.New, first: int, leaves: list[bytes], cuts: Sequence[int]
) -> tuple[tuple[int, tuple[tree.Peak, ...]], ...]:
    start, end = first - 1, first - 1 + len(leaves)
    stops = [*(cut for cut in cuts if start < cut < end), end]
    found, low = [], start
    for stop in stops:
        found.append((stop, tuple(tree.pieces(new, low, leaves[low - start : stop - start]))))
        low = stop
    return tuple(found)


def number(row: bytes) -> int | None:
    """The number that a line says it has."""
    found = _SEQUENCE.match(row, record.SEQUENCE - len(b'"sequence":'))
    return int(found[1]) if found else None


def locate(place: Place, name: str, expected: int, rest: Place) -> tuple[int, Damage] | None:
    """The first line that does not hold where entry `expected` and those after it should be, and what happened to it."""
    new, rows = tree.HASHES[name], lines(place)
    for row in rows:
        found = number(row)
        fits = found is not None and row[:9] == _OPEN and row[73:75] == _AFTER
        if not fits or row[record.LEAF] != tree.leaf(new, b"{" + row[record.REST :]).hex().encode():
            return expected, "changed"
        if found is not None and found != expected:
            if found < expected:
                return expected, "added"
            return expected, "reordered" if _later(rest, expected) else "removed"
        expected += 1
    return None


def _later(rest: Place, sequence: int) -> bool:
    """Whether the entry comes somewhere later in the file."""
    wanted = b"%d," % sequence
    return any(row.startswith(wanted, record.SEQUENCE) for place in cut(rest) for row in lines(place))


PART = 1 << 20  # bytes that are worked on at a time: what fits into a processor's cache is a third faster than more


def cut(place: Place) -> Iterator[Place]:
    """A file in parts."""
    for start in range(place.start, place.end, PART):
        yield Place(place.file, start, min(start + PART, place.end))
