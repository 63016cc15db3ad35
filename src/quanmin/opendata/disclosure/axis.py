"""The dimensions of a table as axes of nodes: the total, and under it the categories, level by level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import product
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.opendata.disclosure.errors import RowsUnfit, TableTooLarge
from quanmin.text import Text

TOTAL, MISSING = "total", "missing"
"""What stands for a margin and for an empty value in a published table; no category may be called so."""
CELLS = 20_000
"""The most cells, margins among them, that a table may have."""

Path = tuple[str, ...]
Address = tuple[str, ...]
"""A cell: for each level of each dimension its label, or `TOTAL`."""


class Dimension(NamedTuple):
    """A dimension by the columns of its levels, the coarsest first: one for a flat one, (province, county) for a hierarchy."""

    levels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Axis:
    """A dimension with the nodes that occur: `paths[0]` is the total, then every category after its parent."""

    levels: tuple[str, ...]
    paths: tuple[Path, ...]

    @classmethod
    def of(cls, levels: tuple[str, ...], leaves: Iterable[Path]) -> Axis:
        """The axis of some finest categories."""
        paths = {leaf[:depth] for leaf in leaves for depth in range(len(levels) + 1)} | {()}
        return cls(levels, tuple(sorted(paths, key=lambda path: (len(path), path))))

    @cached_property
    def leaves(self) -> NDArray[np.intp]:
        """The places of the finest categories."""
        return np.array([i for i, path in enumerate(self.paths) if len(path) == len(self.levels)], np.intp)

    @cached_property
    def up(self) -> NDArray[np.int64]:
        """Nodes x leaves: 1 where the leaf lies in the node."""
        inside = [[self.paths[leaf][: len(path)] == path for leaf in self.leaves] for path in self.paths]
        return np.array(inside, np.int64).reshape(len(self.paths), len(self.leaves))

    @cached_property
    def families(self) -> tuple[tuple[int, tuple[int, ...]], ...]:
        """Each node that has children, with them."""
        children: dict[Path, list[int]] = {}
        for place, path in enumerate(self.paths[1:], 1):
            children.setdefault(path[:-1], []).append(place)
        return tuple((self.paths.index(parent), tuple(found)) for parent, found in children.items())

    def label(self, node: int) -> Path:
        """A node's labels, one a level."""
        path = self.paths[node]
        return path + (TOTAL,) * (len(self.levels) - len(path))


def dimensions_of(given: Sequence[str | Sequence[str] | Dimension]) -> tuple[Dimension, ...]:
    """Dimensions as the caller may write them: a column, its levels, or a `Dimension`."""
    made = []
    for one in given:
        levels = one.levels if isinstance(one, Dimension) else (one,) if isinstance(one, str) else tuple(one)
        made.append(Dimension(tuple(levels)))
    names = [name for one in made for name in one.levels]
    if not names or len(set(names)) < len(names) or not all(one.levels for one in made):
        raise RowsUnfit(
            column=", ".join(names), reason=Text("每列须用一次且仅一次", "each column is a level of one dimension")
        )
    return tuple(made)


def encoded(rows: pa.Table, dimensions: Sequence[Dimension]) -> tuple[tuple[Axis, ...], NDArray[np.int32]]:
    """The axes of the rows, and for each row its cell among the crossed leaves."""
    axes, codes = [], np.zeros(len(rows), np.int64)
    for one in dimensions:
        axis, leaf = _axis(rows, one.levels)
        axes.append(axis)
        codes = codes * len(axis.leaves) + leaf
        cells = math.prod(len(made.paths) for made in axes)
        if cells > CELLS:
            raise TableTooLarge(cells=cells, limit=CELLS)
    return tuple(axes), codes.astype(np.int32)


def _axis(rows: pa.Table, levels: tuple[str, ...]) -> tuple[Axis, NDArray[np.int64]]:
    combined = np.zeros(len(rows), np.int64)
    names: list[list[str]] = []
    for level in levels:
        code, labels = _labels(rows, level)
        if math.prod(len(each) for each in [*names, labels]) > 100 * CELLS * len(levels):
            raise TableTooLarge(cells=len(labels), limit=CELLS)
        combined = combined * max(len(labels), 1) + code
        names.append(labels)
    size = math.prod(len(each) for each in names)
    if not size:
        return Axis.of(levels, ()), combined
    present = np.flatnonzero(np.bincount(combined, minlength=size))
    places = np.unravel_index(present, [len(each) for each in names])
    paths = list(zip(*([each[i] for i in place] for each, place in zip(names, places, strict=True)), strict=True))
    if len(paths) > CELLS:
        raise TableTooLarge(cells=len(paths), limit=CELLS)
    axis = Axis.of(levels, paths)
    order = {path: i for i, path in enumerate(axis.paths[leaf] for leaf in axis.leaves)}
    into = np.zeros(size, np.int64)
    into[present] = [order[path] for path in paths]
    return axis, into[combined]


def _labels(rows: pa.Table, column: str) -> tuple[NDArray[np.int64], list[str]]:
    """A column's codes and its labels; an empty value is `MISSING`."""
    if column not in rows.column_names:
        raise RowsUnfit(column=column, reason=Text("没有这一列", "there is no such column"))
    coded = rows.column(column).cast(pa.string()).dictionary_encode("encode").unify_dictionaries()
    if not coded.num_chunks:
        return np.zeros(0, np.int64), []
    labels = [MISSING if each is None else each for each in coded.chunk(0).dictionary.to_pylist()]
    if (
        {TOTAL, "*"} & set(labels)
        or labels.count(MISSING) > 1
        or (MISSING in labels and rows.column(column).null_count == 0)
    ):
        reason = Text("类别不得名为 total、missing 或 *", "a category may not be called total, missing or *")
        raise RowsUnfit(column=column, reason=reason)
    return np.concatenate([np.asarray(each.indices) for each in coded.chunks]).astype(np.int64), labels


def addresses(axes: Sequence[Axis]) -> list[Address]:
    """Every cell's address, in the order of the flattened table."""
    crossed = product(*([axis.label(node) for node in range(len(axis.paths))] for axis in axes))
    return [reduce(lambda left, right: left + right, labels, ()) for labels in crossed]


def inside(axes: Sequence[Axis]) -> NDArray[np.bool_]:
    """Cells x crossed leaves: whether the leaf lies in the cell."""
    made = np.ones((1, 1), np.bool_)
    for axis in axes:
        made = np.kron(made, axis.up.astype(np.bool_))
    return made


def rolled(axes: Sequence[Axis], leaves: NDArray[np.int64] | NDArray[np.float64]) -> NDArray[np.float64]:
    """Values of crossed leaves summed into all cells; exact for whole numbers below 2**53."""
    made = leaves.astype(np.float64).reshape([len(axis.leaves) for axis in axes])
    for place, axis in enumerate(axes):
        made = np.moveaxis(np.tensordot(axis.up.astype(np.float64), made, axes=(1, place)), 0, place)
    return made


def leafy(axes: Sequence[Axis]) -> NDArray[np.bool_]:
    """Which cells are crossed leaves, flattened."""
    made = np.zeros([len(axis.paths) for axis in axes], np.bool_)
    made[np.ix_(*(axis.leaves for axis in axes))] = True
    return made.ravel()
