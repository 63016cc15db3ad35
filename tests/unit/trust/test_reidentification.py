"""Re-identification takes two people, a case and a reason, and leaves a trace of every step."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction, MissingField, NotYours
from quanmin.settings import Settings
from quanmin.trust import Actor, Pseudonyms, audit
from quanmin.trust.errors import UnknownSubject
from quanmin.trust.keys import open_store
from quanmin.trust.keys.errors import NotAPseudonym, ReasonMissing, RoleMissing, TwoPeople
from quanmin.trust.reidentification import APPROVES, ASKS, approve, ask, listing, refuse, reidentify, withdraw

BOTH = frozenset({ASKS, APPROVES})
ANNA, BO, CHEN = Actor("anna", BOTH), Actor("bo", BOTH), Actor("chen", BOTH)


@pytest.fixture
def marks(either_settings: Settings) -> Pseudonyms:
    return Pseudonyms.open(either_settings, "research")


def test_exactly_the_asked_are_opened_once(either_settings: Settings, ledger: Ledger, marks: Pseudonyms) -> None:
    asked = [marks.of(42), marks.of(43), marks.of(42)]
    document = ask(ledger, ANNA, "research", asked, "C-2026-1", "urgent finding").id
    with pytest.raises(IllegalAction):
        reidentify(either_settings, ledger, document, ANNA)
    assert approve(ledger, document, BO).state == "approved"
    assert reidentify(either_settings, ledger, document, ANNA) == {marks.of(42): 42, marks.of(43): 43}
    with pytest.raises(IllegalAction):
        reidentify(either_settings, ledger, document, ANNA)
    entries = [entry.fields for entry in audit.entries(ledger, "reidentification")]
    assert [(entry["action"], entry["actor"]) for entry in entries] == [
        ("ask", "anna"),
        ("approve", "bo"),
        ("open", "anna"),
    ]
    who = Pseudonyms.open(either_settings, "audit")
    assert entries[-1]["persons"] == [who.of(42), who.of(43)] and entries[-1]["case"] == "C-2026-1"
    assert ledger.get(document).state == "opened"


def test_one_person_never_does_both_halves(either_settings: Settings, ledger: Ledger, marks: Pseudonyms) -> None:
    document = ask(ledger, ANNA, "research", [marks.of(42)], "C-1", "reason").id
    with pytest.raises(TwoPeople):
        approve(ledger, document, ANNA)
    with pytest.raises(TwoPeople):
        approve(ledger, document, Actor("anna", frozenset({"administrator"})))
    with pytest.raises(TwoPeople):
        refuse(ledger, document, ANNA, "no")
    approve(ledger, document, BO)
    for other in (BO, CHEN):
        with pytest.raises(TwoPeople):
            reidentify(either_settings, ledger, document, other)
    assert ledger.get(document).state == "approved"


def test_an_approval_written_past_the_check_is_seen_at_the_end(
    either_settings: Settings, ledger: Ledger, marks: Pseudonyms
) -> None:
    document = ask(ledger, ANNA, "research", [marks.of(42)], "C-1", "reason").id
    ledger.act(document, "approve", {}, ANNA.id)
    with pytest.raises(TwoPeople):
        reidentify(either_settings, ledger, document, ANNA)


def test_roles_case_and_reason_are_needed(ledger: Ledger, marks: Pseudonyms) -> None:
    for case, reason, asked in (("", "r", ["x"]), ("c", " ", ["x"]), ("c", "r", [])):
        with pytest.raises(ReasonMissing):
            ask(ledger, ANNA, "research", asked, case, reason)
    with pytest.raises(RoleMissing):
        ask(ledger, Actor("dora", frozenset({APPROVES})), "research", ["x"], "c", "r")
    for odd in ("x", "11010519491231002X", marks.of(42).upper()):
        with pytest.raises(NotAPseudonym, match="number 2"):
            ask(ledger, ANNA, "research", [marks.of(42), odd], "c", "r")
    document = ask(ledger, ANNA, "research", [marks.of(42)], "c", "r").id
    with pytest.raises(NotYours):
        approve(ledger, document, Actor("emil", frozenset({ASKS})))
    with pytest.raises(MissingField):
        refuse(ledger, document, BO, "")
    assert refuse(ledger, document, BO, "no ground").state == "refused"
    with pytest.raises(IllegalAction):
        approve(ledger, document, BO)


def test_what_is_no_pseudonym_of_the_purpose_opens_nothing(
    either_settings: Settings, ledger: Ledger, marks: Pseudonyms
) -> None:
    other = Pseudonyms.open(either_settings, "statistics").of(42)
    document = ask(ledger, ANNA, "research", [marks.of(42), other, marks.of("text")], "c", "r").id
    approve(ledger, document, BO)
    with pytest.raises(NotAPseudonym, match="number 2, 3"):
        reidentify(either_settings, ledger, document, ANNA)
    assert ledger.get(document).state == "approved"


def test_older_versions_are_led_back_and_an_approval_grows_old(
    either_settings: Settings, ledger: Ledger, marks: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = marks.of(42)
    open_store(either_settings).rotate("pseudonym/research")
    new = Pseudonyms.open(either_settings, "research").of(42)
    document = ask(ledger, ANNA, "research", [old, new], "c", "r").id
    approve(ledger, document, BO)
    now = datetime.now(UTC)
    monkeypatch.setattr(ledger, "now", lambda: now + timedelta(days=8))
    with pytest.raises(IllegalAction):
        reidentify(either_settings, ledger, document, ANNA)
    monkeypatch.setattr(ledger, "now", lambda: now + timedelta(days=6))
    assert reidentify(either_settings, ledger, document, ANNA) == {old: 42, new: 42}


def test_who_asked_takes_it_back_and_lists_hold_no_pseudonym(
    either_settings: Settings, ledger: Ledger, marks: Pseudonyms, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnknownSubject):
        ask(ledger, ANNA, "gossip", [marks.of(42)], "c", "r")
    document, kept = (ask(ledger, ANNA, "research", [marks.of(42)], "c", "r").id for _ in range(2))
    approve(ledger, document, BO)
    approve(ledger, kept, BO)
    with pytest.raises(TwoPeople):
        withdraw(ledger, document, BO)
    assert withdraw(ledger, document, ANNA).state == "withdrawn"
    with pytest.raises(IllegalAction):
        reidentify(either_settings, ledger, document, ANNA)
    assert marks.of(42) not in str(listing(ledger))
    now = datetime.now(UTC)
    monkeypatch.setattr(ledger, "now", lambda: now + timedelta(days=8))
    assert [one["state"] for one in listing(ledger)] == ["withdrawn", "over"]
    assert [one.fields["action"] for one in audit.entries(ledger, "reidentification")][-1] == "withdraw"
