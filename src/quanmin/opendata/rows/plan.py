"""A filter over the ranks of columns: what it takes to say of some rows whether they are found.

`$not` is carried down to the comparisons first, where it leaves out NULL as SQL does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from quanmin.opendata.rows.build import Numbers
from quanmin.opendata.rows.column import Column, Span
from quanmin.opendata.rows.errors import BadOperator, UnknownField
from quanmin.opendata.rows.filter import And, Compare, Node, Not, Or, Words

Some = slice | Numbers
"""Rows by their numbers, or a run of them."""


class Plan(Protocol):
    """Part of a filter, made ready. `most`: no more rows than so are found."""

    most: int

    def mask(self, rows: Some, length: int) -> Numbers:
        """For each of `length` rows whether it is found."""
        ...


class Test:
    """A column's rank lies in a span (`first` up to, not including, `beyond`)."""

    def __init__(self, column: Column, span: Span) -> None:
        self.column = column
        self.first, self.beyond = span[0], max(span)
        self.most = int(column.offsets[self.beyond] - column.offsets[self.first])

    def mask(self, rows: Some, length: int) -> Numbers:
        """One comparison or two a row."""
        if self.beyond == self.first:
            return np.zeros(length, dtype=bool)
        codes = self.column.codes[rows]
        return codes == self.first if self.single else (codes >= self.first) & (codes < self.beyond)

    @property
    def single(self) -> bool:
        """Whether it is of one value."""
        return self.beyond - self.first == 1

    @property
    def rows(self) -> Numbers:
        """The rows found; in order, and mapped, when it is of a single value."""
        return self.column.rows[self.column.offsets[self.first] : self.column.offsets[self.beyond]]


class Among:
    """A column's rank is one of those marked in a table over all ranks."""

    def __init__(self, column: Column, table: Numbers) -> None:
        self.column, self.table = column, table
        self.most = int(np.diff(column.offsets)[table].sum())

    def mask(self, rows: Some, length: int) -> Numbers:
        """One look-up a row."""
        found: Numbers = self.table[self.column.codes[rows]]
        return found

    single = False

    @property
    def rows(self) -> Numbers:
        """The rows found."""
        offsets = self.column.offsets
        ranks = np.flatnonzero(self.table)
        starts, lengths = offsets[ranks], offsets[ranks + 1] - offsets[ranks]
        before = np.cumsum(lengths) - lengths
        return self.column.rows[np.repeat(starts - before, lengths) + np.arange(self.most)]


Leaf = Test | Among


class All:
    """Every part holds."""

    def __init__(self, parts: list[Plan], rows: int) -> None:
        self.parts = sorted(parts, key=lambda one: one.most)
        self.most = min((one.most for one in parts), default=rows)

    def mask(self, rows: Some, length: int) -> Numbers:
        """The rarest part is asked first; nothing more when nothing is left."""
        found = np.ones(length, dtype=bool)
        for part in self.parts:
            found &= part.mask(rows, length)
            if not found.any():
                break
        return found


class Any:
    """One part holds."""

    def __init__(self, parts: list[Plan], rows: int) -> None:
        self.parts = parts
        self.most = min(sum(one.most for one in parts), rows)

    def mask(self, rows: Some, length: int) -> Numbers:
        """Whether one of the parts holds."""
        found = np.zeros(length, dtype=bool)
        for part in self.parts:
            found |= part.mask(rows, length)
        return found


class Planner:
    """Makes plans over the columns of a table; `check` is called between pieces of long work."""

    def __init__(self, columns: dict[str, Column], rows: int, check: Callable[[], None]) -> None:
        self._columns, self._rows, self._check = columns, rows, check

    def plan(self, node: Node, holds: bool = True) -> Plan:
        """The plan of a node, or of its opposite; UnknownField, BadValue, BadOperator."""
        self._check()
        match node:
            case Not(part):
                return self.plan(part, not holds)
            case Compare():
                return self._compare(node, holds)
            case Words(words):
                return self._words(words, holds)
            case And(parts) | Or(parts):
                made = [self.plan(one, holds) for one in parts]
                together = isinstance(node, And) == holds
                return All(made, self._rows) if together else Any(made, self._rows)

    def _compare(self, node: Compare, holds: bool) -> Plan:
        column = self._columns.get(node.field)
        if column is None:
            raise UnknownField(parameter="filter")
        count = column.distinct
        if node.operator == "null":
            return Test(column, (count, count + 1) if node.value == holds else (0, count))
        opposite = holds == (node.operator == "ne")
        if node.operator == "contains":
            table = self._holding(column, node.value)
            return Among(column, _opposite(table) if opposite else table)
        spans = _spans(column, node)
        if len(spans) == 1 and not opposite:
            return Test(column, spans[0])
        table = _table(column, spans)
        return Among(column, _opposite(table) if opposite else table)

    def _holding(self, column: Column, part: object) -> Numbers:
        if column.kind.name != "text":
            raise BadOperator(element=column.name)
        return column.holding(column.read(part), False, self._check)

    def _words(self, words: tuple[str, ...], holds: bool) -> Plan:
        """Where there is no text there is no word, so that the opposite is found there."""
        each: list[Plan] = []
        for word in words:
            some: list[Plan] = []
            for column in self._columns.values():
                if column.kind.name == "text":
                    found = column.holding(word, True, self._check)
                    some.append(Among(column, found if holds else ~found))
            each.append(Any(some, self._rows) if holds else All(some, self._rows))
        return All(each, self._rows) if holds else Any(each, self._rows)


def _spans(column: Column, node: Compare) -> list[Span]:
    """The ranks that a comparison means; for `ne` those of `eq`."""
    end = column.distinct
    if node.operator == "in":
        values = [column.read(one) for one in node.value]
        return [(column.left(one), column.right(one)) for one in values]
    wanted = column.read(node.value)
    match node.operator:
        case "eq" | "ne":
            return [(column.left(wanted), column.right(wanted))]
        case "gt":
            return [(column.right(wanted), end)]
        case "gte":
            return [(column.left(wanted), end)]
        case "lt":
            return [(0, column.left(wanted))]
        case "lte":
            return [(0, column.right(wanted))]
        case "prefix" if column.kind.name == "text":
            return [column.beginning(wanted)]
    raise BadOperator(element=column.name)


def _opposite(table: Numbers) -> Numbers:
    """The other values; NULL, the last rank, is none of them."""
    found = ~table
    found[-1] = False
    return found


def _table(column: Column, spans: list[Span]) -> Numbers:
    steps = np.zeros(column.distinct + 2, dtype=np.int32)
    for first, beyond in spans:
        steps[first] += 1
        steps[max(first, beyond)] -= 1
    return np.cumsum(steps[:-1]).astype(bool)
