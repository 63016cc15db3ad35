"""The rules that a cell meets or breaks by itself, and those of statistics that are no table."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from quanmin.opendata.disclosure.axis import addresses
from quanmin.opendata.disclosure.cells import Cells, Sums
from quanmin.opendata.disclosure.finding import Finding, found
from quanmin.opendata.disclosure.profile import Counts, Profile
from quanmin.text import Text

Mask = NDArray[np.bool_]


class Fate(IntEnum):
    """What became of a cell."""

    PUBLISHED = 0
    ZERO = 1
    SMALL = 2
    DOMINATED = 3
    PARTNER = 4


def primary(cells: Cells, profile: Profile) -> Counts:
    """The fate of each cell for what it is itself (O1, O4, O5): a `Fate` a cell."""
    fate = np.zeros(len(cells.persons), np.int64)
    if cells.sums is not None:
        fate[dominated(cells.sums, profile)] = Fate.DOMINATED
    fate[(cells.persons > 0) & (cells.persons < profile.smallest)] = Fate.SMALL
    if profile.zeros == "suppressed":
        fate[cells.persons == 0] = Fate.ZERO
    return fate


def dominated(sums: Sums, profile: Profile) -> Mask:
    """Cells whose largest contributors, by absolute value, hold too much of the sum: (n, k) and p % (O5)."""
    first, both = sums.largest[:, 0], sums.largest.sum(axis=1)
    found = sums.absolute - both < profile.remainder * first
    for people, share in profile.dominance:
        found |= (first if people == 1 else both) > share * sums.absolute
    return np.asarray(found & (sums.absolute > 0))


def whole(cells: Cells, shown: Counts, fate: Counts) -> list[int]:
    """Published cells that hold everybody of a published total beside other categories (O4)."""
    persons, open_ = shown.reshape(cells.shape), (fate == Fate.PUBLISHED).reshape(cells.shape)
    places = np.arange(persons.size).reshape(cells.shape)
    met: set[int] = set()
    for number, axis in enumerate(cells.axes):
        counts, free, at = (np.moveaxis(each, number, 0) for each in (persons, open_, places))
        for parent, children in axis.families:
            for child in children if len(children) > 1 else ():
                same = free[parent] & free[child] & (counts[parent] == counts[child]) & (counts[parent] > 0)
                met.update(at[child][same].tolist())
    return sorted(met)


def counted(cells: Cells) -> list[Finding]:
    """Missing and negative values, and people in several cells, told to the checker (O16)."""
    told: list[Finding] = []
    if cells.sums is not None:
        listed = addresses(cells.axes)
        for code, counts in (("O16.missing", cells.sums.missing), ("O16.negative", cells.sums.negative)):
            for one in found(code, "noted", (listed[i] for i in np.flatnonzero(counts))):
                told.append(Finding(code, "noted", int(counts[0]), one.cells, Text("行数", "rows")))
    if cells.overlapping:
        people = int(cells.entries[0] - cells.persons[0])
        told.append(Finding("overlap", "noted", people, (), Text("重复计入的人次", "people counted again in totals")))
    return told


def model(observations: int, parameters: int, profile: Profile) -> list[Finding]:
    """Whether a model over people leaves enough residual degrees of freedom (O7)."""
    left = observations - parameters
    about = Text(f"剩余 {left}，至少 {profile.freedom}", f"{left} are left, {profile.freedom} are needed")
    return [] if left >= profile.freedom else [Finding("O7.freedom", "refused", 1, (), about)]


def percentile(persons: int, share: float, profile: Profile) -> list[Finding]:
    """Whether a percentile of so many people has enough of them on either side (O6); `share` lies between 0 and 1."""
    beside = int(min(persons * share, persons * (1 - share)) + 1e-9)
    about = Text(
        f"一侧 {beside} 人，至少 {profile.beside}", f"{beside} people on one side, {profile.beside} are needed"
    )
    return [] if beside >= profile.beside else [Finding("O6.percentile", "refused", 1, (), about)]
