"""Requests between nodes over real sockets: asked, answered through the gate, kept on both sides."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from tests.unit.exchange.agreement.cremations import DATASET, KEYS, fill, number

from quanmin.errors import QuanminError
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.member import enrolment
from quanmin.exchange.message.envelope import Envelope
from quanmin.exchange.node import door
from quanmin.exchange.node.errors import DoorClosed
from quanmin.exchange.request import ask
from quanmin.exchange.request.errors import (
    CaseNeeded,
    NotAgreed,
    NothingHere,
    QuotaSpent,
    RequestUnreadable,
    TooManyKeys,
)
from quanmin.exchange.request.question import Question
from quanmin.exchange.terms import Terms
from quanmin.ledger.exchange import ExchangeLogRow

from .conftest import exchanging

ELEMENTS = {"citizen_number", "name", "death_date", "disposal"}


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Civil affairs has cremations, and answers the platform's member; the platform has the same rows."""
    with exchanging(tmp_path_factory.mktemp("exchange")) as made:
        for node in (made.agency, made.platform):
            fill(node.lake)
        yield made


def agree(exchange: Any, **changed: Any) -> Terms:
    """An agreement by which health asks civil affairs."""
    told = {"provider": "civil_affairs", "consumer": "health", "dataset": DATASET, "elements": sorted(ELEMENTS)}
    terms: Terms = exchange.agree(**(told | changed))
    return terms


def look(*keys: int, **more: Any) -> Question:
    return Question("query", tuple({"citizen_number": number(one)} for one in keys), **more)


def test_what_was_agreed_on_is_answered_and_nothing_else(exchange: Any) -> None:
    terms = agree(exchange, region="370000")
    found = ask(exchange.platform, terms, look(*KEYS), "C-1")
    assert (found.status, found.fault) == (200, None)
    assert [one["found"] for one in found.told["records"]] == [int(str(key).startswith("37")) for key in KEYS]
    rows = [row for record in found.told["records"] for row in record["rows"]]
    assert all(set(row) == ELEMENTS for row in rows)
    for node in (exchange.platform, exchange.agency):
        with node.ledger.reading() as connection:
            kept = list(connection.execute(select(ExchangeLogRow.kind, ExchangeLogRow.part, ExchangeLogRow.entry)))
        asked = [one for one in kept if one.kind in ("request", "response") and terms.cited in one.entry]
        assert len(asked) == 2 and not any(number(key) in one.entry for one in kept for key in KEYS)


@pytest.mark.parametrize(
    ("question", "case", "error"),
    [
        (Question("lookup", ({"citizen_number": number(KEYS[0])},)), " ", CaseNeeded),
        (Question("verify", ({"citizen_number": number(KEYS[0]), "name": "x"},)), "C-1", NotAgreed),
        (Question("query", ({"name": "x"},)), "C-1", RequestUnreadable),
        (Question("query", look(KEYS[0]).keys * 1001), "C-1", TooManyKeys),
    ],
)
def test_what_was_not_agreed_on_is_refused_without_repeating_what_was_asked(
    exchange: Any, question: Question, case: str, error: type[QuanminError]
) -> None:
    found = ask(exchange.platform, agree(exchange), question, case)
    assert (found.fault, found.told["code"]) == ("consumer", error.code)
    assert number(KEYS[0]) not in json.dumps(found.told)


def test_an_element_outside_of_the_agreement_is_withheld_and_told(exchange: Any) -> None:
    terms = agree(exchange, elements=["citizen_number", "death_date"])
    found = ask(exchange.platform, terms, look(KEYS[0], elements=("citizen_number", "name")), "C-1")
    [record] = found.told["records"]
    assert set(record["rows"][0]) == {"citizen_number"} and set(record["withheld"]) == {"name"}


def test_the_quota_of_a_day_ends(exchange: Any) -> None:
    terms = agree(exchange, quota=2)
    found = [ask(exchange.platform, terms, look(KEYS[0]), "C-1") for _ in range(3)]
    assert [one.status for one in found] == [200, 200, 409] and found[2].told["code"] == QuotaSpent.code


def test_a_provider_without_the_data_says_so(exchange: Any) -> None:
    terms = exchange.agree(operations=["query"])
    found = ask(exchange.agency, terms, look(KEYS[0]), "C-1")
    assert found.told["code"] == NothingHere.code


def test_the_platform_answers_for_a_provider_without_a_node(exchange: Any) -> None:
    directory = exchange.platform.directory()
    told = {"dataset": DATASET, "provider": "civil_affairs", "consumer": "health", "elements": sorted(ELEMENTS)}
    terms = replace(exchange.agree(**told), consumer="education")
    asker = Envelope("m", "education", "health", terms.cited)
    server = exchange.platform_listener.application
    assert not server._stands_in(terms, asker)
    away = replace(directory.member("civil_affairs"), address=None)
    known = replace(directory, members={**directory.members, "civil_affairs": away})
    exchange.platform.directory._held = (time.monotonic() + 3600, known)
    assert server._stands_in(terms, asker)
    assert not server._stands_in(terms, replace(asker, sender="cdc"))
    exchange.platform.directory.forget()


def test_the_local_door_asks_for_whoever_has_its_token(exchange: Any) -> None:
    terms, settings = agree(exchange), exchange.platform.settings
    own, body = door.token(settings), {"agreement": terms.id, "case": "C-1"}
    assert (enrolment.folder(settings) / door.FILE).stat().st_mode & 0o777 == 0o600
    asked = json.loads(look(KEYS[0]).body()) | body
    opened = door.Door(exchange.platform)
    try:
        status, told = posted(opened.origin, own, asked)
        assert (status, told["status"], told["fault"]) == (200, 200, None)
        assert told["answer"]["records"][0]["found"] == 1 and told["message"]
        assert posted(opened.origin, "wrong", asked)[1]["code"] == DoorClosed.code
        assert posted(opened.origin, own, asked | {"more": 1})[1]["code"] == RequestUnreadable.code
        assert posted(opened.origin, own, asked | {"agreement": "A-1999-1"})[1]["code"] == NotInForce.code
    finally:
        opened.close()


def posted(origin: str, token: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """What the door answers."""
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    request = urllib.request.Request(origin + door.PATH, json.dumps(told).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
