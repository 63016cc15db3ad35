"""Which pairs are compared: each kind of key brings its own, a common key is dropped, and nothing else is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from quanmin.population.linkage import blocking, person, setting, side
from quanmin.population.linkage.person import Read

TEXT = pa.string()
STATED = pa.schema(
    [("id", pa.int64()), *((n, TEXT) for n in ("name", "birth", "sex", "number")), ("regions", pa.list_(TEXT))]
)
FOUND = pa.schema(
    [
        ("id", pa.int64()),
        *((n, TEXT) for n in ("name", "former", "birth", "sex", "number", "place", "region", "origin", "household")),
    ]
)
HOMES = pa.schema([("id", pa.int64()), ("household", pa.list_(TEXT))])
PERSON = {"id": 11010519491231002, "name": "李明", "birth": "1949-12-31", "sex": "2", "number": "11010519491231002X"}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as made:
        yield made


def sides(connection: duckdb.DuckDBPyConnection, people: list[dict[str, Any]]) -> Read:
    """These people as golden records and as rows of the benchmark, none of which is refused."""
    connection.register("base", pa.Table.from_pylist(people, FOUND))
    golden = "(SELECT id, false AS contested, name, birth::DATE AS birth, sex, place FROM base)"
    held = "(SELECT id, 1 AS _batch, id AS _row, former, region, household FROM base)"
    return Read(golden, held, "(SELECT 0 AS _batch, 0 AS _row)")


def pairs(
    connection: duckdb.DuckDBPyConnection,
    stated: dict[str, Any],
    people: list[dict[str, Any]],
    homes: list[dict[str, Any]] | None = None,
) -> dict[int, str]:
    """The people whom one record meets, with the rule."""
    rows = pa.Table.from_pylist([{"id": 0, "regions": [], **stated}], STATED)
    connection.register("homes", pa.Table.from_pylist(homes or [], HOMES))
    side.records(connection, "records", rows, "homes")
    blocking.prepare(connection)
    blocking.want(connection, "records")
    connection.execute("CREATE TABLE IF NOT EXISTS counted (name VARCHAR, n BIGINT)")
    person.meet(connection, sides(connection, people), blocking.sieve(connection, np.zeros(0, np.int64)))
    blocking.settle(connection)
    found = connection.sql("SELECT person, rule FROM pairs").fetchall()
    return {person: blocking.RULES[rule] for person, rule in found}


@pytest.mark.parametrize(
    ("stated", "beside", "rule"),
    [
        ({"number": "11010519491231002X"}, {}, "number"),
        ({"number": "110105194912310O2X"}, {}, "number"),
        ({"number": "11010519491231020X"}, {}, "number"),
        ({"name": "李明", "birth": "1949-12-31"}, {}, "name_and_birth"),
        ({"name": "王花", "birth": "1949-12-31"}, {"former": "王花"}, "name_and_birth"),
        ({"name": "李明", "birth": "1949-03-07"}, {"birth": "1949-07-03"}, "name_and_birth"),
        ({"name": "李明", "birth": "1949-11-12"}, {}, "name_and_birth"),
        ({"name": "李明", "birth": "1950-02-17"}, {"birth": "1950-01-01"}, "name_and_birth"),
        ({"name": "黎鸣", "birth": "1949-12-08", "sex": "2"}, {}, "sound_and_month"),
        ({"birth": "1949-12-31", "sex": "2", "regions": ["130224"]}, {"region": "130224"}, "birth_and_county"),
        ({"birth": "1949-12-31", "sex": "2", "regions": ["222301"]}, {"region": "220800"}, "birth_and_county"),
    ],
)
def test_each_kind_of_key_brings_its_person(
    connection: duckdb.DuckDBPyConnection, stated: dict[str, Any], beside: dict[str, Any], rule: str
) -> None:
    assert pairs(connection, stated, [{**PERSON, **beside}]) == {PERSON["id"]: rule}


def test_a_newborn_is_met_in_the_mothers_household(connection: duckdb.DuckDBPyConnection) -> None:
    homes = [{"id": 0, "household": ["13000000000015"]}]
    person = {**PERSON, "household": "13000000000015"}
    assert pairs(connection, {"birth": "1949-12-31"}, [person], homes) == {PERSON["id"]: "household_and_birth"}


@pytest.mark.parametrize(
    "stated",
    [
        {"name": "李明", "birth": "1950-12-31"},
        {"name": "黎鸣", "birth": "1949-12-08", "sex": "1"},
        {"birth": "1949-12-31", "sex": "2", "regions": ["110102"]},
        {"number": "110105194912310993"},
        {},
    ],
)
def test_nobody_else_is_met(connection: duckdb.DuckDBPyConnection, stated: dict[str, Any]) -> None:
    assert pairs(connection, stated, [{**PERSON, "origin": "110105"}]) == {}


def test_a_key_that_too_many_share_is_dropped(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(setting, "MOST_CANDIDATES", 3)
    many = [{**PERSON, "id": PERSON["id"] + place * 2} for place in range(4)]
    stated = {"name": "李明", "birth": "1949-12-31"}
    assert len(pairs(connection, stated, many[:3])) == 3
    assert pairs(connection, stated, many) == {}
    assert pairs(connection, {**stated, "number": PERSON["number"]}, many) == {PERSON["id"]: "number"}
