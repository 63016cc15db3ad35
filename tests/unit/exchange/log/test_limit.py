"""Stamps of the exchange's log: had at intervals, missed, warned of, refused for, and had again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from quanmin.exchange.log import keeper, limit
from quanmin.exchange.log.errors import StampOverdue
from quanmin.trust import audit


def away(_question: bytes) -> bytes:
    raise LookupError("503")


def test_without_an_authority_there_is_no_limit(talk: Any) -> None:
    talk.logged("a")
    talk.now += timedelta(days=400)
    limit.require(talk.ledger, talk.settings)
    assert limit.waited(talk.ledger, talk.settings) is None
    done = keeper.turn(talk.ledger, talk.settings)
    assert done.head is not None and done.head.holds(talk.audit()) and done.stamp is None
    assert keeper.turn(talk.ledger, talk.settings) == keeper.Turn()


def test_every_batch_gets_a_signed_and_stamped_head(stamped: Any, served: Any) -> None:
    stamped.logged("a", "b")
    done = keeper.turn(stamped.ledger, stamped.settings)
    assert [one[:2] for one in done.batches] == [(1, 4)] and done.failed is None
    assert done.head is not None and done.stamp is not None
    token = audit.token(stamped.ledger, done.head)
    assert token is not None and audit.Roots.read(served.roots).check(token, done.head.message()) == done.stamp
    assert keeper.turn(stamped.ledger, stamped.settings) == keeper.Turn()


def test_the_authority_goes_away_and_returns(stamped: Any, served: Any) -> None:
    """Traffic goes on, an alarm rings once at 70 %, at the limit nothing new is taken, and one stamp puts it right."""
    guard = limit.Limit(stamped.ledger, stamped.settings)
    guard.require()
    stamped.logged("a")
    assert keeper.turn(stamped.ledger, stamped.settings).stamp is not None
    served.answer = away
    begun = stamped.now
    stamped.now = begun + timedelta(minutes=41)
    stamped.logged("b")
    done = keeper.turn(stamped.ledger, stamped.settings)
    assert done.failed == "QM-AUDIT-006" and done.head is not None
    guard.require()
    assert _alarms(stamped) == []
    for minutes in (42, 50, 60):
        stamped.now = begun + timedelta(minutes=minutes)
        assert keeper.turn(stamped.ledger, stamped.settings).failed == "QM-AUDIT-006"
        guard.require()
        assert _alarms(stamped) == ["stamps"]
    stamped.now = begun + timedelta(minutes=60, seconds=1)
    with pytest.raises(StampOverdue) as told:
        guard.require()
    assert "3601" in told.value.message("en") and told.value.next_step("zh")
    with pytest.raises(StampOverdue):
        limit.require(stamped.ledger, stamped.settings)
    served.answer = served.stamp
    assert keeper.turn(stamped.ledger, stamped.settings).stamp is not None
    guard.require()


def test_a_quiet_exchange_is_stamped_again_before_the_limit(stamped: Any) -> None:
    stamped.logged("a")
    keeper.turn(stamped.ledger, stamped.settings)
    for _ in range(10):
        stamped.now += timedelta(minutes=15)
        assert keeper.turn(stamped.ledger, stamped.settings).stamp is not None
        limit.require(stamped.ledger, stamped.settings)


def test_a_stamp_of_a_time_to_come_is_none(stamped: Any) -> None:
    """A clock that was wrong by a year does not give a year without stamps."""
    right = stamped.now
    stamped.logged("a")
    stamped.now = right + timedelta(days=365)
    keeper.turn(stamped.ledger, stamped.settings)
    stamped.now = right
    with pytest.raises(StampOverdue):
        limit.require(stamped.ledger, stamped.settings)
    assert keeper.turn(stamped.ledger, stamped.settings).stamp is not None
    limit.require(stamped.ledger, stamped.settings)


def _alarms(talk: Any) -> list[str]:
    found = audit.alarms(talk.ledger, talk.start - timedelta(days=1), talk.now + timedelta(days=1))
    return [one.rule for one in found]
