"""One figure with what is above and below its line, and how sure it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from quanmin.programs.vital.demography.errors import NoExposure
from quanmin.programs.vital.demography.number import counts, divided


@dataclass(frozen=True)
class Ratio:
    """`value` = `per` · `numerator` / `denominator`, with limits of the same unit where they are known."""

    numerator: float
    denominator: float
    per: float
    low: float | None = None
    high: float | None = None

    @property
    def value(self) -> float:
        """The figure."""
        return self.per * self.numerator / self.denominator


def poisson_limits(events: float, level: float = 0.95) -> tuple[float, float]:
    """Exact limits of the mean of a Poisson count (Garwood 1936)."""
    from scipy.special import gammaincinv

    tail = (1 - level) / 2
    low = float(gammaincinv(events, tail)) if events > 0 else 0.0
    return low, float(gammaincinv(events + 1, 1 - tail))


def rate(name: str, events: float, base: float, per: float, level: float = 0.95) -> Ratio:
    """Events by their base, with exact Poisson limits.

    Raises `NoDenominator`, or `NotANumber` and `NegativeNumber` for the first (events) or second (base) value.
    """
    above, below = counts(name, [events, base]).tolist()
    divided(name, above, below)
    low, high = poisson_limits(above, level)
    return Ratio(above, below, per, per * low / below, per * high / below)


def share(name: str, part: float, whole: float, per: float = 100.0) -> Ratio:
    """A part of a whole, without limits. Raises what `rate` raises."""
    above, below = counts(name, [part, whole]).tolist()
    divided(name, above, below)
    return Ratio(above, below, per)


def rates_by_age(name: str, events: Any, base: Any, per: float, level: float = 0.95) -> tuple[Ratio, ...]:
    """One rate for each age group. Raises `NoExposure` with the number of the group, and what `counts` raises."""
    below = counts(name, base)
    above = counts(name, events, len(below))
    if not (below > 0).all():
        raise NoExposure(row=int(np.flatnonzero(below == 0)[0]) + 1)
    return tuple(rate(name, one, other, per, level) for one, other in zip(above.tolist(), below.tolist(), strict=True))
