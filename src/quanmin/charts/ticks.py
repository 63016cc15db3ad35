"""Axes: round ticks over what there is, and where a value stands between two ends of the sheet."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

LARGEST, _LEAST = 1e300, 1e-290
_STEPS = (1, 2, 2.5, 5, 10)


class Scale(NamedTuple):
    """Values from `low` to `high` drawn from `start` to `end` (pixels); what lies outside is drawn at the end."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        low, high, start, end = self
        value = low if value < low else high if value > high else value
        return round(start + (end - start) * ((value - low) / (high - low)), 1)


class Ticks(NamedTuple):
    """Round numbers that span the values: the first at or below the least of them, the last at or above the greatest."""

    low: float
    high: float
    at: tuple[float, ...]

    def scale(self, start: float, end: float) -> Scale:
        """Where the values stand between two places."""
        return Scale(self.low, self.high, start, end)


def ticks(values: Iterable[float], about: int = 5, zero: bool = True, whole: bool = False) -> Ticks:
    """About so many steps of 1, 2, 2.5 or 5 times a power of ten; over nothing from 0 to 1; `whole` has no parts of 1."""
    found = [min(max(value, -LARGEST), LARGEST) for value in values]
    if zero or not found:
        found.append(0.0)
    low, high = min(found), max(found)
    if high - low < max(_LEAST, abs(high) * 1e-12):
        low, high = (low, low + 1.0) if low == 0 else sorted((low * 0.9, low * 1.1))
    step, digits = _step((high - low) / about, whole)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    last = max(last, first + 1)
    at = tuple(round(place * step, digits) + 0.0 for place in range(first, last + 1))
    return Ticks(at[0], at[-1], at)


def _step(raw: float, whole: bool) -> tuple[float, int]:
    """The round step at or above `raw`, and the decimals that its multiples need."""
    power = math.floor(math.log10(raw))
    part = raw / 10.0**power
    step = next(one for one in _STEPS if one >= part - 1e-9) * 10.0**power
    if whole and step != round(step):
        step = 5.0 if step > 2 else 1.0
    return step, max(0, 2 - power) if power < 15 else 0
