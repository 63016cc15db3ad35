"""Where told errors stand, what a provider says against them, and what a node does of all this by itself."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from quanmin.exchange.intake import case, correction, dispute, feedback, kept, recall, reconciliation, working
from quanmin.exchange.intake.errors import NoSuchFeedback, NotTheReceiver, NotTold, ReasonUnknown
from quanmin.ledger.errors import IllegalAction, LeaseBusy, MissingField

from .conftest import World
from .test_collecting import DOUBTFUL, GOOD, UNKNOWN

LINE = {"row": 2, "element": "deaths", "code": None}


def only(world: World) -> correction.Progress:
    [one] = correction.progress(world.health)
    return one


def test_the_progress_of_a_case_counts_every_error_once(world: World) -> None:
    sent = world.send(GOOD + DOUBTFUL + UNKNOWN)
    [name] = world.tell().feedback
    world.tell()
    one = only(world)
    assert (one.told, one.open, one.closed, one.state) == (2, 2, 0, "open")
    assert (one.answers, one.feedback, one.overdue) == (sent.ref, name, False)
    world.at += timedelta(days=40)
    assert only(world).overdue
    assert correction.by_agreement(correction.progress(world.health))["A-2026-0001"] == {
        "cases": 1,
        "told": 2,
        "open": 2,
        "corrected": 0,
        "disputed": 0,
        "upheld": 0,
        "closed": 0,
        "overdue": 1,
    }
    assert correction.progress(world.health, "A-2026-0002") == []
    assert json.loads(json.dumps(one.to_dict()))["due"] is not None


def test_the_last_error_and_its_case_are_closed_in_one_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.send(GOOD + DOUBTFUL)
    world.tell()
    world.tell()
    [told] = world.health.ledger.find(case.CASE.kind)
    before = only(world)
    assert (told.state, before.open, before.closed) == ("open", 1, 0)

    def killed(*_: object, **__: object) -> None:
        raise InterruptedError

    with monkeypatch.context() as patched, pytest.raises(InterruptedError):
        patched.setattr(type(world.health.ledger), "act", killed)
        case.stand(world.health.ledger, told, {"closed": 1})
    assert only(world) == before
    assert case.stand(world.health.ledger, told, {"closed": 1}).state == "closed"
    assert (only(world).state, only(world).closed) == ("closed", 1)


def raised(world: World, line: dict[str, Any] = LINE) -> str:
    """A feedback that the provider disputes."""
    world.send(GOOD + DOUBTFUL)
    [name] = world.tell().feedback
    world.tell()
    answer = dispute.ask(world.cdc, name, [line], "confirmed_at_source", "已核对")
    assert answer.status == 200
    return name


def test_an_error_that_is_upheld_as_right_is_settled_and_told_as_closed(world: World) -> None:
    name = raised(world)
    world.tell()
    assert (only(world).disputed, only(world).open) == (1, 0)
    [asked] = world.health.ledger.find(case.DISPUTE.kind)
    dispute.decide(world.health.ledger, asked.id, True, "属实", "clerk")
    assert world.tell().closed == 1
    world.tell()
    one = correction.progress(world.health)[0]
    assert (one.upheld, one.state) == (1, "closed")
    assert world.tell().feedback == (), "it is not told again"
    answer = world.cdc.sender.send("health", "GET", f"/disputes/{name}")
    assert json.loads(answer.body)["disputes"][0] | {"dispute": 0} == {
        "dispute": 0,
        "state": "upheld",
        "lines": [[2, "deaths", None]],
        "because": "属实",
    }


def test_an_error_whose_dispute_is_rejected_stands_as_before(world: World) -> None:
    raised(world)
    [asked] = world.health.ledger.find(case.DISPUTE.kind)
    with pytest.raises(MissingField):
        dispute.decide(world.health.ledger, asked.id, False, "", "clerk")
    dispute.decide(world.health.ledger, asked.id, False, "规则适用", "clerk")
    with pytest.raises(IllegalAction):
        dispute.decide(world.health.ledger, asked.id, True, "again", "clerk")
    world.tell()
    assert (only(world).open, only(world).disputed, only(world).state) == (1, 0, "open")


def test_the_same_dispute_twice_is_one(world: World) -> None:
    name = raised(world)
    dispute.ask(world.cdc, name, [LINE], "confirmed_at_source", "再次")
    assert len(world.health.ledger.find(case.DISPUTE.kind)) == 1


@pytest.mark.parametrize(
    ("harm", "code"),
    [
        ({"lines": [LINE | {"row": 1}]}, NotTold.code),
        ({"lines": [{}]}, NotTold.code),
        ({"lines": 3}, NotTold.code),
        ({"reason": "because"}, ReasonUnknown.code),
        ({"feedback": "health.0"}, NoSuchFeedback.code),
    ],
)
def test_a_dispute_of_what_was_not_told_is_refused(world: World, harm: dict[str, Any], code: str) -> None:
    name = raised(world)
    told = {"feedback": name, "lines": [LINE], "reason": "other", "words": ""} | harm
    answer = world.cdc.sender.send("health", "POST", "/disputes", json.dumps(told).encode())
    assert world.cdc.sender.refusal(answer)["code"] == code
    with pytest.raises(NoSuchFeedback):
        dispute.ask(world.cdc, "health.0", [LINE], "other", "")


def test_only_whom_it_was_told_speaks_of_a_feedback(world: World) -> None:
    name = raised(world)
    answer = world.health.sender.send("health", "GET", f"/disputes/{name}")
    assert world.health.sender.refusal(answer)["code"] == NotTheReceiver.code


def test_a_node_tells_repeats_and_compares_by_itself(world: World) -> None:
    sent = world.send(GOOD + UNKNOWN)
    working._told.clear()
    working._compared.clear()
    assert working.work(world.health) == working.SOON, "a feedback is on its way"
    world.run()
    assert len(kept.listing(world.cdc)) == 1
    assert working.work(world.health) == working.IDLE
    assert [one.state for one in feedback.cases(world.health)] == ["open"]
    world.cut = True
    recall.recall(world.cdc, str(sent.ref), "wrong_data")
    world.cut = False
    world.at += timedelta(days=1)
    working.work(world.cdc)
    assert recall.listing(world.cdc)[0].state == "confirmed"
    assert [one.state for one in reconciliation.listing(world.cdc)] == ["agrees"]


def test_a_node_that_nobody_reaches_fetches_recalls_by_itself(world: World) -> None:
    sent = world.send(GOOD)
    world.reachable = {"cdc"}
    recall.recall(world.cdc, str(sent.ref), "wrong_data")
    working._compared.clear()
    working.work(world.health)
    assert recall.listing(world.cdc)[0].state == "confirmed"


def test_what_fails_in_a_round_does_not_keep_the_rest_from_it(world: World) -> None:
    world.send(GOOD + UNKNOWN)
    world.at += timedelta(days=1)
    world.cut = True
    working._told.clear()
    working._compared.clear()
    working.work(world.cdc)
    working.work(world.health)
    assert len(feedback.cases(world.health)) == 1


def test_what_could_not_be_told_is_told_in_the_next_round(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.send(GOOD + UNKNOWN)
    working._told.clear()

    def busy(*_given: object) -> None:
        raise LeaseBusy(name="n", owner="o")

    with monkeypatch.context() as patch:
        patch.setattr(feedback, "tell", busy)
        working.work(world.health)
    assert feedback.cases(world.health) == []
    working.work(world.health)
    assert len(feedback.cases(world.health)) == 1
