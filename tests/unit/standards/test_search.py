"""What a search of the catalogue finds, in either language, and what it does not."""

from __future__ import annotations

from datetime import date

import pytest

from quanmin import standards
from quanmin.standards import search

CATALOGUE = standards.catalogue()
DAY = date(2026, 11, 28)


def test_without_a_text_everything_is_found() -> None:
    assert len(search.datasets(CATALOGUE)) == len(CATALOGUE.datasets)
    assert len(search.value_sets(CATALOGUE)) == len(CATALOGUE.value_sets)
    assert len(search.elements(CATALOGUE)) == sum(len(one.elements) for one in CATALOGUE.datasets.values())
    assert len(search.regions(CATALOGUE.regions)) == len(CATALOGUE.regions)


@pytest.mark.parametrize("text", ["出生医学", "BIRTH", "health.birth", " Ｂirth "])
def test_a_dataset_is_found_by_any_of_its_words_in_any_case_and_width(text: str) -> None:
    assert "health.birth" in [one.id for one in search.datasets(CATALOGUE, text)]
    assert "education.degree" not in [one.id for one in search.datasets(CATALOGUE, text)]


def test_an_element_is_found_by_its_standard_its_alias_and_its_value_set() -> None:
    for text in ("DE02.01.040.00", "婴儿姓名", "GB/T 2261.1"):
        assert "health.birth" in {one.dataset.id for one in search.elements(CATALOGUE, text)}
    assert search.elements(CATALOGUE, "no such thing") == []


def test_codes_are_found_by_their_beginning_and_their_title() -> None:
    values = CATALOGUE.value_sets["GB/T 3304-1991"]
    assert [one.code for one in search.codes(values, "藏族")] == ["04"]
    assert [one.code for one in search.codes(values, "0")] == [code for code in values.codes if code.startswith("0")]
    assert {one.element.values for one in search.users(CATALOGUE, values)} == {"GB/T 3304-1991"}


def test_a_region_is_found_as_it_was_on_a_day() -> None:
    table = CATALOGUE.regions
    ended = next(row for row in table.rows if row.successors and row.valid_to and not row.identity)
    assert ended in search.regions(table, ended.code)
    assert ended not in search.regions(table, ended.code, DAY)
    assert all(row.level == "province" for row in search.regions(table, level="province"))
    assert [row.code for row in search.regions(table, "北京市", DAY)] == ["110000"]


def test_who_took_over_knows_whom_from() -> None:
    table = CATALOGUE.regions
    for row in table.rows:
        for after in row.successors:
            assert row.code in table.predecessors(after)
    assert table.predecessors("000000") == ()


def test_the_divisions_below_one_are_those_whose_parent_it_is() -> None:
    table = CATALOGUE.regions
    shandong = {row.code for row in table.children("370000", DAY)}
    assert "370100" in shandong and "370102" not in shandong
    assert "370102" in {row.code for row in table.children("370100", DAY)}
    assert "110101" in {row.code for row in table.children("110000", DAY)}  # no city between
    assert table.children("370102", DAY) == ()
