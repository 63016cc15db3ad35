"""Differencing: what two releases say together about a few people (rules O9 and O11).

Of two published cells, A of the new release and B of an older one, the people in A and not in B, and those in B and not in A, are
counted. They are looked at when both speak of the same (the same labels: a revision, everybody), or when one lies within
the other, for then the difference of the two numbers is the number of the rest. The rest must be nobody or at least the
threshold, or the two published numbers must be equal and no sums told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from quanmin.opendata.disclosure.axis import Address
from quanmin.opendata.disclosure.population import Population

Mask = NDArray[np.bool_]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Difference:
    """Two cells that leave a few people when one is taken from the other; `rule` is a finding's code."""

    rule: str
    earlier: str
    cell: Address
    other: Address

    def to_dict(self) -> dict[str, Any]:
        """The JSON document; how many people are left is not told."""
        return {"rule": self.rule, "release": self.earlier, "cell": list(self.cell), "other": list(self.other)}


class Pairs(NamedTuple):
    """Pairs of a cell of the old and one of the new release that share somebody: their places, and what is so of each."""

    old: Places
    new: Places
    alike: Mask
    same: Mask
    few: Mask
    told: Mask


def pairs(new: Population, old: Population, joint: csr_array, smallest: int) -> Pairs:
    """The pairs. `joint` (classes of old x classes of new) counts the people.

    Pairs that share nobody leave nobody or enough: what is published has nobody or enough people.
    """
    left, right = old.inside, new.inside
    shared = (left @ joint @ right.T).tocoo()
    met = shared.data > 0
    i, j = (place[met] for place in shared.coords)
    only_old = (left @ joint.sum(axis=1))[i] - shared.data[met]
    only_new = (right @ joint.sum(axis=0))[j] - shared.data[met]
    labelled = np.array([new.places.get(each, -1) for each in old.names], np.int64)[i] == j
    told = (old.shown[i] != new.shown[j]) | old.sums | new.sums
    few = ((only_new > 0) & (only_new < smallest)) | ((only_old > 0) & (only_old < smallest))
    alike = labelled | (only_new == 0) | (only_old == 0)
    return Pairs(i, j, alike, (only_new == 0) & (only_old == 0), few, told)


def differences(new: Population, old: Population, joint: csr_array, earlier: str, smallest: int) -> list[Difference]:
    """The pairs of cells that break the rule."""
    met = pairs(new, old, joint, smallest)
    broken, twice = met.alike & met.few & met.told, met.same & (old.rounding != new.rounding)
    return [
        Difference(rule, earlier, new.names[met.new[pair]], old.names[met.old[pair]])
        for rule, mask in (("O9.difference", broken), ("O9.rounding", twice))
        for pair in np.flatnonzero(mask)
    ]


def unmoved(new: Population, old: Population, joint: csr_array, smallest: int) -> Mask:
    """Which new cells say the same number of nearly the same people as an old one: they tell nothing new."""
    met = pairs(new, old, joint, smallest)
    made = np.zeros(len(new.names), np.bool_)
    made[met.new[met.alike & met.few & ~met.told]] = True
    return made
