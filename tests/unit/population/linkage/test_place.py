"""Regions by their history: codes that ended are today's codes."""

from __future__ import annotations

import numpy as np
import pytest

from quanmin.population.linkage import place


@pytest.mark.parametrize(
    ("code", "expected"),
    [("110103", "110101"), ("500384", "500119"), ("110101", "110101"), ("140211", "140211"), ("x", "x")],
)
def test_a_code_that_ended_is_todays_unless_it_was_parted(code: str, expected: str) -> None:
    assert place.today(code) == expected
    if code.isdigit():
        assert place.today_number(np.array([int(code)])).tolist() == [int(expected)]


def test_numbers_that_are_no_codes_stay() -> None:
    assert place.today_number(np.array([0, -1, 110103999999])).tolist() == [0, -1, 110103999999]
