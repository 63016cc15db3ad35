"""Events that did not come are seen and sent again; peers tell each other how they are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.exchange.delivery.network import Lost

from quanmin.exchange.delivery import place
from quanmin.exchange.supply import event, heartbeat
from quanmin.exchange.supply.errors import AskedBadly

from .supplying import Supplying, supplying


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Supplying]:
    with supplying(tmp_path) as two:
        yield two


@given(st.sets(st.integers(1, 40)), st.integers(0, 40))
def test_gaps_and_what_is_there_are_all_the_numbers(there: set[int], last: int) -> None:
    found = event.gaps(there, last)
    missing = [number for first, until in found for number in range(first, until + 1)]
    assert sorted({one for one in there if one <= last} | set(missing)) == list(range(1, last + 1))
    assert not there & set(missing) and len(set(missing)) == len(missing)


def test_a_range_is_sent_again_byte_for_byte(made: Supplying) -> None:
    sent = made.deliver()
    folder = place.out(made.provider.settings.home, str(sent.ref))
    before = {one.name: one.read_bytes() for one in folder.iterdir()}
    status, told = made.ask("/events/resend", {"from": 1, "to": 9})
    assert (status, told["resent"], told["gone"], told["full"]) == (200, [1], [], None)
    again = made.settled(sent)
    assert again.state == "acknowledged" and again.data["receipt"] == sent.data["receipt"]
    assert {one.name: one.read_bytes() for one in folder.iterdir()} == before


def test_for_what_is_gone_full_rows_come_once(made: Supplying, tmp_path: Path) -> None:
    sent = made.deliver()
    place.clear(place.out(made.provider.settings.home, str(sent.ref)))
    told = made.ask("/events/resend", {"from": 1, "to": 1})[1]
    assert told["gone"] == [1] and told["full"]
    assert made.ask("/events/resend", {"from": 1, "to": 1})[1]["full"] == told["full"]
    [full] = made.provider.ledger.find("exchange_delivery", ref=told["full"])
    assert made.settled(full).state == "acknowledged"
    assert made.ask("/events/resend", {"from": 1, "to": 1})[1]["full"] == told["full"]
    assert made.theirs(tmp_path) == made.ours()


@pytest.mark.parametrize(
    "told",
    [{}, {"from": 1}, {"from": 0, "to": 1}, {"from": 2, "to": 1}, {"from": "x", "to": 1}, {"from": True, "to": 2}],
)
def test_a_range_that_is_none_is_refused(made: Supplying, told: dict[str, Any]) -> None:
    status, error = made.ask("/events/resend", told)
    assert (status, error["code"]) == (400, AskedBadly.code) or (status, error["code"]) == (422, AskedBadly.code)


def test_the_consumer_asks_for_a_delivery_and_gets_its_id(made: Supplying) -> None:
    status, told = made.ask("/deliveries/requests", {"content": "change"})
    assert (status, told["content"]) == (202, "full")
    assert made.ask("/deliveries/requests", {"content": "full"})[1]["delivery"] == told["delivery"]
    [sent] = made.provider.ledger.find("exchange_delivery", ref=told["delivery"])
    made.settled(sent)
    assert made.ask("/deliveries/requests", {"content": "change"})[1]["content"] == "change"
    assert made.ask("/deliveries/requests", {"content": "file"})[1]["code"] == AskedBadly.code


def test_who_is_no_consumer_gets_no_delivery(made: Supplying) -> None:
    answer = made.provider.sender.send(
        made.terms.consumer, "POST", "/deliveries/requests", b'{"content":"full"}', terms=made.terms
    )
    assert json.loads(answer.body)["code"] == "QM-EXCHANGE-092"


def test_a_heartbeat_tells_what_is_missing_and_it_is_asked_for(made: Supplying, tmp_path: Path) -> None:
    sent = made.serve()
    assert sent is not None
    made.provider.ledger.act(sent.id, "park", {"error": {"code": "QM-TEST-001"}})
    [before] = heartbeat.peers(made.consumer)
    assert before["late"] and before["missing"] == {}
    heartbeat.work(made.consumer)
    [peer] = heartbeat.peers(made.consumer)
    assert (peer["late"], peer["clock"], peer["missing"]) == (False, False, {made.terms.id: [(1, 1)]})
    assert made.settled(sent).state == "acknowledged"
    assert heartbeat.peers(made.consumer)[0]["missing"] == {}
    made.pair.tick(heartbeat.LATE + 1)
    assert heartbeat.peers(made.consumer)[0]["late"]


def test_a_clock_that_differs_and_a_peer_that_is_away_are_alarms_and_no_outage(
    made: Supplying, caplog: pytest.LogCaptureFixture
) -> None:
    told = heartbeat.beat(made.provider, made.terms.consumer)
    at = made.consumer.ledger.now() + timedelta(hours=1)
    heartbeat.note(
        made.consumer, made.terms.provider, heartbeat.read(json.dumps(told | {"at": at.isoformat()}).encode())
    )
    [peer] = heartbeat.peers(made.consumer)
    assert peer["clock"] and peer["apart"] == 3600 and "clock" in caplog.text

    def cut(_method: str, _path: str) -> None:
        raise Lost()

    made.pair.network.before = cut
    heartbeat.tell(made.consumer, made.terms.provider)
    assert heartbeat.peers(made.consumer)[0]["error"] == Lost.code


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"at":"2026-01-01","version":"1","events":{},"log":null}', b"null"]
)
def test_a_heartbeat_that_does_not_read_is_refused(body: bytes) -> None:
    with pytest.raises(AskedBadly):
        heartbeat.read(body)


def test_events_are_listed_to_the_other_side(made: Supplying) -> None:
    made.deliver()
    answer = made.consumer.sender.send(made.terms.provider, "GET", "/events", terms=made.terms)
    told = json.loads(answer.body)
    assert told["last"] == 1 and [(one["event"], one["state"], one["rows"]) for one in told["events"]] == [
        (1, "acknowledged", 2)
    ]
    assert replace(made.terms).id == told["agreement"]
