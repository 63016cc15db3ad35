"""Errors go back once, corrections close them, and nothing of a row goes with them."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import timedelta

import pytest

from quanmin.exchange.delivery import TAKERS, Result
from quanmin.exchange.intake import case, delivered, feedback, kept, register, told
from quanmin.exchange.intake.errors import FeedbackBroken, NoSuchFeedback
from quanmin.exchange.role import OPERATOR
from quanmin.ledger.due import owed

from .conftest import HEAD, MONTHLY, TERMS, World
from .test_collecting import DOUBTFUL, GOOD, UNKNOWN


def states(world: World) -> list[str]:
    return [one.state for one in feedback.cases(world.health)]


def test_what_is_wrong_is_told_once_and_no_value_of_a_row_with_it(world: World) -> None:
    sent = world.send(GOOD + UNKNOWN + DOUBTFUL)
    first = world.tell()
    assert (first.told, first.closed) == (2, 0)
    [name] = first.feedback
    assert sorted(line[1:] for line in world.told(name)) == [("2", "disease"), ("3", "deaths")]
    found = kept.show(world.cdc, name)
    assert found.answers == sent.ref
    assert found.dataset == MONTHLY
    assert found.due_on is not None
    for path in found.folder.iterdir():
        assert "Nosuchdisease" not in path.read_text("utf-8-sig")
    second = world.tell()
    assert second.feedback == (), "an error already told is not told again"
    assert states(world) == ["open"]


def test_a_file_without_errors_is_answered_by_nothing(world: World) -> None:
    world.send(GOOD)
    assert world.tell() == feedback.Round("A-2026-0001")
    assert feedback.cases(world.health) == []


def test_a_correction_closes_what_it_corrects_and_the_rest_stays_open(world: World) -> None:
    world.send(GOOD + DOUBTFUL + DOUBTFUL.replace("2026-02", "2026-03"))
    [name] = world.tell().feedback
    world.send(DOUBTFUL.replace("1,9", "9,1"), "correction", name)
    told_ = world.tell()
    assert (told_.told, told_.closed) == (0, 1)
    assert world.told(told_.feedback[0]) == [("closed", "2", "deaths")]
    cases = feedback.cases(world.health)
    with world.health.ledger.reading() as connection:
        counted = case.counts(connection, cases)
    assert counted[cases[0].id] == {"open": 1, "closed": 1}
    world.send(DOUBTFUL.replace("2026-02", "2026-03").replace("1,9", "9,1"), "correction", name)
    world.tell()
    world.tell()
    assert set(states(world)) == {"closed"}


def test_a_row_with_a_wrong_key_is_corrected_by_its_number(world: World) -> None:
    world.send(GOOD + UNKNOWN)
    [name] = world.tell().feedback
    world.send("2026-01,Measles,5,1,110000,2\n", "correction", name, HEAD.strip() + ",_corrects\n")
    assert world.tell().closed == 1
    world.tell()
    assert set(states(world)) == {"closed"}


def test_of_many_errors_of_a_file_the_first_are_told_and_the_rest_as_those_are_closed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MOST", 1)
    world.send(GOOD + DOUBTFUL + DOUBTFUL.replace("2026-02", "2026-03"))
    [name] = world.tell().feedback
    assert (world.told(name), kept.show(world.cdc, name).more) == ([("open", "2", "deaths")], 1)
    assert world.tell().feedback == ()
    world.send(DOUBTFUL.replace("1,9", "9,1"), "correction", name)
    [second] = world.tell().feedback
    assert world.told(second) == [("open", "3", "deaths"), ("closed", "2", "deaths")]
    assert kept.show(world.cdc, second).more == 0


def test_a_correction_that_is_wrong_again_closes_nothing_and_is_told_of_itself(world: World) -> None:
    world.send(GOOD + DOUBTFUL)
    [name] = world.tell().feedback
    again = world.send(DOUBTFUL.replace("Tuberculosis", "Nosuchdisease"), "correction", name)
    [second] = world.tell().feedback
    assert kept.show(world.cdc, second).answers == again.ref
    assert states(world) == ["open", "told"]


def test_while_a_feedback_is_on_its_way_nothing_more_is_told(world: World) -> None:
    world.send(GOOD + UNKNOWN)
    world.lost_receipts = True
    world.tell()
    assert states(world) == ["told"]
    assert world.tell().feedback == ()
    world.lost_receipts = False
    world.run()
    world.tell()
    assert states(world) == ["open"]


def test_a_feedback_that_was_refused_is_told_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.send(GOOD + UNKNOWN)
    with monkeypatch.context() as patch:
        no = FeedbackBroken(file="f", fault="f").to_dict()
        patch.setitem(TAKERS, "feedback", lambda *_given: Result(error=no))
        world.tell()
    assert world.tell().told == 1
    assert states(world) == ["lapsed", "told"]


def test_a_kill_after_the_case_and_before_the_delivery_sends_it_once(world: World) -> None:
    world.send(GOOD + UNKNOWN)

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feedback.tell(world.health, TERMS, killed)  # type: ignore[arg-type]
    assert states(world) == ["prepared"]
    assert world.tell().feedback == ()
    assert [one.content for one in delivered.sent(world.health.ledger)] == ["feedback"]
    assert states(world) == ["told"]


def test_a_kill_after_the_delivery_and_before_the_case_knows_sends_it_once(world: World) -> None:
    world.send(GOOD + UNKNOWN)

    def killed(*given: object) -> None:
        feedback.posted(*given)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        feedback.tell(world.health, TERMS, killed)  # type: ignore[arg-type]
    world.tell()
    world.tell()
    assert len(delivered.sent(world.health.ledger)) == 1
    assert states(world) == ["open"]


def test_without_its_register_everything_is_told_again(world: World) -> None:
    sent = world.send(GOOD + UNKNOWN)
    world.tell()
    world.tell()
    for path in register.folder(world.health.settings.home, str(sent.ref)).glob("*.parquet"):
        path.unlink()
    assert world.tell().told == 1


def test_the_same_bytes_delivered_twice_are_told_of_once(world: World) -> None:
    world.send(GOOD + UNKNOWN)
    world.send(GOOD + UNKNOWN)
    assert world.tell().told == 1
    assert world.tell().feedback == ()


def test_a_provider_that_never_corrects_is_overdue_after_fifteen_working_days(world: World) -> None:
    world.send(GOOD + UNKNOWN)
    world.tell()
    world.tell()
    [one] = feedback.cases(world.health)
    due = case.ANSWER.after(one.since)
    assert [late.document for late in world.health.ledger.overdue(due) if late.kind == "exchange_case"] == []
    late = world.health.ledger.overdue(due.replace(year=due.year + 1))
    assert [found.document for found in late if found.kind == "exchange_case"] == [one.id]
    mine = owed(world.health.ledger, [OPERATOR], due + timedelta(seconds=1))
    assert [(found.document, found.action, found.due) for found in mine] == [(one.id, "close", due)]


@pytest.mark.parametrize("harm", ["no zip", "third file", "summary", "digest", "lines", "columns", "answers"])
def test_a_feedback_that_is_not_one_is_refused_as_a_whole(world: World, harm: str) -> None:
    world.send(GOOD + UNKNOWN)
    world.held = True
    world.tell()
    intake = world.cdc.ledger.find(delivered.INTAKE)[0]
    [case_] = feedback.cases(world.health)
    file = register.folder(world.health.settings.home, str(case_.ref)) / "1.zip"
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    summary, sheet = told.SUMMARY, f"{MONTHLY}.feedback.csv"
    if harm == "third file":
        parts["../evil"] = b"x"
    elif harm == "summary":
        parts[summary] = b"[]"
    elif harm == "digest":
        parts[sheet] += b"\n"
    elif harm == "lines":
        parts[summary] = parts[summary].replace(b'"lines": 1', b'"lines": 2')
    elif harm == "columns":
        parts[sheet] = b"a,b\n1,2\n"
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    if harm == "no zip":
        file.write_bytes(b"nothing")
    if harm == "answers":
        intake = replace(intake, data={**intake.data, "manifest": intake.data["manifest"] | {"answers": "other"}})
    taken = kept.keep(world.cdc, intake, file)
    assert taken.error is not None
    assert taken.error["code"] == FeedbackBroken.code
    assert not kept.folder(world.cdc.settings.home, delivered.of(intake)).exists()


def test_what_never_came_cannot_be_shown(world: World) -> None:
    with pytest.raises(NoSuchFeedback):
        kept.show(world.cdc, "health.0")
