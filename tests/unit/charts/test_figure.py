"""Figures as they are written: 万 and 亿, M and B, whole where they are exact, and never a number where there is none."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.charts import COUNT, HIDDEN, NUMBER, SHARE, Unit, exact, known, scaled
from quanmin.charts.ticks import ticks


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (0, "0", "0"),
        (7, "7", "7"),
        (9_999, "9,999", "9,999"),
        (10_000, "1万", "10,000"),
        (12_345, "1.234万", "12,345"),
        (999_999, "100万", "999,999"),
        (1_000_000, "100万", "1M"),
        (1_234_567, "123.5万", "1.235M"),
        (99_999_999, "1亿", "100M"),
        (100_000_000, "1亿", "100M"),
        (1_411_780_000, "14.12亿", "1.412B"),
        (999_999_999_999, "1万亿", "1T"),
        (2.5e12, "2.5万亿", "2.5T"),
        (9.9e15, "9900万亿", "9900T"),
        (1e18, "1e+18", "1e+18"),
        (-25_000, "-2.5万", "-25,000"),
        (-3_000_000, "-300万", "-3M"),
        (0.25, "0.25", "0.25"),
        (0.0004, "0.0004", "0.0004"),
    ],
)
def test_numbers_are_scaled_as_each_language_counts(value: float, zh: str, en: str) -> None:
    assert (scaled(value, "zh"), scaled(value, "en")) == (zh, en)


SIZES = {"万亿": 1e12, "亿": 1e8, "万": 1e4, "T": 1e12, "B": 1e9, "M": 1e6, "%": 0.01}


def size_of(words: str) -> float:
    return next((size for sign, size in SIZES.items() if words.endswith(sign)), 1.0)


@given(st.floats(-1e15, 1e15), st.sampled_from(["zh", "en"]))
def test_a_scaled_number_reads_back_within_a_thousandth(value: float, language: str) -> None:
    words = scaled(value, language)
    back = float(words.rstrip("".join(SIZES)).replace(",", "")) * size_of(words)
    assert math.isclose(back, value, rel_tol=1e-3, abs_tol=5e-3 + 1e-9)
    assert "e" not in words or abs(value) < 0.01


@pytest.mark.parametrize(
    ("value", "words"),
    [(1234567.0, "1,234,567"), (0.5, "0.5"), (2.005, "2"), (-0.0, "0"), (-1e-12, "-1e-12"), (1e300, "1e+300")],
)
def test_exact_numbers_have_separators_and_no_digits_that_say_nothing(value: float, words: str) -> None:
    assert exact(value) == words


def test_units_write_counts_shares_and_numbers() -> None:
    assert COUNT.short(1_250_000, "zh") == "125万" and COUNT.exact(1_250_000, "zh") == "1,250,000"
    assert (SHARE.short(0.25, "en"), SHARE.exact(1, "en"), SHARE.tick(0.25, "en")) == ("25.0%", "100.0%", "25%")
    assert (NUMBER.short(3, "en"), Unit("number", 4, 3).short(0.98, "en")) == ("3.00", "0.980")
    assert Unit("number", 4, 3).exact(0.98, "en") == "0.9800"
    assert (NUMBER.short(-0.001, "en"), SHARE.short(-0.0001, "en")) == ("0.00", "0.0%"), "a zero has no sign"
    assert COUNT.exact(10**400, "en") == "no data" and SHARE.exact(1e300, "zh") == "1e+300"


@pytest.mark.parametrize("unit", [COUNT, SHARE, NUMBER])
def test_ticks_have_every_decimal_that_they_need(unit: Unit) -> None:
    for low, high in ((0, 0.1), (97, 97.1), (0, 3.7e-7), (12_500, 12_510), (1e8, 1.0002e8), (-0.03, 0.01)):
        for language in ("zh", "en"):
            at = ticks([low, high], zero=False).at
            words = [unit.tick(one, language) for one in at]
            read = [float(one.rstrip("".join(SIZES)).replace(",", "")) * size_of(one) for one in words]
            assert read == pytest.approx(list(at), rel=1e-9, abs=1e-12), words


@pytest.mark.parametrize("unit", [COUNT, SHARE, NUMBER])
def test_what_is_hidden_or_lacks_is_never_a_number(unit: Unit) -> None:
    for write in (unit.exact, unit.short):
        assert (write(HIDDEN, "zh"), write(HIDDEN, "en")) == ("不公布", "not told")
        for nothing in (None, math.nan, math.inf, -math.inf):
            assert (write(nothing, "zh"), write(nothing, "en")) == ("无数据", "no data")


def test_only_finite_numbers_are_known() -> None:
    assert [known(one) for one in (3, 2.5, True, 0)] == [3.0, 2.5, 1.0, 0.0]
    assert {known(one) for one in (None, HIDDEN, math.nan, math.inf, 10**400)} == {None}
