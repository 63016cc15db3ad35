"""A record that linkage attached is its person's in every question: identifiers, statistics and history."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from quanmin import population, trust
from quanmin.population import linkage
from quanmin.population.history import history
from quanmin.population.identifiers import identifiers_of, identify
from quanmin.population.statistics import statistics

from .test_adoption import LI, NUMBER, SLIP

CASES = {"no number": {"number": None}, "slip": {"number": SLIP}, "another name": {"number": NUMBER, "name": "李小明"}}


def decide(office: Any, about: str = "linked.person", elements: Any = population.PERSON_COLUMNS) -> trust.Decision:
    return trust.decide(office.lake.ledger, trust.local_administrator(), "treatment", about, tuple(elements), "C-1")


@pytest.fixture
def base(office: Any) -> Any:
    """Li, some people, and rows of nobody, so that Li's record lies in each bucket in turn."""
    office.send(office.bench, {**LI, "number": NUMBER}, *({"number": None, "name": f"王{c}"} for c in "甲乙丙"))
    office.build()
    return office


def linked(office: Any, given: dict[str, Any], before: int) -> int:
    """A death of Li behind so many of nobody, which linkage attaches; its batch."""
    nobody = [{"number": None, "name": None}] * before
    batch = office.send(office.death, *nobody, {**LI, "death_date": dt.date(2014, 5, 6), **given})
    office.build()
    assert linkage.link(office.lake).attach == 1
    assert office.build().linked == 1
    return int(batch)


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_its_identifiers_are_the_persons_and_lead_to_them(base: Any, given: dict[str, Any], before: int) -> None:
    batch = linked(base, given, before)

    def asked(about: str, elements: Any) -> trust.Decision:
        return decide(base, about, elements)

    [found] = [one for one in identifiers_of(base.lake, asked, NUMBER)["identifiers"] if one["dataset"] == base.death]
    assert (found["batch"], found["row"]) == (batch, before + 1)
    led = identify(base.lake, asked, base.death, found["value"])
    assert ([one["person"] for one in led["people"]], led["set_aside"]) == ([NUMBER], [])


@pytest.mark.parametrize("before", [0, 1])
@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_it_counts_in_the_statistics(base: Any, given: dict[str, Any], before: int) -> None:
    linked(base, given, before)
    found = statistics(base.lake, decide(base), ("coverage", "agreement"))
    [row] = [one for one in found["coverage"].to_pylist() if one["dataset"] == base.death]
    assert (row["records"], row["attached"], row["people"]) == (before + 1, 1, 1)
    pairs = {one["item"]: (one["both"], one["agree"]) for one in found["agreement"].to_pylist()}
    assert pairs["name"] == (1, int("name" not in given))


@pytest.mark.parametrize("given", CASES.values(), ids=CASES)
def test_the_history_tells_it_and_where_it_is_when_the_link_is_gone(base: Any, given: dict[str, Any]) -> None:
    batch = linked(base, given, 0)

    def told() -> tuple[list[str], str]:
        records = history(base.lake, decide(base), NUMBER)["records"]
        [record] = [one for one in records if one["batch"] == batch]
        return [one["outcome"] for one in record["outcomes"]], record["state"]

    outcomes, state = told()
    assert (outcomes[-1], state) == ("linked", "live")
    with base.lake.session("linkage") as session:
        writer = session.writer("linked.adopted", session.schema("linked.adopted"), "bucket")
        writer.write(session.schema("linked.adopted").empty_table())
        writer.overwrite()
        session.commit()
    assert base.build().linked == 0
    outcomes, state = told()
    assert (outcomes[-1], state) == (("E03", "live") if "name" in given else ("linked", "moved"))
