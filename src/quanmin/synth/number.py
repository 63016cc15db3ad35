"""Citizen numbers: allotted once each, and written as text.

Orders are allotted in sequence within region, birth date and sex, as a registration office does, partition by partition in
their order; so a number is never given twice unless it is meant to be. The register's memory does not grow with the people.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.synth.day import numbers
from quanmin.synth.errors import ProvinceTooSmall
from quanmin.synth.pyramid import AS_OF
from quanmin.synth.stream import Ints

Keys = NDArray[np.int64]

ORDERS = 499
"""Orders that one region can give to the men, or the women, born on one day (001 to 995: the rest are centenarians')."""

WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], dtype=np.int32)
CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
_FIRST_DAY = -25_568  # 1899-12-31


class Register:
    """Remembers how many orders every region has given for every day and sex."""

    def __init__(self, regions: Ints) -> None:
        """`regions` are the six-digit codes that may stand in a number."""
        self._regions = np.sort(regions)
        self._days = AS_OF - _FIRST_DAY + 1
        self._given = np.zeros(len(regions) * self._days * 2, dtype=np.uint16)

    def allot(self, region: Ints, born: Ints, sex: NDArray[np.int8]) -> Keys:
        """New person keys (the number's first 17 digits as an integer) for people of these regions, birthdays and sexes."""
        male = (sex == 1).astype(np.int64)
        place = np.searchsorted(self._regions, region).astype(np.int64)
        cell = (place * self._days + born - _FIRST_DAY) * 2 + male
        rank = self._given[cell] + _rank_within(cell)
        if len(rank) and int(rank.max()) >= ORDERS - 1:
            raise ProvinceTooSmall(limit=ORDERS - 1)
        np.add.at(self._given, cell, np.uint16(1))
        order = rank.astype(np.int64) * 2 + np.where(male == 1, 1, 2)
        keys: Keys = (region.astype(np.int64) * 100_000_000 + numbers(born)) * 1000 + order
        return keys


def _rank_within(cell: NDArray[np.int64]) -> NDArray[np.int64]:
    """The place of each row among the rows of the same cell, counted from 0 in row order."""
    order = np.argsort(cell, kind="stable")
    ordered = cell[order]
    first = np.concatenate([[True], ordered[1:] != ordered[:-1]]) if len(cell) else np.zeros(0, dtype=bool)
    places = np.arange(len(cell))
    start = np.maximum.accumulate(np.where(first, places, 0))
    rank = np.empty(len(cell), dtype=np.int64)
    rank[order] = places - start
    return rank


def digits(keys: Keys) -> NDArray[np.uint8]:
    """The 17 digits of each key, shape (n, 17), values 0 to 9."""
    high, low = (keys // 1_000_000_000).astype(np.uint32), (keys % 1_000_000_000).astype(np.uint32)
    out = np.empty((len(keys), 17), dtype=np.uint8)
    for part, last, first in ((high, 7, 0), (low, 16, 8)):
        rest = part
        for place in range(last, first - 1, -1):
            shorter = rest // np.uint32(10)
            out[:, place] = rest - shorter * np.uint32(10)
            rest = shorter
    return out


def check_characters(numerals: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The check characters (ISO 7064 MOD 11-2) of rows of 17 digits, as bytes."""
    found: NDArray[np.uint8] = CHECK[(numerals @ WEIGHTS) % 11]
    return found


def spelled(keys: Keys) -> NDArray[np.uint8]:
    """The 18-character numbers of the keys as bytes, shape (n, 18)."""
    numerals = digits(keys)
    out = np.empty((len(keys), 18), dtype=np.uint8)
    out[:, :17] = numerals + np.uint8(48)
    out[:, 17] = check_characters(numerals)
    return out


def as_text(characters: NDArray[np.uint8]) -> pa.Array:
    """Rows of bytes of one length as an Arrow string column, without a copy of each."""
    rows, width = characters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    data = pa.py_buffer(np.ascontiguousarray(characters))
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), data)
