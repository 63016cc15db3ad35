"""Whether ages were stated or guessed: preference for digits in single years of age.

Whipple: five times the people whose age ends in 0 or 5 at 25 to 60, by all of 23 to 62; 1 without preference, 5 where every
age ends so (United Nations 1955, Manual II). Myers (1940): the ten final digits, blended so that each stands for the same
population: the sum over 10-79 weighs digit + 1, that over 20-89 weighs 9 - digit; half of the deviations from 10 %.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from quanmin.programs.vital.demography.errors import AgesShort
from quanmin.programs.vital.demography.number import Floats, counts, divided
from quanmin.text import Text

GRADES = (
    (1.05, Text("非常准确", "highly accurate")),
    (1.10, Text("较准确", "fairly accurate")),
    (1.25, Text("大致可用", "approximate")),
    (1.75, Text("粗糙", "rough")),
)
"""The classes of the United Nations by Whipple's index, each below its limit; from the last on ages are very rough."""


@dataclass(frozen=True)
class Whipple:
    """`value` is 1 without preference; often told as 100 times that."""

    value: float
    heaped: float
    base: float

    @property
    def grade(self) -> Text:
        """What the index says of the ages."""
        return next((name for limit, name in GRADES if self.value < limit), Text("很粗糙", "very rough"))


@dataclass(frozen=True)
class Myers:
    """`value` from 0 (none) to 90 (all ages end in one digit); `shares` in percent by final digit 0 to 9."""

    value: float
    shares: tuple[float, ...]


def whipple(population: Any) -> Whipple:
    """Of the population by single years of age from 0 on [ages].

    Raises `AgesShort`, `NoDenominator` (nobody of 23 to 62), and what `counts` raises.
    """
    found = _single(population, "Whipple", 23, 62)
    heaped, base = float(found[25:61:5].sum()), float(found[23:63].sum())
    return Whipple(divided("Whipple", 5 * heaped, base), heaped, base)


def myers(population: Any) -> Myers:
    """Of the population by single years of age from 0 on [ages], 10 to 89.

    Raises `AgesShort`, `NoDenominator` (nobody there), and what `counts` raises.
    """
    found = _single(population, "Myers", 10, 89)
    digit = np.arange(10)
    younger = found[10:80].reshape(7, 10).sum(axis=0)
    older = found[20:90].reshape(7, 10).sum(axis=0)
    blended = (digit + 1) * younger + (9 - digit) * older
    divided("Myers", 1.0, float(blended.sum()))
    shares = 100 * blended / blended.sum()
    return Myers(float(np.abs(shares - 10).sum() / 2), tuple(shares.tolist()))


def _single(population: Any, name: str, first: int, last: int) -> Floats:
    found = counts("population", population)
    if len(found) <= last:
        raise AgesShort(name=name, first=first, last=last)
    return found
