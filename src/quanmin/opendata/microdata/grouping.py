"""Grouping by several small integer columns without sorting: a premultiplied key, made dense whenever it grows too wide."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int32]
Counts = NDArray[np.int64]
SPARE = 4
"""A key space may be so many times the number of rows; beyond, rows are sorted."""
FLOOR, CACHE = 1 << 16, 1 << 22
"""A key space of so many is never sorted; beyond `CACHE` it is made dense first, for the tables of it are slow."""


def condense(columns: Iterable[tuple[Codes, int]], rows: int) -> tuple[Codes, int]:
    """Number the distinct tuples of columns, each given as codes and how many codes there are: (number by row, how many).

    The numbers rise with the tuples. No columns give one group of all rows.
    """
    key, space = group(columns, rows)
    return dense(key, space)


def group(columns: Iterable[tuple[Codes, int]], rows: int) -> tuple[Codes, int]:
    """As `condense`, but some numbers may be of no row: it is enough for counting and costs less."""
    key, space, limit = np.zeros(rows, np.int32), 1, max(FLOOR, SPARE * rows)
    for codes, size in columns:
        if size <= 1:
            continue
        if space == 1:
            key, space = codes.astype(np.int32), size
            continue
        if space * size > min(limit, CACHE):
            key, space = dense(key, space)
        if space * size > min(limit, 1 << 31):
            key, space = _sorted(key.astype(np.int64) * size + codes)
        else:
            key = key * np.int32(size)
            key += codes
            space *= size
    return key, space


def dense(key: Codes, space: int) -> tuple[Codes, int]:
    """The same groups without numbers that no row has."""
    used = np.zeros(space, np.bool_)
    used[key] = True
    kept = np.flatnonzero(used)
    if len(kept) == space:
        return key, space
    numbers = np.empty(space, np.int32)
    numbers[kept] = np.arange(len(kept), dtype=np.int32)
    return numbers[key], len(kept)


def _sorted(key: NDArray[np.int64]) -> tuple[Codes, int]:
    """Nearly every row is a group of its own: sort."""
    order = np.argsort(key)
    sorted_key = key[order]
    starts = np.empty(len(key), np.bool_)
    starts[:1] = True
    np.not_equal(sorted_key[1:], sorted_key[:-1], out=starts[1:])
    ranks = np.cumsum(starts, dtype=np.int32)
    ranks -= 1
    numbers = np.empty(len(key), np.int32)
    numbers[order] = ranks
    return numbers, int(ranks[-1]) + 1 if len(key) else 0


def totals(groups: Codes, size: int, weights: Counts | NDArray[np.float64] | None = None) -> Counts:
    """How many rows each group has, or the sum of their weights (exact below 2**53)."""
    if weights is None:
        return np.bincount(groups, minlength=size)
    return np.bincount(groups, weights=weights, minlength=size).astype(np.int64)


def first_rows(groups: Codes, size: int) -> NDArray[np.int64]:
    """A row of each group; the groups are dense."""
    found = np.zeros(size, np.int64)
    found[groups] = np.arange(len(groups), dtype=np.int64)
    return found
