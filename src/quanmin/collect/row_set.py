"""A set of row numbers of one file, one bit a row: what fails the rules on sets may be every row of a very large file."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from quanmin.collect.chunk import Int64s

_STEP = 1 << 20
"""Bits unpacked at a time; a multiple of eight."""


class RowSet:
    """Numbers from 1 to `rows`."""

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._bits: npt.NDArray[np.uint8] = np.zeros(rows // 8 + 1, np.uint8)

    def add(self, numbers: Int64s) -> None:
        """Take some numbers in, in any order."""
        np.bitwise_or.at(self._bits, numbers >> 3, np.left_shift(1, numbers & 7).astype(np.uint8))

    def update(self, others: Iterable[RowSet]) -> RowSet:
        """Take other sets over the same file in; the set itself."""
        for other in others:
            self._bits |= other._bits
        return self

    def __len__(self) -> int:
        return int(np.bitwise_count(self._bits).sum())

    def among(self, numbers: Int64s) -> npt.NDArray[np.bool_]:
        """Which of these numbers are in the set."""
        found: npt.NDArray[np.bool_] = (self._bits[numbers >> 3] >> (numbers & 7).astype(np.uint8) & 1).astype(bool)
        return found

    def between(self, first: int, last: int) -> Int64s:
        """The numbers from `first` to `last`, both included, ascending."""
        start = first >> 3
        bits = np.unpackbits(self._bits[start : (last >> 3) + 1], bitorder="little")
        found = np.flatnonzero(bits) + start * 8
        inside: Int64s = found[(found >= first) & (found <= last)].astype(np.int64)
        return inside

    def first(self, most: int) -> list[int]:
        """The smallest numbers, at most so many."""
        found: list[int] = []
        for start in range(0, self.rows + 1, _STEP):
            if len(found) >= most:
                break
            found += self.between(start, min(start + _STEP - 1, self.rows)).tolist()
        return found[:most]
