"""Orders of rows: by the ranks of columns, NULL last whichever way, equal rows by number (backwards if the first column is).

Text is in the order of Unicode code points, Chinese too; it is not the order of pinyin or strokes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from quanmin.opendata.rows.build import Numbers
from quanmin.opendata.rows.column import Column

FIRST_BLOCK, LAST_BLOCK = 1 << 12, 1 << 20
_LARGEST = 2**62


@dataclass(frozen=True)
class Order:
    """A column to sort by, and whether the greatest comes first."""

    column: Column
    descending: bool = False


def keys(orders: tuple[Order, ...], rows: Numbers) -> list[Numbers]:
    """What rows are compared by, least first: a key a column, and the number of the row."""
    made = [_key(one, rows) for one in orders]
    number = rows.astype(np.int64)
    return [*made, -number if orders[0].descending else number]


def _key(order: Order, rows: Numbers) -> Numbers:
    codes = order.column.codes[rows].astype(np.int64)
    if not order.descending:
        return codes
    return np.where(codes == order.column.distinct, codes, order.column.distinct - 1 - codes)


def first(orders: tuple[Order, ...], rows: Numbers, count: int) -> Numbers:
    """The first `count` of rows in order."""
    made = keys(orders, rows)
    if len(rows) > 4 * count:
        whole = _joined(orders, made[:-1])
        near = np.flatnonzero(whole <= np.partition(whole, count - 1)[count - 1])
        rows, made = rows[near], [one[near] for one in made]
    return rows[np.lexsort(made[::-1])][:count]


def _joined(orders: tuple[Order, ...], made: list[Numbers]) -> Numbers:
    """One number for as many keys as fit, so that what is far behind can be left out unsorted."""
    whole, size = made[0], orders[0].column.distinct + 1
    for order, key in zip(orders[1:], made[1:], strict=True):
        size *= order.column.distinct + 1
        if size > _LARGEST:
            break
        whole = whole * (order.column.distinct + 1) + key
    return whole


def after(orders: tuple[Order, ...], rows: Numbers, last: int) -> Numbers:
    """Those of rows that come after the row of number `last`."""
    mark = keys(orders, np.array([last]))
    behind = np.zeros(len(rows), dtype=bool)
    equal = np.ones(len(rows), dtype=bool)
    for key, bound in zip(keys(orders, rows), mark, strict=True):
        behind |= equal & (key > bound[0])
        equal &= key == bound[0]
    return rows[behind]


def walk(order: Order, last: int | None, whole: bool) -> Iterator[Numbers]:
    """Row numbers in the order of one column, in growing blocks; `whole`: no block ends within equal values.

    From behind the row `last`, or (`whole`) from the beginning of its equals.
    """
    column = order.column
    if not order.descending:
        yield from _forward(column, 0 if last is None else _place(column, last, whole), whole)
        return
    end, total = int(column.offsets[column.distinct]), len(column.rows)
    start, null = end, total
    if last is not None:
        place = _place_back(column, last, whole)
        start, null = (0, place) if place > end or column.codes[last] == column.distinct else (place, total)
    yield from _backward(column, 0, start, whole)
    yield from _backward(column, end, null, whole)


def _place(column: Column, last: int, whole: bool) -> int:
    rank = int(column.codes[last])
    begin, end = int(column.offsets[rank]), int(column.offsets[rank + 1])
    return begin if whole else begin + int(np.searchsorted(column.rows[begin:end], last)) + 1


def _place_back(column: Column, last: int, whole: bool) -> int:
    rank = int(column.codes[last])
    begin, end = int(column.offsets[rank]), int(column.offsets[rank + 1])
    return end if whole else begin + int(np.searchsorted(column.rows[begin:end], last))


def _forward(column: Column, start: int, whole: bool) -> Iterator[Numbers]:
    size, total = FIRST_BLOCK, len(column.rows)
    while start < total:
        end = min(start + size, total)
        if whole:
            end = int(column.offsets[int(column.codes[column.rows[end - 1]]) + 1])
        yield column.rows[start:end]
        start, size = end, min(size * 4, LAST_BLOCK)


def _backward(column: Column, bottom: int, end: int, whole: bool) -> Iterator[Numbers]:
    size = FIRST_BLOCK
    while end > bottom:
        start = max(end - size, bottom)
        if whole:
            start = int(column.offsets[int(column.codes[column.rows[start]])])
        yield column.rows[start:end][::-1]
        end, size = start, min(size * 4, LAST_BLOCK)
