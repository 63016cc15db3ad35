"""Differencing: what two releases say together about a few people (rules O9 and O11).

Of two published cells, A of the new release and B of an older one, the people in A and not in B, and those in B and not in A, are
counted. They are looked at when both speak of the same (the same labels: a revision, everybody), or when one lies within
the other, for then the difference of the two numbers is the number of the rest. The rest must be nobody or at least the
threshold, or the two published numbers must be equal and no sums told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanmin.opendata.disclosure.axis import Address
from quanmin.opendata.disclosure.population import Population
from quanmin.opendata.disclosure.profile import Counts

Matrix = NDArray[np.float64]


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


def differences(new: Population, old: Population, joint: Counts, earlier: str, smallest: int) -> list[Difference]:
    """The pairs of cells that break the rule. `joint` (classes of old x classes of new) counts the people."""
    counts = joint.astype(np.float64)
    left, right = (old.members > 0).astype(np.float64), (new.members > 0).astype(np.float64).T
    both = left @ counts @ right
    only_new = (counts.sum(axis=0) @ right)[None, :] - both
    only_old = (left @ counts.sum(axis=1))[:, None] - both
    alike = _alike(old, new)
    looked = alike | (((only_new == 0) | (only_old == 0)) & (both > 0))
    few = ((only_new > 0) & (only_new < smallest)) | ((only_old > 0) & (only_old < smallest))
    told = old.shown[:, None] != new.shown[None, :]
    broken = looked & few & (told | old.sums | new.sums)
    twice = (only_new == 0) & (only_old == 0) & (both > 0) & (old.rounding != new.rounding)
    return [
        Difference(rule, earlier, new.names[j], old.names[i])
        for rule, mask in (("O9.difference", broken), ("O9.rounding", twice))
        for i, j in zip(*np.nonzero(mask), strict=True)
    ]


def _alike(old: Population, new: Population) -> NDArray[np.bool_]:
    """Which pairs bear the same labels."""
    at = {name: place for place, name in enumerate(new.names)}
    made = np.zeros((len(old.names), len(new.names)), np.bool_)
    for place, name in enumerate(old.names):
        if name in at:
            made[place, at[name]] = True
    return made
