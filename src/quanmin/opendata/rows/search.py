"""Finding the rows of a plan: in the order of the file or of columns, from behind a row, and no more than are wanted.

Three ways, the one with the least work: the rows of the rarest comparison, looked up (`_few`); the rows of the file in
blocks, each asked (`_scan`); and the rows in the order of the first column, each asked (`sorting.walk`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from quanmin.opendata.rows import sorting
from quanmin.opendata.rows.build import Numbers
from quanmin.opendata.rows.column import Column
from quanmin.opendata.rows.plan import All, Among, Plan, Test
from quanmin.opendata.rows.sorting import FIRST_BLOCK, LAST_BLOCK, Order

FEW = 200_000
"""Rows that are rather looked up and sorted than walked over."""
SEEN = 2**24
"""Groups that are marked in a table when they are seen; more of them are sorted."""
_NONE: Numbers = np.empty(0, dtype=np.uint32)


class Search:
    """One search over a table of `rows` rows; a plan of None finds all of them."""

    def __init__(self, rows: int, plan: Plan | None, orders: tuple[Order, ...], check: Callable[[], None]) -> None:
        self._rows, self._plan, self._orders, self._check = rows, plan, orders, check
        self._most = rows if plan is None else plan.most

    def count(self) -> int:
        """How many rows are found; a single comparison knows it."""
        if self._plan is None or isinstance(self._plan, Test | Among):
            return self._most
        return sum(len(some) for some in self._found(0, LAST_BLOCK))

    def some(self, count: int, offset: int, last: int | None, only: Numbers | None) -> Numbers:
        """`count` rows after `offset` others, or after the row of number `last`; `only` is what is found, if known."""
        if only is not None:
            return self._of(only, count, offset, last)
        if not self._orders:
            return self._plain(count, offset, last)
        if self._most <= FEW:
            return self._of(_joined(self._found(0, LAST_BLOCK)), count, offset, last)
        return self._ordered(count, offset, last)

    def all(self, only: Numbers | None) -> Iterator[Numbers]:
        """Everything that is found, in pieces."""
        if only is None and not self._orders:
            yield from self._found(0, LAST_BLOCK)
        elif only is None and len(self._orders) == 1 and self._most > FEW:
            yield from (self._kept(block) for block in sorting.walk(self._orders[0], None, whole=False))
        else:
            rows = _joined(self._found(0, LAST_BLOCK)) if only is None else only
            yield sorting.first(self._orders, rows, len(rows)) if self._orders and len(rows) else rows

    def distinct(self, columns: list[Column]) -> Numbers:
        """The first row of each group of rows that are equal in all these columns, in the order of the file."""
        size = math.prod(column.distinct + 1 for column in columns)
        if size <= SEEN:
            return _joined(self._unseen(columns, size))
        rows = _joined(self._found(0, LAST_BLOCK))
        group, size = np.zeros(len(rows), dtype=np.int64), 1
        for column in columns:
            self._check()
            size *= column.distinct + 1
            if size >= 2**62:
                group, size = _compact(group), (len(rows) + 1) * (column.distinct + 1)
            group = group * (column.distinct + 1) + column.codes[rows]
        return rows[np.sort(np.unique(group, return_index=True)[1])]

    def _unseen(self, columns: list[Column], size: int) -> Iterator[Numbers]:
        """The rows whose values, put together, were not there before."""
        seen = np.zeros(size, dtype=bool)
        for rows in self._found(0, FIRST_BLOCK):
            group = np.zeros(len(rows), dtype=np.int64)
            for column in columns:
                group = group * (column.distinct + 1) + column.codes[rows]
            fresh = np.flatnonzero(~seen[group])
            values, places = np.unique(group[fresh], return_index=True)
            seen[values] = True
            yield rows[fresh[np.sort(places)]]

    def _plain(self, count: int, offset: int, last: int | None) -> Numbers:
        start = 0 if last is None else last + 1
        if self._plan is None:
            return np.arange(min(start + offset, self._rows), min(start + offset + count, self._rows))
        if isinstance(self._plan, Test) and self._plan.single:
            rows = self._plan.rows
            begin = offset + int(np.searchsorted(rows, start))
            return rows[begin : begin + count]
        return _slice(self._found(start, FIRST_BLOCK), count, offset)

    def _ordered(self, count: int, offset: int, last: int | None) -> Numbers:
        """The first column leads; rows that are equal in it are taken all, and sorted."""
        whole = len(self._orders) > 1
        found = (self._kept(block) for block in sorting.walk(self._orders[0], last, whole))
        if not whole:
            if self._plan is None:
                return _skipped(sorting.walk(self._orders[0], last, whole), count, offset)
            return _slice(found, count, offset)
        if last is not None:
            found = (sorting.after(self._orders, block, last) for block in found)
        near = _slice(found, 2**62, 0, enough=count + offset)
        return sorting.first(self._orders, near, count + offset)[offset:] if len(near) else near

    def _of(self, rows: Numbers, count: int, offset: int, last: int | None) -> Numbers:
        """Of rows in the order of the file."""
        if not self._orders:
            begin = offset + (0 if last is None else int(np.searchsorted(rows, last, side="right")))
            return rows[begin : begin + count]
        left = rows if last is None else sorting.after(self._orders, rows, last)
        return sorting.first(self._orders, left, count + offset)[offset:] if len(left) else left

    def _kept(self, block: Numbers) -> Numbers:
        self._check()
        return block if self._plan is None else block[self._plan.mask(block, len(block))]

    def _found(self, start: int, size: int) -> Iterator[Numbers]:
        """What is found from row `start` on, in the order of the file, in growing blocks."""
        leaf = _leaf(self._plan)
        if leaf is not None and (leaf.single or leaf.most <= min(FEW, self._rows // 8)):
            yield from self._few(leaf, start, size)
        else:
            yield from self._scan(start, size)

    def _few(self, leaf: Test | Among, start: int, size: int) -> Iterator[Numbers]:
        """The rows of one comparison, of which the others are asked."""
        rows = leaf.rows if leaf.single else np.sort(leaf.rows)
        others = [one for one in self._plan.parts if one is not leaf] if isinstance(self._plan, All) else []
        place = int(np.searchsorted(rows, start))
        while place < len(rows):
            self._check()
            block = rows[place : place + size]
            for other in others:
                block = block[other.mask(block, len(block))]
            yield block
            place, size = place + size, min(size * 4, LAST_BLOCK)

    def _scan(self, start: int, size: int) -> Iterator[Numbers]:
        while start < self._rows:
            self._check()
            end = min(start + size, self._rows)
            if self._plan is None:
                yield np.arange(start, end, dtype=np.uint32)
            else:
                found = np.flatnonzero(self._plan.mask(slice(start, end), end - start))
                yield (found + start).astype(np.uint32)
            start, size = end, min(size * 4, LAST_BLOCK)


def _leaf(plan: Plan | None) -> Test | Among | None:
    """The rarest comparison that must hold."""
    if isinstance(plan, All):
        return min((one for one in plan.parts if isinstance(one, Test | Among)), key=lambda one: one.most, default=None)
    return plan if isinstance(plan, Test | Among) else None


def _compact(group: Numbers) -> Numbers:
    """The same groups by small numbers."""
    made: Numbers = np.unique(group, return_inverse=True)[1].astype(np.int64)
    return made


def _joined(blocks: Iterator[Numbers]) -> Numbers:
    return np.concatenate([_NONE, *blocks])


def _slice(blocks: Iterator[Numbers], count: int, offset: int, enough: int | None = None) -> Numbers:
    """So many numbers of the blocks (with `enough`: whole blocks until that many)."""
    wanted = offset + count if enough is None else enough
    taken, length = [_NONE], 0
    for block in blocks:
        taken.append(block)
        length += len(block)
        if length >= wanted:
            break
    whole = np.concatenate(taken)
    return whole[offset : offset + count] if enough is None else whole


def _skipped(blocks: Iterator[Numbers], count: int, offset: int) -> Numbers:
    """So many numbers after `offset` others, whose blocks are not read."""
    kept = [_NONE]
    for block in blocks:
        if offset >= len(block):
            offset -= len(block)
            continue
        kept.append(block[offset : offset + count])
        count -= len(kept[-1])
        offset = 0
        if count <= 0:
            break
    return np.concatenate(kept)
