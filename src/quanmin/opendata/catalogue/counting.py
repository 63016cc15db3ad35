"""Counting the values of many documents: the first values of each stand in a row of one table, which is read in one go."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from quanmin.opendata.catalogue.segment import ranges

WIDE = 24  # values of a document that stand in the table; what it has more is read one by one
BLOCK = 8_192  # documents at a time, whose values fit a processor's cache

Ints = npt.NDArray[np.int64]


class Counting:
    """Counts the values of documents; document `d` has `values[offsets[d] : offsets[d + 1]]`, each below `size`."""

    def __init__(self, offsets: npt.NDArray[Any], values: npt.NDArray[Any], size: int) -> None:
        self._offsets, self._values, self._size = offsets, values, size
        lengths = np.diff(offsets)
        width = min(int(lengths.max(initial=0)), WIDE)
        self._beyond = np.minimum(offsets[:-1] + width, offsets[1:])
        self._wide = bool((lengths > width).any())
        self._table = np.full((len(lengths), width), size, np.int32)
        inside = np.arange(width) < lengths[:, None]
        kept = ranges(offsets[:-1], self._beyond)
        self._table[inside] = values[kept]

    def count(self, documents: npt.NDArray[Any]) -> Ints:
        """How many of the documents have each value."""
        counts = np.zeros(self._size + 1, np.int64)
        for start in range(0, len(documents), BLOCK):
            rows = self._table.take(documents[start : start + BLOCK], axis=0)
            counts += np.bincount(rows.ravel(), minlength=self._size + 1)
        counts = counts[: self._size]
        if self._wide:
            places = ranges(self._beyond[documents], self._offsets[1:][documents])
            counts += np.bincount(self._values[places], minlength=self._size)
        return counts
