"""What is recalled goes, is confirmed by whoever had it, and never comes again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from quanmin.errors import QuanminError
from quanmin.exchange.intake import case, collecting, delivered, feedback, recall, recalled
from quanmin.exchange.intake.errors import (
    ConfirmationBroken,
    NoRecallRight,
    NothingToRecall,
    NotTheReceiver,
    ReasonUnknown,
)
from quanmin.ledger import Document

from .conftest import HEAD, MONTHLY, TERMS, World
from .test_collecting import GOOD, UNKNOWN, rows


def of_delivery(world: World, sent: Document) -> tuple[str, str]:
    """The states on both sides."""
    [out] = world.cdc.ledger.find(delivered.DELIVERY, ref=sent.ref)
    [into] = world.health.ledger.find(delivered.INTAKE, ref=sent.ref)
    return out.state, into.state


def test_a_recall_removes_the_rows_and_is_confirmed_with_counts(world: World) -> None:
    sent = world.send(GOOD + UNKNOWN)
    told = world.tell()
    found = recall.recall(world.cdc, str(sent.ref), "wrong_data", "又查出错误")
    assert found.state == "confirmed"
    assert found.data["confirmation"]["rows"] == 2
    assert found.data["confirmation"]["feedback"] == list(told.feedback), "what was passed on is told"
    assert of_delivery(world, sent) == ("recalled", "recalled")
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 0
    assert rows(world.health.lake, f"quarantine.{MONTHLY}") == 0
    assert [path for _, _, path in world.network.said].count("/recalls") == 1


def test_a_recall_closes_the_errors_that_were_told(world: World) -> None:
    sent = world.send(GOOD + UNKNOWN)
    world.tell()
    recall.recall(world.cdc, str(sent.ref), "wrong_data")
    assert world.tell().closed == 1
    world.tell()
    assert {one.state for one in feedback.cases(world.health)} == {"closed"}


def test_a_recall_is_repeated_until_it_is_confirmed_and_done_once(world: World) -> None:
    sent = world.send(GOOD)
    world.cut = True
    asked = recall.recall(world.cdc, str(sent.ref), "wrong_data")
    assert asked.state == "asked"
    assert recall.repeat(world.cdc) == 0, "not before its pause is over"
    for count in range(2, 6):
        world.at += timedelta(hours=1)
        assert recall.repeat(world.cdc) == 1
        assert recall.attempts(world.cdc, asked).count == count
    world.cut = False
    world.at += timedelta(hours=1)
    recall.repeat(world.cdc)
    assert recall.listing(world.cdc)[0].state == "confirmed"
    assert recall.repeat(world.cdc) == 0
    assert recall.recall(world.cdc, str(sent.ref), "wrong_data").state == "confirmed"
    assert len(recall.listing(world.cdc)) == 1


def test_a_recall_that_nobody_confirms_is_overdue_after_two_working_days(world: World) -> None:
    sent = world.send(GOOD)
    world.cut = True
    asked = recall.recall(world.cdc, str(sent.ref), "wrong_data")
    due = recall.CONFIRM.after(asked.since)
    late = [one.document for one in world.cdc.ledger.overdue(due + timedelta(seconds=1))]
    assert asked.id in late
    assert asked.id not in [one.document for one in world.cdc.ledger.overdue(due)]


def test_the_same_confirmation_is_given_byte_for_byte(world: World) -> None:
    sent = world.send(GOOD)
    recall.recall(world.cdc, str(sent.ref), "wrong_data")
    [asked] = recall.listing(world.cdc)
    first, second = (recalled.remove(world.health, "cdc", recall.body(asked)) for _ in range(2))
    assert first == second
    assert json.loads(first) == asked.data["confirmation"]
    assert world.cdc.ledger.find(delivered.DELIVERY)[0].data["receipt"] == json.loads(first)["receipt"]


def test_a_kill_between_the_record_and_the_removal_is_made_good(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = world.send(GOOD)

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(recalled, "_finish", killed)
        recall.recall(world.cdc, str(sent.ref), "wrong_data")
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1
    world.at += timedelta(hours=1)
    recall.repeat(world.cdc)
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 0
    assert recall.listing(world.cdc)[0].data["confirmation"]["rows"] == 1


def test_what_a_running_taking_in_brought_after_the_recall_is_swept(world: World) -> None:
    world.held = True
    sent = world.send(GOOD)
    world.taken(sent, HEAD + GOOD)
    world.health.ledger.act(world.intake(sent).id, "recall", {"receipt": "x"})
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1
    assert recalled.sweep(world.health) == 1
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 0
    assert recalled.sweep(world.health) == 0


def test_a_recall_while_the_transfer_runs_stops_it(world: World) -> None:
    world.held = True
    sent = world.send(GOOD)
    recall.recall(world.cdc, str(sent.ref), "wrong_receiver")
    assert of_delivery(world, sent) == ("recalled", "recalled")
    refused = world.taken(sent, HEAD + GOOD)
    assert refused.error is not None, "what arrives late is not taken in"


def test_two_deliveries_of_the_same_bytes_are_recalled_one_by_one(world: World) -> None:
    first, second = world.send(GOOD), world.send(GOOD)
    assert recall.recall(world.cdc, str(first.ref), "wrong_data").data["confirmation"]["rows"] == 0
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1
    assert recall.recall(world.cdc, str(second.ref), "wrong_data").data["confirmation"]["rows"] == 1
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 0


def test_what_is_right_comes_as_a_new_delivery_that_answers_the_recalled_one(world: World) -> None:
    sent = world.send(UNKNOWN)
    recall.recall(world.cdc, str(sent.ref), "wrong_data")
    assert world.send(GOOD, "correction", str(sent.ref)).state == "acknowledged"
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1


def test_what_was_never_sent_cannot_be_recalled(world: World) -> None:
    with pytest.raises(NothingToRecall):
        recall.recall(world.cdc, "cdc.0", "wrong_data")
    sent = world.send(GOOD)
    with pytest.raises(NothingToRecall):
        recall.recall(world.health, str(sent.ref), "wrong_data")
    with pytest.raises(ReasonUnknown):
        recall.recall(world.cdc, str(sent.ref), "because")


def test_an_agreement_without_the_right_of_recall_gives_none_on_either_side(world: World) -> None:
    sent = world.send(GOOD)
    digest = delivered.of(sent).digest
    world.agree(replace(TERMS, recall=False))
    with pytest.raises(NoRecallRight):
        recall.recall(world.cdc, str(sent.ref), "wrong_data")
    with pytest.raises(NoRecallRight):
        recalled.remove(
            world.health,
            "cdc",
            json.dumps({"delivery": sent.ref, "digest": digest, "reason": "wrong_data"}).encode(),
        )
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1


@pytest.mark.parametrize("harm", ["sender", "digest", "delivery", "form"])
def test_a_recall_of_what_the_receiver_does_not_have_of_that_sender_is_refused(world: World, harm: str) -> None:
    sent = world.send(GOOD)
    asked = {"delivery": sent.ref, "digest": delivered.of(sent).digest, "reason": "wrong_data"}
    asked |= {harm: "other"} if harm in asked else {}
    body = b"[" if harm == "form" else json.dumps(asked).encode()
    with pytest.raises(NothingToRecall):
        recalled.remove(world.health, "education" if harm == "sender" else "cdc", body)
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1


def test_a_recall_of_what_never_arrived_ends_at_once(world: World) -> None:
    world.cut = True
    sent = world.send(GOOD)
    assert sent.state == "sending"
    world.cut = False
    found = recall.recall(world.cdc, str(sent.ref), "wrong_data")
    assert found.state == "refused"
    assert found.data["error"]["code"] == NothingToRecall.code
    world.run()
    assert world.cdc.ledger.find(delivered.DELIVERY)[0].state == "recalled"
    assert world.health.ledger.find(delivered.INTAKE) == []


def confirmation(world: World) -> tuple[Document, dict[str, Any]]:
    """A recall that is asked, and how it is confirmed."""
    sent = world.send(GOOD)
    world.cut = True
    asked = recall.recall(world.cdc, str(sent.ref), "wrong_data")
    return asked, json.loads(recalled.remove(world.health, "cdc", recall.body(asked)))


def altered(receipt: str, place: int) -> str:
    parts = receipt.split(".")
    parts[place] = parts[place][:8] + ("A" if parts[place][8] != "A" else "B") + parts[place][9:]
    return ".".join(parts)


@pytest.mark.parametrize("harm", ["delivery", "digest", "rows", "more", "form", "receipt", "signature", "other"])
def test_a_confirmation_of_something_else_does_not_count(world: World, harm: str) -> None:
    other = world.send(GOOD.replace("2026-01", "2026-03"))
    asked, told = confirmation(world)
    assert recall.confirm(world.cdc, asked, json.dumps(told).encode(), "health", "m").state == "confirmed"
    harms: dict[str, dict[str, Any]] = {
        "delivery": {"delivery": "other"},
        "digest": {"digest": "other"},
        "rows": {"rows": -1},
        "more": {"rows": 7},
        "form": {"receipt": 1},
        "receipt": {"receipt": "a.b.c"},
        "signature": {"receipt": altered(told["receipt"], 2)},
        "other": {"receipt": world.intake(other).data["receipt"]},
    }
    with pytest.raises(ConfirmationBroken):
        recall.confirm(world.cdc, asked, json.dumps(told | harms[harm]).encode(), "health", "m")
    with pytest.raises(ConfirmationBroken):
        recall.confirm(world.cdc, asked, b"{", "health", "m")


def test_another_member_cannot_confirm(world: World) -> None:
    asked, told = confirmation(world)
    with pytest.raises(NotTheReceiver):
        recall.confirm(world.cdc, asked, json.dumps(told).encode(), "education", "m")
    assert recall.listing(world.cdc)[0].state == "asked"


def test_a_receiver_that_nobody_can_reach_fetches_what_is_recalled(world: World) -> None:
    sent = world.send(GOOD)
    world.reachable = {"cdc"}
    assert recall.recall(world.cdc, str(sent.ref), "wrong_data").state == "asked"
    assert "/recalls" not in [path for _, method, path in world.network.said if method == "POST"]
    assert recalled.fetch(world.health, "cdc") == 1
    assert recall.listing(world.cdc)[0].state == "confirmed"
    assert recalled.fetch(world.health, "cdc") == 0
    answer = world.health.sender.send("cdc", "POST", "/recalls/cdc.0/confirmation", b"{}")
    assert world.health.sender.refusal(answer)["code"] == NothingToRecall.code


def test_a_busy_receiver_is_asked_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = world.send(GOOD)
    monkeypatch.setattr(collecting, "WAIT", 0.1)
    with collecting.alone(world.health, str(sent.ref)):
        assert recall.recall(world.cdc, str(sent.ref), "wrong_data").state == "asked"
    world.at += timedelta(hours=1)
    recall.repeat(world.cdc)
    assert recall.listing(world.cdc)[0].state == "confirmed"


def test_every_reason_and_state_has_words() -> None:
    assert set(recall.STATES) == set(recall.RECALL.states)
    assert set(case.STATES) == set(case.CASE.states)
    assert set(case.DISPUTE_STATES) == set(case.DISPUTE.states)
    assert issubclass(NoRecallRight, QuanminError)
