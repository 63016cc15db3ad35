"""A generalisation hierarchy: what each value of a column becomes, level by level, from itself to `*`, which says nothing.

Level 0 is the value as the hierarchy spells it; the last level is always `*`. Two values whose NFKC forms are equal are one
value (full-width `Ａ` is `A`), so no class is split by a way of writing, and the release shows one spelling only. NULL is a
category of its own: it stays NULL at each level until `*`. NaN is no value and is never covered.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.opendata.microdata.errors import HierarchyInvalid
from quanmin.opendata.microdata.grouping import Codes
from quanmin.text import Text

Leaf = str | int | float | bool | date
ALL = "*"
ABSENT = -1
NUMERIC = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal)
Path = tuple[str, ...]


def folded(value: object) -> object:
    """A value as it is compared."""
    return unicodedata.normalize("NFKC", value) if isinstance(value, str) else value


def label(value: object) -> str:
    """A value as a label."""
    return value.isoformat() if isinstance(value, date) else str(folded(value))


@dataclass(frozen=True)
class Hierarchy:
    """`paths[leaf]` are the labels of a leaf at levels 1 to the last but one; `*` is added. `edges` are the lower bounds of bins.

    Leaves are kept so that what falls together stands together (by path, else as given), which Mondrian splits by.
    `ranges` says that neighbours may be told as a range. Raises HierarchyInvalid.
    """

    name: str
    paths: Mapping[Leaf, Path]
    ranges: bool = False
    edges: tuple[float, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        depths = {len(path) for path in self.paths.values()}
        if not self.paths or len(depths) > 1:
            self._refuse(0, len(depths), Text("没有值，或各值层数不同", "no values, or paths of different lengths"))
        twice = len(self.paths) - len({folded(leaf) for leaf in self.paths})
        if twice:
            self._refuse(0, twice, Text("同一个值出现多次", "one value stands twice"))
        for level in range(1, self.height - 1):
            self._nested(level)

    def _nested(self, level: int) -> None:
        above: dict[str, set[str]] = {}
        spelt: dict[object, set[str]] = {}
        for path in self.paths.values():
            below = path[level - 1]
            spelt.setdefault(folded(below), set()).add(below)
            if level < len(path):
                above.setdefault(below, set()).add(path[level])
        torn = sum(len(parents) > 1 for parents in above.values())
        if torn:
            self._refuse(level, torn, Text("一个下级有多个上级", "one child has several parents"))
        alike = sum(len(words) > 1 for words in spelt.values())
        if alike:
            self._refuse(level, alike, Text("两个名称仅写法不同", "two labels differ in the way of writing only"))

    def _refuse(self, level: int, count: int, reason: Text) -> None:
        raise HierarchyInvalid(name=self.name, level=level, count=count, reason=reason)

    @cached_property
    def height(self) -> int:
        """How many levels there are, the value itself and `*` included."""
        return len(next(iter(self.paths.values()))) + 2

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """Every value, what falls together side by side."""
        if self.ranges:
            return tuple(self.paths)
        places = [
            {word: n for n, word in enumerate(dict.fromkeys(words))} for words in zip(*self.paths.values(), strict=True)
        ]
        ranks = {
            leaf: tuple(place[word] for place, word in zip(reversed(places), reversed(path), strict=True))
            for leaf, path in self.paths.items()
        }
        return tuple(sorted(self.paths, key=lambda leaf: ranks[leaf]))

    @cached_property
    def labels(self) -> tuple[Path, ...]:
        """The labels of each level in order of their codes."""
        rows = [self.paths[leaf] for leaf in self.leaves]
        middle = [tuple(dict.fromkeys(row[level] for row in rows)) for level in range(self.height - 2)]
        return (tuple(label(leaf) for leaf in self.leaves), *middle, (ALL,))

    @cached_property
    def codes(self) -> tuple[Codes, ...]:
        """For each level the code of each leaf's label."""
        rows = [self.paths[leaf] for leaf in self.leaves]
        found = [np.arange(len(rows), dtype=np.int32)]
        for level, words in enumerate(self.labels[1:-1]):
            place = {word: code for code, word in enumerate(words)}
            found.append(np.array([place[row[level]] for row in rows], np.int32))
        return (*found, np.zeros(len(rows), np.int32))

    @cached_property
    def _place(self) -> dict[object, int]:
        return {folded(leaf): code for code, leaf in enumerate(self.leaves)}

    def find(self, values: pa.Array) -> Codes:
        """The leaf of each value, ABSENT for one that is not covered; NULL is not asked about."""
        if not self.edges:
            get = self._place.get
            return np.array([get(folded(value), ABSENT) for value in values.to_pylist()], np.int32)
        if not any(kind(values.type) for kind in NUMERIC):
            return np.full(len(values), ABSENT, np.int32)
        numbers = np.asarray(values.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False))
        codes = np.searchsorted(np.array(self.edges), numbers, side="right").astype(np.int32) - 1
        inside = (codes >= 0) & (codes < len(self.leaves)) & np.isfinite(numbers)
        return np.where(inside, codes, ABSENT).astype(np.int32)

    def bound(self, nulls: bool) -> Ladder:
        """The hierarchy over a column that has NULLs or has none."""
        return Ladder(self, nulls)


@dataclass(frozen=True)
class Ladder:
    """A hierarchy bound to a column: with NULL as the last leaf where the column has it."""

    hierarchy: Hierarchy
    nulls: bool

    @property
    def height(self) -> int:
        """How many levels there are."""
        return self.hierarchy.height

    @property
    def leaves(self) -> int:
        """How many leaves there are, NULL included."""
        return len(self.hierarchy.leaves) + self.nulls

    def size(self, level: int) -> int:
        """How many codes a level has."""
        return self.labels(level).__len__()

    def labels(self, level: int) -> list[str | None]:
        """The labels of a level by code; None is NULL."""
        own: list[str | None] = list(self.hierarchy.labels[level])
        return [*own, None] if self.nulls and level < self.height - 1 else own

    @cached_property
    def codes(self) -> tuple[Codes, ...]:
        """For each level the code of each leaf."""
        if not self.nulls:
            return self.hierarchy.codes
        own = self.hierarchy.codes
        last = [len(words) for words in self.hierarchy.labels[:-1]] + [0]
        return tuple(np.append(codes, np.int32(code)) for codes, code in zip(own, last, strict=True))

    @cached_property
    def losses(self) -> tuple[NDArray[np.float64], ...]:
        """For each level the loss of each leaf: (leaves that its label covers - 1) / (leaves - 1), 0 to 1 (NCP)."""
        scale = max(self.leaves - 1, 1)
        return tuple((np.bincount(codes)[codes] - 1) / scale for codes in self.codes)


def table(name: str, rows: pa.Table) -> Hierarchy:
    """A hierarchy from a table: a column of the values, then one of each coarser level.

    A value in several rows with different parents is refused (HierarchyInvalid), and so is a row without a value or parent.
    """
    if any(pa.types.is_nested(column.type) for column in rows.columns):
        raise HierarchyInvalid(name=name, level=0, count=1, reason=Text("不是单个的值", "lists are no values"))
    columns = [column.to_pylist() for column in rows.columns]
    empty = sum(any(value is None for value in row) for row in zip(*columns, strict=True))
    if empty:
        raise HierarchyInvalid(name=name, level=0, count=empty, reason=Text("有空值", "a value or parent is missing"))
    paths: dict[Leaf, Path] = {}
    torn = 0
    for leaf, *path in zip(*columns, strict=True):
        words = tuple(label(word) for word in path)
        torn += paths.setdefault(leaf, words) != words
    if torn:
        reason = Text("一个值有多个上级", "one value has several parents")
        raise HierarchyInvalid(name=name, level=0, count=torn, reason=reason)
    if all(path and path[-1] == ALL for path in paths.values()):
        paths = {leaf: path[:-1] for leaf, path in paths.items()}
    return Hierarchy(name, paths)


def flat(name: str, values: Sequence[Leaf]) -> Hierarchy:
    """The value or nothing."""
    return Hierarchy(name, {value: () for value in values})
