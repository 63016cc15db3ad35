"""Small counts that are not told, and those with them from which one could be worked out.

The cells of a list add up to a sum that is told: a cell hidden alone would be what is missing. Several years counted together are
a sum of lists that are told year by year: what is hidden in one year only would be what is left. Ages are not hidden but joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


def hidden(counts: Sequence[float], minimum: int) -> Mask:
    """Which cells of a list [cells] are hidden; none with a minimum of 0."""
    found = np.array([0 < one < minimum for one in counts], dtype=bool)
    others = sorted((place for place, one in enumerate(counts) if one >= minimum > 0), key=lambda place: counts[place])
    while found.any() and others and (found.sum() == 1 or sum(np.asarray(counts)[found]) < minimum):
        found[others.pop(0)] = True
    return found


def hidden_together(years: Sequence[Sequence[float]], minimum: int) -> Mask:
    """Which cells of the sum of lists [years, cells] are hidden, where each year's list is told too."""
    every = np.asarray(years, np.float64)
    if len(every) == 1:
        return hidden(every[0].tolist(), minimum)
    single = np.array([hidden(one.tolist(), minimum) for one in every])
    left = np.where(single, every, 0).sum(axis=0)
    told = hidden(every.sum(axis=0).tolist(), minimum)
    alone = (single.sum(axis=0) == 1) | (single.any(axis=0) & (left < minimum))
    found: Mask = told | alone
    if found.sum() == 1:
        sums = np.where(found, np.inf, every.sum(axis=0))
        if np.isfinite(sums).any():
            found[int(sums.argmin())] = True
    return found


LEVELS: tuple[tuple[int, ...], ...] = (
    (0, 1, *range(5, 90, 5)),
    (0, 15, 25, 35, 45, 55, 65, 75, 85),
    (0, 35, 55, 65, 75),
    (0, 55, 75),
    (0,),
)
"""First ages of age groups, from fine to coarse. Each level is a part of the one before, so that two of them never tell more."""
FINEST = LEVELS[0]


def summed(counts: Any, starts: Sequence[int]) -> Numbers:
    """Counts by the finest groups [.., ages] in those that begin at `starts`."""
    found: Numbers = np.add.reduceat(np.asarray(counts, np.float64), [FINEST.index(age) for age in starts], axis=-1)
    return found


def level(years: Any, minimum: int) -> tuple[int, ...]:
    """The finest groups in which no cell of [years, sexes, ages] added up over the years is small; none where the whole is.

    Each year is told alone, too, at its own level: years that are coarser must not be left over alone, nor as a small rest.
    """
    every = np.asarray(years, np.float64)
    for starts in LEVELS:
        counts = summed(every, starts)
        coarse = np.array([not _enough(one, minimum) for one in counts])
        left = counts[coarse].sum(axis=0)
        if _enough(counts.sum(axis=0), minimum) and coarse.sum() != 1 and _enough(left, minimum):
            return starts
    return ()


def _enough(counts: Any, minimum: int) -> bool:
    return not bool(((counts > 0) & (counts < minimum)).any())
