"""Heads at intervals: an append has one signed when the newest is too old, and neither waits for it nor fails with it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import heads, interval
from quanmin.trust.keys.errors import MasterMissing

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Log:
    """A ledger with a clock, whose heads are signed at intervals."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self.ledger, self.settings, self.at = ledger, settings, START
        ledger.now = lambda: self.at
        self.interval = audit.keep_signing(ledger, settings)

    def append(self, later: timedelta = timedelta(0)) -> int:
        """One entry; its number, when what it began is done."""
        self.at += later
        made = audit.append(self.ledger, "read", "desk", {}).sequence
        self.interval.close()
        return made

    def heads(self) -> list[int]:
        """What the kept heads are over."""
        with self.ledger.reading() as connection:
            return [head.size for head in heads.heads(connection)]

    def failures(self) -> list[Any]:
        """What was noted of heads that could not be signed."""
        return [one.fields["reason"] for one in audit.entries(self.ledger, interval.FAILED)]


@pytest.fixture
def log(ledger: Ledger, either_settings: Settings) -> Log:
    """An empty log."""
    return Log(ledger, either_settings)


def test_an_hour_after_the_newest_an_append_has_a_head_signed(log: Log) -> None:
    assert [log.append(), log.append(HOUR - timedelta(seconds=1))] == [1, 2] and log.heads() == []
    log.append(timedelta(seconds=1))
    assert log.heads() == [3]
    for _ in range(3):
        log.append(timedelta(minutes=19))
    assert log.heads() == [3]
    log.append(timedelta(minutes=5))
    assert log.heads() == [3, 7] and log.failures() == []
    assert audit.verify(log.ledger, audit.noted(log.settings)).sound


def test_another_program_goes_on_from_the_heads_that_there_are(log: Log) -> None:
    log.append()
    log.append(HOUR)
    other = Log(log.ledger, log.settings)
    other.at = log.at
    other.append(timedelta(minutes=59))
    assert other.heads() == [2]
    other.append(timedelta(minutes=1))
    assert other.heads() == [2, 4]


def test_a_head_that_somebody_else_signed_meanwhile_is_enough(log: Log) -> None:
    log.append()
    log.at += timedelta(minutes=30)
    audit.sign(log.ledger, log.settings)
    log.append(timedelta(minutes=40))
    assert log.heads() == [1]
    log.append(timedelta(minutes=20))
    assert log.heads() == [1, 3]


def test_several_entries_at_once_count_and_those_of_a_wider_transaction_wait_for_the_next(log: Log) -> None:
    log.append()
    log.at += HOUR
    with log.ledger.writing() as connection:
        audit.append(log.ledger, "read", "desk", {}, connection)
        assert log.heads() == []
    audit.append_all(log.ledger, [("read", "desk", {})] * 3)
    log.interval.close()
    assert log.heads() == [5]


def test_an_append_does_not_wait(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    log.append()
    go, begun, sign = threading.Event(), list[str](), heads.due

    def slow(*given: Any) -> Any:
        begun.append(threading.current_thread().name)
        assert go.wait(20)
        return sign(*given)

    monkeypatch.setattr(heads, "due", slow)
    log.at += HOUR
    for _ in range(5):
        audit.append(log.ledger, "read", "desk", {})
    assert audit.head(log.ledger).sequence == 6 and log.heads() == []
    go.set()
    log.ledger.close()  # waits for what was begun
    assert log.heads() == [6] and begun == ["audit head"]


def test_what_fails_is_noted_once_an_interval_and_alarms(log: Log) -> None:
    for _ in range(3):
        log.append()
    audit.sign(log.ledger, log.settings)
    with log.ledger.writing() as connection:
        for table in ("audit", "audit_tree", "audit_link"):
            connection.execute(text(f"DELETE FROM {table}"))
    numbers = [log.append(later) for later in (HOUR, timedelta(minutes=1), timedelta(minutes=10), HOUR)]
    assert numbers == [1, 3, 4, 5] and log.failures() == ["QM-AUDIT-005"] * 2 and log.heads() == [3]
    found = audit.alarms(log.ledger, START, log.at + HOUR)
    assert [(one.rule, one.entries) for one in found if one.rule == "heads"] == [("heads", (2,)), ("heads", (6,))]


def test_where_nobody_can_sign_nothing_is_said(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_given: object) -> None:
        raise MasterMissing(kind="file", id="elsewhere")

    monkeypatch.setattr(heads, "due", away)
    assert [log.append(), log.append(HOUR), log.append(HOUR)] == [1, 2, 3]
    assert log.heads() == [] and log.failures() == []


def test_without_an_interval_none_is_signed(ledger: Ledger, either_settings: Settings) -> None:
    log = Log(ledger, either_settings.model_copy(update={"audit_head_every": 0}))
    for _ in range(3):
        log.append(HOUR * 24)
    assert log.heads() == []


def test_a_head_of_a_time_to_come_does_not_stop_it(log: Log) -> None:
    log.append()
    log.at += HOUR * 1000
    audit.sign(log.ledger, log.settings)
    log.at -= HOUR * 999
    after = Log(log.ledger, log.settings)
    after.at = log.at
    after.interval = audit.keep_signing(log.ledger, log.settings)
    after.append()
    assert after.heads() == [1, 2]


def test_a_lake_signs_while_it_is_open(either_settings: Settings) -> None:
    with Lake.open(either_settings) as lake:
        audit.append(lake.ledger, "read", "desk", {})
        now = lake.ledger.now() + HOUR
        lake.ledger.now = lambda: now
        audit.append(lake.ledger, "read", "desk", {})
    with Ledger.open(either_settings) as ledger:
        assert [one.size for one in heads_of(ledger)] == [2]


def heads_of(ledger: Ledger) -> list[audit.SignedHead]:
    """The kept heads."""
    with ledger.reading() as connection:
        return heads.heads(connection)
