"""Ticks are round, span what there is, and are few; places on the sheet are in order."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from quanmin.charts.breadth import breadth, wrap
from quanmin.charts.ticks import ticks

NUMBERS = st.floats(-1e12, 1e12).filter(lambda x: x == 0 or abs(x) > 1e-9)


def test_ticks_are_the_round_numbers_that_a_person_would_choose() -> None:
    assert ticks([93]).at == (0, 20, 40, 60, 80, 100)
    assert ticks([1_250_000], 4).at == (0, 500_000, 1_000_000, 1_500_000)
    assert ticks([-8.5, 5], 4).at == (-10, -5, 0, 5)
    assert ticks([0.3, 0.9]).at == (0, 0.2, 0.4, 0.6, 0.8, 1.0)
    assert ticks([97, 98.5], zero=False).at == (97, 97.5, 98, 98.5)
    assert ticks([9], 4, whole=True).at == (0, 5, 10)
    assert ticks([2], whole=True).at == (0, 1, 2)
    assert ticks([]).at == (0, 0.2, 0.4, 0.6, 0.8, 1.0)


@given(st.lists(NUMBERS, max_size=8), st.booleans(), st.booleans(), st.integers(3, 6))
def test_ticks_span_the_values_in_few_even_steps(values: list[float], zero: bool, whole: bool, about: int) -> None:
    found = ticks(values, about, zero, whole)
    slack = 1e-6 * max([abs(v) for v in values], default=1)
    assert found.low <= min(values, default=0) + slack and found.high >= max(values, default=0) - slack
    assert 2 <= len(found.at) <= about + 3
    steps = [b - a for a, b in zip(found.at, found.at[1:], strict=False)]
    assert all(math.isclose(step, steps[0], rel_tol=1e-6) for step in steps)
    assert not zero or 0 in found.at
    assert not whole or all(at == round(at) for at in found.at)
    place = found.scale(10, 370)
    places = [place(at) for at in found.at]
    assert places == sorted(places) and (places[0], places[-1]) == (10, 370)


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=6), st.booleans(), st.booleans())
def test_no_number_is_too_large_or_too_small(values: list[float], zero: bool, whole: bool) -> None:
    found = ticks(values, 5, zero, whole)
    place = found.scale(0, 100)
    assert found.low < found.high and all(0 <= place(value) <= 100 for value in values)


@given(st.text(max_size=60), st.integers(12, 300))
def test_lines_hold_all_words_and_none_is_broader_than_it_may_be(words: str, most: int) -> None:
    lines = wrap(words, most)
    assert "".join("".join(lines).split()) == "".join(words.split())
    assert all(breadth(line) <= most or len(line) == 1 for line in lines)


def test_lines_break_at_spaces_and_between_ideographs() -> None:
    assert wrap("Whole population record", 100) == ["Whole", "population", "record"]
    assert wrap("全员人口信息登记（含流动）", 72) == ["全员人口信息", "登记（含流", "动）"]
    assert wrap("人口库GB/T 2260代码", 60) == ["人口库", "GB/T", "2260代码"]
    assert wrap("", 50) == [""]
