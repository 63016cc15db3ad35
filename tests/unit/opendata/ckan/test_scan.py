"""Citizen numbers in what is to be published are found in the spellings of tables, and other numbers are not taken for them."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.opendata.ckan.scan import holds_numbers
from quanmin.standards.identity import citizen_number

DAYS = st.dates(date(1930, 1, 1), date(2025, 12, 31))
REGIONS = st.sampled_from(("110101", "420106", "370202", "650104", "440305"))


def number(region: str, day: date, order: int) -> str:
    """A sound number of 18 characters."""
    first = f"{region}{day:%Y%m%d}{order:03}"
    return first + citizen_number.check_character(first)


NUMBERS = st.builds(number, REGIONS, DAYS, st.integers(0, 995))
SPELLINGS = (
    lambda one: one,
    str.lower,
    lambda one: f"{one[:6]} {one[6:14]} {one[14:]}",
    lambda one: f"{one[:6]}-{one[6:10]}-{one[10:12]}-{one[12:14]}-{one[14:]}",
    lambda one: "".join(chr(ord(sign) + 0xFEE0) for sign in one),
    lambda one: "\u200b".join(one),
    lambda one: f"'{one}",
    lambda one: f'"{one}"',
    lambda one: f"身份证号{one}。",
)


@pytest.mark.parametrize("spelt", SPELLINGS)
@given(one=NUMBERS)
def test_a_number_is_found_however_it_is_spelt(spelt, one):
    assert holds_numbers(["a,b\n", f"1,{spelt(one)},x\n"])


@given(one=NUMBERS, place=st.integers(0, 17), digit=st.integers(1, 9))
def test_a_number_that_is_wrong_is_none(one, place, digit):
    last = citizen_number.CHECK_CHARACTERS.index(one[17])
    wrong = one[:17] + citizen_number.CHECK_CHARACTERS[(last + digit) % 11]
    assert not holds_numbers([wrong])
    assert not holds_numbers([f"{one}7", f"7{one}", f"{one[:17]}"])


def test_numbers_of_other_things_are_none():
    rng = random.Random(3)
    assert not holds_numbers("\n".join(f"{rng.randrange(10**15, 10**16)}" for _ in range(10_000)))
    assert not holds_numbers(["91420100MA4KXXXX0X 2026-11-28T10:00:00.123456 420106 13800138000\n"])
    assert not holds_numbers("\n".join(f"{rng.randrange(10**14, 10**15)}" for _ in range(5_000)))


def test_a_column_of_old_numbers_is_found_and_a_chance_is_not():
    start = date(1950, 1, 1)
    old = [f"420106{start + timedelta(days=97 * one):%y%m%d}{one:03}" for one in range(40)]
    assert holds_numbers(["\n".join(old)])
    assert not holds_numbers(["\n".join(old[:4])])
