"""Deaths by those who could die: crude and by age, of infants, of children under five, of mothers.

The figures per live births are those of China's health statistics and of the WHO: the deaths and the births of one period.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from quanmin.programs.vital.demography.age import AgeGroups
from quanmin.programs.vital.demography.number import counts
from quanmin.programs.vital.demography.ratio import Ratio, rate, rates_by_age
from quanmin.programs.vital.demography.separation import Sex, separation

PER_THOUSAND, PER_HUNDRED_THOUSAND = 1_000.0, 100_000.0


@dataclass(frozen=True)
class UnderFive:
    """The probability of dying before age five, and the two rates that it is made of."""

    infant: Ratio
    child: Ratio
    value: float
    """5q0, per person (0 to 1)."""


def crude_death_rate(deaths: float, population: float, level: float = 0.95) -> Ratio:
    """Deaths of a year per 1,000 of the population at its middle. Raises what `rate` raises."""
    return rate("crude death rate", deaths, population, PER_THOUSAND, level)


def death_rates(deaths: Any, population: Any, level: float = 0.95) -> tuple[Ratio, ...]:
    """Deaths per 100,000, age group by age group. Raises what `rates_by_age` raises."""
    return rates_by_age("death rate", deaths, population, PER_HUNDRED_THOUSAND, level)


def infant_mortality(deaths: float, live_births: float, level: float = 0.95) -> Ratio:
    """Deaths before the first birthday per 1,000 live births. Raises what `rate` raises."""
    return rate("infant mortality", deaths, live_births, PER_THOUSAND, level)


def neonatal_mortality(deaths: float, live_births: float, level: float = 0.95) -> Ratio:
    """Deaths in the first 28 days per 1,000 live births. Raises what `rate` raises."""
    return rate("neonatal mortality", deaths, live_births, PER_THOUSAND, level)


def under_five_mortality(deaths: float, live_births: float, level: float = 0.95) -> Ratio:
    """Deaths before the fifth birthday per 1,000 live births of the same year. Raises what `rate` raises."""
    return rate("under-five mortality", deaths, live_births, PER_THOUSAND, level)


def maternal_mortality(deaths: float, live_births: float, level: float = 0.95) -> Ratio:
    """Maternal deaths (ICD-10: during pregnancy or within 42 days of its end) per 100,000 live births.

    Raises what `rate` raises.
    """
    return rate("maternal mortality", deaths, live_births, PER_HUNDRED_THOUSAND, level)


def under_five_probability(
    infant_deaths: float, live_births: float, child_deaths: float, child_years: float, sex: Sex = "both"
) -> UnderFive:
    """5q0 = 1 - (1 - q0)(1 - 4q1): q0 by live births, 4q1 from deaths and person-years at 1-4 with the a of Coale and Demeny.

    Raises what `rate` raises.
    """
    infant = infant_mortality(infant_deaths, live_births)
    child = rate("death rate 1-4", child_deaths, child_years, PER_HUNDRED_THOUSAND)
    q0 = min(infant.numerator / infant.denominator, 1.0)
    m = np.array([[q0, child.numerator / child.denominator, 1.0]])
    a = float(separation(m, AgeGroups.abridged(5), [sex], infant=counts("infant", [q0]))[0, 1])
    q1 = min(4 * m[0, 1] / (1 + (4 - a) * m[0, 1]), 1.0)
    return UnderFive(infant, child, float(1 - (1 - q0) * (1 - q1)))
