"""Births by mothers' age: rates, totals, reproduction, timing, sex and order.

TFR = width · sum of the rates; GRR counts daughters only; NRR lets the women die by a life table (Preston, Heuveline &
Guillot 2001, chapter 5). Births to younger or older mothers belong to the first and last group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from quanmin.programs.vital.demography.errors import NoExposure
from quanmin.programs.vital.demography.life_table import LifeTable
from quanmin.programs.vital.demography.number import Floats, counts, divided
from quanmin.programs.vital.demography.ratio import Ratio, share
from quanmin.programs.vital.demography.years_lived import years_lived

FIRST_AGE, LAST_AGE = 15, 49


@dataclass(frozen=True)
class Fertility:
    """Rates per woman and year, by groups of `width` years from `first_age` on."""

    first_age: int
    width: int
    births: tuple[float, ...]
    women: tuple[float, ...]
    rates: tuple[float, ...]

    @property
    def total(self) -> float:
        """TFR: children of a woman who lives through these rates."""
        return self.width * sum(self.rates)

    @property
    def mean_age(self) -> float:
        """The mean age at childbearing in years, free of the women's age structure. Raises `NoDenominator` without births."""
        middles = (self.first_age + self.width * (place + 0.5) for place in range(len(self.rates)))
        above = sum(age * rate for age, rate in zip(middles, self.rates, strict=True))
        return divided("mean age at childbearing", above, sum(self.rates))

    @property
    def general(self) -> Ratio:
        """GFR: births per 1,000 women of these ages."""
        return share("general fertility rate", sum(self.births), sum(self.women), 1_000.0)

    def gross_reproduction(self, girls: float) -> float:
        """GRR; `girls` is the share of girls among births (0 to 1)."""
        return self.total * girls

    def net_reproduction(self, girls: float, table: LifeTable) -> float:
        """NRR: daughters who replace a woman, where women die as in `table`. Raises `AgesShort` where it has other groups."""
        lived = years_lived(table, self.first_age, self.width, len(self.rates))
        return girls * float(np.array(self.rates) @ lived)


@dataclass(frozen=True)
class BirthOrder:
    """Births by order: first, second and so on, the last with all higher ones; `unknown` are in no share."""

    births: tuple[float, ...]
    unknown: float
    shares: tuple[Ratio, ...]


def fertility(births: Any, women: Any, width: int = 5, first_age: int = FIRST_AGE) -> Fertility:
    """Of births of a year and women at its middle (or person-years), by age group [ages].

    Raises `NoExposure` (a group without women), and what `counts` raises.
    """
    below = counts("women", women)
    above = counts("births", births, len(below))
    if not (below > 0).all():
        raise NoExposure(row=int(np.flatnonzero(below == 0)[0]) + 1)
    return Fertility(first_age, width, _tuple(above), _tuple(below), _tuple(above / below))


def from_pattern(total: float, percent: Any, width: int = 5, first_age: int = FIRST_AGE) -> Fertility:
    """Rates of a known TFR and its age pattern in percent [ages], as the United Nations publish them; of one woman each group.

    Raises `NoDenominator` (an empty pattern), and what `counts` raises.
    """
    pattern = counts("percent", percent)
    [known] = counts("total", [total]).tolist()
    divided("age pattern", 1.0, float(pattern.sum()))
    rates = _tuple(known * pattern / pattern.sum() / width)
    return Fertility(first_age, width, rates, (1.0,) * len(rates), rates)


def sex_ratio_at_birth(boys: float, girls: float, level: float = 0.95) -> Ratio:
    """Boys per 100 girls, with the exact limits of the share of boys (Clopper & Pearson 1934). Raises what `share` raises."""
    from scipy.special import betaincinv

    found, tail = share("sex ratio at birth", boys, girls), (1 - level) / 2
    low = float(betaincinv(found.numerator, found.denominator + 1, tail)) if found.numerator > 0 else 0.0
    high = float(betaincinv(found.numerator + 1, found.denominator, 1 - tail))
    return Ratio(found.numerator, found.denominator, 100.0, 100 * low / (1 - low), 100 * high / (1 - high))


def birth_order(births: Sequence[float], unknown: float = 0.0) -> BirthOrder:
    """Shares in percent of births by order, of those whose order is known. Raises what `share` and `counts` raise."""
    found = _tuple(counts("births", births))
    shares = tuple(share("birth order", one, sum(found)) for one in found)
    [others] = counts("unknown", [unknown]).tolist()
    return BirthOrder(found, others, shares)


def _tuple(values: Floats) -> tuple[float, ...]:
    return tuple(values.tolist())
