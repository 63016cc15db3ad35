"""`quanmin trust care | consent | agreement` by people of different posts: whose work each is, and what it then opens."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from quanmin.cli import app, output
from quanmin.cli.workplace import operator
from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction, MissingField, UnknownDocument
from quanmin.settings import Settings
from quanmin.trust import audit, question
from quanmin.trust.errors import DayPassed, NotYourFact, UnknownSubject
from quanmin.trust.identity import account
from quanmin.trust.identity.errors import SessionOver, UnknownAccount, UnknownOrganisation

from .test_identity_work import Desk, desk

__all__ = ["desk"]
NUMBER, OTHER = "11010519491231002X", "440524188001010014"
TODAY = datetime.now(UTC).date()
UNTIL, PAST = str(TODAY + timedelta(days=30)), str(TODAY - timedelta(days=2))


def post(desk: Desk, name: str, role: str, kind: Any = "staff") -> None:
    """An account in a post at the office, proposed and confirmed by the commands."""
    desk.person(name, kind)
    desk.sits("system-admin")
    words = ("identity", "posts", "propose", name, "--role", role, "--organisation", "office", "--until", UNTIL)
    made = desk.run(*words, "--json")
    desk.sits("security-admin")
    desk.run("identity", "confirm", str(made["document"]))
    desk.sits(name)


def citizen(desk: Desk, name: str, number: str) -> None:
    """A citizen's account, who sits down."""
    with desk.register() as register, register.ledger.writing() as connection:
        subject = account.subject_of(register, number)
        made = account.create(register, "base", connection, name, "patient", None, subject, None)
        for step in ("prove", "activate", "enrol"):
            register.ledger.act(made.id, step, None, name, connection=connection)
    desk.sits(name)


def refused(error: type[Exception], *words: str, typed: str = "") -> str:
    """A command that ends with this error; its words."""
    done = CliRunner().invoke(app, ["trust", *words], input=typed)
    assert isinstance(done.exception, error), (done.output, done.exception)
    return str(done.exception) + done.output


def known(purpose: str, number: str = NUMBER, dataset: str = "linked.person") -> Any:
    """What a decision would know of a question of whoever sits here."""
    with Ledger.open(Settings()) as ledger:
        return question.situation(ledger, Settings(), operator(), purpose, number, dataset)


def kept(home: Path) -> str:
    with Ledger.open(Settings(home=home)) as ledger:
        return str([one.fields for one in audit.entries(ledger)]) + str(ledger.find())


def test_a_registrar_opens_care_for_a_doctor_and_ends_it_once(desk: Desk) -> None:
    post(desk, "dr-li", "clinician", "clinician")
    post(desk, "dr-he", "clinician", "clinician")
    post(desk, "desk-one", "registrar")
    opened = ("trust", "care", "open", "--until", UNTIL, "--for", "dr-li", "--json")
    made = desk.run(*opened, typed=f"{NUMBER}\n")
    assert made == {"document": made["document"], "state": "open"}
    number = str(made["document"])
    row = {"document": made["document"], "holder": "dr-li", "until": UNTIL, "state": "open"}
    assert desk.run("trust", "care", "list", "--json") == [row]
    desk.sits("dr-he")
    assert desk.run("trust", "care", "list", "--json") == [] and not known("treatment").care
    refused(NotYourFact, "care", "end", number, "--reason", "curious")
    desk.sits("dr-li")
    assert desk.run("trust", "care", "list", "--json") == [row]
    assert known("treatment").care and not known("treatment", OTHER).care
    desk.run("trust", "care", "end", number, "--reason", "discharged")
    assert not known("treatment").care
    refused(IllegalAction, "care", "end", number, "--reason", "again")
    assert desk.run("trust", "care", "list", "--json")[0]["state"] == "ended"
    assert NUMBER[:17] not in kept(desk.home)


def test_nobody_opens_care_for_himself_and_mistakes_repeat_no_number(desk: Desk) -> None:
    post(desk, "dr-li", "clinician", "clinician")
    for who in (("--for", "dr-li"), ()):
        refused(NotYourFact, "care", "open", "--until", UNTIL, *who, typed=f"{NUMBER}\n")
    post(desk, "desk-one", "registrar")
    refused(UnknownAccount, "care", "open", "--until", UNTIL, "--for", "dr-who", typed=f"{NUMBER}\n")
    refused(DayPassed, "care", "open", "--until", PAST, "--for", "dr-li", typed=f"{NUMBER}\n")
    wrong = NUMBER[:-1] + "1"
    assert wrong not in refused(UnknownSubject, "care", "open", "--until", UNTIL, typed=f"{wrong}\n")
    refused(UnknownSubject, "care", "open", "--until", UNTIL)
    refused(UnknownDocument, "care", "end", "9999", "--reason", "x")
    post(desk, "clerk", "statistician")
    refused(NotYourFact, "care", "open", "--until", UNTIL, typed=f"{NUMBER}\n")
    assert [one["fact"] for one in desk.events("refused")] == ["care"] * 3
    desk.sits(None)
    refused(SessionOver, "care", "list")


def test_a_consent_is_the_persons_to_give_and_to_take_back(desk: Desk) -> None:
    post(desk, "dr-li", "clinician", "clinician")
    refused(NotYourFact, "consent", "give", "research", typed=f"{NUMBER}\n")
    citizen(desk, "me", NUMBER)
    refused(NotYourFact, "consent", "give", "research", typed=f"{OTHER}\n")
    refused(UnknownSubject, "consent", "give", "supervision", typed=f"{NUMBER}\n")
    made = desk.run("trust", "consent", "give", "research", "--json", typed=f"{NUMBER}\n")
    assert made["state"] == "given" and known("research").consent
    again = desk.run("trust", "consent", "withdraw", "research", "--json", typed=f"{NUMBER}\n")
    assert again == {"document": made["document"], "state": "withdrawn"} and known("research").withdrawn
    [row] = desk.run("trust", "consent", "list", "--json")
    assert {"document": made["document"], "purpose": "research", "state": "withdrawn"}.items() <= row.items()
    assert set(row) == {"document", "purpose", "since", "state"}
    citizen(desk, "other", OTHER)
    assert desk.run("trust", "consent", "list", "--json") == []
    assert NUMBER[:17] not in kept(desk.home) and OTHER[:17] not in kept(desk.home)


def test_an_agreement_takes_two_administrators(desk: Desk) -> None:
    post(desk, "scholar", "researcher")
    asked = ("agreement", "propose", "office", "research", "--dataset", "health.death", "--until", UNTIL)
    refused(NotYourFact, *asked)
    desk.sits("system-admin")
    made = desk.run("trust", *asked, "--json")
    number = str(made["document"])
    assert made["state"] == "proposed"
    refused(NotYourFact, "agreement", "confirm", number)
    desk.sits("scholar")
    refused(NotYourFact, "agreement", "confirm", number)
    assert not known("research", dataset="health.death").agreement
    desk.sits("security-admin")
    assert desk.run("trust", "agreement", "confirm", number, "--json")["state"] == "in_force"
    refused(IllegalAction, "agreement", "refuse", number, "--reason", "late")
    desk.sits("scholar")
    assert known("research", dataset="health.death").agreement
    assert not known("research", dataset="health.birth").agreement
    [row] = desk.run("trust", "agreement", "list", "--json")
    assert (row["organisation"], row["datasets"], row["state"]) == ("office", ["health.death"], "in_force")
    refused(NotYourFact, "agreement", "end", number, "--reason", "mine")
    desk.sits("security-admin")
    refused(MissingField, "agreement", "end", number, "--reason", "")
    desk.run("trust", "agreement", "end", number, "--reason", "over")
    refused(IllegalAction, "agreement", "end", number, "--reason", "again")
    desk.sits("scholar")
    assert not known("research", dataset="health.death").agreement


def test_what_does_not_exist_is_agreed_to_by_nobody(desk: Desk) -> None:
    post(desk, "desk-one", "registrar")
    care = desk.run("trust", "care", "open", "--until", UNTIL, "--json", typed=f"{NUMBER}\n")
    desk.sits("system-admin")
    tail = ("--until", UNTIL)
    refused(UnknownOrganisation, "agreement", "propose", "nowhere", "research", "--dataset", "health.death", *tail)
    refused(UnknownSubject, "agreement", "propose", "office", "gain", "--dataset", "health.death", *tail)
    refused(UnknownSubject, "agreement", "propose", "office", "research", "--dataset", "health.luck", *tail)
    dataset = ("agreement", "propose", "office", "research", "--dataset", "linked.person")
    refused(DayPassed, *dataset, "--until", PAST)
    made = desk.run("trust", *dataset, "--until", UNTIL, "--json")
    desk.sits("security-admin")
    assert desk.run("trust", "agreement", "refuse", str(made["document"]), "--reason", "no", "--json") == {
        "document": made["document"],
        "state": "refused",
    }
    for step in (("end", "--reason", "x"), ("confirm",)):
        refused(UnknownDocument, "agreement", step[0], str(care["document"]), *step[1:])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_speak_the_language_and_name_nobody(desk: Desk, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUANMIN_LANGUAGE", language)
    monkeypatch.setattr(output.out, "width", 200)
    post(desk, "desk-one", "registrar")
    said = desk.run("trust", "care", "open", "--until", UNTIL, typed=f"{NUMBER}\n") + desk.run("trust", "care", "list")
    citizen(desk, "me", NUMBER)
    said += desk.run("trust", "consent", "give", "insurance", typed=f"{NUMBER}\n") + desk.run(
        "trust", "consent", "list"
    )
    desk.sits("system-admin")
    asked = ("trust", "agreement", "propose", "office", "insurance", "--dataset", "health.death", "--until", UNTIL)
    said += desk.run(*asked) + desk.run("trust", "agreement", "list")
    words = {"zh": "诊疗方 有效 已同意 待确认 数据集", "en": "holder open given proposed datasets"}[language]
    assert [one for one in words.split() if one not in said] == [] and NUMBER[:17] not in said
