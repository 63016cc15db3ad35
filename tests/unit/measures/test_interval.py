"""Intervals against published numbers and against scipy."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from quanmin.measures.interval import limits, poisson, wilson


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904), (100, 81.3640, 121.6268)],
)
def test_poisson_limits_are_the_published_ones(count: int, low: float, high: float):
    """The table of exact limits of a Poisson count (Garwood 1936; also in Breslow and Day 1987, table 2.10)."""
    found = poisson(np.array([float(count)]))
    assert (round(found[0][0], 4), round(found[1][0], 4)) == (low, high)


def test_wilson_limits_are_those_of_scipy():
    pairs = [(0, 1), (1, 1), (0, 10), (3, 10), (10, 10), (81, 263), (15, 148), (1, 29), (5000, 10000)]
    part, whole = (np.array(side, float) for side in zip(*pairs, strict=True))
    low, high = wilson(part, whole)
    for place, (a, b) in enumerate(pairs):
        expected = stats.binomtest(a, b).proportion_ci(method="wilson")
        assert low[place] == pytest.approx(expected.low, abs=1e-12) and high[place] == pytest.approx(
            expected.high, abs=1e-12
        )


def test_newcombe_1998_wilson_examples():
    """Newcombe 1998, table I, method 3: 81/263, 15/148, 0/20, 1/29."""
    low, high = wilson(np.array([81.0, 15.0, 0.0, 1.0]), np.array([263.0, 148.0, 20.0, 29.0]))
    assert np.round(low, 4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert np.round(high, 4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


def test_there_is_no_interval_without_a_denominator_or_of_an_impossible_part():
    above, below = np.array([1.0, 5.0, -1.0, 3.0]), np.array([0.0, 4.0, 4.0, math.nan])
    for kind in ("rate", "share", "ratio", "mean", "count", "balance"):
        low, high = limits(kind, above, below)
        assert math.isnan(low[0]) and math.isnan(low[2]) and math.isnan(high[3])
    assert math.isnan(limits("share", above, below)[0][1]) and not math.isnan(limits("rate", above, below)[0][1])


def test_a_ratio_turned_over_has_its_interval_turned_over():
    low, high = limits("ratio", np.array([520.0]), np.array([480.0]))
    back_low, back_high = limits("ratio", np.array([480.0]), np.array([520.0]))
    assert low[0] == pytest.approx(1 / back_high[0]) and high[0] == pytest.approx(1 / back_low[0])
