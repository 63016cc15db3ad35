"""Hierarchies: checked, nested, NULL on a path of its own, unicode-equal spellings one value."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from quanmin import standards
from quanmin.opendata.microdata import (
    Hierarchy,
    Plan,
    anonymise,
    bins,
    codes,
    dates,
    flat,
    numbers,
    prefixes,
    regions,
    table,
)
from quanmin.opendata.microdata.errors import HierarchyInvalid, NotCovered, RecipeInvalid


def path(hierarchy: Hierarchy, leaf: object) -> tuple[str, ...]:
    return hierarchy.paths[leaf]


def test_a_table_gives_its_levels_and_a_star_on_top() -> None:
    found = table("ward", pa.table({"v": ["a", "b", "c"], "up": ["x", "x", "y"], "top": ["*", "*", "*"]}))
    assert found.labels == (("a", "b", "c"), ("x", "y"), ("*",))


@pytest.mark.parametrize(
    "rows",
    [
        {"v": ["a", "a"], "up": ["x", "y"]},  # one child, two parents
        {"v": ["a", "b"], "up": ["x", "x"], "top": ["1", "2"]},  # levels that are not nested
        {"v": ["a", None], "up": ["x", "x"]},
        {"v": ["a", "b"], "up": ["x", None]},
        {"v": ["A", "Ａ"], "up": ["x", "y"]},  # one value in two spellings
        {"v": []},
        {},
    ],
)
def test_what_is_not_functional_or_not_nested_is_refused(rows: dict[str, list[str | None]]) -> None:
    with pytest.raises(HierarchyInvalid):
        table("odd", pa.table({name: pa.array(own, pa.string()) for name, own in rows.items()}))


def test_labels_that_differ_in_the_way_of_writing_are_one_in_a_table_and_refused_elsewhere() -> None:
    found = table("ward", pa.table({"v": ["a", "b"], "up": ["Ｔ", "T"]}))
    assert found.labels[1] == ("T",)
    with pytest.raises(HierarchyInvalid):
        Hierarchy("odd", {"a": ("Ｔ",), "b": ("T",)})


def test_paths_of_different_lengths_are_refused() -> None:
    with pytest.raises(HierarchyInvalid):
        Hierarchy("odd", {"a": ("x",), "b": ()})


def test_the_calendar() -> None:
    found = dates(date(2014, 12, 31), date(2016, 1, 1))
    assert path(found, date(2015, 5, 17)) == ("2015-05", "2015-Q2", "2015", "2015-2019", "2010-2019")
    assert found.labels[3] == ("2014", "2015", "2016")
    assert dates(date(2015, 1, 1), date(2015, 1, 2), ["year"]).height == 3
    for first, last, levels in [
        (date(2015, 1, 2), date(2015, 1, 1), ["year"]),
        (date(2015, 1, 1), date(2015, 1, 1), ["week"]),
    ]:
        with pytest.raises(RecipeInvalid):
            dates(first, last, levels)


def test_numbers_and_bins() -> None:
    assert path(numbers(0, 99, (5, 10, 20)), 37) == ("35-39", "30-39", "20-39")
    for widths in [(5, 7), (5, 5), (0,)]:
        with pytest.raises(RecipeInvalid):
            numbers(0, 9, widths)
    found = bins([0, 18.5, 25, 30, 100], merged=(2,))
    assert found.labels == (("[0,18.5)", "[18.5,25)", "[25,30)", "[30,100)"), ("[0,25)", "[25,100)"), ("*",))
    values = pa.array([0.0, 18.4999, 18.5, 99.9, 100.0, -1.0, float("nan"), float("inf")])
    assert found.find(values).tolist() == [0, 0, 1, 3, -1, -1, -1, -1]
    assert found.find(pa.array(["20", "abc"])).tolist() == [-1, -1]
    for edges in ([1, 1], [2, 1], [1], [0, float("nan"), 2]):
        with pytest.raises(RecipeInvalid):
            bins(edges)
    with pytest.raises(RecipeInvalid):
        numbers(0, 10**12, (10,))
    with pytest.raises(HierarchyInvalid):
        bins([0, 1, 2, 3, 4], merged=(2, 3))


def test_divisions_are_dated_and_follow_the_tree() -> None:
    old, new = regions(day=date(2000, 1, 1)), regions(day=date(2019, 1, 1))
    assert path(new, "370102") == ("370100", "370000")
    assert path(new, "370100") == ("370100", "370000")
    assert path(new, "429004") == ("420000", "420000")  # a county right below its province
    assert set(old.paths) != set(new.paths)
    table_ = standards.catalogue().regions
    assert all(table_.valid_on(code, date(2019, 1, 1)) for code in new.paths)
    assert set(old.paths) | set(new.paths) <= set(regions().paths)


def test_codes_of_the_catalogue_stand_under_their_headings() -> None:
    found = codes("GB/T 2261.2-2003")
    assert path(found, "23") == ("20",)
    assert path(found, "20") == ("20",)
    with pytest.raises(RecipeInvalid):
        codes("no such system")


def test_prefixes_make_the_categories_of_a_classification() -> None:
    assert path(prefixes("ICD-10", ["A01.1", "A01.2", "B20.0"], (3, 1)), "A01.2") == ("A01", "A")
    with pytest.raises(RecipeInvalid):
        prefixes("odd", ["a"], (1, 3))


def test_null_is_a_category_of_its_own_until_the_star() -> None:
    ladder = table("w", pa.table({"v": ["a", "b"], "up": ["x", "x"]})).bound(nulls=True)
    assert [ladder.labels(level) for level in range(3)] == [["a", "b", None], ["x", None], ["*"]]
    assert [list(own) for own in ladder.losses] == [[0, 0, 0], [0.5, 0.5, 0], [1, 1, 1]]


def test_a_value_that_is_not_covered_is_counted_and_never_told() -> None:
    rows = pa.table({"sex": ["1"] * 20 + ["secret", "secret", "hidden"]})
    with pytest.raises(NotCovered) as caught:
        anonymise(rows, Plan(quasi={"sex": flat("sex", ["1", "2"])}, k=2))
    message = str(caught.value)
    assert "2 distinct values, in 3 rows" in message and "sex" in message
    assert "secret" not in message and "hidden" not in message


def test_nan_is_no_value() -> None:
    rows = pa.table({"bmi": [20.0] * 20 + [float("nan")]})
    with pytest.raises(NotCovered):
        anonymise(rows, Plan(quasi={"bmi": bins([0, 25, 50])}, k=2))
    with pytest.raises(NotCovered):
        anonymise(rows, Plan(quasi={"bmi": flat("bmi", [20.0])}, k=2))


def test_spellings_that_are_unicode_equal_are_one_value() -> None:
    """Two people write `A`, one writes the full-width `Ａ`: three people of one class, told in the hierarchy's spelling."""
    rows = pa.table({"ward": ["A", "Ａ", "A"]})
    found = anonymise(rows, Plan(quasi={"ward": flat("ward", ["A"])}, k=3))
    assert found.table["ward"].to_pylist() == ["A", "A", "A"]
    assert found.levels == {"ward": 0}
    ill = pa.table({"ward": ["A"] * 3, "ill": ["x", "ｘ", "x"]})
    with pytest.raises(Exception, match="QM-MICRODATA-008"):
        anonymise(ill, Plan(quasi={"ward": flat("ward", ["A"])}, sensitive=("ill",), diversity=2, k=3))
