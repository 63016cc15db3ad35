"""How complete the registration of deaths is: the generalised growth balance of two counts of a closed population.

At each age a: entries b(a+) - growth r(a+) = intercept + slope · d(a+), where d is the rate of registered deaths above a.
The slope is that of the line through the means by the ratio of standard deviations; registered deaths are 1/slope of all, in
proportion to the mean coverage of both counts; exp(intercept · years) is the first count's coverage by that of the second.
Brass (1975), Hill (1987), Hill, You & Choi (2009). Migration and age misstatement bend the line: look at its points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanmin.programs.vital.demography.errors import NoLine
from quanmin.programs.vital.demography.number import Floats, counts
from quanmin.text import Text

WIDTH = 5


@dataclass(frozen=True)
class Point:
    """One age of the line: `x` the death rate above it, `y` entries less growth, both per person-year; `used` in the line."""

    age: int
    x: float
    y: float
    used: bool


@dataclass(frozen=True)
class GrowthBalance:
    """The line and what it says."""

    points: tuple[Point, ...]
    slope: float
    intercept: float
    completeness: float
    """Registered deaths by all deaths; above 1 more were registered than the counts allow."""
    relative_coverage: float
    """Coverage of the first count by that of the second."""

    def line(self, x: float) -> float:
        """The height of the line at a death rate."""
        return self.intercept + self.slope * x


def growth_balance(
    first: Any, second: Any, deaths: Any, years: float, first_age: int = 5, last_age: int = 75
) -> GrowthBalance:
    """Of two counts `years` apart and all deaths between, in five-year groups from 0-4 on, the last one open [ages].

    Raises `NoLine` (a group with nobody, no deaths, fewer than three ages, no time between), and what `counts` raises.
    """
    before = counts("first count", first)
    after, died = counts("second count", second, len(before)), counts("deaths", deaths, len(before))
    if not years > 0:
        raise NoLine(rule=Text("两次人口数之间没有时间", "no time between the counts"))
    ages, x, y = _points(before, after, died, years)
    needed = WIDTH * np.arange(len(before)) <= last_age
    if not (before[needed] * after[needed] > 0).all() or ages.max(initial=0) < min(last_age, WIDTH * (len(before) - 1)):
        raise NoLine(rule=Text("有年龄组人数为 0", "a group with nobody"))
    used = (ages >= first_age) & (ages <= last_age)
    if used.sum() < 3:
        raise NoLine(rule=Text("年龄少于三个", "fewer than three ages"))
    spread = float(x[used].std(ddof=1))
    if not spread > 0:
        raise NoLine(rule=Text("各年龄死亡率相同", "one death rate at all ages"))
    slope = float(y[used].std(ddof=1)) / spread
    if not slope > 0:
        raise NoLine(rule=Text("各年龄增长相同", "one growth at all ages"))
    intercept = float(y[used].mean()) - slope * float(x[used].mean())
    found = zip(ages.tolist(), x.tolist(), y.tolist(), used.tolist(), strict=True)
    return GrowthBalance(tuple(Point(*one) for one in found), slope, intercept, 1 / slope, math.exp(intercept * years))


def _points(before: Floats, after: Floats, died: Floats, years: float) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The ages 5, 10 and so on that somebody lived beyond, the death rates above them, and entries less growth."""
    first, second, deaths = (np.cumsum(one[::-1])[::-1][1:] for one in (before, after, died))
    there = (first > 0) & (second > 0)
    lived = years * np.sqrt(first * second)[there]
    entries = years * (np.sqrt(before[:-1] * after[1:]) / WIDTH)[there]
    growth = np.log(second[there] / first[there]) / years
    return WIDTH * np.arange(1, len(before))[there], deaths[there] / lived, entries / lived - growth
