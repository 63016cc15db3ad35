"""The Merkle tree of RFC 6962, section 2.1: leaves under prefix 0, nodes under prefix 1, proofs, and checking proofs.

Pure: hashes in, hashes out. Proofs ask for the root of a range of leaves by a callable, so that the log can answer from what
it stores. Checking a proof needs nothing but hashes (RFC 9162, sections 2.1.3.2 and 2.1.4.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

SIZE = 32  # bytes of a hash, SHA-256 and SM3 alike
Subtree = Callable[[int, int], bytes]
Peak = tuple[int, bytes]


class Digest(Protocol):
    """What hashlib gives."""

    def digest(self) -> bytes:
        """The hash."""
        ...


New = Callable[[bytes], Digest]


def _sm3(data: bytes) -> Digest:
    return hashlib.new("sm3", data)


HASHES: Mapping[str, New] = MappingProxyType({"sha256": hashlib.sha256, "sm3": _sm3})


def empty(new: New) -> bytes:
    """The root of no leaves."""
    return new(b"").digest()


def leaf(new: New, data: bytes) -> bytes:
    """The hash of one entry."""
    return new(b"\0" + data).digest()


def node(new: New, left: bytes, right: bytes) -> bytes:
    """The hash over two subtrees."""
    return new(b"\1" + left + right).digest()


def pieces(new: New, start: int, hashes: Sequence[bytes]) -> list[Peak]:
    """The largest whole subtrees, left to right, of the leaves from place `start` on: (level, hash)."""
    left, right = list[Peak](), list[Peak]()
    level, row = 0, list(hashes)
    while row:
        if start & 1:
            left.append((level, row.pop(0)))
            start += 1
        if len(row) & 1:
            right.append((level, row.pop()))
        pairs = iter(row)
        row = [new(b"\1" + one + two).digest() for one, two in zip(pairs, pairs, strict=True)]
        start, level = start >> 1, level + 1
    return left + right[::-1]


class Frontier:
    """The whole subtrees of the first `size` leaves: what is needed to go on, and no more."""

    def __init__(self, new: New, size: int = 0, peaks: bytes = b"") -> None:
        self.new, self.size = new, size
        levels = [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
        if len(peaks) != SIZE * len(levels):
            raise ValueError(f"{len(levels)} peaks were expected")
        self.peaks: list[Peak] = [(lv, peaks[SIZE * n : SIZE * n + SIZE]) for n, lv in enumerate(levels)]

    def push(self, hash_: bytes, level: int = 0) -> list[Peak]:
        """Add the next leaf, or the next whole subtree; the subtrees that became whole by it, smallest first."""
        self.size += 1 << level
        made = [(level, hash_)]
        while self.peaks and self.peaks[-1][0] == level:
            hash_ = self.new(b"\1" + self.peaks.pop()[1] + hash_).digest()
            level += 1
            made.append((level, hash_))
        self.peaks.append((level, hash_))
        return made

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.peaks:
            return empty(self.new)
        found = self.peaks[-1][1]
        for _, peak in self.peaks[-2::-1]:
            found = node(self.new, peak, found)
        return found

    def pack(self) -> bytes:
        """The peaks as bytes, to go on from later."""
        return b"".join(peak for _, peak in self.peaks)


def split(size: int) -> int:
    """The largest power of two below `size`: how many leaves the left side holds."""
    return 1 << (size - 1).bit_length() - 1


def inclusion(place: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path that proves the leaf at `place` (from 0) to be among the first `size`, from the leaf up."""
    path, low, high = list[bytes](), 0, size
    while high - low > 1:
        middle = low + split(high - low)
        if place < middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low = middle
    return path[::-1]


def consistency(old: int, size: int, subtree: Subtree) -> list[bytes]:
    """The path that proves the first `old` leaves to be the beginning of the first `size`."""
    if not 0 < old < size:
        return []
    path, low, high, known = list[bytes](), 0, size, True
    while old != high:
        middle = low + split(high - low)
        if old <= middle:
            path.append(subtree(middle, high))
            high = middle
        else:
            path.append(subtree(low, middle))
            low, known = middle, False
    return ([] if known else [subtree(low, high)]) + path[::-1]


def includes(new: New, hash_: bytes, place: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path leads from the leaf at `place` to the root of `size` leaves."""
    if not 0 <= place < size:
        return False
    first, last = place, size - 1
    for step in path:
        if last == 0:
            return False
        if first & 1 or first == last:
            hash_ = node(new, step, hash_)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            hash_ = node(new, hash_, step)
        first, last = first >> 1, last >> 1
    return last == 0 and hash_ == root


def extends(new: New, old: int, size: int, old_root: bytes, root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the tree of `size` leaves begins with the tree of `old` leaves, by a consistency path."""
    if old == 0 or old == size:
        return not path and (old_root == root if old else old_root == empty(new)) and old <= size
    if not 0 < old < size or (not path and old & (old - 1)):
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    first, last = old - 1, size - 1
    while first & 1:
        first, last = first >> 1, last >> 1
    one = two = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if first & 1 or first == last:
            one, two = node(new, step, one), node(new, step, two)
            while not first & 1 and first:
                first, last = first >> 1, last >> 1
        else:
            two = node(new, two, step)
        first, last = first >> 1, last >> 1
    return last == 0 and one == old_root and two == root
