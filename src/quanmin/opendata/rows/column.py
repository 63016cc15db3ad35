"""A column of an indexed table: its values by rank, and which ranks a comparison means."""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.opendata.rows.build import Numbers
from quanmin.opendata.rows.kind import Kind, value

BLOCK = 1 << 20
Span = tuple[int, int]
"""Ranks from the first up to, not including, the second."""


class Column:
    """Opened when it is first needed; its files are mapped, not read."""

    def __init__(self, stem: Path, name: str, arrow: pa.DataType, kind: Kind, distinct: int, nulls: int) -> None:
        self.stem, self.name, self.arrow, self.kind = stem, name, arrow, kind
        self.distinct, self.nulls = distinct, nulls

    def _map(self, what: str) -> Numbers:
        found: Numbers = np.load(self.stem.with_suffix(f".{what}.npy"), mmap_mode="r")
        return found

    @cached_property
    def codes(self) -> Numbers:
        """The rank of each row's value; NULL has the rank `distinct`."""
        return self._map("codes")

    @cached_property
    def rows(self) -> Numbers:
        """Row numbers by rank, then by row."""
        return self._map("rows")

    @cached_property
    def offsets(self) -> Numbers:
        """Where each rank begins in `rows`; one more at the end."""
        return self._map("offsets")

    @cached_property
    def values(self) -> pa.ChunkedArray:
        """The distinct values, in order."""
        source = pa.memory_map(str(self.stem.with_suffix(".values.arrow")))
        return pa.ipc.open_file(source).read_all().column("value")

    @cached_property
    def comparable(self) -> int:
        """How many of the distinct values have an order (not a number, the last one, has none)."""
        if self.distinct and self.kind.name == "number" and math.isnan(self.values[self.distinct - 1].as_py()):
            return self.distinct - 1
        return self.distinct

    def read(self, given: object) -> Any:
        """A value as this column compares it; BadValue."""
        return value(self.kind, self.name, self.arrow, given)

    def at(self, rank: int) -> Any:
        """The value of a rank, as Python has it."""
        return self.values[rank].as_py()

    def left(self, wanted: Any) -> int:
        """The first rank whose value is not below."""
        return bisect.bisect_left(range(self.comparable), wanted, key=self.at)

    def right(self, wanted: Any) -> int:
        """The first rank whose value is above."""
        return bisect.bisect_right(range(self.comparable), wanted, key=self.at)

    def beginning(self, prefix: str) -> Span:
        """The ranks of the texts that begin so."""
        first = self.left(prefix)
        beyond = range(first, self.distinct)
        return first, first + bisect.bisect_left(beyond, True, key=lambda rank: not self.at(rank).startswith(prefix))

    def holding(self, part: str, fold: bool, check: Callable[[], None]) -> Numbers:
        """For every rank whether its text holds `part`; `fold`: whatever the case of letters."""
        found = np.zeros(self.distinct + 1, dtype=bool)
        for start in range(0, self.distinct, BLOCK):
            some = self.values.slice(start, BLOCK)
            found[start : start + len(some)] = pc.match_substring(some, part, ignore_case=fold).to_numpy()
            check()
        return found

    def take(self, rows: Numbers) -> pa.Array:
        """The values of some rows, NULL where there is none."""
        ranks = self.codes[rows].astype(np.int64)
        taken = self.values.take(pa.array(ranks, mask=ranks == self.distinct))
        whole = taken.combine_chunks() if isinstance(taken, pa.ChunkedArray) else taken
        return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
