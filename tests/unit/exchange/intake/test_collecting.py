"""A member's file is collected once in effect, and what became of every row is what the receipt says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quanmin.collect.errors import DiskFull, NotASender
from quanmin.exchange.delivery.errors import PackageBroken
from quanmin.exchange.intake import collecting
from quanmin.lake import Lake
from quanmin.ledger.errors import LeaseBusy

from .conftest import HEAD, MONTHLY, TERMS, World

GOOD = "2026-01,Tuberculosis,5,1,110000\n"
UNKNOWN = "2026-01,Nosuchdisease,5,1,110000\n"
DOUBTFUL = "2026-02,Tuberculosis,1,9,110000\n"


def rows(lake: Lake, table: str) -> int:
    with lake.session("feedback") as session:
        return session.count(table) if session.exists(table) else 0


def test_every_row_of_a_delivery_is_accepted_or_quarantined(world: World) -> None:
    sent = world.send(GOOD + UNKNOWN + DOUBTFUL)
    assert sent.state == "acknowledged"
    assert (sent.data["accepted"], sent.data["quarantined"]) == (2, 1)
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 2


def test_a_kill_between_the_collection_and_the_receipt_counts_once_and_says_the_same(world: World) -> None:
    world.held = True
    sent = world.send(GOOD + UNKNOWN)
    first, second = (world.taken(sent, HEAD + GOOD + UNKNOWN) for _ in range(2))
    assert first == second
    assert (first.accepted, first.quarantined) == (1, 1)
    world.held = False
    world.run()
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 1
    assert len(world.health.ledger.find("batch")) == 1


def test_errors_are_told_by_the_name_that_the_file_has_with_its_sender(world: World) -> None:
    world.send(GOOD)
    [batch] = world.health.ledger.find("batch")
    assert batch.data["file"] == "sent.csv"
    other = world.file(HEAD + GOOD + UNKNOWN, "other")
    world.held = True
    sent = world.send(GOOD + UNKNOWN)
    collecting.take(world.health, world.intake(sent), other)
    assert world.health.ledger.find("batch")[-1].data["file"] == "sent.csv"
    assert not list(world.folder.glob("tmp*"))


@pytest.mark.parametrize("text", ["", "month;nothing\n1;2\n", "\0\0\0\0\0\0\0\0\0\0\0"])
def test_a_file_refused_as_a_whole_tells_why_and_leaves_nothing(world: World, text: str) -> None:
    world.held = True
    sent = world.send(GOOD)
    first, second = (world.taken(sent, text) for _ in range(2))
    assert first.error is not None
    assert first.error["code"].startswith("QM-COLLECT-")
    assert first == second, "taken twice, refused in the same words"
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 0


def test_a_file_with_another_number_of_rows_than_was_told_is_refused_and_leaves_nothing(world: World) -> None:
    sent = world.send(GOOD + UNKNOWN, rows=3)
    assert sent.state == "refused"
    assert sent.data["refusal"] == PackageBroken.code
    assert rows(world.health.lake, f"clean.{MONTHLY}") == 0
    assert world.send(GOOD + UNKNOWN).state == "acknowledged"


def test_a_member_that_does_not_send_the_dataset_is_refused(world: World) -> None:
    world.held = True
    own = world.intake(world.send(GOOD))
    world.agree(replace(TERMS, provider="education"))
    wrong = replace(own, data={**own.data, "manifest": own.data["manifest"] | {"sender": "education"}})
    refused = collecting.take(world.health, wrong, world.file(HEAD + GOOD))
    assert refused.error is not None
    assert refused.error["code"] == NotASender.code
    assert "batch" not in refused.error["address"]


@pytest.mark.parametrize("trouble", [DiskFull(file="f"), LeaseBusy(name="t", owner="o")])
def test_trouble_of_this_side_is_no_refusal(world: World, trouble: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> None:
        raise trouble

    world.held = True
    sent = world.send(GOOD)
    with monkeypatch.context() as patch, pytest.raises(type(trouble)):
        patch.setattr(collecting, "collect", full)
        world.taken(sent, HEAD + GOOD)
    world.held = False
    world.run()
    assert world.intake(sent).state == "accepted", "it is taken in once there is room"


@pytest.mark.parametrize("harm", [{"dataset": "cdc.immunization"}, {"sender": "health"}, {"receiver": "cdc"}])
def test_a_dataset_or_a_direction_that_the_agreement_does_not_name_is_refused(
    world: World, harm: dict[str, str]
) -> None:
    world.held = True
    own = world.intake(world.send(GOOD))
    wrong = replace(own, data={**own.data, "manifest": own.data["manifest"] | harm})
    refused = collecting.take(world.health, wrong, world.file(HEAD + GOOD))
    assert refused.error is not None
    assert refused.error["code"] == "QM-EXCHANGE-105"


def test_a_recalled_delivery_is_never_taken_again(world: World) -> None:
    world.held = True
    sent = world.send(GOOD)
    world.health.ledger.act(world.intake(sent).id, "recall", {"receipt": "gone"})
    refused = world.taken(sent, HEAD + GOOD)
    assert refused.error is not None
    assert refused.error["code"] == "QM-EXCHANGE-114"


@pytest.mark.parametrize("answers", [None, "health.0123456789abcdef01234567"])
def test_a_correction_answers_a_feedback_or_a_delivery_of_its_sender(world: World, answers: str | None) -> None:
    sent = world.send(GOOD, "correction", answers)
    assert (sent.state, sent.data["refusal"]) == ("refused", "QM-EXCHANGE-106")
    own = world.send(GOOD)
    assert world.send(DOUBTFUL, "correction", own.ref).state == "acknowledged"
