"""Counting: the statements against plain Python on generated rows, and rows that cannot be counted."""

from decimal import Decimal

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quanmin.opendata.disclosure import Dimension, evaluate, profile, taken
from quanmin.opendata.disclosure.axis import addresses, encoded
from quanmin.opendata.disclosure.errors import ConnectionAltered, RowsUnfit, TableTooLarge
from quanmin.opendata.disclosure.reference import Cell, primary, tally
from quanmin.opendata.disclosure.rule import Fate
from quanmin.opendata.disclosure.rule import primary as fates

LEVELS = [("a",), ("b", "c")]
SCHEMA = pa.schema(
    [("person", pa.int64()), ("a", pa.string()), ("b", pa.string()), ("c", pa.string()), ("v", pa.float64())]
)
ROW = st.fixed_dictionaries(
    {
        "person": st.integers(0, 12),
        "a": st.sampled_from(["x", "y", None]),
        "b": st.sampled_from(["p", "q"]),
        "c": st.sampled_from(["1", "2"]),
        "v": st.one_of(st.none(), st.integers(-50, 1000).map(float)),
    }
)
NOBODY = Cell(0, 0, 0, (0.0, 0.0), 0, 0)


@settings(deadline=None, max_examples=40)
@given(st.lists(ROW, max_size=60), st.sampled_from([1, 10**12 + 39]))
@example([], 1)
@example([{"person": 1, "a": None, "b": "p", "c": "1", "v": None}], 1)
def test_the_statements_count_what_plain_python_counts(rows, apart):
    """People numbered closely and far apart go different ways."""
    rows = [{**row, "person": row["person"] * apart - (apart > 1)} for row in rows]
    cells = evaluate(pa.Table.from_pylist(rows, SCHEMA), LEVELS, "v")
    expected, sums = tally(rows, LEVELS, "v"), cells.sums
    listed = addresses(cells.axes)
    assert set(expected) <= set(listed)
    counted = zip(
        listed, cells.persons, sums.total, sums.absolute, sums.largest, sums.missing, sums.negative, strict=True
    )
    for address, persons, total, absolute, largest, missing, negative in counted:
        found = Cell(persons, total, absolute, tuple(largest), missing, negative)
        assert found == expected.get(address, NOBODY), address


@settings(deadline=None, max_examples=40)
@given(st.lists(ROW, max_size=80), st.sampled_from(["strict", "health"]), st.booleans())
def test_the_rules_of_a_cell_are_those_of_the_reference(rows, name, valued):
    value = "v" if valued else None
    cells = evaluate(pa.Table.from_pylist(rows, SCHEMA), LEVELS, value)
    expected = tally(rows, LEVELS, value)
    told = fates(cells, profile(name)) != Fate.PUBLISHED
    for address, hidden in zip(addresses(cells.axes), told, strict=True):
        assert hidden == primary(expected.get(address, NOBODY), profile(name), valued), address


@pytest.mark.parametrize(("name", "smallest"), [("strict", 10), ("health", 8), ("health_midpoint6", 7)])
def test_the_least_number_of_people_is_published_and_one_fewer_is_not(name, smallest):
    for people, fate in ((smallest, Fate.PUBLISHED), (smallest - 1, Fate.SMALL)):
        rows = pa.table({"person": range(people), "a": ["x"] * people})
        assert fates(evaluate(rows, ["a"]), profile(name)).tolist() == [fate, fate]
        assert primary(tally(rows.to_pylist(), [["a"]])[("x",)], profile(name), False) == (fate == Fate.SMALL)


def test_dominance_begins_just_above_its_share():
    for largest, fate in ((50.0, Fate.PUBLISHED), (50.5, Fate.DOMINATED)):  # (1, 50 %) of a sum of 100
        rest = (100 - largest) / 19
        rows = pa.table({"person": range(20), "a": ["x"] * 20, "v": [largest] + [rest] * 19})
        assert fates(evaluate(rows, ["a"], "v"), profile("strict")).tolist() == [fate, fate]


def test_a_person_in_many_rows_is_one_person_and_in_two_cells_one_in_the_total():
    rows = pa.table({"person": [1] * 20 + [1, 2], "a": ["x"] * 20 + ["y", "y"]})
    cells = evaluate(rows, ["a"])
    assert dict(zip(addresses(cells.axes), cells.persons.tolist(), strict=True)) == {
        ("total",): 2,
        ("x",): 1,
        ("y",): 2,
    }
    assert cells.entries[0] == 3 and cells.overlapping


def test_margins_are_counted_for_every_level_of_a_hierarchy():
    rows = pa.table({"person": range(6), "province": list("AAABBB"), "county": list("abcabb")})
    found = dict(zip(addresses(evaluate(rows, [("province", "county")]).axes), range(9), strict=False))
    assert ("A", "total") in found and ("B", "a") in found and ("B", "c") not in found and ("total", "total") in found


def test_whole_numbers_decimals_and_nan_are_values():
    rows = pa.table({"person": [1, 2, 3], "a": ["x"] * 3, "v": [1.5, float("nan"), -2.0]})
    assert evaluate(rows, ["a"], "v").sums.missing.tolist() == [1, 1]
    money = pa.table({"person": [1, 2], "a": ["x"] * 2, "v": pa.array([Decimal("1.25"), None], pa.decimal128(9, 2))})
    assert evaluate(money, ["a"], "v").sums.total[0] == 1.25


def test_categories_of_any_type_and_order_of_chunks_count_alike():
    plain = pa.table({"person": range(6), "a": [1, 2, 1, 3, 3, 3]})
    cut = pa.concat_tables([plain.slice(3), plain.slice(0, 3)])
    assert evaluate(cut, ["a"]).persons.tolist() == evaluate(plain, ["a"]).persons.tolist() == [6, 2, 1, 3]


@pytest.mark.parametrize(
    ("rows", "dimensions", "value"),
    [
        ({"person": [1], "a": ["x"]}, ["b"], None),
        ({"person": [1], "a": ["x"]}, [], None),
        ({"person": [1], "a": ["x"]}, ["a", "a"], None),
        ({"person": [1], "a": ["x"]}, [()], None),
        ({"a": ["x"]}, ["a"], None),
        ({"person": ["one"], "a": ["x"]}, ["a"], None),
        ({"person": [None, 1], "a": ["x", "x"]}, ["a"], None),
        ({"person": [1], "a": ["total"]}, ["a"], None),
        ({"person": [1], "a": ["*"]}, ["a"], None),
        ({"person": [1], "a": ["missing"]}, ["a"], None),
        ({"person": [1, 2], "a": ["missing", None]}, ["a"], None),
        ({"person": [1], "a": ["x"]}, ["a"], "v"),
        ({"person": [1], "a": ["x"], "v": ["12"]}, ["a"], "v"),
        ({"person": [1], "a": ["x"], "v": [float("inf")]}, ["a"], "v"),
    ],
)
def test_rows_that_cannot_be_counted_are_refused_with_the_column(rows, dimensions, value):
    with pytest.raises(RowsUnfit):
        evaluate(pa.table(rows), dimensions, value)


def test_a_table_of_too_many_cells_is_refused_before_it_is_counted():
    people = list(range(30_000))
    with pytest.raises(TableTooLarge):
        evaluate(pa.table({"person": people, "a": people}), ["a"])
    with pytest.raises(TableTooLarge):
        encoded(pa.table({"person": people, "a": [n % 200 for n in people], "b": people}), [Dimension(("a", "b"))])


def test_rows_come_out_of_a_connection_as_they_are():
    with duckdb.connect() as connection:
        connection.execute('CREATE TABLE visits AS SELECT range AS person, range % 2 AS "sex-1" FROM range(50)')
        rows = taken(connection, "visits", ["person", "sex-1"])
    assert np.asarray(evaluate(rows, ["sex-1"]).persons).tolist() == [50, 25, 25]


@pytest.mark.parametrize(
    "poison",
    [
        "CREATE TEMP MACRO count(x) AS 7",
        "CREATE TEMP MACRO count_star() AS 0",
        "CREATE TEMP MACRO duckdb_functions() AS TABLE SELECT 1 AS internal WHERE false",
        "CREATE TEMP VIEW visits AS SELECT 1 AS person, 'x' AS a",
    ],
)
def test_a_connection_with_macros_or_views_of_its_own_is_refused(poison):
    """Attack A4."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE main.visits AS SELECT range AS person, 'x' AS a FROM range(50)")
        connection.execute(poison)
        with pytest.raises(ConnectionAltered):
            taken(connection, "visits", ["person", "a"])


def test_macros_of_any_other_connection_do_not_reach_the_checker():
    """Attack A4: the checker's own connection counts, whatever was done to others."""
    rows = pa.table({"person": range(5), "a": ["x"] * 5})
    for poison in ("CREATE TEMP MACRO count(x) AS 7", "CREATE TEMP MACRO max(x, n) AS [0.0]"):
        duckdb.execute(poison)
    try:
        assert evaluate(rows, ["a"]).persons.tolist() == [5, 5]
    finally:
        duckdb.execute("DROP MACRO count; DROP MACRO max")
