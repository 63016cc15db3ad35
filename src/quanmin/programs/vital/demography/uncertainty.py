"""How sure e(x) is: the variance of Chiang (1984, chapter 8), from the deaths that the rates were made of.

    var q = q² (1 - q) / D          var e(x) = Σ_{y>=x} (l(y)/l(x))² (n - a + e(y+n))² var q(y)

Deaths are random, the population is not. Chiang takes the open group as certain; as half of a population reaches 85, its
term is added: e = 1/m there, so var e = e²/D (Silcocks, Jenner & Reza 2001). A group without deaths adds nothing, so that
the interval of a very small population (below 5,000 or so: Eayres & Williams 2004) is too narrow.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from quanmin.programs.vital.demography.life_table import LifeTable, LifeTables
from quanmin.programs.vital.demography.number import Floats, counts, table


def variances(tables: LifeTables, deaths: Any, open_group: bool = True) -> Floats:
    """The variance of e(x) in years squared [tables, ages]; `open_group=False` is Chiang's own form.

    Raises `OtherShape`, `NotANumber` or `NegativeNumber`.
    """
    died = table("deaths", deaths, len(tables.ages))
    n, a, q, e = tables.ages.widths, tables.ax, tables.qx, tables.ex
    var_q = np.divide(q**2 * (1 - q), died, out=np.zeros_like(q), where=died > 0)
    found = np.empty_like(q)
    last = np.divide(e[:, -1] ** 2, died[:, -1], out=np.zeros(len(q)), where=died[:, -1] > 0)
    found[:, -1] = last if open_group else 0.0
    for place in range(q.shape[1] - 2, -1, -1):
        lost = n[place] - a[:, place] + e[:, place + 1]
        found[:, place] = lost**2 * var_q[:, place] + (1 - q[:, place]) ** 2 * found[:, place + 1]
    return found


def intervals(tables: LifeTables, deaths: Any, level: float = 0.95) -> tuple[Floats, Floats]:
    """Lower and upper limits of e(x) [tables, ages], by the normal distribution, never below 0."""
    from scipy.special import ndtri

    half = float(ndtri(0.5 + level / 2)) * np.sqrt(variances(tables, deaths))
    return np.maximum(tables.ex - half, 0.0), tables.ex + half


def interval(one: LifeTable, deaths: Any, level: float = 0.95) -> tuple[Floats, Floats]:
    """Like `intervals`, for one table: limits [ages]."""
    died = counts("deaths", deaths, len(one.ages))
    low, high = intervals(LifeTables.of(one), died[None, :], level)
    return low[0], high[0]
