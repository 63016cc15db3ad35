"""A citizen's claim on its way: asked once, sent with the feedback of its source, answered, and read by nobody else."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from quanmin import trust
from quanmin.ledger.errors import IllegalAction, MissingField, UnknownDocument
from quanmin.population import correction
from quanmin.population.correction import CORRECTION, Claim
from quanmin.population.errors import AlreadyAsked, NothingStated, NotYourRequest
from quanmin.population.feedback import export_feedback
from quanmin.standards.identity import citizen_number
from quanmin.trust import Situation
from quanmin.trust.keys.errors import RoleMissing

KEY = 11010519800101001
NUMBER = str(citizen_number.decode(KEY))
CITIZEN = trust.Actor("p-1", frozenset({"patient"}), kind="patient", assurance=2, mfa=True, subject="s" * 32)
OPERATOR = trust.Actor("o-1", frozenset({"operator"}), region="000000", kind="staff", assurance=2, mfa=True)
WORDS = "学历应为大学本科，电话 13912345678"


@pytest.fixture
def base(office: Any) -> Any:
    office.send(office.bench, {"number": NUMBER, "name": "李明", "education": "61"}, also=("education",))
    degree = {"number": NUMBER, "name": "李明", "education": "31", "graduated_on": dt.date(2005, 7, 1)}
    office.send("education.degree", degree, sent_as="degrees.csv")
    office.build()
    return office


def asked(base: Any, actor: trust.Actor = CITIZEN, claim: Claim | None = None) -> Any:
    def decide(dataset: str, elements: Sequence[str]) -> trust.Decision:
        known = Situation(own=True, person=KEY)
        return trust.decide(base.lake.ledger, actor, "own_record", dataset, tuple(elements), None, known)

    claim = claim or Claim("education", "education.degree", WORDS)
    return correction.ask(base.lake, decide, actor, NUMBER, claim)


def test_a_request_goes_to_its_source_with_the_feedback_and_comes_back_answered(base: Any, tmp_path: Path) -> None:
    ledger, made = base.lake.ledger, asked(base)
    [told] = correction.mine(ledger, CITIZEN)
    assert told["state"] == "asked" and told["source"] == "education" and told["due"] is not None
    assert told["claim"] == WORDS.replace("13912345678", "***")
    assert export_feedback(base.lake, "health", tmp_path / "health").files == {}
    found = export_feedback(base.lake, "education", tmp_path)
    assert found.files["education.corrections.csv"] == 1
    with (tmp_path / "education.corrections.csv").open(encoding="utf-8-sig", newline="") as file:
        [line] = csv.DictReader(file)
    assert (line["file"], line["row"], line["element"]) == ("degrees.csv", "1", "education")
    assert json.loads((tmp_path / found.summary).read_text("utf-8"))["corrections"] == {"education.corrections.csv": 1}
    for written in tmp_path.iterdir():
        if written.is_file():
            assert not any(word in written.read_text("utf-8") for word in (NUMBER, "李明", "本科", "139"))
    assert ledger.get(made.id).state == "sent"
    export_feedback(base.lake, "education", tmp_path)
    assert ledger.get(made.id).state == "sent", "sent again, noted once"
    assert [one["document"] for one in correction.standing(ledger, OPERATOR)] == [made.id]
    correction.answer(ledger, OPERATOR, made.id, "kept", "档案核实为大专")
    [told] = correction.mine(ledger, CITIZEN)
    assert (told["state"], told["outcome"], told["due"]) == ("answered", "kept", None)
    assert correction.standing(ledger, OPERATOR) == []
    assert export_feedback(base.lake, "education", tmp_path / "after").files.keys().isdisjoint(found.files)


def test_one_request_at_a_time_and_only_to_who_states_it(base: Any) -> None:
    made = asked(base)
    with pytest.raises(AlreadyAsked):
        asked(base)
    asked(base, claim=Claim("education", base.bench, "也不对"))
    for claim in (Claim("death_date", "education.degree", "x"), Claim("education", "health.birth", "x")):
        with pytest.raises(NothingStated):
            asked(base, claim=claim)
    correction.withdraw(base.lake.ledger, CITIZEN, made.id)
    assert asked(base).id != made.id
    with pytest.raises(IllegalAction):
        correction.withdraw(base.lake.ledger, CITIZEN, made.id)


def test_it_is_the_citizens_and_the_operators_and_nobody_elses(base: Any) -> None:
    ledger, made = base.lake.ledger, asked(base)
    other = replace(CITIZEN, id="p-2", subject="t" * 32)
    guardian = replace(other, roles=frozenset({"guardian"}), acting_for=CITIZEN.subject)
    assert correction.mine(ledger, other) == [] and len(correction.mine(ledger, guardian)) == 1
    with pytest.raises(NotYourRequest):
        correction.withdraw(ledger, other, made.id)
    for work in (
        lambda: correction.standing(ledger, CITIZEN),
        lambda: correction.send(ledger, CITIZEN, made.id),
        lambda: correction.answer(ledger, other, made.id, "kept", "x"),
    ):
        with pytest.raises(RoleMissing):
            work()
    correction.send(ledger, OPERATOR, made.id)
    with pytest.raises(MissingField):
        correction.answer(ledger, OPERATOR, made.id, "kept", "")
    batch = ledger.find("batch")[0].id
    with pytest.raises(UnknownDocument):
        correction.send(ledger, OPERATOR, batch)


def test_its_words_are_ciphertext_and_the_audit_has_none_of_them(base: Any) -> None:
    ledger = base.lake.ledger
    made = asked(base)
    with ledger.reading() as connection:
        stored = " ".join(str(row) for row in connection.execute(text("SELECT data FROM action")))
    assert "本科" not in stored and CORRECTION.words == ("claim", "answer")
    entries = trust.audit.search(ledger, event="correction")
    assert [one.fields["action"] for one in entries] == ["ask"] and entries[0].fields["document"] == made.id
    assert "本科" not in json.dumps([dict(one.fields) for one in entries], ensure_ascii=False, default=str)


def test_waiting_too_long_is_told(base: Any) -> None:
    made = asked(base)
    late = base.lake.ledger.overdue(base.lake.ledger.now() + dt.timedelta(days=10))
    assert (made.id, "send") in {(one.document, one.action) for one in late}
