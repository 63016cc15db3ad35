"""Years of life lost to deaths: potential years before a limit, and years by a reference life expectancy.

PYLL counts, for each death below the limit, the years from the middle of its age group to the limit (Romeder & McWhinnie 1977).
YLL counts the years that a reference still gives at that age (Murray 1996; without discount or age weights, as the Global
Burden of Disease since 2010 and the WHO's Global Health Estimates do); the reference is data that the caller brings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from quanmin.programs.vital.demography.age import AgeGroups
from quanmin.programs.vital.demography.number import Floats, counts


@dataclass(frozen=True)
class LostYears:
    """Years lost in all and by age group; `deaths` are those that counted."""

    value: float
    by_age: tuple[float, ...]
    deaths: float


def potential_years(ages: AgeGroups, deaths: Any, limit: int = 70) -> LostYears:
    """PYLL before `limit` (70 or 75 in use). A group that the limit divides counts to its own middle.

    Raises what `counts` raises.
    """
    died = counts("deaths", deaths, len(ages))
    lost = np.where(np.array(ages.starts) < limit, np.maximum(limit - _middles(ages, float(limit)), 0.0), 0.0)
    return LostYears(float(died @ lost), tuple((died * lost).tolist()), float(died[lost > 0].sum()))


def lost_years(
    ages: AgeGroups, deaths: Any, reference_ages: Any, reference_years: Any, open_age: float | None = None
) -> LostYears:
    """YLL by a reference: years that it gives at exact ages, straight between them and as its last value beyond.

    Deaths count at the middle of their group; those of the open group at `open_age` (default: its first age).
    Raises what `counts` raises, and `OtherShape` where the reference is not one value an age.
    """
    died, at = counts("deaths", deaths, len(ages)), counts("reference ages", reference_ages)
    years = counts("reference years", reference_years, len(at))
    middles = _middles(ages, open_age if open_age is not None else float(ages.starts[-1]))
    lost = np.interp(middles, at, years)
    return LostYears(float(died @ lost), tuple((died * lost).tolist()), float(died.sum()))


def _middles(ages: AgeGroups, open_age: float) -> Floats:
    middles = np.array(ages.starts, np.float64)
    middles[:-1] += ages.widths[:-1] / 2
    middles[-1] = open_age
    return middles
