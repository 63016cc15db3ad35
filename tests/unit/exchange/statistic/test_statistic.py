"""Figures of the exchange against the same figures counted row by row, on every ledger."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from quanmin.exchange import statistic
from quanmin.exchange.message.envelope import ORIGINS
from quanmin.exchange.statistic.monthly import LEAST
from quanmin.exchange.statistic.traffic import HOUR, Level
from quanmin.exchange.terms import Terms
from quanmin.ledger import WORKFLOWS, Ledger
from quanmin.ledger.exchange import ExchangeTrafficRow
from quanmin.settings import Settings

BASE = datetime(2026, 3, 1, tzinfo=UTC)
MEMBERS = ("health", "social_security", "food_drug")
OUTCOMES = ("answered", "consumer QM-EXCHANGE-030", "platform QM-EXCHANGE-050", "provider QM-EXCHANGE-051")


class Seen(NamedTuple):
    """A row of the traffic, keyed by its first six columns."""

    hour: datetime
    sender: str
    receiver: str
    agreement: str
    kind: str
    part: str
    outcome: str


keys = st.builds(
    Seen,
    st.integers(0, 40).map(lambda n: BASE + n * HOUR),
    st.sampled_from(MEMBERS),
    st.sampled_from(MEMBERS),
    st.sampled_from(["", "A-1;v=1", "A-1;v=2", "A-2;v=1"]),
    st.sampled_from(["request", "response", "offer", "chunk", "receipt", "notice"]),
    st.sampled_from(["in", "out"]),
    st.sampled_from(OUTCOMES),
)
counts = st.tuples(st.integers(1, 50), st.integers(0, 10**6), st.integers(0, 10**7), st.integers(0, 5))
traffics = st.dictionaries(keys, counts, max_size=25)
Traffic = dict[Seen, tuple[int, int, int, int]]


@pytest.fixture
def ledger(either_settings: Settings) -> Iterator[Ledger]:
    with Ledger.open(either_settings, lambda: datetime(2026, 4, 2, tzinfo=UTC)) as opened:
        yield opened


def put(ledger: Ledger, traffic: Traffic) -> None:
    rows = [
        {**key._asdict(), "messages": one[0], "bytes": one[1], "took": one[2], "slow": one[3]}
        for key, one in traffic.items()
    ]
    with ledger.writing() as connection:
        connection.execute(delete(ExchangeTrafficRow))
        if rows:
            connection.execute(insert(ExchangeTrafficRow), rows)


def of(traffic: Traffic, member: str | None, since: datetime = BASE) -> Traffic:
    return {
        key: one
        for key, one in traffic.items()
        if key.hour >= since and (member is None or member in (key.sender, key.receiver))
    }


quick = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(traffics, st.sampled_from([None, *MEMBERS]), st.integers(0, 40))
def test_pairs_and_hours_are_sums_of_the_rows(ledger: Ledger, traffic: Traffic, member: str | None, late: int) -> None:
    since = BASE + late * HOUR
    put(ledger, traffic)
    expected = of(traffic, member, since)
    pairs: dict[Any, list[int]] = {}
    by_hour: Counter[datetime] = Counter()
    for key, (messages, size, _, _) in expected.items():
        one = pairs.setdefault((key.sender, key.receiver), [0, 0, 0])
        for place, more in enumerate((messages, size, messages * (key.outcome != "answered"))):
            one[place] += more
        by_hour[key.hour] += messages
    found = statistic.pairs(ledger, since, member)
    assert {(one.sender, one.receiver): [one.messages, one.bytes, one.faults] for one in found} == pairs
    hours = statistic.hours(ledger, since, member)
    assert {one.hour: one.messages for one in hours if one.messages} == dict(by_hour)
    assert [one.hour for one in hours] == [hours[0].hour + n * HOUR for n in range(len(hours))]
    assert sum(one.bytes for one in hours) == sum(one[1] for one in pairs.values())


@quick
@given(traffics, st.sampled_from([None, *MEMBERS]))
def test_faults_are_told_by_whose_they_are(ledger: Ledger, traffic: Traffic, member: str | None) -> None:
    put(ledger, traffic)
    expected: Counter[tuple[str, ...]] = Counter()
    for key, one in of(traffic, member).items():
        if key.outcome != "answered":
            expected[tuple(key.outcome.split())] += one[0]
    found = statistic.faults(ledger, BASE, member)
    assert {(one.origin, one.code): one.messages for one in found} == dict(expected)
    assert [ORIGINS.index(one.origin) for one in found] == sorted(ORIGINS.index(one.origin) for one in found)


@quick
@given(traffics)
def test_levels_count_answers_and_not_what_the_consumer_got_wrong(ledger: Ledger, traffic: Traffic) -> None:
    put(ledger, traffic)
    found = {one.agreement: one for one in statistic.levels(ledger, BASE)}
    replies = {key: one for key, one in traffic.items() if key.kind == "response" and key.agreement}
    assert set(found) == {key.agreement[:3] for key in replies}
    for name, level in found.items():
        own = [(key, one) for key, one in replies.items() if key.agreement.startswith(name)]
        assert level.asked == sum(one[0] for _, one in own)
        assert level.answered == sum(one[0] for key, one in own if key.outcome == "answered")
        assert level.refused == sum(one[0] for key, one in own if key.outcome.startswith("consumer"))
        assert level.slow == sum(one[3] for _, one in own)
        took = sum(one[2] for _, one in own)
        assert level.seconds == (pytest.approx(took / level.asked / 1e6) if took else None)


def test_a_share_is_told_only_where_there_is_something_to_share() -> None:
    assert Level("A-1", 10, 6, 2, 2, 0.1, 1).share == 0.75
    assert Level("A-1", 2, 0, 2, 0, None, 0).share is None
    assert Level("A-1", 10, 6, 2, 2, 0.1, 1).slow_share == 0.1 and Level("A-1", 0, 0, 0, 0, None, 0).slow_share is None


def test_deliveries_are_counted_by_every_state_of_their_lives(ledger: Ledger) -> None:
    before = statistic.standing(ledger)
    assert set(before.sent) == set(WORKFLOWS["exchange_delivery"].states)
    assert set(before.taken) == set(WORKFLOWS["exchange_intake"].states)
    assert not any([*before.sent.values(), *before.taken.values()])
    made = [ledger.create("exchange_delivery", f"D-{n}") for n in range(3)]
    ledger.act(made[0].id, "send")
    ledger.create("exchange_intake", "D-9")
    after = statistic.standing(ledger)
    assert (after.sent["prepared"], after.sent["sending"], after.taken["offered"]) == (2, 1, 1)


@pytest.fixture
def agreed(ledger: Ledger, terms: Terms) -> Ledger:
    """A-1 answers social security's requests to health, A-2 only pushes."""
    one = replace(terms, provider="health", consumer="social_security", mode="both")
    ledger.create("exchange_agreement", "A-1", {"terms": one.to_dict()})
    pushes = replace(one, id="A-2", mode="push", operations=(), item="13", title_en="Fund")
    ledger.create("exchange_agreement", "A-2", {"terms": pushes.to_dict()})
    return ledger


@quick
@given(traffics)
def test_what_is_published_is_whole_months_of_requests_without_small_counts(agreed: Ledger, traffic: Traffic) -> None:
    put(agreed, traffic)
    expected: Counter[str] = Counter()
    for key, one in traffic.items():
        if key.agreement[:3] != "A-1":
            continue
        if (key.kind, key.sender, key.receiver) == ("request", "social_security", "health"):
            expected["asked"] += one[0]
        if (key.kind, key.sender, key.receiver) == ("response", "health", "social_security"):
            expected["refused"] += one[0] * (key.outcome != "answered")
    found = statistic.monthly(agreed, "UTC")
    assert {one.measure: one.value for one in found} == {
        key: value if value >= LEAST else None for key, value in expected.items() if value
    }
    assert {(one.month, one.item, one.sender, one.receiver) for one in found} <= {
        ("2026-03", "12", "health", "social_security")
    }
    assert {one.title_en for one in found} <= {"Persons enrolled"}


def test_deliveries_count_in_the_month_of_their_receipt_in_the_direction_of_the_data(
    either_settings: Settings, terms: Terms
) -> None:
    at = datetime(2026, 3, 30, tzinfo=UTC)
    with Ledger.open(either_settings, lambda: at) as ledger:
        one = replace(terms, id="A-2", provider="health", consumer="social_security")
        ledger.create("exchange_agreement", "A-2", {"terms": one.to_dict()})
        manifest = {"agreement": "A-2;v=1", "sender": "health", "receiver": "social_security"}
        back = {"agreement": "A-2;v=1", "sender": "social_security", "receiver": "health"}
        for n in range(11):
            made = ledger.create("exchange_delivery", f"D-{n}", {"manifest": manifest})
            ledger.act(made.id, "send")
            if n:
                ledger.act(made.id, "acknowledge", {"receipt": "r"})
        came = ledger.create("exchange_intake", "F-1", {"manifest": back})
        ledger.act(came.id, "complete")
        ledger.act(came.id, "accept", {"receipt": "r"})
        stray = {**manifest, "agreement": "A-9;v=1"}
        ledger.create("exchange_delivery", "D-stray", {"manifest": stray})
        assert statistic.monthly(ledger, "UTC") == []
        at = datetime(2026, 4, 2, tzinfo=UTC)
        found = {
            (one.month, one.sender, one.receiver, one.measure): one.value for one in statistic.monthly(ledger, "UTC")
        }
    assert found == {
        ("2026-03", "health", "social_security", "delivered"): 10,
        ("2026-03", "social_security", "health", "delivered"): None,
    }


def test_a_month_that_is_not_over_is_not_published_and_the_zone_says_when_it_is(agreed: Ledger) -> None:
    last = datetime(2026, 3, 31, 17, tzinfo=UTC)  # April in Shanghai, where it is April now
    asked = ("social_security", "health", "A-1", "request", "in", "answered")
    put(agreed, {Seen(last, *asked): (20, 1, 1, 0)})
    assert [one.month for one in statistic.monthly(agreed, "UTC")] == ["2026-03"]
    assert statistic.monthly(agreed, "Asia/Shanghai") == []
    put(agreed, {Seen(last - timedelta(hours=2), *asked): (20, 1, 1, 0)})
    assert [one.value for one in statistic.monthly(agreed, "Asia/Shanghai")] == [20]
