"""Figures by the engine are figures row by row, for generated definitions over generated loans and readers.

The definitions are made of every kind of aggregate, denominator, dimension and formula part; a meta-test says so. Formulas
alone are compared too, since a count forgives what a single row does not.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from quanmin import standards
from quanmin.measures.condition import IBIS_TYPES, condition, plain
from quanmin.measures.figure import computed
from quanmin.measures.place import Places
from quanmin.measures.reference import Told, figures_of
from quanmin.measures.roll import Roll, told_apart
from quanmin.measures.source import query_of
from quanmin.standards.indicator import AGE, Indicator, Indicators, Measure
from quanmin.standards.reading import ARROW_TYPES
from quanmin.standards.rules import formula_row
from quanmin.standards.rules.formula import Node, parse_formula
from quanmin.standards.rules.formula_kind import KIND_OF_TYPE, kind_of_formula
from quanmin.text import Text

LOANS = Path(__file__).parents[1] / "library_loans"
LOAN, READER = "clean.library.loan", "clean.library.reader"
WORDS = Text("数", "number")
seen: Counter[str] = Counter()


@cache
def library() -> standards.Catalogue:
    """The library's catalogue."""
    return standards.load(LOANS)


DAYS = st.dates(date(1998, 11, 1), date(2001, 2, 28)) | st.sampled_from([date(1999, 12, 31), date(2000, 2, 29)])
TOWNS = st.sampled_from(["110105", "110221", "110114", "110000", "110101", "999999", "11", None])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "text": st.sampled_from(["Emma", "Zadig", "三体", "a", "", None]),
    "code": st.sampled_from(["A", "B", "X", None]),
    "citizen_number": st.sampled_from(["11010519800101001X", "110221199001010017", "1", None]),
    "region": TOWNS,
    "date": st.none() | DAYS,
    "datetime": st.none() | DAYS.map(lambda day: datetime(day.year, day.month, day.day, 13, 5)),
    "integer": st.none() | st.integers(0, 9),
    "decimal": st.none() | st.sampled_from([0.0, 0.1, 0.00005, 19.995, -2.5, 1e12, 1.1e12]),
    "boolean": st.none() | st.booleans(),
}


def types(table: str) -> dict[str, str]:
    """The element types of a table."""
    return {one.name: one.type for one in library().dataset(table.removeprefix("clean.")).elements}


def rows(table: str, most: int = 12) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Some rows of a table."""
    return st.lists(st.fixed_dictionaries({name: VALUES[kind] for name, kind in types(table).items()}), max_size=most)


NAMES = {name: KIND_OF_TYPE[kind] for name, kind in types(LOAN).items()}


def constants(kind: str) -> st.SearchStrategy[Node]:
    """A constant of a kind."""
    values: dict[str, st.SearchStrategy[Any]] = {
        "number": st.sampled_from([0.0, 1.0, 2.0, -2.5, 30.0, 1e308, 0.1]),
        "text": st.sampled_from(["A", "Emma", "110105", "三"]),
        "boolean": st.booleans(),
    }
    return values[kind].map(lambda value: Node("constant", constants=(value,)))


def formulas(kind: str, depth: int = 3) -> st.SearchStrategy[Node]:
    """Formulas that give a kind."""
    named = st.sampled_from([name for name, one in NAMES.items() if one == kind]).map(lambda name: Node("name", name))
    leaves = named if kind == "date" else named | constants(kind)
    if depth == 0 or kind == "text":
        return leaves

    def part(other: str) -> st.SearchStrategy[Node]:
        return formulas(other, depth - 1)

    def joined(word: str, *kinds: str, tag: str = "arithmetic") -> st.SearchStrategy[Node]:
        return st.tuples(*map(part, kinds)).map(lambda parts: Node(tag, word, parts))

    if kind == "number":
        sums = st.sampled_from("+-*/").flatmap(lambda word: joined(word, "number", "number"))
        years = part("date").map(lambda one: Node("call", "year", (one,)))
        lengths = part("text").map(lambda one: Node("call", "length", (one,)))
        return leaves | sums | joined("-", "date", "date") | years | lengths | joined("", "number", tag="negative")
    if kind == "date":
        return leaves | joined("+", "date", "number") | joined("-", "date", "number")
    kinds = st.sampled_from(["number", "text", "date", "boolean"])
    tests = st.tuples(st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), kinds).flatmap(
        lambda pair: joined(pair[0], pair[1], pair[1], tag="compare")
    )
    within = st.sampled_from(["number", "text"]).flatmap(
        lambda one: st.tuples(part(one), st.lists(constants(one), min_size=1, max_size=3)).map(
            lambda pair: Node("in", "", (pair[0],), tuple(c.constants[0] for c in pair[1]))
        )
    )
    present = kinds.flatmap(part).map(lambda one: Node("call", "present", (one,)))
    both = st.sampled_from(["and", "or"]).flatmap(lambda word: joined("", "boolean", "boolean", tag=word))
    return leaves | tests | within | present | both | joined("", "boolean", tag="not")


def kinds_in(node: Node) -> Iterator[str]:
    """What a formula is made of."""
    yield node.word if node.kind in ("call", "arithmetic", "compare") else node.kind
    for part in node.parts:
        yield from kinds_in(part)


def arrow(table: str, given_rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as a table of the lake has them."""
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in types(table).items()])
    return pa.Table.from_pylist(given_rows, schema)


@settings(max_examples=40, deadline=None)
@given(formula=formulas("boolean"), data=rows(LOAN))
def test_a_formula_is_the_same_in_the_engine(formula: Node, data: list[dict[str, Any]]) -> None:
    import ibis

    for kind in kinds_in(formula):
        seen[f"formula {kind}"] += 1
    assert kind_of_formula(formula, NAMES) == "boolean"
    table = ibis.table({name: IBIS_TYPES[kind] for name, kind in types(LOAN).items()}, name="rows")
    names = {name: plain(table[name], kind) for name, kind in types(LOAN).items()}
    query = str(ibis.to_sql(table.select(found=condition(formula, names, NAMES)), dialect="duckdb"))
    with duckdb.connect() as connection:
        connection.register("rows", arrow(LOAN, data))
        found = [row[0] for row in connection.execute(query).fetchall()]
    assert found == [formula_row.evaluate(formula, row, date(2000, 1, 1)) for row in data]


def events(draw: st.DrawFn, name: str, by: list[str]) -> Measure:
    """A measure of loans."""
    aggregate = draw(st.sampled_from(["count", "sum", "distinct"]))
    sums, items = ["copies", "fee"], ["reader_number", "shelf", "copies", "lent_on"]
    element = {"count": st.none(), "sum": st.sampled_from(sums), "distinct": st.sampled_from(items)}[aggregate]
    formula = draw(
        st.none() | st.sampled_from(["copies > 2", "renewed", "not present(shelf)", "age >= 7"]).map(parse_formula)
    )
    age = ("returned_at", "lent_on") if formula is not None and AGE in formula.names() else ()
    chosen = draw(element)
    region = draw(st.sampled_from(["town", "reader_number"]))
    looks = {one: {"shelf": "shelf", "copies": "copies", "initial": "title"}[one] for one in by}
    return measure(
        name,
        "events",
        LOAN,
        aggregate=aggregate,
        element=chosen,
        formula=formula,
        date="lent_on",
        region=region,
        age=age,
        by=looks,
    )


def stock(draw: st.DrawFn, name: str, by: list[str]) -> Measure:
    """A measure of what stands on a day: loans that are out, or readers who may have an age."""
    if by != ["age"]:
        looks = {one: {"shelf": "shelf", "copies": "copies", "initial": "title"}[one] for one in by}
        until = draw(st.sampled_from(["returned_at", None]))
        return measure(name, "stock", LOAN, since="lent_on", until=until, region="town", by=looks)
    formula = draw(st.none() | st.just("age >= 1").map(parse_formula))
    given_by = {"age": AGE}
    return measure(
        name, "stock", READER, since="joined_on", region="town", age=("birth_date",), by=given_by, formula=formula
    )


def measure(name: str, kind: Any, table: str, **fields: Any) -> Measure:
    """A measure with the types of what it reads."""
    made = Measure(name, WORDS, kind, table, **fields)
    read = {made.element, made.date, made.since, made.until, made.region, *made.age, *made.by.values()}
    read |= set(made.formula.names()) if made.formula is not None else set()
    told = {one: kind for one, kind in types(table).items() if one in read}
    return Measure(**{**vars(made), "types": told})


@st.composite
def definitions(draw: st.DrawFn) -> Indicators:
    """One indicator with its measures."""
    dimensions = library().indicators.dimensions
    by = draw(st.sampled_from([[], ["shelf"], ["copies"], ["shelf", "initial"]]))
    kind = draw(st.sampled_from(["count", "rate", "share", "ratio", "mean", "balance"]))
    measures = {"a": events(draw, "a", by), "b": events(draw, "b", by), "c": stock(draw, "c", by)}
    if draw(st.booleans()):
        by = ["age"]
        ages = ("birth_date", "joined_on")
        joined = {
            one: measure(one, "events", READER, date="joined_on", region="town", age=ages, by={"age": AGE})
            for one in ("a", "b")
        }
        measures = joined | {"c": stock(draw, "c", by)}
    fewer = draw(st.sampled_from([by, by[:-1]]))
    measures["d"] = measure(
        "d",
        "events",
        LOAN,
        date="lent_on",
        region="town",
        by={one: measures["a"].by[one] for one in fewer if one != "age"},
    )
    measures["e"] = Measure("e", WORDS, "combined", plus=("a",), minus=("d",))
    below = (
        draw(st.sampled_from(["b", "c", "d"]))
        if kind not in ("count", "balance")
        else draw(st.sampled_from(["c", None]))
    )
    above = draw(st.sampled_from(["a", "e"])) if measures["d"].by.keys() == set(by) else "a"
    if kind == "count":
        above, below = draw(st.sampled_from(["a", "c"])), None
    periods = draw(st.sampled_from([("month", "quarter", "year"), ("month",), ("quarter", "year")]))
    made = Indicator(
        "x", "1", WORDS, WORDS, WORDS, "", "lending", kind, "other", draw(st.sampled_from([1.0, 100.0, 1000.0])), "none", periods,
        above, below, tuple(by), tuple(draw(st.sampled_from([by, []]))), small=3, uncertain=5, calendar="d",
    )  # fmt: skip
    for tag in (
        f"kind {kind}",
        *(f"by {one}" for one in by),
        f"totals {bool(made.totals)}",
        f"below {below}",
        f"above {above}",
    ):
        seen[tag] += 1
    for side in (above, below):
        for part in Indicators({}, measures).parts(side) if side is not None else ():
            seen[f"{measures[part].kind} {measures[part].aggregate}"] += 1
    return Indicators(dimensions, measures, {"x": made})


def engine_figures(
    catalogue: standards.Catalogue, tables: dict[str, list[dict[str, Any]]]
) -> dict[tuple[Any, ...], Told]:
    """The figures by the engine, without a lake."""
    indicator = catalogue.indicators.indicators["x"]
    found: dict[tuple[Any, ...], Told] = {}
    with duckdb.connect() as connection:
        for table, data in tables.items():
            connection.register(table, arrow(table, data))
        roll = Roll(connection, catalogue.indicators, [indicator], Places(catalogue.regions))
        told = roll.count(lambda made, months, days: query_of(made, f'"{made.table}"', months, days), {"x": None})
        for kept in told_apart(indicator):
            result = connection.sql(roll.figures(indicator, kept, told["x"])).to_arrow_table()
            above, below = (result.column(name).to_numpy().astype(float) for name in ("above", "below"))
            made = computed(indicator, above, below, result.column("moved").to_numpy().astype(bool))
            for place, row in enumerate(result.to_pylist()):
                key = row["period"], row["level"], row["region"], row["categories"]
                assert key not in found
                limits = (made.value[place], made.lower[place], made.upper[place])
                figures = (None if math.isnan(one) else float(one) for one in limits)
                found[key] = Told(row["above"], row["below"], *figures, str(made.marks[place]))
    return found


@settings(max_examples=40, deadline=None)
@given(measures=definitions(), loans=rows(LOAN), readers=rows(READER))
def test_figures_are_the_same_in_the_engine(
    measures: Indicators, loans: list[dict[str, Any]], readers: list[dict[str, Any]]
) -> None:
    catalogue = standards.Catalogue(**{**vars(library()), "indicators": measures})
    tables = {LOAN: loans, READER: readers}
    expected, found = figures_of(catalogue, tables, "x"), engine_figures(catalogue, tables)
    assert found.keys() == expected.keys()
    for key, told in expected.items():
        assert close(found[key], told), (key, found[key], told)


def close(left: Told, right: Told) -> bool:
    """Whether two figures are the same but for rounding."""
    return all(
        math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) if isinstance(a, float) and isinstance(b, float) else a == b
        for a, b in zip(left, right, strict=True)
    )


KINDS = [
    *(f"kind {one}" for one in ("count", "rate", "share", "ratio", "mean", "balance")),
    *(f"by {one}" for one in ("shelf", "copies", "initial", "age")),
    *(f"below {one}" for one in ("b", "c", "d", None)),
    *("above a", "above e", "above c", "totals True", "totals False"),
    *("events count", "events sum", "events distinct", "stock count"),
    *(
        f"formula {one}"
        for one in ("name", "constant", "and", "or", "not", "in", "negative", "present", "length", "year")
    ),
    *(f"formula {one}" for one in ("+", "-", "*", "/", "==", "!=", "<", "<=", ">", ">=")),
]


@settings(
    max_examples=250, deadline=None, derandomize=True, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
@given(measures=definitions(), first=formulas("boolean"), second=formulas("boolean"), number=formulas("number"))
def test_many_definitions_are_drawn(measures: Indicators, first: Node, second: Node, number: Node) -> None:
    for formula in (first, second, number):
        for kind in kinds_in(formula):
            seen[f"formula {kind}"] += 1
    assert measures.needed(measures.indicators["x"])


def test_every_kind_was_generated() -> None:
    if not seen:
        pytest.skip("the tests above did not run")
    assert [one for one in KINDS if not seen[one]] == []
