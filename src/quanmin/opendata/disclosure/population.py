"""Who stands in which cell, compactly: a class a person's place, and which classes a cell has.

A place is a number that the caller gives each person (0, 1, 2 ...), the same in every release; nothing else is known of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import csr_array

from quanmin.opendata.disclosure.axis import Address, Axis, Dimension, addresses, dimensions_of, encoded, inside
from quanmin.opendata.disclosure.cells import persons_of
from quanmin.opendata.disclosure.errors import NotAPlace
from quanmin.opendata.disclosure.protect import Protected

PLACES = 2_000_000_000
"""The most people that a register may know; a citizen number is far above."""

Codes = NDArray[np.unsignedinteger]
Members = NDArray[np.uint16]


@dataclass(frozen=True, eq=False)
class Population:
    """The published cells of a release and the people in them.

    `codes[place]` is the class of a person, 0 outside of the release; `members` (cells x classes) says how many categories of a
    cell a class stands in; `shown` are the published counts, `names` the addresses with their columns; `rounding` says how
    counts were rounded, `sums` whether sums were published too.
    """

    codes: Codes
    members: Members
    shown: NDArray[np.int64]
    names: tuple[Address, ...]
    rounding: str
    sums: bool

    def of(self, scope: str) -> Population:
        """The same, its cells being those of people of some kind; without a scope as it is."""
        return replace(self, names=tuple((*one, f"of={scope}") for one in self.names)) if scope else self

    @property
    def classes(self) -> int:
        """How many classes there are, the outside among them."""
        return int(self.members.shape[1])

    @cached_property
    def inside(self) -> csr_array:
        """Cells x classes: 1 where the class stands in the cell."""
        return csr_array((self.members > 0).astype(np.float64))

    @cached_property
    def places(self) -> dict[Address, int]:
        """The place of each cell by its name."""
        return {name: place for place, name in enumerate(self.names)}


def population(
    rows: pa.Table, dimensions: Sequence[str | Sequence[str] | Dimension], protected: Protected, person: str = "person"
) -> Population:
    """The people of a table's published cells; `person` holds places."""
    axes, cell = encoded(rows, dimensions_of(dimensions))
    places = np.asarray(persons_of(rows, person))
    if len(places) and (places.min() < 0 or places.max() >= PLACES):
        raise NotAPlace(limit=f"{PLACES - 1:,}")
    codes, kinds = classes(places, cell)
    within = inside(axes)
    kept = np.flatnonzero(~protected.suppressed)
    members = np.zeros((len(kept), len(kinds) + 1), np.uint16)
    for number, together in enumerate(kinds, 1):
        members[:, number] = within[np.ix_(kept, np.array(together))].sum(axis=1)
    profile, listed = protected.profile, named(axes)
    return Population(
        codes,
        members,
        protected.shown[kept],
        tuple(listed[i] for i in kept),
        f"{profile.rounding}:{profile.base}",
        protected.cells.sums is not None,
    )


def named(axes: Sequence[Axis]) -> list[Address]:
    """Addresses with the columns they speak of (`column=label`, totals left out), so that two tables can be laid side by side."""
    names = [level for axis in axes for level in axis.levels]
    return [
        tuple(f"{name}={label}" for name, label in zip(names, address, strict=True) if label != "total")
        for address in addresses(axes)
    ]


def classes(places: NDArray[np.int64], cell: NDArray[np.int32]) -> tuple[Codes, list[tuple[int, ...]]]:
    """A class for each place, from 1, and the cells of each class: one for most people, several for those in several."""
    size = int(places.max()) + 1 if len(places) else 0
    low, high = np.full(size, 2**31 - 1, np.int32), np.full(size, -1, np.int32)
    low[places] = high[places] = cell
    if not bool((low[places] == cell).all()):
        np.minimum.at(low, places, cell)
        np.maximum.at(high, places, cell)
    single = (low == high) & (high >= 0)
    used = np.bincount(low[single], minlength=1)
    kinds: list[tuple[int, ...]] = [(int(one),) for one in np.flatnonzero(used)]
    into = np.zeros(len(used), np.int64)
    into[np.flatnonzero(used)] = np.arange(1, len(kinds) + 1)
    codes = np.zeros(size, np.int64)
    codes[single] = into[low[single]]
    if (high > low).any():
        _several(places, cell, high > low, codes, kinds)
    return fitted(codes, len(kinds)), kinds


def _several(
    places: NDArray[np.int64],
    cell: NDArray[np.int32],
    several: NDArray[np.bool_],
    codes: NDArray[np.int64],
    kinds: list[tuple[int, ...]],
) -> None:
    """Give everybody who stands in several cells the class of these cells together."""
    chosen = several[places]
    pairs = (
        pa.table({"place": places[chosen], "cell": cell[chosen]}).group_by("place").aggregate([("cell", "distinct")])
    )
    known: dict[tuple[int, ...], int] = {}
    cells = pc.list_flatten(pairs.column("cell_distinct")).to_pylist()
    ends = np.cumsum(np.asarray(pc.list_value_length(pairs.column("cell_distinct"))))
    start = 0
    for place, end in zip(pairs.column("place").to_pylist(), ends.tolist(), strict=True):
        together = tuple(sorted(cells[start:end]))
        if together not in known:
            kinds.append(together)
            known[together] = len(kinds)
        codes[place], start = known[together], end


def fitted(codes: NDArray[np.int64], greatest: int) -> Codes:
    """Codes in the smallest unsigned type that holds them."""
    if greatest < 2**8:
        return codes.astype(np.uint8)
    return codes.astype(np.uint16) if greatest < 2**16 else codes.astype(np.uint32)
