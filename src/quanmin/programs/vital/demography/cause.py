"""Life tables without a cause of death, and what its absence would gain.

Survival is raised to the share of deaths that are of other causes: p' = p^R, R = 1 - D(cause)/D (Chiang 1968: the causes'
forces are in proportion within each group). a' = n - R (q/q') (n - a) (Preston, Heuveline & Guillot 2001, chapter 4); in the
open group e' = e/R. Causes are taken as independent of each other, as in every such table.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from quanmin.programs.vital.demography.errors import CauseAboveAll, OpenAgeWithoutDeaths
from quanmin.programs.vital.demography.life_table import LifeTable, assembled
from quanmin.programs.vital.demography.number import Floats, counts


def without_cause(one: LifeTable, deaths: Any, of_cause: Any) -> LifeTable:
    """The table as it would be without the deaths `of_cause` [ages] among all `deaths` [ages].

    Raises what `counts` raises, `CauseAboveAll`, and `OpenAgeWithoutDeaths` where nobody would die in the open group.
    """
    remaining = _remaining(counts("deaths", deaths, len(one.ages)), counts("cause", of_cause, len(one.ages)))
    if not remaining[-1] > 0:
        raise OpenAgeWithoutDeaths(row=len(remaining))
    n, p = one.ages.widths[:-1], 1 - one.qx[:-1]
    certain = (p <= 0) & (remaining[:-1] < 1)
    kept = np.where(certain, np.exp(-n * one.mx[:-1] * remaining[:-1]), p ** remaining[:-1])
    q, a = np.append(1 - kept, 1.0), one.ax / np.where(np.arange(len(n) + 1) == len(n), remaining, 1.0)
    scale = np.divide(one.qx[:-1], q[:-1], out=np.ones_like(n), where=q[:-1] > 0)
    a[:-1] = np.where(q[:-1] > 0, n - remaining[:-1] * scale * (n - one.ax[:-1]), one.ax[:-1])
    return assembled(one.ages, (one.sex,), a[None, :], q[None, :])[0]


def gain(one: LifeTable, deaths: Any, of_cause: Any) -> float:
    """Years that e(0) would gain without the cause."""
    return without_cause(one, deaths, of_cause).e0 - one.e0


def _remaining(deaths: Floats, of_cause: Floats) -> Floats:
    """R: the share of deaths of other causes; 1 where nobody died."""
    if (of_cause > deaths).any():
        raise CauseAboveAll(row=int(np.flatnonzero(of_cause > deaths)[0]) + 1)
    return 1 - np.divide(of_cause, deaths, out=np.zeros_like(deaths), where=deaths > 0)
