"""Both sides' days are compared: what one lacks is named, what can be healed is, and a missed day is compared once."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, astuple, replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, text

from quanmin.exchange.delivery import transfer
from quanmin.exchange.intake import delivered, difference, healing, reconciliation, sheet
from quanmin.exchange.intake.errors import DayNotOver, NotOfAgreement, SheetBroken
from quanmin.exchange.intake.sheet import Message, Parcel
from quanmin.exchange.log.entry import Direction, Entry, Kind
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.ledger import Document
from quanmin.ledger.exchange import ExchangeLogRow

from .conftest import MONTHLY, TERMS, World
from .test_collecting import GOOD, UNKNOWN, rows

DAY = date(2026, 11, 2)


def log(world: World, sides: str, message: str, sender: str, kind: Kind, **given: Any) -> None:
    """An entry in the log of `out` (the sender), `in` (the receiver), or both."""
    receiver = "health" if sender == "cdc" else "cdc"
    created = int(given.get("at", world.at).timestamp())
    base = f'"@signature-params": ("@method");created={created};keyid="k"'.encode()
    sides_: tuple[tuple[Direction, str], ...] = (("out", sender), ("in", receiver))
    for part, member in sides_:
        if part in sides.split():
            written = Entry(part, kind, message, sender, receiver, world.at, "", 0, base, "k", b"")
            written = replace(written, agreement=given.get("agreement", TERMS.cited), request=given.get("request"))
            journal = LedgerJournal(world.network.nodes[member].ledger)
            journal.append(written)
            journal.close()


def traffic(world: World, count: int = 3) -> None:
    """Requests with their responses, in both logs."""
    for number in range(count):
        log(world, "out in", f"q{number}", "cdc", "offer")
        log(world, "out in", f"a{number}", "health", "response", request=f"q{number}")


def next_day(world: World) -> None:
    world.at += timedelta(days=1)


def compare(world: World, heal: reconciliation.Heal | None = None) -> tuple[Document, Document]:
    """The document of either side after the provider asked."""
    mine = reconciliation.reconcile(world.cdc, TERMS, DAY, heal)
    return mine, world.health.ledger.find(reconciliation.RECONCILIATION.kind)[-1]


def findings(document: Document) -> list[str]:
    return sorted(f"{one['what']} {one['id']}" for one in document.data["findings"])


def test_two_sides_that_have_the_same_agree_and_both_keep_both_sheets(world: World) -> None:
    traffic(world)
    world.send(GOOD + UNKNOWN)
    world.tell()
    next_day(world)
    mine, theirs = compare(world)
    assert (mine.state, theirs.state) == ("agrees", "agrees")
    assert mine.data["mine"] == theirs.data["theirs"]
    assert mine.data["theirs"] == theirs.data["mine"]
    sums = mine.data["mine"]["deliveries"]
    assert sums["cdc"] | {"digest": ""} == {
        "count": 1,
        "rows": 2,
        "accepted": 1,
        "quarantined": 1,
        "pending": 0,
        "waiting": 0,
        "digest": "",
    }
    assert sums["health"]["count"] == 1, "the feedback is a delivery in the other direction"
    assert mine.data["mine"]["messages"] == {"offer cdc": 3, "response health": 3}


def test_an_entry_removed_from_a_log_is_found_on_both_sides(world: World) -> None:
    traffic(world)
    next_day(world)
    with world.health.ledger.writing() as connection:
        connection.execute(delete(ExchangeLogRow).where(ExchangeLogRow.message == "q1"))
        connection.execute(delete(ExchangeLogRow).where(ExchangeLogRow.message == "a2"))
    mine, theirs = compare(world)
    assert (mine.state, theirs.state) == ("differs", "differs")
    assert findings(mine) == ["missing_there a2", "missing_there q1"]
    assert findings(theirs) == ["missing_here a2", "missing_here q1"]
    late = mine.since + timedelta(days=7)
    assert mine.id in [one.document for one in world.cdc.ledger.overdue(late)]


def test_a_message_lost_on_its_way_is_explained(world: World) -> None:
    traffic(world)
    log(world, "out", "q9", "cdc", "offer")
    log(world, "out", "a9", "health", "response", request="q0")
    next_day(world)
    mine, theirs = compare(world)
    assert (mine.state, theirs.state) == ("settled", "settled")
    assert findings(mine) == ["lost a9", "lost q9"]


def test_a_message_of_midnight_is_of_the_day_on_which_it_was_signed(world: World) -> None:
    world.at = datetime.fromisoformat("2026-11-02T23:59:59+08:00")
    signed = world.at
    log(world, "out", "q", "cdc", "offer")
    world.at += timedelta(seconds=2)
    log(world, "in", "q", "cdc", "offer", at=signed)
    next_day(world)
    mine, _ = compare(world)
    assert mine.state == "agrees"
    assert mine.data["mine"]["messages"] == {"offer cdc": 1}


def test_messages_of_other_agreements_and_other_days_are_not_counted(world: World) -> None:
    traffic(world)
    log(world, "out", "x", "cdc", "offer", agreement="A-2026-0002;v=1")
    log(world, "out", "y", "cdc", "offer", agreement=None)
    next_day(world)
    log(world, "out", "z", "cdc", "offer")
    assert compare(world)[0].state == "agrees"


def test_a_receipt_that_the_sender_lacks_is_fetched_and_the_day_settled(world: World) -> None:
    world.lost_receipts = True
    sent = world.send(GOOD)
    next_day(world)
    mine, theirs = compare(world, healing.heal)
    assert [step.name for step in mine.actions] == ["create", "differ", "settle"]
    assert theirs.state == "settled"
    assert world.cdc.ledger.get(sent.id).state == "acknowledged"


def test_what_was_parked_is_sent_on_and_the_day_settled_when_it_is_there(world: World) -> None:
    world.cut = True
    sent = world.send(GOOD)
    transfer.park(world.cdc, sent, {"code": "-"})
    world.cut = False
    next_day(world)
    mine, _ = compare(world, healing.heal)
    assert mine.state == "differs"
    world.run()
    mine, theirs = compare(world, healing.heal)
    assert (mine.state, theirs.state) == ("settled", "settled")
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1


def test_what_the_receiver_lost_is_sent_again(world: World) -> None:
    sent = world.send(GOOD)
    with world.health.ledger.writing() as connection:
        connection.execute(text(f"DELETE FROM action WHERE document = {world.intake(sent).id}"))
        connection.execute(text(f"DELETE FROM document WHERE ref = '{sent.ref}'"))
    next_day(world)
    mine, _ = compare(world, healing.heal)
    assert mine.state == "differs"
    world.run()
    assert world.intake(sent).state == "accepted"
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1, "nothing twice"


def test_what_rests_is_pending_and_the_rows_still_add_up(world: World) -> None:
    world.held = True
    world.send(GOOD)
    next_day(world)
    mine, _ = compare(world)
    assert findings(mine)[0].startswith("pending ")
    sums = mine.data["mine"]["deliveries"]["cdc"]
    assert (sums["rows"], sums["accepted"], sums["quarantined"], sums["pending"]) == (1, 0, 0, 1)


def test_a_consumer_that_acknowledged_what_it_did_not_get_is_found(world: World) -> None:
    sent = world.send(GOOD)
    [into] = world.health.ledger.find(delivered.INTAKE, ref=sent.ref)
    for harm, what in (
        ({"receipt": "of another"}, "receipt_differs"),
        ({"digest": "of another"}, "manifest_differs"),
    ):
        lie = {**into.data, **harm}
        with pytest.MonkeyPatch.context() as patch:
            _lie(patch, world, replace(into, data=lie))
            world.at = datetime.fromisoformat("2026-11-03T12:00:00+08:00")
            mine, _ = compare(world)
        assert findings(mine) == [f"{what} {sent.ref}"]


def _lie(patch: pytest.MonkeyPatch, world: World, told: Document) -> None:
    """The receiver tells this instead of what it has."""
    find = world.health.ledger.find

    def lied(*given: Any, **named: Any) -> list[Document]:
        return [told if one.id == told.id else one for one in find(*given, **named)]

    patch.setattr(world.health.ledger, "find", lied)


def test_a_side_that_makes_up_deliveries_or_hides_them_is_found(world: World) -> None:
    own = Parcel("d", "cdc", "m", "acknowledged", 3, 2, 1, "r")
    cases: list[tuple[list[Parcel], list[Parcel], list[str]]] = [
        ([own], [own], []),
        ([own], [], ["never_came"]),
        ([], [own], ["never_sent"]),
        ([replace(own, receipt=None, state="sent")], [], ["never_came"]),
        ([replace(own, receipt=None, state="parked")], [], ["pending"]),
        ([replace(own, state="recalled")], [], []),
        ([replace(own, receipt=None)], [own], ["receipt_missing"]),
        ([own], [replace(own, receipt=None)], ["receipt_unknown"]),
        ([own], [replace(own, receipt="s")], ["receipt_differs"]),
        ([own], [replace(own, manifest="n")], ["manifest_differs"]),
        ([own], [replace(own, accepted=3, quarantined=0)], ["counts_differ"]),
        ([replace(own, rows=4)], [replace(own, rows=4)], ["counts_differ"]),
    ]
    for sent, received, expected in cases:
        assert [one.what for one in difference.of_parcels(sent, received)] == expected


names = st.integers(0, 9).map(lambda number: f"m{number}")


@given(st.sets(names), st.sets(names), st.sets(names), st.sets(names))
def test_the_two_sides_find_the_same_mirrored(out: set[str], into: set[str], back: set[str], came: set[str]) -> None:
    """Whatever each side's log has of one day: `out` and `into` of one direction, `back` and `came` of the other."""
    mine = [Message(one, "a", "offer", 1, False) for one in out] + [
        Message(one, "b", "offer", 1, False) for one in came
    ]
    theirs = [Message(one, "a", "offer", 1, False) for one in into] + [
        Message(one, "b", "offer", 1, False) for one in back
    ]
    here = difference.of_messages(mine, theirs, "a", "b")
    there = difference.of_messages(theirs, mine, "b", "a")
    assert sorted(one.mirrored() for one in there) == here
    assert {one.id for one in here if one.what == "missing_there"} == came - back, (
        "signed by them, and not in their log"
    )
    assert {one.id for one in here if one.what == "missing_here"} == into - out
    assert {one.id for one in here if one.what == "lost" and one.sender == "a"} == out - into


def test_days_missed_while_down_are_compared_once_each(world: World) -> None:
    traffic(world)
    world.at += timedelta(days=5)
    assert len(reconciliation.work(world.cdc)) == 5
    assert reconciliation.work(world.cdc) == []
    assert reconciliation.work(world.health) == [], "one side asks"
    assert len(reconciliation.listing(world.health)) == 5
    next_day(world)
    assert [one.data["day"] for one in reconciliation.work(world.cdc)] == ["2026-11-07"]


def test_whoever_nobody_can_reach_asks(world: World) -> None:
    traffic(world)
    next_day(world)
    world.reachable = {"cdc"}
    assert reconciliation.work(world.cdc) == []
    assert [one.state for one in reconciliation.work(world.health)] == ["agrees"]


def test_nothing_is_owed_before_there_was_anything(world: World) -> None:
    world.at += timedelta(days=30)
    assert reconciliation.owed(world.cdc, TERMS) == []


def test_a_peer_that_is_away_is_asked_again_later(world: World) -> None:
    traffic(world)
    next_day(world)
    world.cut = True
    assert reconciliation.work(world.cdc) == []
    world.cut = False
    assert len(reconciliation.work(world.cdc)) == 1


def test_a_day_that_is_not_over_is_not_compared(world: World) -> None:
    with pytest.raises(DayNotOver):
        reconciliation.reconcile(world.cdc, TERMS, DAY)


def sheet_of(world: World) -> dict[str, Any]:
    return sheet.draw(TERMS, DAY, "cdc", [], []).to_dict()


def test_a_sheet_of_another_than_its_sender_or_of_no_agreement_is_refused(world: World) -> None:
    next_day(world)
    wire, told = world.cdc.sender, sheet_of(world)
    for harm, code in (
        ({"member": "education"}, NotOfAgreement.code),
        ({"agreement": "A-2026-0009"}, NotOfAgreement.code),
        ({"day": "2026-12-24"}, DayNotOver.code),
    ):
        answer = wire.send("health", "POST", "/reconciliations", json.dumps({"sheet": told | harm}).encode())
        assert wire.refusal(answer)["code"] == code


BROKEN: list[Any] = [
    None,
    [],
    {"day": "x"},
    {"messages": {"a": -1}},
    {"messages": {"a": True}},
    {"messages": []},
    {"hours": {"24": ""}},
    {"hours": {"0": 1}},
    {"deliveries": {"cdc": {"rows": 2, "accepted": 1, "quarantined": 0, "pending": 0}}},
    {"deliveries": {"cdc": {}}},
]


@pytest.mark.parametrize("harm", BROKEN, ids=repr)
def test_a_sheet_that_is_none_is_refused(world: World, harm: Any) -> None:
    told = sheet_of(world) | harm if isinstance(harm, dict) else harm
    with pytest.raises(SheetBroken):
        sheet.read(told)
    answer = world.cdc.sender.send("health", "POST", "/reconciliations", json.dumps({"sheet": told}).encode())
    assert world.cdc.sender.refusal(answer)["code"] == SheetBroken.code


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_nothing_that_is_told_crashes_the_reading(told: Any) -> None:
    for read in (sheet.read, sheet.told_messages, sheet.told_parcels):
        try:
            read(told)
        except SheetBroken:
            continue


def test_what_was_drawn_is_read_again() -> None:
    messages = [Message("m", "cdc", "offer", 3, True)]
    parcels = [Parcel("d", "cdc", "m", "acknowledged", 3, 2, 1, "r")]
    made = sheet.draw(TERMS, DAY, "cdc", messages, parcels)
    assert sheet.read(json.loads(json.dumps(made.to_dict()))) == made
    assert sheet.told_messages(json.loads(json.dumps([astuple(one) for one in messages]))) == messages
    assert sheet.told_parcels(json.loads(json.dumps([asdict(one) for one in parcels]))) == parcels
    digest = hashlib.sha256(b"m cdc offer").hexdigest()
    assert made.hours == {"3": digest}
