"""95 % intervals of figures: exact Poisson for rates, Wilson for shares, Wilson carried over to the odds for ratios of counts.

Sources: Garwood 1936 (the Poisson interval by chi-square quantiles); Wilson 1927. A ratio a : b of two independent counts is the
odds of a share a / (a + b), so its interval is the odds of the Wilson limits.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanmin.standards.indicator import IndicatorKind

Numbers = NDArray[np.float64]
LEVEL = 0.95
Z = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


def limits(kind: IndicatorKind, above: Numbers, below: Numbers) -> tuple[Numbers, Numbers]:
    """Lower and upper limit of above / below, nan where there is none (a mean, a balance, a count, a denominator of 0)."""
    with np.errstate(all="ignore"):
        match kind:
            case "rate":
                low, high = poisson(above)
                low, high = low / below, high / below
            case "share":
                low, high = wilson(above, below)
            case "ratio":
                low, high = wilson(above, above + below)
                low, high = low / (1 - low), high / (1 - high)
            case _:
                low, high = np.full_like(above, math.nan), np.full_like(above, math.nan)
    told = (below > 0) & np.isfinite(low) & np.isfinite(high)
    return np.where(told, low, math.nan), np.where(told, high, math.nan)


def poisson(counts: Numbers) -> tuple[Numbers, Numbers]:
    """Exact limits of the mean of a Poisson count; nan for a count below 0."""
    from scipy.special import chdtri

    distinct, places = np.unique(counts, return_inverse=True)
    tail = (1 - LEVEL) / 2
    ok = np.where(distinct >= 0, distinct, math.nan)
    low = np.where(ok > 0, chdtri(2 * np.maximum(ok, 0.5), 1 - tail) / 2, 0.0)
    high = chdtri(2 * ok + 2, tail) / 2
    low = np.where(np.isnan(ok), math.nan, low)
    found: tuple[Any, Any] = low[places].reshape(counts.shape), high[places].reshape(counts.shape)
    return found


def wilson(part: Numbers, whole: Numbers) -> tuple[Numbers, Numbers]:
    """Wilson's limits of a share; nan where the part is not within the whole."""
    ok = (whole > 0) & (part >= 0) & (part <= whole)
    whole = np.where(ok, whole, math.nan)
    share, square = part / whole, Z * Z / whole
    middle = (share + square / 2) / (1 + square)
    half = Z / (1 + square) * np.sqrt(share * (1 - share) / whole + square / whole / 4)
    low, high = np.where(part == 0, 0.0, middle - half), np.where(part == whole, 1.0, middle + half)
    return np.where(ok, low, math.nan), np.where(ok, high, math.nan)
