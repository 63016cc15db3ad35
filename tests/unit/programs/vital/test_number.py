"""Numbers and editions."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.programs.vital import edition, number
from quanmin.programs.vital.errors import BadNumber, BadRange, UnknownEdition
from quanmin.programs.vital.number import Span

TEXTS = st.from_regex(r"[A-Z][0-9]{9}", fullmatch=True)


@given(TEXTS)
def test_a_number_is_read_as_it_is_written(text: str) -> None:
    key = number.key(f" {text[:4].lower()} {text[4:]} ")
    assert number.text(key) == text
    assert (number.letter(key), number.province(key)) == (text[0], text[1:3])


@given(TEXTS, TEXTS)
def test_keys_are_in_the_order_of_the_numbers(one: str, other: str) -> None:
    assert (number.key(one) < number.key(other)) == (one < other)


@pytest.mark.parametrize(
    "text", ["", "E37000000", "E3700000011", "3370000001", "EE37000001", "E37000000O", "é370000001"]
)
def test_what_is_no_number_is_told_without_repeating_it(text: str) -> None:
    with pytest.raises(BadNumber) as refused:
        number.key(text)
    assert text == "" or text not in str(refused.value)


@pytest.mark.parametrize(
    ("first", "last"), [("E370000002", "E370000001"), ("E370000001", "F370000002"), ("E379999999", "E380000000")]
)
def test_a_run_has_one_letter_and_province_and_goes_up(first: str, last: str) -> None:
    with pytest.raises(BadRange):
        number.span(first, last)


@given(st.sets(st.integers(0, 60)))
def test_runs_hold_just_the_numbers(keys: set[int]) -> None:
    runs = number.spans(list(keys))
    assert [one for run in runs for one in range(run.first, run.last + 1)] == sorted(keys)
    assert all(one.last + 1 < other.first for one, other in pairwise(runs))
    assert sum(run.size for run in runs) == len(keys)
    assert all((at in Span(10, 20)) == (10 <= at <= 20) for at in keys)


@pytest.mark.parametrize(
    ("day", "of"),
    [
        (date(1996, 1, 1), 1),
        (date(2004, 11, 30), 3),
        (date(2004, 12, 1), 4),
        (date(2015, 3, 2), 5),
        (date(2023, 3, 31), 6),
        (date(2023, 4, 1), 7),
        (date(2026, 11, 29), 7),
    ],
)
def test_each_day_has_its_edition(day: date, of: int) -> None:
    assert edition.on(day).number == of


def test_there_is_no_edition_before_the_first_nor_an_eighth() -> None:
    for asked in (lambda: edition.on(date(1995, 12, 31)), lambda: edition.edition(8), lambda: edition.edition(0)):
        with pytest.raises(UnknownEdition):
            asked()
