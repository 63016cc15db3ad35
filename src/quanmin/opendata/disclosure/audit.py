"""The audit: what anybody can derive of a suppressed cell from what is published. It shares nothing with the choice of partners.

It reads the published table alone, as a stranger would: labels, numbers, stars and the public rules of the profile. For each star
the least and the greatest whole count that fits everything published is sought (HiGHS, through SciPy), so a rounding that only
leaves one whole number is found too. A table falls into parts that share no equation; each is asked by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components

from quanmin.opendata.disclosure.axis import TOTAL, Address
from quanmin.opendata.disclosure.profile import Profile

Floats = NDArray[np.float64]
SECONDS = 10.0
"""Of the solver, a question. What it has found by then is proven to be possible; the interval can only be wider."""


class Interval(NamedTuple):
    """What is known of a suppressed cell: its true count or sum lies between these, and both ends are possible."""

    address: Address
    column: str
    low: float
    high: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.high - self.low


class Puzzle(NamedTuple):
    """The unknowns of a table and the equations between them: `matrix @ unknown = right`, each at least `low`; whole multiples of
    `step` above it where `whole`."""

    addresses: list[Address]
    matrix: csr_array
    right: Floats
    low: Floats
    whole: NDArray[np.bool_]
    step: float


def audit(
    published: pa.Table,
    dimensions: Sequence[Sequence[str]],
    profile: Profile,
    needed: Mapping[tuple[Address, str], float] | None = None,
    negative: bool = False,
) -> list[Interval]:
    """The interval of every star. With `needed` widths, looking for a wider one ends where an interval exceeds its own.

    `dimensions` are the columns of the levels; `negative` says that values may lie below zero.
    """
    made: list[Interval] = []
    for column in ("persons", "sum"):
        if column in published.column_names:
            puzzle = _puzzle(published, dimensions, column, profile, negative)
            enough = [(needed or {}).get((address, column), np.inf) for address in puzzle.addresses]
            made += _solved(puzzle, column, profile, np.array(enough))
    return made


def _puzzle(
    table: pa.Table, dimensions: Sequence[Sequence[str]], column: str, profile: Profile, negative: bool
) -> Puzzle:
    listed = [tuple(row[level] for each in dimensions for level in each) for row in table.to_pylist()]
    values = dict(zip(listed, table.column(column).to_pylist(), strict=True))
    unknown = {address: place for place, address in enumerate(a for a in listed if values[a] == "*")}
    rows, columns, signs, right = [], [], [], []
    for terms in equations(listed, [len(each) for each in dimensions]):
        if any(values[address] == "*" for address, _ in terms):
            right.append(-sum(sign * float(values[a]) for a, sign in terms if values[a] != "*"))
            for address, sign in terms:
                if values[address] == "*":
                    rows.append(len(right) - 1)
                    columns.append(unknown[address])
                    signs.append(sign)
    matrix = coo_array((signs, (rows, columns)), shape=(len(right), len(unknown))).tocsr()
    leaf = np.array([TOTAL not in address for address in unknown], np.bool_)
    if column == "sum":
        low = np.full(len(unknown), -np.inf if negative else 0.0)
        return Puzzle(list(unknown), matrix, np.array(right), low, np.zeros(len(unknown), np.bool_), 1.0)
    return Puzzle(
        list(unknown), matrix, np.array(right), np.where(leaf, profile.lowest, 0.0), leaf, float(profile.base)
    )


def equations(listed: Sequence[Address], depths: Sequence[int]) -> list[list[tuple[Address, float]]]:
    """Every total with the cells that add up to it, along each dimension, read off the labels."""
    children: dict[tuple[Address, int], list[Address]] = {}
    for address in listed:
        start = 0
        for number, depth in enumerate(depths):
            known = [level for level in range(start, start + depth) if address[level] != TOTAL]
            if known:
                parent = (*address[: known[-1]], TOTAL, *address[known[-1] + 1 :])
                children.setdefault((parent, number), []).append(address)
            start += depth
    return [[(parent, 1.0), *((child, -1.0) for child in below)] for (parent, _), below in children.items()]


def _solved(puzzle: Puzzle, column: str, profile: Profile, enough: Floats) -> list[Interval]:
    size = len(puzzle.addresses)
    if not size:
        return []
    scale = (
        puzzle.step
        if column == "persons"
        else max(1.0, float(np.median(np.abs(puzzle.right))) if len(puzzle.right) else 1.0)
    )
    least, most = np.full(size, np.inf), np.full(size, -np.inf)
    slack = profile.slack if column == "persons" else (0, 0)
    below, above = (np.where(puzzle.whole, each, 0) for each in slack)
    floor = np.where(puzzle.whole, float(profile.zeros == "shown"), puzzle.low)

    def ends() -> tuple[Floats, Floats]:
        return np.maximum(least * scale - below, floor), most * scale + above

    links = abs(puzzle.matrix).T @ abs(puzzle.matrix)
    _, part = connected_components(links, directed=False)
    for number in range(int(part.max()) + 1):
        members = np.flatnonzero(part == number)
        solve = _solver(puzzle, members, scale)
        for at, cell in enumerate(members):
            for sign in (-1.0, 1.0):
                low, high = ends()
                if high[cell] - low[cell] > enough[cell]:
                    break
                value = solve(at, sign)
                least[members], most[members] = np.fmin(least[members], value), np.fmax(most[members], value)
    low, high = ends()
    return [Interval(a, column, float(low[i]), float(high[i])) for i, a in enumerate(puzzle.addresses)]


def _solver(puzzle: Puzzle, members: NDArray[np.intp], scale: float) -> Callable[[int, float], Floats]:
    """Asks for the table in which one unknown is least (1) or greatest (-1); it answers with the whole table."""
    touched = np.flatnonzero(abs(puzzle.matrix[:, members]).sum(axis=1))
    low, whole = puzzle.low[members] / scale, puzzle.whole[members]
    base = np.where(whole, low, 0.0)  # a leaf is its least value and whole steps more
    matrix = puzzle.matrix[touched][:, members]
    right = puzzle.right[touched] / scale - matrix @ base
    constraint = LinearConstraint(matrix, right, right)
    far = 10 * float(np.abs(puzzle.right).max(initial=0.0)) / scale + 1000  # nothing published bounds it: far enough
    bounds = Bounds(np.where(whole, 0.0, np.maximum(low, -far)), far)

    def solve(at: int, sign: float) -> Floats:
        goal = np.zeros(len(members))
        goal[at] = sign
        found = milp(
            goal,
            integrality=whole.astype(np.int64),
            bounds=bounds,
            constraints=constraint,
            options={"time_limit": SECONDS},
        )
        if found.x is None:
            return np.full(len(members), np.nan)
        return np.asarray(np.round(base + np.where(whole, np.round(found.x), found.x), 7))

    return solve
