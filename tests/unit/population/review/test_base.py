"""What a merge makes of the base with the next build, what every question then says, and that undoing brings both back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from quanmin import population, standards, trust
from quanmin.population import linkage
from quanmin.population.build import due_dates
from quanmin.population.find import Sought, find
from quanmin.population.history import history
from quanmin.population.identifiers import identifiers_of, identify
from quanmin.population.inquiry import merged
from quanmin.population.review import lead, merge, queue
from quanmin.population.statistics import statistics

from .conftest import CROWD, DAY, ELSEWHERE, LI, LI_AGAIN, OTHER_NUMBER, Desk, key, person
from .test_merge import answers, decision

TABLES = ("linked.person", "linked.statement", "linked.discrepancy")


def base(desk: Desk) -> dict[str, list[Any]]:
    """The rows of the base."""
    with desk.lake.session("population") as session:
        return {
            table: session.connection.execute(f"SELECT * FROM {session.relation(table)} ORDER BY ALL").fetchall()
            for table in TABLES
        }


def rows(desk: Desk, query: str) -> list[Any]:
    """A question to the tables: `{person}`, `{statement}` and `{discrepancy}` stand for them."""
    with desk.lake.session("population") as session:
        named = {table.split(".")[1]: session.relation(table) for table in TABLES}
        return session.connection.execute(query.format(**named)).fetchall()


@pytest.fixture
def both(queued: Desk) -> Desk:
    """王峰 has two records under one number, and OTHER_NUMBER says where he works; the numbers are merged and the base built."""
    queued.office.send(queued.office.whole, {**OTHER_NUMBER, "education": "21"}, {**OTHER_NUMBER, "name": "吴二"})
    queued.office.build()
    queued.decide(queued.double(ELSEWHERE, OTHER_NUMBER), keep="left")
    queued.office.build()
    return queued


def test_one_golden_record_of_both_numbers(both: Desk) -> None:
    """The second record under the old number bears another name: it stays aside, but nothing refers to the old number."""
    people = [row[0] for row in rows(both, "SELECT person_key FROM {person} WHERE birth_date = '1960-05-05'")]
    assert people == [key(ELSEWHERE)]
    told = rows(both, f"SELECT dataset, outcome FROM {{statement}} WHERE person_key = {key(ELSEWHERE)} ORDER BY ALL")
    bench, whole = both.office.bench, both.office.whole
    assert told == [(whole, "E03"), (whole, "attached"), (whole, "attached"), (bench, "E07"), (bench, "attached")]
    for table in TABLES:
        old = rows(both, f"SELECT count(*) FROM {{{table.split('.')[1]}}} WHERE person_key = {key(OTHER_NUMBER)}")
        assert old == [(0,)]


def test_values_of_the_old_number_are_the_survivors(both: Desk) -> None:
    [before] = rows(both, f"SELECT education, education_source FROM {{person}} WHERE person_key = {key(ELSEWHERE)}")
    assert before == ("21", both.office.whole)


def test_errors_are_told_by_the_row_and_the_old_row_of_the_register_is_a_duplicate(both: Desk, tmp_path: Any) -> None:
    """In the sender's own file and row, with no word of a number; the answer is due from the decision on."""
    told = rows(
        both, f"SELECT dataset, code, due_on FROM {{discrepancy}} WHERE person_key = {key(ELSEWHERE)} ORDER BY ALL"
    )
    document = merge.of(both.lake, key(OTHER_NUMBER))
    due = dict(zip(*due_dates(both.lake).to_pydict().values(), strict=True))
    assert document is not None
    assert [(dataset, code) for dataset, code, _ in told] == [(both.office.whole, "E03"), (both.office.bench, "E07")]
    assert told[1][2] == due[document.id]
    population.export_feedback(both.lake, "public_security", tmp_path)
    lines = (tmp_path / f"{both.office.bench}.feedback.csv").read_text("utf-8-sig").splitlines()
    assert any("E07" in line for line in lines) and not any(OTHER_NUMBER["number"] in line for line in lines)
    health = json.loads((tmp_path / "public_security.feedback.json").read_text("utf-8"))
    assert health["codes"]["E07"] == 1


def test_every_question_about_the_old_number_is_answered_by_the_survivor(both: Desk) -> None:
    found = answers(both)
    assert found["show"][3]["items"] == found["show"][2]["items"]
    assert found["show"][3]["merged"]["number"] == OTHER_NUMBER["number"]
    assert (found["counter"], found["verify"][3]) == (found["show"], "agree")
    assert [one["answer"] for one in found["file"]] == ["agree", "agree", "agree", "differ"]
    assert found["identifiers"][3] == found["identifiers"][2]
    assert found["history"][3]["person"] == ELSEWHERE["number"]
    assert len(find(both.lake, decision(both), Sought(name="王峰"))) == 1


def test_a_merge_undone_brings_both_back(queued: Desk) -> None:
    """Digest for digest, after the next build; until then the old number is still answered by the row that there is."""
    before = base(queued)
    reviews = [queued.double(LI, LI_AGAIN), queued.double(ELSEWHERE, OTHER_NUMBER)]
    for review in reviews:
        queued.decide(review)
    assert not queued.office.build().full
    after = base(queued)
    assert len(after["linked.person"]) == len(before["linked.person"]) - 2
    assert len(after["linked.statement"]) == len(before["linked.statement"])
    for review in reviews:
        queued.undo(review)
    shown = population.show(queued.lake, decision(queued), LI_AGAIN["number"])
    assert (shown["person"], shown["merged"]["undone"]) == (LI["number"], True)
    assert merged(queued.lake, LI_AGAIN["number"])
    assert population.verify(queued.lake, queued.office.decision(), LI_AGAIN["number"], "李晓明") == "agree"
    assert answers(queued)["counter"][1]["person"] == LI["number"]
    assert not queued.office.build().full
    assert base(queued) == before
    assert (lead.everyone(queued.lake), merged(queued.lake, LI_AGAIN["number"])) == ({}, False)
    assert population.show(queued.lake, decision(queued), LI_AGAIN["number"])["person"] == LI_AGAIN["number"]
    gathered = queue.gather(queued.lake)
    assert (gathered.new["double"], gathered.lapsed, len(queued.items("double"))) == (0, 0, 2)


def test_a_chain_of_merges_is_one_record(queued: Desk) -> None:
    queued.decide(queued.double(LI, LI_AGAIN))
    queued.office.build()
    data = {"people": [key(LI), key(ELSEWHERE)], "records": [0, 1], "near": False}
    queued.decide(queued.lake.ledger.create("review_double", "by hand", data).id)
    queued.office.build()
    people = {row[0] for row in rows(queued, "SELECT person_key FROM {person}")}
    assert key(ELSEWHERE) in people and not people & {key(LI), key(LI_AGAIN)}
    assert population.show(queued.lake, decision(queued), LI_AGAIN["number"])["person"] == ELSEWHERE["number"]
    told = history(queued.lake, decision(queued), LI_AGAIN["number"])
    assert [one["person"] for one in told["before"]] == [LI["number"], LI_AGAIN["number"]]


def test_a_corrected_and_a_withdrawn_record_of_the_old_number(both: Desk) -> None:
    """What the record said goes and comes with it, under the surviving number."""
    office = both.office
    keys = dict.fromkeys(standards.catalogue().dataset(office.whole).key, "P1")
    sent = office.send(office.whole, {**OTHER_NUMBER, "education": "11", **keys})
    office.build()
    assert rows(both, f"SELECT education FROM {{person}} WHERE person_key = {key(ELSEWHERE)}") == [("11",)]
    office.send(office.whole, {**OTHER_NUMBER, "education": "12", **keys})
    assert not office.build().full
    golden = rows(both, f"SELECT education FROM {{person}} WHERE person_key = {key(ELSEWHERE)}")
    assert rows(both, f"SELECT count(*) FROM {{statement}} WHERE _batch = {sent}") == [(0,)]
    with both.lake.session("collect", transaction="withdraw all") as session:
        table = f"clean.{office.whole}"
        session.writer(table, session.schema(table), "bucket").delete(f"person_key = {key(OTHER_NUMBER)}")
        session.commit()
    assert not office.build().full
    after = rows(both, f"SELECT education FROM {{person}} WHERE person_key = {key(ELSEWHERE)}")
    assert (golden, after) == ([("12",)], [(None,)])


def test_what_the_register_cancels_leaves_the_person_under_the_other_number(both: Desk) -> None:
    """Public security cancels the surviving number instead: the person stands under the old one, and both lead there."""
    with both.lake.session("collect", transaction="cancelled") as session:
        table = f"clean.{both.office.bench}"
        session.writer(table, session.schema(table), "bucket").delete(f"person_key = {key(ELSEWHERE)}")
        session.commit()
    assert not both.office.build().full
    assert rows(both, "SELECT person_key FROM {person} WHERE birth_date = '1960-05-05'") == [(key(OTHER_NUMBER),)]
    for number in (ELSEWHERE["number"], OTHER_NUMBER["number"]):
        assert population.show(both.lake, decision(both), number)["person"] == OTHER_NUMBER["number"]


def test_a_closed_review_does_not_come_back_and_linkage_still_runs(both: Desk) -> None:
    """A death of Li without number fits both his numbers: since they are one person's it attaches."""
    both.decide(both.double(LI, LI_AGAIN))
    batch = both.office.send(both.office.death, {**LI, "number": None})
    both.office.build()
    assert both.links()[both.office.death, batch, 1] == ("attach", key(LI))
    linkage.link(both.lake, train=True)
    both.office.build()
    assert both.office.outcomes(both.office.death) == {1: "linked"}
    gathered = queue.gather(both.lake)
    assert (gathered.new["double"], gathered.new["contested"]) == (0, 0)


def test_a_contested_number_that_was_merged_asks_nothing_about_the_survivor(queued: Desk) -> None:
    rival = person(DAY, "孙三", 14)
    queued.office.send(queued.office.bench, rival)
    queued.decide(queued.double(LI, LI_AGAIN))
    queued.office.build()
    assert queue.gather(queued.lake).new["contested"] == 0


def test_statistics_count_one_person(queued: Desk) -> None:
    def coverage() -> dict[str, tuple[int, int, int]]:
        found = statistics(queued.lake, decision(queued), ("coverage",))["coverage"].to_pylist()
        return {row["dataset"]: (row["records"], row["attached"], row["people"]) for row in found}

    before = coverage()
    queued.decide(queued.double(LI, LI_AGAIN))
    queued.office.build()
    bench, whole = queued.office.bench, queued.office.whole
    assert coverage()[whole] == (before[whole][0], before[whole][1], before[whole][2] - 1)
    assert coverage()[bench] == (before[bench][0], before[bench][1] - 1, before[bench][2] - 1)
    assert before[bench][2] == len(CROWD) + 5


def test_the_history_of_both_numbers_tells_where_their_records_are(queued: Desk) -> None:
    review = queued.double(LI, LI_AGAIN)
    queued.decide(review)
    queued.office.build()

    def states(number: str) -> list[list[str]]:
        told = history(queued.lake, decision(queued), number)
        return [sorted(one["state"] for one in each["records"]) for each in (told, *told.get("before", []))]

    assert states(LI_AGAIN["number"]) == [["live"] * 5, ["moved"] * 2]
    told = history(queued.lake, decision(queued), LI["number"])
    assert [[change["event"] for change in one["changes"]] for one in (told, *told["before"])] == [
        ["entered"],
        ["entered", "left"],
    ]
    queued.undo(review)
    queued.office.build()
    assert states(LI["number"]) == [["live"] * 3 + ["moved"] * 2]
    assert states(LI_AGAIN["number"]) == [["live"] * 2]


def test_an_identifier_of_the_old_number_leads_to_the_survivor(queued: Desk) -> None:
    def decide(about: str, elements: Any) -> trust.Decision:
        return trust.decide(queued.lake.ledger, trust.local_administrator(), "treatment", about, tuple(elements), "C-1")

    def codes(number: str) -> set[str]:
        found = identifiers_of(queued.lake, decide, number)["identifiers"]
        return {one["value"] for one in found if one["dataset"] == queued.office.whole}

    [old], new = codes(LI_AGAIN["number"]), codes(LI["number"])
    queued.decide(queued.double(LI, LI_AGAIN))
    queued.office.build()
    assert codes(LI["number"]) == {old, *new}
    led = identify(queued.lake, decide, queued.office.whole, old)
    assert ([one["person"] for one in led["people"]], led["set_aside"]) == ([LI["number"]], [])
