"""Secondary suppression: which further cells must go so that no suppressed one follows from the published totals.

A suppressed cell is safe when the table can be another one, equal in all that is published, in which the cell is far enough
from its value. For each cell that is not safe yet the cheapest such table is sought by a linear programme (after Kelly, Golden
and Assad 1992, and Castro 2002): cells may move up or down, at a cost for those still published; whichever move are suppressed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_array, csr_array, hstack

from quanmin.opendata.disclosure.axis import Axis
from quanmin.opendata.disclosure.rule import Mask

Floats = NDArray[np.float64]
MOVED = 1e-6
"""Smaller movements are the solver's noise."""


@dataclass(frozen=True, eq=False)
class Field:
    """What a table publishes of its cells, flattened and in units of a step: values that add up, how far down each can be
    (`fall`), which cannot move at all, and how far a suppressed one must be able to go, up (`rise`) or down (`sink`)."""

    values: Floats
    fall: Floats
    fixed: Mask
    rise: Floats
    sink: Floats


@dataclass(frozen=True, eq=False)
class Choice:
    """The cells suppressed in the end, and those that nothing could protect."""

    suppressed: Mask
    stuck: tuple[int, ...]


def relations(axes: Sequence[Axis]) -> csr_array:
    """Equations x cells: each total minus its children, along every axis."""
    shape = [len(axis.paths) for axis in axes]
    places, rows, columns, values, count = np.arange(int(np.prod(shape))).reshape(shape), [], [], [], 0
    for number, axis in enumerate(axes):
        along = np.moveaxis(places, number, 0)
        for parent, children in axis.families:
            lines = np.arange(count, count + along[parent].size)
            for node, sign in [(parent, 1.0), *((child, -1.0) for child in children)]:
                rows.append(lines)
                columns.append(along[node].ravel())
                values.append(np.full(len(lines), sign))
            count += len(lines)
    if not count:
        return csr_array((0, places.size))
    made = coo_array((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), (count, places.size))
    return made.tocsr()


def choose(axes: Sequence[Axis], fields: Sequence[Field], suppressed: Mask) -> Choice:
    """Add partners to the suppressed cells until each can move as far as it must, in every field."""
    equations, chosen, stuck = relations(axes), suppressed.copy(), set()
    for field in fields:
        known = np.zeros(len(chosen), np.bool_)
        while (left := np.flatnonzero(chosen & ~known & (field.rise > 0))).size:
            cell = int(left[np.argmax(field.rise[left])])
            known[cell] = True
            ways = [
                _cheapest(equations, field, chosen, cell, amount) for amount in (field.rise[cell], -field.sink[cell])
            ]
            found = [moved for moved in ways if moved is not None]
            if not found:
                stuck.add(cell)
                continue
            moved = min(found, key=lambda way: float(field.values[(np.abs(way) > MOVED) & ~chosen].sum()))
            chosen |= np.abs(moved) > MOVED
            for way in (each for each in found if chosen[np.abs(each) > MOVED].all()):
                known |= (way >= field.rise - MOVED) | (-way >= field.sink - MOVED)
    return Choice(chosen, tuple(sorted(stuck)))


def _cheapest(equations: csr_array, field: Field, chosen: Mask, cell: int, amount: float) -> Floats | None:
    """The movement of all cells that moves one by an amount at the least cost; None when there is none."""
    if -amount > field.fall[cell]:
        return None
    free = np.flatnonzero(~field.fixed | chosen)
    cost = np.where(chosen, 0.0, 1.0 + np.log1p(np.abs(field.values)))[free]
    up = np.full(len(free), np.inf)
    down = field.fall[free].copy()
    at = int(np.searchsorted(free, cell))
    low = np.zeros(2 * len(free))
    low[at + len(free) * (amount < 0)] = abs(amount)
    up[at], down[at] = max(amount, 0.0), max(-amount, 0.0)
    part = equations[:, free]
    balance = LinearConstraint(hstack([part, -part]).tocsr(), 0.0, 0.0)
    bounds = Bounds(low, np.concatenate([up, down]))
    found = milp(np.concatenate([cost, cost]) + 1e-7, bounds=bounds, constraints=balance)
    if found.x is None:
        return None
    moved = np.zeros(len(chosen))
    moved[free] = found.x[: len(free)] - found.x[len(free) :]
    return moved
