"""What is supplied, when, and from which state on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin.exchange.supply import chain, schedule
from quanmin.exchange.supply.chain import Link, path
from quanmin.exchange.supply.errors import ElementsWithheld, NothingToSupply, NotSupplied, UnderWay
from quanmin.ledger import Leases
from quanmin.ledger.errors import LeaseBusy

from .supplying import TERMS, Supplying, supplying

SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def daily(tmp_path: Path) -> Iterator[Supplying]:
    with supplying(tmp_path) as made:
        yield made


def test_full_rows_come_first_and_then_what_changed(daily: Supplying, tmp_path: Path) -> None:
    first = daily.deliver()
    assert (first.state, first.data["manifest"]["content"], first.data["manifest"]["rows"]) == (
        "acknowledged",
        "full",
        2,
    )
    assert daily.theirs(tmp_path) == daily.ours()
    daily.add("F2", "F3", disposal="2")
    daily.history.withdraw(1)
    daily.pair.tick(86400)
    second = daily.deliver()
    told = second.data["manifest"]
    assert (second.state, told["content"], told["since"]) == (
        "acknowledged",
        "change",
        first.data["manifest"]["snapshot"],
    )
    assert daily.theirs(tmp_path) == daily.ours() and len(daily.ours()) == 2


def test_a_schedule_missed_is_caught_up_once(daily: Supplying) -> None:
    daily.deliver()
    daily.pair.tick(3 * 86400 + 60)
    assert daily.serve() is not None
    daily.pair.run(seconds=10)
    assert daily.serve() is None
    assert len(chain.sent(daily.provider.ledger, daily.terms.id)) == 2


def test_where_nothing_is_new_an_empty_delivery_says_so_but_not_in_real_time(daily: Supplying, tmp_path: Path) -> None:
    daily.deliver()
    daily.pair.tick(86400)
    assert daily.deliver().data["manifest"]["rows"] == 0
    with supplying(tmp_path / "own", frequency="realtime") as made:
        made.deliver()
        assert made.serve() is None
        made.history.rewrite(2)
        assert made.serve() is None and len(chain.sent(made.provider.ledger, made.terms.id)) == 1
        made.add("F7")
        assert made.deliver().data["manifest"]["rows"] == 1
        assert made.theirs(tmp_path) == made.ours()


def test_another_process_at_it_leaves_it_to_that_one(daily: Supplying) -> None:
    with Leases(daily.provider.ledger) as lease:
        lease.take(f"exchange supply {daily.terms.id}")
        assert daily.serve() is None
        with pytest.raises(LeaseBusy):
            schedule.push(daily.provider, daily.terms)
    assert daily.serve() is not None


def test_changes_start_from_what_was_acknowledged_not_from_what_was_sent(daily: Supplying, tmp_path: Path) -> None:
    first = daily.deliver()
    daily.add("F5")
    daily.pair.tick(86400)
    sent = daily.serve()
    assert sent is not None
    with pytest.raises(UnderWay):
        schedule.push(daily.provider, daily.terms)
    daily.provider.ledger.act(sent.id, "park", {"error": {"code": "QM-TEST-001"}})
    daily.add("F6")
    daily.pair.tick(86400)
    third = daily.deliver()
    assert third.data["manifest"]["since"] == first.data["manifest"]["snapshot"]
    assert daily.theirs(tmp_path) == daily.ours()
    daily.provider.ledger.act(sent.id, "send")
    daily.settled(sent)
    assert daily.theirs(tmp_path) == daily.ours()


def test_other_terms_or_lost_rows_of_the_receiver_bring_full_rows(daily: Supplying, tmp_path: Path) -> None:
    first = daily.deliver()
    intake = daily.consumer.ledger.find("exchange_intake", ref=first.ref)[0]
    daily.consumer.ledger.act(intake.id, "recall", {"receipt": "lost"})
    daily.add("F5")
    daily.pair.tick(86400)
    refused = daily.deliver()
    assert (refused.state, refused.data["refusal"]) == ("refused", "QM-EXCHANGE-096")
    full = daily.deliver()
    assert (full.state, full.data["manifest"]["content"]) == ("acknowledged", "full")
    assert daily.theirs(tmp_path) == daily.ours()


def test_what_cannot_be_supplied_is_said(daily: Supplying, tmp_path: Path) -> None:
    with pytest.raises(NotSupplied):
        schedule.push(daily.consumer, daily.terms)
    with pytest.raises(NothingToSupply), supplying(tmp_path / "a", dataset="health.death") as made:
        schedule.push(made.provider, made.terms)
    with supplying(tmp_path / "b", elements=("funeral_no", "no_such")) as made, pytest.raises(ElementsWithheld):
        schedule.push(made.provider, made.terms)


@pytest.mark.parametrize(
    ("frequency", "due"),
    [
        ("daily", datetime(2026, 11, 27, 18, tzinfo=UTC)),
        ("weekly", datetime(2026, 11, 22, 18, tzinfo=UTC)),
        ("monthly", datetime(2026, 10, 31, 18, tzinfo=UTC)),
        ("quarterly", datetime(2026, 9, 30, 18, tzinfo=UTC)),
        ("yearly", datetime(2025, 12, 31, 18, tzinfo=UTC)),
        ("realtime", None),
        ("on_request", None),
    ],
)
def test_moments_are_those_of_the_installations_zone(frequency: str, due: datetime | None) -> None:
    terms = replace(TERMS, frequency=frequency, starts=date(2020, 1, 1))  # type: ignore[arg-type]
    assert schedule.moment(terms, datetime(2026, 11, 28, 12, tzinfo=UTC), SHANGHAI) == due


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2029, 1, 1)), st.sampled_from(["daily", "weekly", "monthly", "yearly"])
)
def test_moments_only_go_forward_and_are_never_in_the_future(at: datetime, frequency: str) -> None:
    now, terms = at.replace(tzinfo=UTC), replace(TERMS, frequency=frequency, starts=date(2020, 1, 1))  # type: ignore[arg-type]
    before, due = schedule.moment(terms, now - timedelta(hours=1), SHANGHAI), schedule.moment(terms, now, SHANGHAI)
    following = schedule.next_moment(terms, now, SHANGHAI)
    assert before is not None and due is not None and following is not None
    assert before <= due <= now < following


@st.composite
def links(draw: st.DrawFn) -> list[Link]:
    found = []
    for event in range(1, draw(st.integers(1, 8))):
        content = draw(st.sampled_from(["full", "change"]))
        snapshot = draw(st.integers(1, 5))
        since = None if content == "full" else draw(st.integers(1, 5))
        found.append(Link(f"d.{event}", "A;v=1", event, content, snapshot, since, "f"))
    return found


@given(links())
def test_a_path_leads_from_full_rows_link_by_link_to_the_newest_that_any_path_reaches(found: list[Link]) -> None:
    made = path(found)
    assert not made or (made[0].content == "full" and all(one.content == "change" for one in made[1:]))
    assert all(b.since == a.snapshot and a.event < b.event for a, b in pairwise(made))
    reached = {one for one in found if one.content == "full"}
    for one in found:
        if any(other.snapshot == one.since and other.event < one.event for other in reached):
            reached.add(one)
    assert (made[-1] if made else None) == max(reached, key=lambda one: one.event, default=None)
