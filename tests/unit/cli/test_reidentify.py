"""`quanmin trust reidentify`: two people, a case and a reason, seven days, and the answer once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.cli import output
from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction, MissingField, UnknownDocument
from quanmin.settings import Settings
from quanmin.trust import Pseudonyms
from quanmin.trust.errors import UnknownSubject
from quanmin.trust.keys.errors import NotAPseudonym, ReasonMissing, RoleMissing, TwoPeople
from quanmin.trust.reidentification import APPROVES, ASKS

from .test_facts import NUMBER, OTHER, UNTIL, post, refused
from .test_identity_work import Desk, desk

__all__ = ["desk"]
WHY = ("--case", "C-1", "--reason", "urgent finding")


@pytest.fixture
def room(desk: Desk) -> Desk:
    """A home in which anna asks and may approve, too, and bo approves."""
    post(desk, "anna", ASKS)
    desk.sits("system-admin")
    words = ("identity", "posts", "propose", "anna", "--role", APPROVES, "--organisation", "office", "--until", UNTIL)
    made = desk.run(*words, "--json")
    desk.sits("security-admin")
    desk.run("identity", "confirm", str(made["document"]))
    post(desk, "bo", APPROVES)
    desk.sits("anna")
    return desk


def marks(desk: Desk, purpose: str = "research") -> list[str]:
    """The pseudonyms of two people."""
    made = Pseudonyms.open(Settings(home=desk.home), purpose)
    return [made.of(number) for number in (NUMBER, OTHER)]


def asked(desk: Desk, *more: str) -> str:
    """The number of anna's request for both."""
    lines = "\n".join([*marks(desk), "", *more]) + "\n"
    made = desk.run("trust", "reidentify", "ask", "research", *WHY, "--json", typed=lines)
    assert (made["state"], made["pseudonyms"]) == ("asked", 2 + len(more))
    return str(made["document"])


def test_one_asks_another_approves_and_the_answer_is_given_once(room: Desk) -> None:
    number = asked(room)
    refused(IllegalAction, "reidentify", "open", number)
    room.sits("bo")
    assert room.run("trust", "reidentify", "approve", number, "--json")["state"] == "approved"
    refused(RoleMissing, "reidentify", "open", number)
    room.sits("anna")
    rows = [{"pseudonym": m, "citizen_number": n} for m, n in zip(marks(room), (NUMBER, OTHER), strict=True)]
    assert room.run("trust", "reidentify", "open", number, "--json") == rows
    refused(IllegalAction, "reidentify", "open", number)
    steps = [(one["action"], one["actor"], one["case"]) for one in room.events("reidentification")]
    assert steps == [("ask", "anna", "C-1"), ("approve", "bo", "C-1"), ("open", "anna", "C-1")]


def test_a_file_of_pseudonyms_and_a_table(room: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.out, "width", 200)
    file = tmp_path / "marks.txt"
    file.write_text("\ufeff" + "\r\n".join(marks(room)) + "\r\n", "utf-8")
    made = room.run("trust", "reidentify", "ask", "research", str(file), *WHY, "--json")
    room.sits("bo")
    room.run("trust", "reidentify", "approve", str(made["document"]))
    listed = room.run("trust", "reidentify", "list")
    assert "urgent finding" in listed and [one for one in (*marks(room), NUMBER) if one in listed] == []
    room.sits("anna")
    shown = room.run("trust", "reidentify", "open", str(made["document"]))
    assert [one for one in (*marks(room), NUMBER, OTHER) if one not in shown] == []


def test_one_person_alone_gets_nowhere(room: Desk) -> None:
    number = asked(room)
    refused(TwoPeople, "reidentify", "approve", number)
    refused(TwoPeople, "reidentify", "refuse", number, "--because", "no")
    room.sits("bo")
    refused(RoleMissing, "reidentify", "ask", "research", *WHY, typed=marks(room)[0])
    refused(RoleMissing, "reidentify", "withdraw", number)
    refused(MissingField, "reidentify", "refuse", number, "--because", "")
    assert room.run("trust", "reidentify", "refuse", number, "--because", "no ground", "--json")["state"] == "refused"
    room.sits("anna")
    refused(IllegalAction, "reidentify", "open", number)
    post(room, "clerk", "statistician")
    for words in (("list",), ("open", number), ("approve", number)):
        refused(RoleMissing, "reidentify", *words)


def test_only_who_asked_takes_it_back_or_opens_it(room: Desk) -> None:
    number, other = asked(room), asked(room)
    room.sits("bo")
    room.run("trust", "reidentify", "approve", number)
    post(room, "chen", ASKS)
    refused(TwoPeople, "reidentify", "withdraw", number)
    refused(TwoPeople, "reidentify", "open", number)
    room.sits("anna")
    for one in (number, other):
        assert room.run("trust", "reidentify", "withdraw", one, "--json")["state"] == "withdrawn"
    refused(IllegalAction, "reidentify", "open", number)
    states = [(row["state"], row["by"]) for row in room.run("trust", "reidentify", "list", "--json")]
    assert states == [("withdrawn", "anna")] * 2


def test_case_reason_pseudonyms_and_purpose_are_needed(room: Desk) -> None:
    head, typed = ("reidentify", "ask", "research"), marks(room)[0]
    refused(ReasonMissing, *head, "--case", " ", "--reason", "r", typed=typed)
    refused(ReasonMissing, *head, "--case", "c", "--reason", "", typed=typed)
    refused(ReasonMissing, *head, "--case", "c", "--reason", "r", typed="\n \n")
    refused(UnknownSubject, "reidentify", "ask", "gossip", *WHY, typed=typed)
    refused(UnknownDocument, "reidentify", "open", "9999")
    refused(NotAPseudonym, *head, *WHY, typed="not-a-pseudonym\n")
    number = asked(room, "f" * 32)
    room.sits("bo")
    room.run("trust", "reidentify", "approve", number)
    room.sits("anna")
    said = refused(NotAPseudonym, "reidentify", "open", number)
    assert "3" in said and "not-a-pseudonym" not in said and NUMBER not in said


def test_an_approval_grows_old(room: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = asked(room)
    room.sits("bo")
    room.run("trust", "reidentify", "approve", number)
    [row] = room.run("trust", "reidentify", "list", "--json")
    assert (row["state"], row["until"]) == ("approved", str((datetime.now(UTC) + timedelta(days=7)).date()))
    later = datetime.now(UTC) + timedelta(days=7, minutes=5)
    made = Ledger.__init__

    def turned(ledger: Ledger, *given: Any) -> None:
        made(ledger, *given)
        ledger.now = lambda: later

    monkeypatch.setattr(Ledger, "__init__", turned)
    room.sits("anna")
    assert room.run("trust", "reidentify", "list", "--json")[0]["state"] == "over"
    refused(IllegalAction, "reidentify", "open", number)
    assert room.run("trust", "reidentify", "withdraw", number, "--json")["state"] == "withdrawn"
