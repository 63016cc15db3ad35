"""Rows of a table: the indexed search against plain Python, and against DuckDB's SQL on the file itself."""

from __future__ import annotations

import itertools
import math
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from quanmin.opendata.rows import And, Compare, Node, Not, Or, Query, Tables, Words, reference, search, sorting
from quanmin.opendata.storage import Storage

TYPES: dict[str, pa.DataType] = {
    "code": pa.string(),
    "name": pa.large_string(),
    "age": pa.int16(),
    "serial": pa.int64(),
    "cost": pa.decimal128(9, 2),
    "rate": pa.float64(),
    "dead": pa.bool_(),
    "born": pa.date32(),
    "at": pa.timestamp("us"),
    "seen": pa.timestamp("ms", "UTC"),
}
WORDS = [
    "",
    "0",
    "01",
    "010",
    "10",
    "A00",
    "a00",
    "I10",
    "武汉",
    "武汉市",
    "宜昌",
    "'; DROP TABLE t; --",
    'x"y',
    "%",
    "é",
    "𠀀",
    " ",
]
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "code": st.sampled_from(WORDS),
    "name": st.sampled_from(WORDS)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=4),
    "age": st.integers(-3, 3) | st.integers(-(2**15), 2**15 - 1),
    "serial": st.integers(-(2**63), 2**63 - 1) | st.integers(0, 5),
    "cost": st.decimals(-9, 9, places=2) | st.sampled_from([Decimal("9999999.99"), Decimal("-0.01")]),
    "rate": st.sampled_from([0.0, -0.0, 0.1, 1.5, -2.5, math.nan, math.inf, -math.inf]) | st.floats(width=64),
    "dead": st.booleans(),
    "born": st.dates(date(1899, 1, 1), date(2100, 1, 1)) | st.just(date(2000, 2, 29)),
    "at": st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    "seen": st.sampled_from([datetime(2020, 1, day, 3, tzinfo=UTC) for day in (1, 2, 3)]),
}
ROWS = st.lists(st.fixed_dictionaries({name: st.none() | one for name, one in VALUES.items()}), max_size=40)


def asked(name: str) -> st.SearchStrategy[Any]:
    """Values that may stand in a filter."""
    return VALUES[name].filter(lambda one: not isinstance(one, float) or math.isfinite(one))


@st.composite
def compares(draw: st.DrawFn) -> Node:
    name = draw(st.sampled_from(list(TYPES)))
    choice = ["eq", "ne", "in", "gt", "gte", "lt", "lte", "null"] + ["prefix", "contains"] * (name in ("code", "name"))
    operator = draw(st.sampled_from(choice))
    if operator == "null":
        return Compare(name, "null", draw(st.booleans()))
    if operator == "in":
        return Compare(name, "in", tuple(draw(st.lists(asked(name), max_size=4))))
    return Compare(name, operator, draw(asked(name)))  # type: ignore[arg-type]


NODES = st.recursive(
    compares(),
    lambda below: (
        st.lists(below, max_size=3).map(lambda one: And(tuple(one)))
        | st.lists(below, max_size=3).map(lambda one: Or(tuple(one)))
        | below.map(Not)
    ),
    max_leaves=6,
)
ORDERS = st.lists(st.tuples(st.sampled_from(list(TYPES)), st.booleans()), max_size=3, unique_by=lambda one: one[0]).map(
    tuple
)


def given_as(value: Any) -> Any:
    """A value as a filter in JSON holds it."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value) if isinstance(value, float) else value


def as_json(node: Node) -> Node:
    match node:
        case Compare(field, "in", value):
            return Compare(field, "in", tuple(given_as(one) for one in value))
        case Compare(field, operator, value):
            return Compare(field, operator, given_as(value))
        case And(parts):
            return And(tuple(as_json(one) for one in parts))
        case Or(parts):
            return Or(tuple(as_json(one) for one in parts))
        case Not(part):
            return Not(as_json(part))
    return node


class Kept:
    """A table in a storage of its own."""

    def __init__(self, folder: Path, rows: list[dict[str, Any]]) -> None:
        self.file = folder / "t.parquet"
        schema = pa.schema(list(TYPES.items()))
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), self.file, row_group_size=7)
        storage = Storage(folder / "files")
        self.table = Tables(storage, folder / "rows").open(storage.keep(self.file).sha256)


def paged(kept: Kept, query: dict[str, Any], limit: int) -> list[int]:
    """All pages, put together."""
    numbers: list[int] = []
    after = None
    for _ in range(100):
        page = kept.table.page(Query(**query, limit=limit, after=after))
        assert page.rows.num_rows == len(page.numbers) <= limit
        numbers += page.numbers.tolist()
        after = page.next
        if after is None:
            return numbers
    raise AssertionError("pages without end")


@pytest.fixture(params=["looked up", "walked"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Small tables would only be looked up: the other ways, and blocks smaller than a table, are tried, too."""
    if request.param == "walked":
        monkeypatch.setattr(search, "FEW", 0)
        monkeypatch.setattr(search, "SEEN", 0)
        monkeypatch.setattr(search, "FIRST_BLOCK", 3)
        monkeypatch.setattr(search, "LAST_BLOCK", 5)
        monkeypatch.setattr(sorting, "FIRST_BLOCK", 3)
        monkeypatch.setattr(sorting, "LAST_BLOCK", 5)
    return str(request.param)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, NODES, ORDERS, st.integers(1, 9), st.integers(0, 12))
def test_pages_put_together_are_what_plain_python_finds(
    way: str, rows: list[dict[str, Any]], node: Node, order: tuple[tuple[str, bool], ...], limit: int, offset: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        kept = Kept(Path(name), rows)
        stored = pq.read_table(kept.file).to_pylist()
        wanted = reference.found(stored, node, order)
        query = {"filter": as_json(node), "order": order}
        assert paged(kept, query, limit) == wanted
        page = kept.table.page(Query(**query, limit=limit, offset=offset, total=True))
        assert page.numbers.tolist() == wanted[offset : offset + limit]
        assert page.total == len(wanted)
        everything = [one for batch in kept.table.batches(Query(**query), 60) for one in batch.to_pylist()]
        assert plain(everything) == plain([stored[number] for number in wanted])


def plain(rows: list[dict[str, Any]]) -> list[str]:
    """Rows as text, so that what is not a number equals itself and zero has no sign."""
    return [
        repr({name: value + 0.0 if isinstance(value, float) else value for name, value in row.items()}) for row in rows
    ]


def sql(node: Node, values: list[Any]) -> str:
    """The filter as DuckDB is asked, written independently."""
    signs = {"eq": "=", "ne": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
    match node:
        case And(parts):
            return "(" + " AND ".join(["true", *(sql(one, values) for one in parts)]) + ")"
        case Or(parts):
            return "(" + " OR ".join(["false", *(sql(one, values) for one in parts)]) + ")"
        case Not(part):
            return f"(NOT {sql(part, values)})"
        case Compare(field, "null", value):
            return f'("{field}" IS NULL) = {str(value).lower()}'
        case Compare(field, "in", value):
            values += value
            cast = f"CAST(? AS {SQL[field]})"
            among = ", ".join([cast] * len(value))
            return f'"{field}" IN ({among})' if value else f'("{field}" IS NULL AND NULL)'
        case Compare(field, operator, value):
            values.append(value)
            if operator in ("prefix", "contains"):
                return f'{"starts_with" if operator == "prefix" else "contains"}("{field}", ?)'
            return f'"{field}" {signs[operator]} CAST(? AS {SQL[field]})'
    raise AssertionError(node)


SQL = {
    "code": "VARCHAR",
    "name": "VARCHAR",
    "age": "HUGEINT",
    "serial": "HUGEINT",
    "cost": "DECIMAL(18,2)",
    "rate": "DOUBLE",
    "dead": "BOOLEAN",
    "born": "DATE",
    "at": "TIMESTAMP",
    "seen": "TIMESTAMPTZ",
}


@settings(max_examples=100, deadline=None)
@given(ROWS, NODES, ORDERS, st.integers(1, 9))
@example([{name: None for name in TYPES}], Not(Compare("code", "in", ())), (), 1)
def test_pages_put_together_are_what_duckdb_finds(
    rows: list[dict[str, Any]], node: Node, order: tuple[tuple[str, bool], ...], limit: int
) -> None:
    values: list[Any] = []
    where = sql(node, values)
    by = [f'"{name}" {"DESC" if down else "ASC"} NULLS LAST' for name, down in order]
    by.append("file_row_number " + ("DESC" if order and order[0][1] else "ASC"))
    with tempfile.TemporaryDirectory() as name:
        kept = Kept(Path(name), rows)
        source = f"read_parquet('{kept.file}', file_row_number=true)"
        statement = f"SELECT file_row_number FROM {source} WHERE {where} ORDER BY {', '.join(by)}"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            wanted = [number for (number,) in connection.execute(statement, values).fetchall()]
        assert paged(kept, {"filter": as_json(node), "order": order}, limit) == wanted


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ROWS, NODES, st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=3, unique=True), ORDERS, st.integers(1, 9)
)
def test_distinct_rows_are_each_given_once(
    way: str,
    rows: list[dict[str, Any]],
    node: Node,
    fields: list[str],
    order: tuple[tuple[str, bool], ...],
    limit: int,
) -> None:
    by = tuple(one for one in order if one[0] in fields)
    with tempfile.TemporaryDirectory() as name:
        kept = Kept(Path(name), rows)
        stored = pq.read_table(kept.file).to_pylist()
        query = {"filter": as_json(node), "fields": tuple(fields), "distinct": True, "order": by}
        numbers = paged(kept, query, limit)
        wanted = {
            plain([{field: stored[number][field] for field in fields}])[0]
            for number in reference.found(stored, node, ())
        }
        given = [plain([{field: stored[number][field] for field in fields}])[0] for number in numbers]
        assert Counter(given) == Counter(wanted)
        assert numbers == [number for number in reference.found(stored, And(), by) if number in set(numbers)]


@settings(max_examples=60, deadline=None)
@given(
    ROWS, st.lists(st.sampled_from(["武", "汉市", "a0", "A", 'x"', "%", "É"]), max_size=2, unique=True), st.booleans()
)
def test_words_are_found_wherever_they_stand_in_a_text(
    rows: list[dict[str, Any]], words: list[str], opposite: bool
) -> None:
    node: Node = Not(Words(tuple(words))) if opposite else Words(tuple(words))
    with tempfile.TemporaryDirectory() as name:
        kept = Kept(Path(name), [{**row, "name": None} for row in rows])  # letters whose case folds alike everywhere
        assert paged(kept, {"q": node}, 9) == reference.found(pq.read_table(kept.file).to_pylist(), node, ())


def test_every_operator_and_every_kind_of_column_is_generated() -> None:
    seen: Counter[tuple[str, str]] = Counter()

    @settings(max_examples=2_000, deadline=None, database=None)
    @given(compares())
    def look(node: Node) -> None:
        assert isinstance(node, Compare)
        seen[node.field, node.operator] += 1

    look()
    ordered = ["eq", "ne", "in", "gt", "gte", "lt", "lte", "null"]
    wanted = {*itertools.product(TYPES, ordered), *itertools.product(["code", "name"], ["prefix", "contains"])}
    assert set(seen) == wanted
