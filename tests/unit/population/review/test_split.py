"""A number of two people: the holder keeps it, the other never speaks of the holder, and is found under a new number."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from quanmin import population
from quanmin.population.history import history
from quanmin.population.review import journal, queue, split

from .conftest import RIVAL, ZHAO, Desk, key, person
from .test_base import base, rows
from .test_merge import decision

NEW = person(dt.date(1980, 1, 1), "钱二", 423, birth_place="130224")
"""The number that public security gives to the other person."""


@pytest.fixture
def shared(queued: Desk) -> Desk:
    """Zhao's number, which Qian uses too, with a record of each and a death record of Qian without a number."""
    places = {"birth_date": ZHAO["birth_date"], "sex": ZHAO["sex"]}
    queued.office.send(queued.office.whole, {**ZHAO, "education": "11"}, {**RIVAL, **places, "education": "21"})
    queued.office.build()
    return queued


def golden(desk: Desk) -> Any:
    return rows(desk, f"SELECT name, education, contested FROM {{person}} WHERE person_key = {key(ZHAO)}")


def expected(desk: Desk, folder: Path, source: str, dataset: str) -> set[str]:
    """What a sender is told of the shared number."""
    population.export_feedback(desk.lake, source, folder)
    with (folder / f"{dataset}.feedback.csv").open(encoding="utf-8-sig", newline="") as file:
        return {line["expected_en"] for line in csv.DictReader(file) if line["code"] == "E06"}


def test_the_holder_keeps_the_number_and_the_other_has_no_golden_record(shared: Desk) -> None:
    shared.decide(shared.one("contested"), "different")
    shared.office.build()
    assert golden(shared) == [("赵一", "11", True)]
    assert rows(shared, "SELECT count(*) FROM {person} WHERE name = '钱二'") == [(0,)]
    told = rows(shared, f"SELECT dataset, outcome FROM {{statement}} WHERE person_key = {key(ZHAO)} ORDER BY ALL")
    bench, whole = shared.office.bench, shared.office.whole
    assert told == [(whole, "E06"), (whole, "attached"), (bench, "E06"), (bench, "attached")]
    shown = population.show(shared.lake, decision(shared), ZHAO["number"])
    assert shown["split"]["review"] == shared.items("contested", "closed")[0]["review"]


def test_both_senders_are_told_what_was_decided(shared: Desk, tmp_path: Path) -> None:
    bench, whole = shared.office.bench, shared.office.whole
    before = expected(shared, tmp_path, "public_security", bench), expected(shared, tmp_path, "health", whole)
    shared.decide(shared.one("contested"), "different")
    shared.office.build()
    [police], [health] = (
        expected(shared, tmp_path, "public_security", bench),
        expected(shared, tmp_path, "health", whole),
    )
    assert "give the other a new one" in police and "another person's" in health
    assert not {police, health} & before[0] | before[1] & {police, health}


def test_a_split_undone_leaves_the_base_as_it_was(shared: Desk) -> None:
    before, review = base(shared), shared.one("contested")
    shared.decide(review, "different")
    assert split.everyone(shared.lake.ledger) == [key(ZHAO)]
    shared.office.build()
    shared.undo(review)
    shared.office.build()
    assert (base(shared), split.everyone(shared.lake.ledger)) == (before, [])
    assert "split" not in population.show(shared.lake, decision(shared), ZHAO["number"])
    assert [one["event"] for one in journal.changes(shared.lake, key(ZHAO))] == ["contested", "undone"]
    told = history(shared.lake, decision(shared), ZHAO["number"])
    assert [one["event"] for one in told["reviews"]] == ["contested", "undone"]


def test_a_later_review_that_finds_one_person_ends_the_split(shared: Desk) -> None:
    shared.decide(shared.one("contested"), "different")
    shared.office.send(shared.office.bench, {**ZHAO, "name": "赵壹"})
    shared.office.build()
    queue.gather(shared.lake)
    later = shared.one("contested")
    shared.decide(later, "same")
    assert (split.everyone(shared.lake.ledger), split.of(shared.lake, key(ZHAO))) == ([], None)
    shared.undo(later)
    assert split.everyone(shared.lake.ledger) == [key(ZHAO)]


def test_a_record_that_bears_the_others_name_is_never_linked_to_the_holder(shared: Desk) -> None:
    shared.decide(shared.one("contested"), "different")
    assert key(ZHAO) not in {person for _, person in shared.links().values()}


def test_the_others_records_find_them_under_a_new_number(shared: Desk) -> None:
    """Without the split the number that they bear holds them back: it is sound, and another's."""
    review = shared.one("contested")
    shared.office.send(shared.office.bench, NEW)
    shared.office.build()
    held_back = {decision for decision, found in shared.links().values() if found == key(NEW)}
    assert held_back == {"review"}
    shared.decide(review, "different")
    links = shared.links()
    assert {decision for decision, found in links.values() if found == key(NEW)} == {"attach"}
    shared.office.build()
    assert rows(shared, f"SELECT education FROM {{person}} WHERE person_key = {key(NEW)}") == [("21",)]
    assert golden(shared) == [("赵一", "11", True)]
    told = rows(shared, f"SELECT outcome FROM {{statement}} WHERE person_key = {key(NEW)} ORDER BY ALL")
    assert told == [("attached",), ("linked",)]
    again = shared.links()
    assert again == links, "what was linked stays so"
    shared.office.build(full=True)
    assert rows(shared, f"SELECT education FROM {{person}} WHERE person_key = {key(NEW)}") == [("21",)]
    shared.undo(review)
    shared.links()
    shared.office.build()
    assert rows(shared, f"SELECT education FROM {{person}} WHERE person_key = {key(NEW)}") == [(None,)]
