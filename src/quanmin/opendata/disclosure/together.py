"""Several tables of the same people as one puzzle (attack A7): stars that each table keeps may fall when they are read together.

Behind all of them stands one finer table that nobody published: its cells (`atoms`) are the combinations of the categories of all
dimensions. Every count of every table is a sum of atoms. Where people stand in several cells this does not hold, and such a
table is asked by itself only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, hstack, vstack

from quanmin.opendata.disclosure.audit import SECONDS, Interval
from quanmin.opendata.disclosure.axis import CELLS, Address, Axis, addresses, inside, leafy
from quanmin.opendata.disclosure.errors import TableTooLarge
from quanmin.opendata.disclosure.protect import Protected, required

Atom = dict[str, str]


class Whole(NamedTuple):
    """The joint puzzle: unknown atoms, then a rounded count for each star among the crossed leaves; a line a star says what
    it is in them."""

    constraint: LinearConstraint
    bounds: Bounds
    whole: NDArray[np.int64]
    stars: csr_array
    names: list[Address]
    needed: NDArray[np.float64]


def together(tables: Sequence[Protected]) -> list[Interval]:
    """The counts of stars that the tables together tell too closely. An address begins with the table's place in `tables`."""
    linked = [number for number, one in enumerate(tables) if not one.cells.overlapping]
    if len(linked) < 2:
        return []
    puzzle = _whole([tables[number] for number in linked], linked)
    found = []
    for place, (name, needed) in enumerate(zip(puzzle.names, puzzle.needed, strict=True)):
        line = puzzle.stars[[place]].toarray().ravel()
        low, high = (sign * _least(puzzle, sign * line) for sign in (1.0, -1.0))
        if not high - low > needed:
            found.append(Interval(name, "persons", low, high))
    return found


def _least(puzzle: Whole, goal: NDArray[np.float64]) -> float:
    answer = milp(
        goal,
        integrality=puzzle.whole,
        bounds=puzzle.bounds,
        constraints=puzzle.constraint,
        options={"time_limit": SECONDS},
    )
    return round(float(answer.fun), 6) if answer.x is not None else float("nan")


def atoms(axes: Sequence[Axis]) -> list[Atom]:
    """All combinations of the finest categories that agree where two dimensions share a level."""
    made: list[Atom] = [{}]
    for axis in axes:
        leaves = [dict(zip(axis.levels, axis.paths[leaf], strict=True)) for leaf in axis.leaves]
        shared = [level for level in axis.levels if made and level in made[0]]
        by: dict[Address, list[Atom]] = {}
        for leaf in leaves:
            by.setdefault(tuple(leaf[level] for level in shared), []).append(leaf)
        made = [{**atom, **leaf} for atom in made for leaf in by.get(tuple(atom[level] for level in shared), [])]
        if len(made) > CELLS:
            raise TableTooLarge(cells=len(made), limit=CELLS)
    return made


def _whole(tables: Sequence[Protected], numbers: Sequence[int]) -> Whole:
    behind = atoms([axis for one in tables for axis in one.cells.axes])
    count = sum(int((leafy(one.cells.axes) & one.suppressed).sum()) for one in tables)
    lines, lows, highs, stars, names, needed, done = [], [], [], [], [], [], 0
    profiles = [one.profile for one in tables]
    below = []
    for number, one in zip(numbers, tables, strict=True):
        part = _Part(one, behind, done, count)
        done += part.stars
        below.append(np.full(part.stars, float(one.profile.lowest) / one.profile.base))
        for line, low, high in part.lines():
            lines.append(line)
            lows.append(low)
            highs.append(high)
        stars.append(part.told())
        names += [(str(number), *one_name) for one_name in part.names()]
        needed.append(part.needed())
    bottom = np.concatenate([np.zeros(len(behind)), *below])
    whole = np.concatenate([np.zeros(len(behind)), np.ones(count)]).astype(np.int64)
    if any(one.rounding == "midpoint" for one in profiles):
        whole[:] = 0  # midpoints are no multiples: the relaxed puzzle is asked
    constraint = LinearConstraint(vstack(lines).tocsr(), np.concatenate(lows), np.concatenate(highs))
    top = float(sum(one.shown[0] for one in tables)) + 1000
    return Whole(constraint, Bounds(bottom, top), whole, vstack(stars).tocsr(), names, np.concatenate(needed))


class _Part:
    """One table's share of the joint puzzle. Unknown rounded counts are in units of the rounding."""

    def __init__(self, one: Protected, behind: Sequence[Atom], first: int, count: int) -> None:
        self.one, self.profile = one, one.profile
        axes = one.cells.axes
        self.leaf, self.starred = leafy(axes), one.suppressed
        self.leaves = np.flatnonzero(self.leaf)
        listed = addresses(axes)
        at = {listed[place]: row for row, place in enumerate(self.leaves)}
        levels = [level for axis in axes for level in axis.levels]
        rows = [at[tuple(atom[level] for level in levels)] for atom in behind]
        size = len(behind)
        self.people = csr_array((np.ones(size), (rows, np.arange(size))), (len(self.leaves), size))
        unknown = np.flatnonzero(self.starred[self.leaves])
        self.stars = len(unknown)
        place = first + np.arange(self.stars)
        self.hidden = csr_array(
            (np.full(self.stars, float(self.profile.base)), (unknown, place)), (len(self.leaves), count)
        )
        self.inside = csr_array(inside(axes).astype(np.float64))

    def lines(self) -> list[tuple[csr_array, NDArray[np.float64], NDArray[np.float64]]]:
        """The constraints: leaves against their rounded counts, and published totals."""
        down, up = self.profile.slack
        shown = self.one.shown[self.leaves].astype(np.float64)
        starred = self.starred[self.leaves]
        open_ = ~starred
        bare = csr_array((len(self.leaves), self.hidden.shape[1]))
        low = np.where(shown == 0, 0.0, np.maximum(shown - down, self.profile.smallest))
        high = np.where(shown == 0, 0.0, shown + up)
        made = [(hstack([self.people, bare]).tocsr()[np.flatnonzero(open_)], low[open_], high[open_])]
        hidden = np.flatnonzero(starred)
        near = hstack([self.people, -self.hidden]).tocsr()[hidden]
        made.append((near, np.full(len(hidden), -float(down)), np.full(len(hidden), float(up))))
        some = hstack([self.people, bare]).tocsr()[hidden]
        made.append((some, np.full(len(hidden), float(self.profile.zeros == "shown")), np.full(len(hidden), np.inf)))
        margins = np.flatnonzero(~self.leaf & ~self.starred)
        total = hstack([csr_array((len(margins), self.people.shape[1])), self.inside[margins] @ self.hidden]).tocsr()
        right = self.one.shown[margins] - self.inside[margins] @ np.where(starred, 0.0, shown)
        made.append((total, right, right))
        return made

    def told(self) -> csr_array:
        """What each star is: people of atoms for a leaf, rounded counts for a total."""
        at = {place: row for row, place in enumerate(self.leaves)}
        leaf = [place for place in np.flatnonzero(self.starred) if self.leaf[place]]
        rest = [place for place in np.flatnonzero(self.starred) if not self.leaf[place]]
        people = self.people[[at[place] for place in leaf]]
        top = hstack([people, csr_array((len(leaf), self.hidden.shape[1]))])
        down = hstack([csr_array((len(rest), self.people.shape[1])), self.inside[rest] @ self.hidden])
        self.order = [*leaf, *rest]
        made: csr_array = vstack([top, down]).tocsr()
        return made

    def names(self) -> list[Address]:
        """The addresses of the stars, in the order of `told`."""
        listed = addresses(self.one.cells.axes)
        return [listed[place] for place in self.order]

    def needed(self) -> NDArray[np.float64]:
        """How wide each star's interval must be more than."""
        return required(self.one.cells.entries.astype(np.float64), self.profile, True)[self.order]
