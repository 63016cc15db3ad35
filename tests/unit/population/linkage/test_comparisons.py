"""Every comparison on a pair that shows it: what the record states, what the person is, and the outcome."""

from __future__ import annotations

from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pytest

from quanmin.population.linkage import model, scoring, side

TEXT = pa.string()
REGIONS = ("region", "place", "origin")
STATED = pa.schema(
    [("id", pa.int64()), *((n, TEXT) for n in ("name", "birth", "sex", "number")), ("regions", pa.list_(TEXT))]
)
FOUND = pa.schema(
    [("id", pa.int64()), *((n, TEXT) for n in ("name", "former", "birth", "sex", "number", *REGIONS, "household"))]
)


class Case(NamedTuple):
    """A comparison, both sides, and the title of the outcome; `homes` are the households of the relatives that are named."""

    compared: str
    stated: dict[str, Any]
    held: dict[str, Any]
    outcome: str
    homes: tuple[str, ...] = ()


NUMBER, HOME = "11010519491231002X", "13000000000015"
CASES = [
    Case("name", {"name": "李晓明"}, {"name": "李晓明"}, "the same"),
    Case("name", {"name": "阿依古丽•买买提"}, {"name": "阿依古丽·买买提"}, "the same"),
    Case("name", {"name": "王秀英"}, {"name": "王海英", "former": "王秀英"}, "the former name"),
    Case("name", {"name": "张峯"}, {"name": "张峰"}, "the same but for variants"),
    Case("name", {"name": "張偉"}, {"name": "张伟"}, "the same but for variants"),
    Case("name", {"name": "王戌"}, {"name": "王戊"}, "the same but for variants"),
    Case("name", {"name": "买买提·阿依古丽"}, {"name": "阿依古丽·买买提"}, "the same characters in another order"),
    Case("name", {"name": "阿依古丽买买提"}, {"name": "阿依古丽·买买提"}, "the same characters in another order"),
    Case("name", {"name": "晓明李"}, {"name": "李晓明"}, "the same characters in another order"),
    Case("name", {"name": "章维"}, {"name": "张伟"}, "the same sound"),
    Case("name", {"name": "李小光"}, {"name": "李小明"}, "one of three or more characters differs"),
    Case("name", {"name": "李强"}, {"name": "李明"}, "one of two characters differs"),
    Case("name", {"name": "李强"}, {"name": "王大海"}, "different"),
    Case("name", {}, {"name": "王大海"}, "not stated"),
    Case("birth", {"birth": "1971-03-07"}, {"birth": "1971-03-07"}, "the same"),
    Case("birth", {"birth": "1971-03-07"}, {"birth": "1971-07-03"}, "day and month swapped"),
    Case("birth", {"birth": "1971-03-07"}, {"birth": "1971-04-02"}, "one by the lunar calendar"),
    Case("birth", {"birth": "1971-04-02"}, {"birth": "1971-03-07"}, "one by the lunar calendar"),
    Case("birth", {"birth": "1971-03-08"}, {"birth": "1971-03-07"}, "one digit differs"),
    Case("birth", {"birth": "1981-03-07"}, {"birth": "1971-03-07"}, "one digit differs"),
    Case("birth", {"birth": "1971-11-25"}, {"birth": "1971-03-07"}, "the same year"),
    Case("birth", {"birth": "1960-11-25"}, {"birth": "1971-03-07"}, "different"),
    Case("number", {"number": NUMBER}, {"number": NUMBER}, "the same"),
    Case("number", {"number": "11010519491231003X"}, {"number": NUMBER}, "one slip"),
    Case("number", {"number": "11010519491213002X"}, {"number": NUMBER}, "one slip"),
    Case("number", {"number": "1101051949123102X"}, {"number": NUMBER}, "one slip"),
    Case("number", {"number": "11010519491231112X"}, {"number": NUMBER}, "two slips"),
    Case("number", {"number": "653125198805020227"}, {"number": NUMBER}, "different"),
    Case("sex", {"sex": "1"}, {"sex": "1"}, "the same"),
    Case("sex", {"sex": "1"}, {"sex": "2"}, "different"),
    Case("region", {"regions": ["110105"]}, {"region": "130224", "origin": "110105"}, "one county"),
    Case("region", {"regions": ["110101"]}, {"origin": "110103"}, "one county"),
    Case("region", {"regions": ["222301"]}, {"region": "220800"}, "one county"),
    Case("region", {"regions": ["130225"]}, {"region": "130224"}, "one prefecture"),
    Case("region", {"regions": ["130102"]}, {"place": "130224"}, "one province"),
    Case("region", {"regions": ["650102"]}, {"region": "130224"}, "different"),
    Case("household", {}, {"household": HOME}, "one household", (HOME,)),
    Case("household", {}, {"household": HOME}, "different households", ("13000000000016",)),
    Case("household", {}, {"household": HOME}, "not stated"),
]


@pytest.fixture(scope="module")
def outcomes() -> list[dict[str, str]]:
    """Of each case the outcome of every comparison, by title."""
    compared = model.comparisons(1000)
    with duckdb.connect() as connection:
        homes = [{"id": i, "household": list(case.homes)} for i, case in enumerate(CASES) if case.homes]
        schema = pa.schema([("id", pa.int64()), ("household", pa.list_(TEXT))])
        connection.register("homes", pa.Table.from_pylist(homes, schema))
        stated = [{"id": i, "regions": [], **case.stated} for i, case in enumerate(CASES)]
        side.records(connection, "records", pa.Table.from_pylist(stated, STATED), "homes")
        found = [{"id": i, **case.held} for i, case in enumerate(CASES)]
        side.people(connection, "people", pa.Table.from_pylist(found, FOUND))
        connection.execute(
            "CREATE TABLE pairs AS SELECT id AS person, id AS record, 0 AS rule FROM records;"
            "CREATE TABLE frequencies AS SELECT DISTINCT name, 0.001 AS tf_name FROM records WHERE name IS NOT NULL"
        )
        scored = scoring.weigh(connection, model.settings(1000))
        rows = connection.sql(f"SELECT * FROM {scored} ORDER BY id_r").to_arrow_table().to_pylist()
    titles = {each.name: [*(level.title.en for level in each.levels), "not stated"] for each in compared}
    return [{name: known[len(known) - 2 - row[f"gamma_{name}"]] for name, known in titles.items()} for row in rows]


@pytest.mark.parametrize("place", range(len(CASES)), ids=[f"{case.compared}: {case.outcome}" for case in CASES])
def test_a_pair_that_shows_the_outcome(place: int, outcomes: list[dict[str, str]]) -> None:
    case = CASES[place]
    assert outcomes[place][case.compared] == case.outcome


def test_every_outcome_of_every_comparison_is_shown() -> None:
    shown = {(case.compared, case.outcome) for case in CASES}
    assert shown >= {(each.name, level.title.en) for each in model.comparisons(1000) for level in each.levels}
