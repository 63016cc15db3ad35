"""The base in figures: counted like by hand, and what is published tells of nobody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from quanmin import population, trust
from quanmin.lake.errors import NotReadable
from quanmin.population import change
from quanmin.population import statistics as figures
from quanmin.population.errors import NotBuilt
from quanmin.population.statistics import MINIMUM, PARTS, Statistics, statistics, suppress
from quanmin.standards.identity import citizen_number
from quanmin.trust.errors import AccessDenied

DEGREE, BIRTH, DEATH = "education.degree", "health.birth", "health.death"


def number(place: int) -> str:
    """A valid number for each of many people."""
    return str(citizen_number.decode(110105 * 10**11 + 19800101 * 1000 + place))


@pytest.fixture
def base(office: Any) -> Any:
    """Four people; three with a degree (one of them two, one with another sex), two with a birth certificate."""
    names = ["李明", "王芳", "欧阳•娜", "赵六"]
    office.send(office.bench, *({"number": number(i), "name": name, "sex": "1"} for i, name in enumerate(names)))
    old, new = dt.date(2001, 7, 1), dt.date(2005, 7, 1)
    office.send(
        DEGREE,
        {"number": number(0), "name": "李明", "sex": "2", "graduated_on": old, "education": "31"},
        {"number": number(0), "name": "李明", "sex": "1", "graduated_on": new, "education": "21"},
        {"number": number(1), "name": "王芳", "sex": "2", "graduated_on": new, "education": "31"},
        {"number": number(2), "name": "欧阳·娜", "graduated_on": new, "education": "31"},
        {"number": number(3), "name": "李四", "sex": "1", "graduated_on": new, "education": "31"},
        {"number": number(9), "name": "李四", "sex": "1", "graduated_on": new, "education": "31"},
    )
    office.send(
        BIRTH, {"number": number(0), "name": "李明", "sex": "1"}, {"number": number(1), "name": "王芳", "sex": "1"}
    )
    office.build()
    return office


def ask(base: Any, purpose: str = "supervision", parts: Any = PARTS, case: str | None = None) -> Statistics:
    return statistics(base.lake, base.decision(purpose, population.PERSON_COLUMNS, case=case), parts)


def rows(table: Any, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in table.to_pylist()]


def test_coverage_is_records_and_people(base: Any) -> None:
    found = ask(base)["coverage"]
    assert rows(found, "dataset", "records", "attached", "base", "people", "people_share") == [
        (DEGREE, 6, 4, 4, 3, 0.75),
        (BIRTH, 2, 2, 4, 2, 0.5),
        (base.bench, 4, 4, 4, 4, 1.0),
    ]


def test_completeness_is_filled_golden_items(base: Any) -> None:
    found = dict(rows(ask(base)["completeness"], "item", "filled"))
    assert {item: found[item] for item in ("citizen_number", "name", "sex", "education", "photo")} == {
        "citizen_number": 4,
        "name": 4,
        "sex": 4,
        "education": 3,
        "photo": 0,
    }
    assert set(found) == set(population.ITEM_NAMES)


def test_agreement_compares_the_latest_words_of_each_pair(base: Any) -> None:
    """By hand: the second degree of 李明 counts, names meet after normalisation, what is missing agrees with nobody."""
    found = {
        (row[0], {row[1], row[2]} == {base.bench, DEGREE}): row[3:]
        for row in rows(ask(base)["agreement"], "item", "first", "second", "both", "agree", "agree_share")
        if DEGREE in row[1:3]
    }
    assert found[("name", True)] == (3, 3, 1.0)
    assert found[("sex", True)] == (2, 1, 0.5)
    assert found[("sex", False)] == (2, 1, 0.5)
    assert found[("name", False)] == (2, 2, 1.0)
    assert ("education", True) not in found, "one source alone agrees with nobody"


def test_of_two_words_on_one_day_the_later_record_counts(base: Any) -> None:
    day = dt.date(2005, 7, 1)
    base.send(
        DEGREE,
        *({"number": number(2), "name": "欧阳·娜", "sex": sex, "graduated_on": day} for sex in ("2", "2", "1")),
    )
    base.build()
    found = {
        (row[0], row[1], row[2]): row[3:]
        for row in rows(ask(base)["agreement"], "item", "first", "second", "both", "agree")
    }
    assert found["sex", base.bench, DEGREE] == (3, 2), "before, one of two agreed"


def test_agreement_is_that_of_a_simulated_province_by_brute_force(base: Any) -> None:
    """Every attached row of every source, pair by pair in plain Python."""
    from quanmin import standards
    from quanmin.population.name import normalised
    from quanmin.population.plan import plan_of

    plan = plan_of(standards.catalogue())
    words: dict[tuple[str, int], tuple[Any, dict[str, Any]]] = {}
    with base.lake.session("population") as session:
        statement = session.connection.sql(f"FROM {session.relation('linked.statement')}").to_arrow_table().to_pylist()
        for source in plan.sources:
            if not session.exists(f"clean.{source.dataset}"):
                continue
            for row in session.connection.sql(f"FROM {session.live(source.dataset)}").to_arrow_table().to_pylist():
                said = [
                    s
                    for s in statement
                    if (s["dataset"], s["_batch"], s["_row"]) == (source.dataset, row["_batch"], row["_row"])
                ]
                if said[0]["outcome"] == "attached":
                    key = (source.dataset, row["person_key"])
                    order = (
                        row[source.event] or dt.date.min if source.event else dt.date.min,
                        row["_batch"],
                        row["_row"],
                    )
                    told = {item: row[element] for item, element in source.values.items()}
                    told["name"] = normalised(told.get("name"))
                    words[key] = max(words.get(key, ((dt.date.min, 0, 0), {})), (order, told), key=lambda one: one[0])
    expected: dict[tuple[str, str, str], list[int]] = {}
    order_of = [source.dataset for source in plan.sources]
    for (first, person), (_, mine) in words.items():
        for (second, other), (_, yours) in words.items():
            if person == other and order_of.index(first) < order_of.index(second):
                for item in mine.keys() & yours.keys():
                    if mine[item] is not None and yours[item] is not None:
                        count = expected.setdefault((item, first, second), [0, 0])
                        count[0] += 1
                        count[1] += mine[item] == yours[item]
    found = {row[:3]: list(row[3:]) for row in rows(ask(base)["agreement"], "item", "first", "second", "both", "agree")}
    assert found == expected and len(found) >= 5


def test_errors_are_counted_by_source_and_code(base: Any) -> None:
    found = rows(ask(base)["errors"], "dataset", "source", "code", "records", "errors")
    assert found == [(DEGREE, "education", "E02", 6, 1), (DEGREE, "education", "E03", 6, 1)]


def test_the_trend_goes_by_the_day_of_the_batch(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    base.send(DEGREE, {"number": number(2), "name": "欧阳·娜", "education": "31"})
    batch = base.send(DEGREE, {"number": number(8), "name": "李四", "education": "31"})
    base.build()
    day = figures.days_of(base.lake, base.lake.snapshot().id)[batch]
    real = figures.days_of
    later = day + dt.timedelta(days=3)
    monkeypatch.setattr(figures, "days_of", lambda lake, until: real(lake, until) | {batch: later, batch - 1: later})
    found = rows(ask(base)["trend"], "day", "code", "records", "errors", "errors_share")
    assert found == [
        (day, "E02", 6, 1, 1 / 6),
        (day, "E03", 6, 1, 1 / 6),
        (later, "E02", 2, 1, 0.5),
        (later, "E03", 2, 0, 0.0),
    ]


def test_groups_of_buckets_add_up(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    base.send(base.bench, *({"number": number(place), "name": f"人{place}"} for place in range(20, 60)))
    base.build()
    whole = ask(base).to_dict()
    monkeypatch.setattr(figures, "GROUP_ROWS", 1)
    with base.lake.session("population") as session:
        assert len(list(figures._groups(session))) == 2
    assert ask(base).to_dict() == whole


def test_what_is_published_has_no_small_cell(base: Any) -> None:
    """Everything here tells of four people or six records, so that nothing is told."""
    found = ask(base, "statistics")
    assert found.minimum == MINIMUM
    told = [row for part in PARTS for row in found[part].to_pylist()]
    small = [value for row in told for name, value in row.items() if name in COUNTED and value]
    assert small == [] and found["coverage"].num_rows == 3
    assert {row["item"] for row in found["completeness"].to_pylist()} == set(population.ITEM_NAMES)
    assert {row["filled"] for row in found["completeness"].to_pylist()} <= {0, None}


COUNTED = ("records", "attached", "base", "people", "filled", "both", "agree", "errors")


def error(code: str, errors: int, records: int = 1000, day: int | None = None) -> dict[str, Any]:
    row = {"dataset": "d", "source": "s", "code": code, "records": records, "errors": errors}
    row |= {"errors_share": errors / records, "suppressed": False}
    return row if day is None else {"day": day, **row}


def shown(found: list[dict[str, Any]]) -> list[Any]:
    return [row["errors"] for row in found]


def test_a_count_is_hidden_by_itself_and_by_its_rest() -> None:
    found = [
        error("E01", 9),
        error("E02", 10),
        error("E03", 995),
        error("E04", 990),
        error("E05", 0),
        error("E06", 1000),
    ]
    suppress({"errors": found}, 10)
    assert shown(found) == [None, 10, None, 990, 0, 1000]
    assert [row["errors_share"] for row in found][:2] == [None, 0.01]
    assert all(row["suppressed"] == (row["errors"] is None) for row in found)


def test_a_small_whole_hides_its_parts() -> None:
    found = [error("E01", 0, records=9), error("E02", 0, records=10)]
    suppress({"errors": found}, 10)
    assert [(row["records"], row["errors"]) for row in found] == [(None, None), (10, 0)]


def test_one_hidden_cell_takes_the_smallest_other_with_it() -> None:
    """Otherwise the sum, which is told, less the others would tell it."""
    found = [error("E01", 9), error("E02", 300), error("E03", 20), error("E04", 0)]
    suppress({"errors": found}, 10)
    assert shown(found) == [None, 300, None, 0]
    alone = [error("E01", 9), error("E02", 0)]
    suppress({"errors": alone}, 10)
    assert shown(alone) == [None, 0]


def test_days_do_not_tell_what_their_sum_hides() -> None:
    errors = [error("E01", 9), error("E02", 40), error("E03", 300)]
    trend = [error("E02", 20, day=1), error("E02", 20, day=2), error("E03", 295, day=1), error("E03", 5, day=2)]
    suppress({"errors": errors, "trend": trend}, 10)
    assert (shown(errors), shown(trend)) == ([None, None, 300], [None, None, None, None])


def test_purposes_get_what_they_may_see(base: Any) -> None:
    operation = ask(base, "operation")
    assert operation.minimum == 0 and operation["coverage"].num_rows == 3 and operation["errors"].num_rows == 2
    assert operation["completeness"].num_rows == operation["agreement"].num_rows == 0
    assert ask(base, "research", case="C-1")["completeness"].num_rows == len(population.ITEM_NAMES)
    for purpose, case in (("verification", "C-1"), ("research", None), ("curiosity", None)):
        with pytest.raises((NotReadable, AccessDenied)):
            ask(base, purpose, case=case)


def test_only_what_is_asked_for_is_counted(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(figures.Counting, "agreement", lambda self: pytest.fail("was not asked for"))
    found = ask(base, parts=["coverage", "trend"])
    assert list(found.tables) == ["coverage", "trend"]
    assert set(found.to_dict()) == {"snapshot", "purpose", "minimum", "coverage", "trend"}


def test_statistics_are_one_line_of_the_audit(base: Any) -> None:
    found = ask(base, "statistics", ["coverage"])
    [line] = [entry.fields for entry in trust.audit.entries(base.lake.ledger, "read")]
    assert (line["purpose"], line["rows"], line["persons"]) == ("statistics", found["coverage"].num_rows, [])


def test_before_the_first_build_there_is_nothing_to_count(office: Any) -> None:
    with pytest.raises(NotBuilt):
        ask(office)


def test_a_base_in_layers_is_counted_as_one_written_anew(base: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change, "MOST_AT_ONCE", 1.0)
    base.send(BIRTH, {"number": number(2), "name": "欧阳娜", "sex": "1"})
    assert not base.build().full
    with base.lake.session("population") as session:
        assert {file.last_layer for file in session.entries("linked.person")} == {0, 1}
    layered = {part: ask(base)[part].to_pylist() for part in ("coverage", "completeness")}
    assert {row["base"] for row in layered["coverage"]} == {4}
    base.build(full=True)
    assert {part: ask(base)[part].to_pylist() for part in ("coverage", "completeness")} == layered
