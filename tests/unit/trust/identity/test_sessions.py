"""A session that was seen just now is looked at without a write, and means what it meant with one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event

from quanmin.trust import identity
from quanmin.trust.identity import account, clock, mandate, organisation, session
from quanmin.trust.identity.errors import ClockBack, SessionOver
from quanmin.trust.identity.registry import NOTED

from .conftest import House


def writes(engine: Engine, work: Callable[[], object]) -> list[str]:
    """The statements of some work that change something."""
    seen: list[str] = []

    def noted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", noted)
    try:
        work()
    finally:
        event.remove(engine, "before_cursor_execute", noted)
    return [one for one in seen if not one.lstrip().upper().startswith(("SELECT", "BEGIN"))]


def test_nothing_is_written_of_a_session_that_was_seen_just_now(house: House) -> None:
    house.doctor()
    token = house.token("dr-wang")
    slow = identity.authenticate(house.registry, token)
    engine = house.registry.ledger.engine
    house.pass_time(seconds=NOTED.total_seconds())
    assert writes(engine, lambda: identity.authenticate(house.registry, token)) == []
    assert identity.authenticate(house.registry, token) == slow
    house.pass_time(seconds=1)
    assert any("UPDATE" in one for one in writes(engine, lambda: identity.authenticate(house.registry, token)))
    assert writes(engine, lambda: identity.authenticate(house.registry, token)) == []


def test_an_ending_counts_at_once_although_nothing_was_to_be_written(house: House) -> None:
    house.doctor()
    security, system = house.security, house.system
    token = house.token("dr-wang")
    assert identity.authenticate(house.registry, token).roles == {"physician"}
    post = mandate.held(house.registry, identity.authenticate(house.registry, token), "post")[0]
    mandate.end(house.registry, security, int(str(post["document"])), "moved away")
    assert identity.authenticate(house.registry, token).roles == frozenset()
    organisation.close(house.registry, system, "city-hospital", "merged")
    assert identity.authenticate(house.registry, token).organisation is None
    session.revoke(house.registry, security, "dr-wang")
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, token)
    again = house.token("dr-wang")
    assert identity.authenticate(house.registry, again).id == "dr-wang"
    account.disable(house.registry, security, "dr-wang", "left the house")
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, again)


def test_an_idle_session_ends_and_says_why(house: House) -> None:
    house.doctor()
    token = house.token("dr-wang")
    house.pass_time(seconds=session.IDLE.total_seconds())
    with pytest.raises(SessionOver):
        identity.authenticate(house.registry, token)
    assert house.reasons("session.end")[-1] == "idle"


def test_a_clock_that_was_put_back_lets_nobody_in(house: House) -> None:
    house.doctor()
    token = house.token("dr-wang")
    assert identity.authenticate(house.registry, token).id == "dr-wang"
    house.pass_time(seconds=-1)  # within what a time service may do: the time stands still meanwhile
    assert house.registry.moment() == house.now + timedelta(seconds=1)
    assert identity.authenticate(house.registry, token).id == "dr-wang"
    house.pass_time(hours=-1)
    with pytest.raises(ClockBack):
        identity.authenticate(house.registry, token)
    assert clock.back(house.registry)
