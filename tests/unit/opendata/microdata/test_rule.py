"""The measures against what their papers print."""

from __future__ import annotations

import math

import numpy as np
import pytest

from quanmin.opendata.microdata.rule import Cells


def cells(*classes: list[int], size: int) -> Cells:
    """Classes as lists of values, each value of one person."""
    triples = [(n, value, own.count(value)) for n, own in enumerate(classes) for value in sorted(set(own))]
    groups, values, weights = (np.array(part) for part in zip(*triples, strict=True))
    return Cells(groups.astype(np.int32), values.astype(np.int32), weights.astype(np.int64), len(classes), size)


def test_the_ordered_distance_is_that_of_the_paper() -> None:
    """Li, Li, Venkatasubramanian 2007, section 4: salaries of 3k to 11k; {3k,4k,5k} is at 0.375, {6k,8k,11k} at 0.167."""
    found = cells([0, 1, 2], [3, 5, 8], size=9)
    assert found.distance(np.full(9, 1 / 9), ordered=True) == pytest.approx([0.375, 1 / 6])


def test_the_equal_distance_is_half_the_sum_of_differences() -> None:
    found = cells([0, 0, 1, 1], [2, 2, 2, 0], size=4)
    whole = np.array([0.25, 0.25, 0.25, 0.25])
    assert found.distance(whole, ordered=False) == pytest.approx([0.5, 0.5])


def test_values_that_no_released_class_has_are_no_step_of_the_order() -> None:
    found = cells([0, 2], [2, 2], size=3)
    assert found.distance(np.array([0.5, 0.0, 0.5]), ordered=True) == pytest.approx([0.0, 0.5])


def test_entropy_is_told_as_so_many_equal_values() -> None:
    found = cells([0, 1, 2], [0, 0, 0, 1], size=3)
    expected = math.exp(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert found.entropy() == pytest.approx([3.0, expected])
    assert found.distinct().tolist() == [3, 2] and found.most().tolist() == [1, 3]
