"""Rates as they would be with another age structure (direct), and deaths beside those expected (indirect).

Limits of the direct rate are those of Fay & Feuer (1997), by the gamma distribution: never below 0, and not too narrow where
events are few. Limits of the ratio observed/expected are exact for a Poisson count (Garwood 1936).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from quanmin.programs.vital.demography.errors import NoExposure
from quanmin.programs.vital.demography.number import counts, divided
from quanmin.programs.vital.demography.ratio import Ratio, poisson_limits, rate


@dataclass(frozen=True)
class Standardised:
    """A directly standardised rate, with its limits, beside the crude one; all per `crude.per`."""

    value: float
    low: float
    high: float
    crude: Ratio


@dataclass(frozen=True)
class Expected:
    """Deaths observed by deaths expected: the SMR, 1 where they are as many."""

    observed: float
    expected: float
    value: float
    low: float
    high: float


def direct(events: Any, population: Any, standard: Any, per: float = 100_000.0, level: float = 0.95) -> Standardised:
    """Events and population by age group [ages] under the structure of a standard population [ages] (numbers or shares).

    Raises `NoExposure` (a group without population), `NoDenominator` (an empty standard), and what `counts` raises.
    """
    from scipy.special import gammaincinv

    base = counts("population", population)
    seen, structure = counts("events", events, len(base)), counts("standard", standard, len(base))
    if not (base > 0).all():
        raise NoExposure(row=int(np.flatnonzero(base == 0)[0]) + 1)
    divided("standard population", 1.0, float(structure.sum()))
    weights = structure / structure.sum() / base
    value, variance, most = float(weights @ seen), float(weights**2 @ seen), float(weights.max())
    tail = (1 - level) / 2
    low = variance / value * float(gammaincinv(value**2 / variance, tail)) if value > 0 else 0.0
    above, spread = value + most, variance + most**2
    high = spread / above * float(gammaincinv(above**2 / spread, 1 - tail))
    crude = rate("crude rate", float(seen.sum()), float(base.sum()), per, level)
    return Standardised(per * value, per * low, per * high, crude)


def indirect(observed: float, population: Any, standard_rates: Any, level: float = 0.95) -> Expected:
    """Deaths observed beside those that the population [ages] would have at standard rates [ages] per person-year.

    Raises `NoDenominator` (no death is expected), and what `counts` raises.
    """
    base = counts("population", population)
    expected = float(base @ counts("standard rates", standard_rates, len(base)))
    [seen] = counts("observed", [observed]).tolist()
    value = divided("standardised mortality ratio", seen, expected)
    low, high = poisson_limits(seen, level)
    return Expected(seen, expected, value, low / expected, high / expected)
