"""Keys of 64 bits over whole columns, and a sieve of them: what tells cheaply that a person of the base meets no record.

A key is mixed from numbers and from names. Two names have one number if they have the same characters in the same order, or,
for sounds, the same syllables. Distinct values may share a key once in billions: such a pair is compared like any other.
"""

from __future__ import annotations

import zlib
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.population.linkage.spelling import syllable
from quanmin.standards import kernels

Keys = NDArray[np.uint64]
Mask = NDArray[np.bool_]

_ONE, _TWO, _STEP = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB), np.uint64(0x9E3779B97F4A7C15)
_CHARACTERS = 0x110000
_SYLLABLES = np.zeros(_CHARACTERS, np.uint64)
"""The number of each character's syllable, once it was asked for; 0 before."""


def mixed(values: Keys) -> Keys:
    """Each number with its bits stirred (the finaliser of SplitMix64)."""
    values = (values ^ (values >> np.uint64(30))) * _ONE
    values = (values ^ (values >> np.uint64(27))) * _TWO
    return values ^ (values >> np.uint64(31))


def joined(kind: int, *parts: NDArray[Any]) -> Keys:
    """One key of some numbers in their order, for a kind of key."""
    key = np.full(len(parts[0]), kind + 1, np.uint64)
    for part in parts:
        key = mixed(key * _STEP + part.astype(np.uint64))
    return key


class Named(NamedTuple):
    """A column of names as numbers: of their characters, of their syllables, and which are there."""

    text: Keys
    sound: Keys
    there: Mask


def of_names(names: pa.Array | pa.ChunkedArray) -> Named:
    """Names as numbers; call it with folded names, so that variant characters count as the same."""
    names = kernels.plain(names)
    text = kernels.strings(pc.fill_null(names, "") if names.null_count else names)
    span = kernels.span_of(text)
    points = np.frombuffer(span.tobytes().decode("utf-8").encode("utf-32-le"), np.uint32)
    begins = np.concatenate([[0], np.cumsum((span & 0xC0) != 0x80)])
    bounds = begins[text.offsets - text.offsets[0]]
    lengths = np.diff(bounds)
    places = (np.arange(len(points)) - np.repeat(bounds[:-1], lengths)).astype(np.uint64) << np.uint64(40)
    return Named(
        _summed(mixed(points ^ places), bounds), _summed(mixed(_syllables(points) ^ places), bounds), lengths > 0
    )


def _summed(values: Keys, bounds: NDArray[np.int64]) -> Keys:
    """The sum of each row's values; what runs over 64 bits is dropped."""
    total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(values, dtype=np.uint64)])
    summed: Keys = total[bounds[1:]] - total[bounds[:-1]]
    return summed


def _syllables(points: NDArray[np.uint32]) -> Keys:
    seen = np.zeros(_CHARACTERS, bool)
    seen[points] = True
    for point in np.flatnonzero(seen & (_SYLLABLES == 0)).tolist():
        _SYLLABLES[point] = zlib.crc32(syllable(chr(point)).encode()) + 1
    found: Keys = _SYLLABLES[points]
    return found


class Sieve:
    """Remembers keys in bits: what was put in always passes, anything else once in a thousand times."""

    def __init__(self, keys: int) -> None:
        """Room for so many keys."""
        self._bits = min(max(int(keys * 64).bit_length(), 16), 33)
        self._octets = np.zeros(1 << (self._bits - 3), np.uint8)

    def add(self, keys: Keys) -> None:
        """Put keys in."""
        for places in self._places(keys):
            np.bitwise_or.at(self._octets, places >> 3, np.uint8(1) << (places & 7).astype(np.uint8))

    def holds(self, keys: Keys) -> Mask:
        """Which keys pass."""
        first, second = self._places(keys)
        passed = self._one(first)
        few = np.flatnonzero(passed)
        passed[few] = self._one(second[few])
        return passed

    def _places(self, keys: Keys) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        rest = np.uint64(64 - self._bits)
        return (keys >> rest).astype(np.int64), (mixed(keys ^ _STEP) >> rest).astype(np.int64)

    def _one(self, places: NDArray[np.int64]) -> Mask:
        bit: Mask = (self._octets[places >> 3] >> (places & 7).astype(np.uint8) & 1).astype(bool)
        return bit
