"""Small counts: what is hidden, and that nothing that is told gives it away."""

from __future__ import annotations

import itertools

import pytest

from quanmin.programs.vital.statistic.hiding import FINEST, LEVELS, hidden, hidden_together, level, summed


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([20, 30, 40], []),
        ([0, 30, 40], []),
        ([3, 30, 40], [0, 1]),
        ([3, 4, 40], [0, 1, 2]),
        ([8, 4, 40], [0, 1]),
        ([3], [0]),
    ],
)
def test_a_small_cell_is_hidden_with_another(counts: list[int], expected: list[int]) -> None:
    assert [place for place, off in enumerate(hidden(counts, 10)) if off] == expected


def test_nothing_is_hidden_without_a_minimum() -> None:
    assert not hidden([1, 2, 3], 0).any()


def test_a_year_hidden_alone_hides_the_sum_of_the_years_too() -> None:
    years = [[20, 20, 50], [3, 20, 50], [20, 20, 50]]
    assert hidden(years[1], 10).tolist() == [True, True, False]
    assert hidden_together(years, 10).tolist() == [True, True, False]
    assert not hidden_together([[20, 20, 50]] * 3, 10).any()


def test_levels_are_nested_so_that_two_of_them_never_tell_more() -> None:
    for fine, coarse in itertools.pairwise(LEVELS):
        assert set(coarse) < set(fine)


def test_ages_are_joined_until_each_sex_has_enough() -> None:
    enough = [[[10] * len(FINEST)] * 2]
    assert level(enough, 10) == FINEST
    one_small = [[[10] * len(FINEST), [*([10] * 5), 4, *([10] * 13)]]]
    assert level(one_small, 10) == LEVELS[1]
    assert level([[[1] * len(FINEST)] * 2], 10) == LEVELS[-1]
    assert level([[[0] * 18 + [3]] * 2], 10) == ()
    assert level([[[0] * len(FINEST)] * 2], 10) == FINEST


def test_one_coarse_year_makes_the_years_together_coarse() -> None:
    fine, coarse = [[10] * len(FINEST)] * 2, [[10] * len(FINEST), [*([10] * 5), 4, *([10] * 13)]]
    assert level([fine, fine], 10) == FINEST
    assert level([fine, coarse], 10) == LEVELS[1]


def test_sums_of_groups() -> None:
    assert summed(list(range(len(FINEST))), (0, 55, 75)).tolist() == [sum(range(12)), sum(range(12, 16)), 16 + 17 + 18]
