"""What linkage attached joins the base at the next build: values, statement, and nothing of it once the record is gone."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from quanmin.population import linkage
from quanmin.standards.identity import citizen_number

DAY = dt.date(1971, 3, 7)
FIRST17 = "13022419710307012"
NUMBER, KEY = FIRST17 + citizen_number.check_character(FIRST17), int(FIRST17)
LI = {"name": "李晓明", "birth_date": DAY, "sex": "2"}
DIED = dt.date(2014, 5, 6)


@pytest.fixture
def base(office):
    """Li in the base, and people to be told apart from."""
    office.send(office.bench, {**LI, "number": NUMBER}, *({"number": None, "name": f"王{c}"} for c in "甲乙丙"))
    office.build()
    return office


def golden(office, item: str) -> tuple[Any, Any]:
    """Li's golden value of an item and the dataset that it comes from."""
    with office.lake.session("population") as session:
        query = f"SELECT {item}, {item}_source FROM {session.relation('linked.person')} WHERE person_key = {KEY}"
        return tuple(session.connection.execute(query).fetchall()[0])


def statements(office, batch: int) -> list[tuple[int | None, int, str]]:
    """Person, row and outcome of each record of a batch."""
    with office.lake.session("population") as session:
        query = f"SELECT person_key, _row, outcome FROM {session.relation('linked.statement')} WHERE _batch = {batch}"
        return session.connection.execute(f"{query} ORDER BY _row").fetchall()


def told(office, batch: int) -> list[tuple[int, str]]:
    """Row and code of what the sender of a batch is told."""
    with office.lake.session("feedback") as session:
        query = f"SELECT _row, code FROM {session.relation('linked.discrepancy')} WHERE _batch = {batch} ORDER BY ALL"
        return session.connection.execute(query).fetchall()


SLIP = NUMBER[:15] + "7" + NUMBER[16:]
CASES = [({"number": SLIP}, "E01"), ({"number": None}, "E12"), ({"number": NUMBER, "name": "李小明"}, "E03")]


@pytest.mark.parametrize(("slip", "code"), CASES, ids=["slip", "no number", "another name"])
def test_a_linked_record_counts_for_its_person_and_is_still_told(base, slip: dict[str, Any], code: str) -> None:
    batch = base.send(base.death, {**LI, "death_date": DIED, **slip}, flags="citizen_number.check_digit")
    before = base.build()
    assert golden(base, "death_date") == (None, None)
    was = told(base, batch)
    assert [outcome for _, _, outcome in statements(base, batch)] == [code]
    assert linkage.link(base.lake).attach == 1
    after = base.build()
    assert golden(base, "death_date") == (DIED, base.death)
    assert statements(base, batch) == [(KEY, 1, "linked")]
    assert told(base, batch) == was
    assert (after.records, after.attached, after.set_aside) == (before.records, before.attached, before.set_aside)
    assert (before.linked, after.linked) == (0, 1)


@pytest.mark.parametrize("slip", [slip for slip, _ in CASES], ids=["slip", "no number", "another name"])
def test_a_linked_record_that_is_withdrawn_leaves_nothing(base, slip: dict[str, Any]) -> None:
    batch = base.send(base.death, {**LI, "death_date": DIED, **slip})
    base.build()
    linkage.link(base.lake)
    assert base.build().linked == 1
    with base.lake.session("collect", transaction=f"withdraw {batch}") as session:
        table = f"clean.{base.death}"
        session.writer(table, session.schema(table), "bucket").delete(f"_batch = {batch}")
        session.commit()
    report = base.build()
    assert not report.full and report.linked == 0
    assert golden(base, "death_date") == (None, None)
    assert statements(base, batch) == []


def test_what_is_linked_stays_linked_and_a_build_after_the_same_links_has_nothing_to_do(base) -> None:
    base.send(base.death, {**LI, "death_date": DIED, "number": SLIP})
    base.build()
    linkage.link(base.lake)
    first = base.build()
    assert linkage.link(base.lake).attach == 1
    again = base.build()
    assert (again.linked, again.computed) == (first.linked, 0)


def test_a_person_who_leaves_the_base_takes_the_link_along(base) -> None:
    """Until linkage runs again the record stands as what it is by itself, and nothing counts for nobody."""
    batch = base.send(base.death, {**LI, "death_date": DIED, "number": SLIP})
    base.build()
    linkage.link(base.lake)
    base.build()
    with base.lake.session("collect", transaction="withdraw bench") as session:
        table = f"clean.{base.bench}"
        session.writer(table, session.schema(table), "bucket").delete(f"person_key = {KEY}")
        session.commit()
    report = base.build()
    assert (report.linked, report.people) == (0, 0)
    assert [(row, outcome) for _, row, outcome in statements(base, batch)] == [(1, "E01")]
