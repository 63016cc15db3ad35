"""The lunar calendar: days that almanacs tell, there and back, leap months, and what lies outside."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.population.linkage import lunar

NEW_YEARS = [
    "1900-01-31",
    "1949-01-29",
    "1971-01-27",
    "1988-02-17",
    "2000-02-05",
    "2020-01-25",
    "2024-02-10",
    "2033-01-31",
]


@pytest.mark.parametrize("day", NEW_YEARS)
def test_new_year_is_the_first_day_of_the_first_month(day: str) -> None:
    assert lunar.lunar(day) == f"{day[:4]}-01-01"
    assert lunar.solar(f"{day[:4]}-01-01") == day


@pytest.mark.parametrize(
    ("solar", "other"),
    [
        ("1971-04-02", "1971-03-07"),
        ("2023-09-29", "2023-08-15"),
        ("2024-02-09", "2023-12-30"),
        ("1933-07-23", "1933-06-01"),
    ],
)
def test_days_that_almanacs_tell(solar: str, other: str) -> None:
    assert lunar.lunar(solar) == other
    assert lunar.solar(other) == solar


def test_a_day_of_a_leap_month_is_told_as_that_of_its_namesake() -> None:
    assert lunar.lunar("2020-05-23") == "2020-04-01" == lunar.lunar("2020-04-23")
    assert lunar.solar("2020-04-01") == "2020-04-23"


@given(st.dates(dt.date(1900, 1, 31), dt.date(2099, 12, 31)))
def test_there_and_back_but_for_leap_months(day: dt.date) -> None:
    told = lunar.lunar(day.isoformat())
    assert told is not None
    back = lunar.solar(told)
    assert back is not None and (day - dt.date.fromisoformat(back)).days in (0, 29, 30)


@pytest.mark.parametrize("text", ["1899-12-31", "2024-02-31", "2024-01-30", "2150-01-01"])
def test_what_is_no_lunar_day_has_no_solar_one(text: str) -> None:
    assert lunar.solar(text) is None


def test_days_before_and_behind_the_table_have_no_lunar_one() -> None:
    assert lunar.lunar("1900-01-30") is None
    assert lunar.lunar("2101-01-01") is None
