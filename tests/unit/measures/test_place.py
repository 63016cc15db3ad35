"""Where an event counts when divisions change."""

from __future__ import annotations

from datetime import date

import pytest

from quanmin import standards
from quanmin.measures.place import Places
from quanmin.standards.region import Region, RegionTable, level_of

DAY = date(2015, 12, 31)


def row(code: str, start: date | None = None, end: date | None = None, after: str = "") -> Region:
    """A division."""
    return Region(code, code, level_of(code), start, end, tuple(after.split()))


ROWS = [
    row("110000"),
    row("110100"),
    row("110200"),
    row("120000"),
    row("110101"),
    row("110102", None, date(2015, 6, 30), "110101"),  # merged within its city
    row("110103", None, date(2015, 6, 30), "110101 110104"),  # split within its city
    row("110104", date(2015, 7, 1)),
    row("110105", None, date(2015, 6, 30), "110101 110201"),  # split over two cities
    row("110106", None, date(2015, 6, 30), "120101 110101"),  # split over two provinces
    row("110107", None, date(2014, 6, 30), "110102"),  # merged twice
    row("110108", None, date(2015, 6, 30), "110108"),  # its own successor, and gone
    row("110201"),
    row("120101"),
    row("110301", date(2016, 1, 1)),  # of a year to come, made of 110101
    row("110302", None, date(2015, 12, 31), "110301"),
]


@pytest.fixture(scope="module")
def places() -> Places:
    """Places over a small table."""
    return Places(RegionTable(lambda: ROWS))


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("110101", "110101 110100 110000"),
        ("110102", "110101 110100 110000"),
        ("110103", "110100 110000"),
        ("110105", "110000"),
        ("110106", ""),
        ("110107", "110101 110100 110000"),
        ("110108", "110100 110000"),
        ("110301", "110302 110000"),
        ("110999", "110000"),
        ("110199", "110100 110000"),
        ("119999", "110000"),
        ("999999", ""),
        ("110000", "110000"),
        ("", ""),
        ("11", ""),
        ("1101011", ""),
    ],
)
def test_an_event_counts_where_its_division_went(places: Places, code: str, told: str) -> None:
    found = places.of(code, DAY)
    assert [place.region for place in found if place.level != "nation"] == told.split()[::-1]
    assert found[0].level == "nation" and not found[0].moved


def test_only_the_levels_that_changed_are_marked(places: Places) -> None:
    marked = {place.region for place in places.of("110102", DAY) if place.moved}
    assert marked == {"110101"}
    assert not any(place.moved for place in places.of("110102", date(2015, 6, 30)))


def test_what_is_remembered_is_what_would_be_found() -> None:
    regions = standards.catalogue().regions
    days = [date(year, month, 28) for year in (1985, 1997, 2010, 2015, 2020) for month in (2, 11)]
    kept = Places(regions)
    for code in regions.codes[::97]:
        for day in days:
            assert kept.of(code, day) == Places(regions)._places(code, day)
