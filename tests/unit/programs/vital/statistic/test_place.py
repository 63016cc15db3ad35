"""Where something counts on a day: merged, split, later and unknown divisions."""

from __future__ import annotations

from datetime import date

import pytest

from quanmin.programs.vital.statistic.place import area, placed, within
from quanmin.standards.region import NATION, Region, RegionTable, stem

MERGED = date(2014, 12, 31)
TABLE = RegionTable(
    lambda: [
        Region("130000", "province", "province", None, None),
        Region("130100", "city", "city", None, None),
        Region("130101", "old", "county", None, MERGED, ("130102",)),
        Region("130102", "middle", "county", date(2015, 1, 1), date(2015, 12, 31), ("130103",)),
        Region("130103", "new", "county", date(2016, 1, 1), None),
        Region("130104", "split", "county", None, MERGED, ("130105", "130106")),
        Region("130105", "half", "county", date(2015, 1, 1), None),
        Region("130106", "half", "county", date(2015, 1, 1), None),
        Region("830000", "residents", "province", None, None, (), True),
    ]
)


@pytest.mark.parametrize(
    ("code", "day", "expected"),
    [
        ("130101", MERGED, "130101"),
        ("130101", date(2015, 6, 30), "130102"),
        ("130101", date(2016, 6, 30), "130103"),
        ("130103", date(2010, 6, 30), "130101"),
        ("130104", date(2015, 6, 30), "130100"),
        ("130105", date(2010, 6, 30), "130104"),
        ("130199", date(2015, 6, 30), "130100"),
        ("139999", date(2015, 6, 30), "130000"),
        ("830000", date(2015, 6, 30), NATION),
        ("99", date(2015, 6, 30), NATION),
        (None, date(2015, 6, 30), NATION),
    ],
)
def test_a_code_counts_in_the_division_that_holds(code: str | None, day: date, expected: str) -> None:
    assert placed(code, day, TABLE) == expected


def test_a_county_merged_during_the_year_counts_in_its_successor_of_the_real_table() -> None:
    assert placed("130323", date(2015, 12, 31)) == "130323"
    assert placed("130323", date(2016, 12, 31)) == "130306"
    assert placed("130223", date(2019, 12, 31)) == "130284"


@pytest.mark.parametrize(
    ("code", "region", "expected"),
    [
        ("130102", NATION, "130000"),
        ("130102", "130000", "130100"),
        ("130102", "130100", "130102"),
        ("130102", "130102", "130102"),
        ("130000", "130000", "130000"),
        ("130100", "130000", "130100"),
        (NATION, NATION, NATION),
    ],
)
def test_the_area_is_the_division_right_below(code: str, region: str, expected: str) -> None:
    assert area(code, region) == expected
    assert within(code, region)


def test_what_is_within() -> None:
    assert (stem(NATION), stem("130000"), stem("130100"), stem("130102")) == ("", "13", "1301", "130102")
    assert not within("140000", "130000")
