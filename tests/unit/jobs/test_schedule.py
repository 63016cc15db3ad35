"""Work by the clock: when it is due, once a moment, missed moments, rights that ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from quanmin import jobs
from quanmin.jobs import Plan, schedule
from quanmin.jobs.errors import NotScheduled
from quanmin.settings import Settings
from quanmin.trust import local_administrator
from quanmin.trust.keys.errors import RoleMissing

from .conftest import Server

ME = local_administrator()
NOON = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in Shanghai


@pytest.mark.parametrize(
    ("plan", "latest", "following"),
    [
        (Plan("hour", minute=30), "2026-11-25 03:30", "2026-11-25 04:30"),
        (Plan("hour", minute=0), "2026-11-25 04:00", "2026-11-25 05:00"),
        (Plan("day", hour=2, minute=15), "2026-11-24 18:15", "2026-11-25 18:15"),
        (Plan("day", hour=23), "2026-11-24 15:00", "2026-11-25 15:00"),
        (Plan("week", hour=1, day=0), "2026-11-22 17:00", "2026-11-29 17:00"),
        (Plan("week", hour=13, day=2), "2026-11-18 05:00", "2026-11-25 05:00"),
        (Plan("week", hour=12, day=2), "2026-11-25 04:00", "2026-12-02 04:00"),
    ],
)
def test_the_moments_of_a_plan_are_in_the_zone_of_the_installation(plan: Plan, latest: str, following: str) -> None:
    found = plan.latest(NOON, "Asia/Shanghai"), plan.next(NOON, "Asia/Shanghai")
    assert [f"{one:%Y-%m-%d %H:%M}" for one in found] == [latest, following]


def test_a_moment_is_served_once_and_a_missed_one_once_afterwards(server: Server, work: Callable[..., None]) -> None:
    done = list[int]()
    work("count", lambda task: done.append(1) or {})
    ledger, now = server.lake.ledger, [NOON]
    ledger.now = lambda: now[0]
    made = jobs.add(server.lake, ME, "count", Plan("day", hour=2))
    worker = server.worker
    assert not worker.once()  # the moment of today was before it was made
    now[0] += timedelta(days=1)
    assert worker.once() and not worker.once()
    now[0] += timedelta(days=9)  # nine were missed
    assert worker.once() and not worker.once()
    assert len(done) == 2
    known = jobs.schedules(server.lake)[0]
    assert known.last == known.plan.latest(now[0], "Asia/Shanghai") and known.next == known.last + timedelta(days=1)
    assert {one.schedule for one in jobs.listing(server.lake).jobs} == {made.schedule}
    assert [step.name for step in ledger.get(made.schedule).actions] == ["create"]  # it does not grow


def test_several_servers_queue_a_moment_once(either_settings: Settings, work: Callable[..., None]) -> None:
    work("count", lambda task: {})
    servers = [Server.open(either_settings) for _ in range(2)]
    jobs.add(servers[0].lake, ME, "count", Plan("hour", minute=0))
    for one in servers:
        one.lake.ledger.now = lambda: datetime.now(UTC) + timedelta(hours=2)
    assert [schedule.serve(one.lake, one.registry) for one in servers] == [1, 0]
    for one in servers:
        one.lake.ledger.now = lambda: datetime.now(UTC) + timedelta(hours=3)
    assert [schedule.serve(one.lake, one.registry) for one in servers] == [0, 0]  # the one before still waits
    servers[0].worker.once()
    assert jobs.counts(servers[0].lake) == {"done": 2} or jobs.counts(servers[0].lake) == {"done": 1}
    for one in servers:
        one.lake.close()


def test_a_schedule_of_somebody_without_the_right_is_stopped(server: Server, work: Callable[..., None]) -> None:
    work("count", lambda task: {})
    operator, other = server.person("op", "operator"), server.person("other", "operator")
    made = jobs.add(server.lake, operator, "count", Plan("hour"))
    server.withdraw("op")
    ahead = datetime.now(UTC) + timedelta(hours=2)
    server.lake.ledger.now = lambda: ahead
    assert not server.worker.once()
    known = jobs.schedules(server.lake, stopped=True)[0]
    assert known.state == "stopped" and known.error is not None and known.error["code"] == RoleMissing.code
    assert jobs.schedules(server.lake) == [] and jobs.listing(server.lake).total == 0
    with pytest.raises(RoleMissing):
        jobs.stop(server.lake, server.person("clerk", "reviewer"), made.schedule)
    again = jobs.add(server.lake, other, "count", Plan("hour"))
    assert jobs.stop(server.lake, other, again.schedule).state == "stopped"


def test_what_cannot_be_done_by_the_clock_is_refused(server: Server) -> None:
    with pytest.raises(NotScheduled):
        jobs.add(server.lake, ME, "vacuum", Plan("day", hour=24))
    with pytest.raises(jobs.BadParameter):
        jobs.add(server.lake, ME, "build", Plan("day"), {"engine": "else"})
    with pytest.raises(jobs.NoSuchSchedule):
        jobs.stop(server.lake, ME, 99999)
    upload = {"dataset": "health.birth", "source": "health", "upload": "0" * 32}
    with pytest.raises(NotScheduled):
        jobs.add(server.lake, ME, "collect", Plan("day"), upload)
