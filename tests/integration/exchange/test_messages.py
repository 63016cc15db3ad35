"""What goes wrong with messages between two nodes, over real sockets and TLS: each ends in a refusal, and nothing is believed.

X-Road's list of faulty peers is the checklist: unsigned, altered, of another, replayed, unknown, expired, slow, endless, cut off.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from quanmin.errors import QuanminError, Unavailable
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.errors import LogClosed
from quanmin.exchange.log.line import entry
from quanmin.exchange.message.errors import ClockApart, KeyRefused
from quanmin.exchange.node import client, opening, server
from quanmin.exchange.node.errors import (
    AgreementNeeded,
    AnswerRefused,
    AnswerSlow,
    Busy,
    CertificateStrange,
    NodeFailed,
    NoSuchVerb,
    Unreachable,
)
from quanmin.exchange.node.handler import HANDLERS, Answer, Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.text import Text

from . import between
from .between import Between, connected, everything, sent
from .conftest import exchanging

OWN = ("echo", "fail", "away", "sleep", "note")


class Away(Unavailable):
    """The lake of whoever answers is away."""

    code = "QM-TESTNODE-001"
    title = Text("数据湖不可用", "the lake is away")
    step = Text("稍后再试。", "Try again later.")


@pytest.fixture(autouse=True, scope="module")
def verbs() -> Iterator[None]:
    """Verbs of these tests: they are there before a listener is."""

    def fail(_node: Node, _received: Received) -> Reply:
        raise RuntimeError("11010119491231001")

    def away(_node: Node, _received: Received) -> Reply:
        raise Away()

    def sleep(_node: Node, _received: Received) -> Reply:
        time.sleep(0.6)
        return Reply()

    def echo(_node: Node, received: Received) -> Reply:
        return Reply(received.body)

    for name, handle in (("echo", echo), ("fail", fail), ("away", away), ("sleep", sleep)):
        handler("POST", f"/{name}", "request")(handle)
    handler("POST", "/note", "notice", cites=False)(echo)
    yield
    for name in OWN:
        del HANDLERS["POST", f"/{name}"]


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory, verbs: None) -> Iterator[Any]:
    """One exchange for all of these tests; each has an agreement of its own."""
    with exchanging(tmp_path_factory.mktemp("exchange")) as made:
        yield made


@pytest.fixture(autouse=True)
def known_again(exchange: Any) -> Iterator[None]:
    """What a test made the platform believe ends with it."""
    yield
    exchange.platform.directory.forget()
    exchange.platform_listener.application._seconds = server.WORK_SECONDS


@pytest.fixture
def terms(exchange: Any) -> Terms:
    made: Terms = exchange.agree()
    return made


def say(exchange: Any, terms: Terms | None, path: str = "/echo", **more: Any) -> Answer:
    told: Answer = exchange.agency.sender.send("health", "POST", path, b"hello", terms=terms, case="C-1", **more)
    return told


def log(node: Node, terms: Terms | None = None) -> list[Entry]:
    """The messages in a node's log, all or those under an agreement."""
    with node.ledger.reading() as connection:
        rows = connection.execute(select(ExchangeLogRow.entry).order_by(ExchangeLogRow.sequence))
        found = [entry(row.entry)[1] for row in rows]
    return [one for one in found if terms is None or one.agreement == terms.cited]


def code(exchange: Any, answer: Answer) -> str:
    return str(exchange.agency.sender.refusal(answer)["code"])


def test_a_pair_is_in_both_logs_with_the_same_signatures(exchange: Any, terms: Terms) -> None:
    answer = say(exchange, terms)
    assert (answer.status, answer.body, answer.fault) == (200, b"hello", None)
    ours, theirs = log(exchange.agency, terms), log(exchange.platform, terms)
    assert [(one.kind, one.direction) for one in ours] == [("request", "out"), ("response", "in")]
    assert [(one.kind, one.direction) for one in theirs] == [("request", "in"), ("response", "out")]
    same = [(one.message, one.base, one.signature, one.digest, one.request) for one in ours]
    assert same == [(one.message, one.base, one.signature, one.digest, one.request) for one in theirs]
    assert ours[1].request == ours[0].message == answer.envelope.request


@pytest.mark.parametrize(
    ("alter", "refused"),
    [
        (between.body, "QM-EXCHANGE-005"),
        (between.header(b"exchange-case", b"C-2"), "QM-EXCHANGE-004"),
        (between.header(b"exchange-agreement", b"A-2026-0002;v=1"), "QM-EXCHANGE-004"),
        (between.header(b"exchange-receiver", b"cdc"), "QM-EXCHANGE-004"),
        (between.header(b"exchange-id", b"other"), "QM-EXCHANGE-004"),
        (between.header(b"content-digest", b"sha-256=:" + b"A" * 43 + b"=:"), "QM-EXCHANGE-004"),
        (between.header(b"exchange-more", b"x"), "QM-EXCHANGE-003"),
        (between.header(b"host", b"elsewhere.example"), "QM-EXCHANGE-004"),
        (between.without(b"exchange-case"), "QM-EXCHANGE-003"),
        (between.without(b"signature"), "QM-EXCHANGE-002"),
        (between.without(b"signature-input"), "QM-EXCHANGE-002"),
        (between.without(b"exchange-sender"), "QM-EXCHANGE-053"),
        (between.header(b"exchange-sender", b"cdc"), "QM-EXCHANGE-053"),
        (between.start(b"/echo", b"/fail"), "QM-EXCHANGE-004"),
        (between.start(b"POST", b"PUT"), "QM-EXCHANGE-004"),
        (between.start(b"/echo", b"/echo?x=1"), "QM-EXCHANGE-004"),
    ],
)
def test_a_request_altered_on_the_way_is_refused_and_not_kept(
    exchange: Any, terms: Terms, alter: between.Alter, refused: str
) -> None:
    with Between(exchange, request=alter) as middle, pytest.raises(AnswerRefused, match=refused):
        say(exchange, terms, address=middle.origin)
    assert log(exchange.platform, terms) == []
    assert [one.direction for one in log(exchange.agency, terms)] == ["out"]


@pytest.mark.parametrize(
    "alter",
    [
        between.body,
        between.start(b"200", b"201"),
        between.header(b"exchange-fault", b"provider"),
        between.header(b"exchange-request-id", b"other"),
        between.header(b"exchange-sender", b"civil_affairs"),
        between.without(b"signature"),
        between.without(b"content-digest"),
        lambda _text: b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        lambda _text: b"HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/\r\ncontent-length: 0\r\n\r\n",
    ],
)
def test_an_answer_altered_or_made_up_is_dropped(exchange: Any, terms: Terms, alter: between.Alter) -> None:
    with Between(exchange, answer=alter) as middle, pytest.raises(AnswerRefused):
        say(exchange, terms, address=middle.origin)
    assert [one.direction for one in log(exchange.agency, terms)] == ["out"]


def test_an_answer_to_another_request_is_dropped(exchange: Any, terms: Terms) -> None:
    with Between(exchange) as middle:
        say(exchange, terms, address=middle.origin)
        middle.answer = lambda _text: middle.answered[0]
        with pytest.raises(AnswerRefused):
            say(exchange, terms, address=middle.origin)


def test_a_request_that_comes_twice_is_answered_once(exchange: Any, terms: Terms) -> None:
    with Between(exchange) as middle:
        first = say(exchange, terms, address=middle.origin)
    again = sent(exchange, middle.asked[0])
    assert again.startswith(b"HTTP/1.1 409") and b"QM-EXCHANGE-040" in again
    came = [one for one in log(exchange.platform, terms) if one.direction == "in"]
    assert [one.message for one in came] == [first.envelope.request]


def test_a_second_copy_on_the_way_does_not_answer_the_first(exchange: Any, terms: Terms) -> None:
    with Between(exchange, times=2) as middle:
        answer = say(exchange, terms, address=middle.origin)
    assert answer.fault == "consumer" and code(exchange, answer) == "QM-EXCHANGE-040"


@pytest.mark.parametrize(("hours", "refused"), [(1, ClockApart), (-1, KeyRefused)])
def test_clocks_an_hour_apart_refuse_each_other(
    exchange: Any, terms: Terms, monkeypatch: pytest.MonkeyPatch, hours: int, refused: type[QuanminError]
) -> None:
    now = exchange.platform.ledger.now  # an hour ago the agency's key, which is minutes old, did not count yet
    with monkeypatch.context() as moved:
        moved.setattr(exchange.platform.ledger, "now", lambda: now() + timedelta(hours=hours))
        with pytest.raises(AnswerRefused, match=refused.code):
            say(exchange, terms)
    assert say(exchange, terms).status == 200


def test_an_agreement_suspended_between_two_requests_stops_the_second(exchange: Any, terms: Terms) -> None:
    assert say(exchange, terms).status == 200
    exchange.office.suspend("health", terms.id, "test")
    answer = say(exchange, terms)
    assert (answer.fault, code(exchange, answer)) == ("consumer", NotInForce.code)


def test_an_agreement_of_others_or_none_gives_nothing(exchange: Any, terms: Terms) -> None:
    answer = say(exchange, None)
    assert (answer.fault, code(exchange, answer)) == ("consumer", AgreementNeeded.code)
    answer = say(exchange, replace(terms, id="A-1999-0001"))
    assert (answer.fault, code(exchange, answer)) == ("consumer", NotInForce.code)


def test_an_unknown_verb_is_a_signed_refusal(exchange: Any, terms: Terms) -> None:
    answer = say(exchange, terms, "/nothing")
    assert (answer.status, answer.fault, code(exchange, answer)) == (404, "consumer", NoSuchVerb.code)


def test_a_body_in_the_open_is_refused_where_it_must_be_sealed(exchange: Any, terms: Terms) -> None:
    answer = say(exchange, replace(terms, sealed=False))
    assert answer.fault == "consumer" and code(exchange, answer) == "QM-EXCHANGE-011"


def _known(exchange: Any, **changed: Any) -> None:
    """The platform knows the agency otherwise."""
    directory = exchange.platform.directory()
    member = replace(directory.member("civil_affairs"), **changed)
    found = replace(directory, members={**directory.members, "civil_affairs": member})
    exchange.platform.directory._held = (time.monotonic() + 3600, found)


def test_revoked_keys_inactive_members_and_other_certificates_are_refused(exchange: Any, terms: Terms) -> None:
    member = exchange.platform.directory().member("civil_affairs")
    now = exchange.platform.ledger.now()
    revoked = tuple(replace(one, revoked=now - timedelta(seconds=5)) for one in member.keys)
    for changed, refused in (
        ({"keys": revoked}, KeyRefused),
        ({"active": False}, KeyRefused),
        ({"keys": ()}, KeyRefused),
        ({"certificates": ("0" * 64,)}, CertificateStrange),
    ):
        _known(exchange, **{"keys": member.keys, "active": True, "certificates": member.certificates, **changed})
        with pytest.raises(AnswerRefused, match=refused.code):
            say(exchange, terms)


def test_nobody_connects_without_a_certificate_of_the_authority(exchange: Any) -> None:
    bare = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    bare.check_hostname, bare.verify_mode = False, ssl.CERT_NONE
    try:
        with connected(exchange, bare) as far:
            far.sendall(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            text = far.recv(1)
    except OSError:
        text = b""
    assert text == b""


def test_whoever_is_called_must_be_the_member_by_certificate(exchange: Any, terms: Terms) -> None:
    with pytest.raises(Unreachable):  # the agency's own listener shows the agency's certificate
        say(exchange, terms, address=exchange.agency_listener.origin)


@pytest.mark.parametrize(
    ("path", "fault", "refused"), [("/fail", "provider", NodeFailed.code), ("/away", "provider", Away.code)]
)
def test_what_fails_at_the_provider_is_its_fault_and_tells_nothing(
    exchange: Any, terms: Terms, path: str, fault: str, refused: str
) -> None:
    answer = say(exchange, terms, path)
    assert (answer.status, answer.fault, code(exchange, answer)) == (503, fault, refused)
    assert b"110101" not in answer.body
    assert log(exchange.platform, terms)[-1].fault == f"{fault} {refused}"


def test_a_handler_that_takes_too_long_is_cut_off(exchange: Any, terms: Terms) -> None:
    exchange.platform_listener.application._seconds = 0.1
    answer = say(exchange, terms, "/sleep")
    assert (answer.fault, code(exchange, answer)) == ("provider", AnswerSlow.code)


def test_a_log_that_cannot_be_written_answers_nothing_as_kept(tmp_path: Path) -> None:
    with exchanging(tmp_path) as own:
        terms = own.agree()
        own.platform.journal.close()
        with pytest.raises(AnswerRefused, match=LogClosed.code):
            say(own, terms)


def test_more_than_a_node_works_on_is_sent_away_for_now(
    exchange: Any, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "AT_ONCE", 0)
    with Between(exchange) as middle, pytest.raises(AnswerRefused, match=Busy.code):
        say(exchange, terms, address=middle.origin)
    assert b"\r\nretry-after: 1\r\n" in middle.answered[0]


@pytest.mark.parametrize("made_up", [between.endless, between.slow, between.gone])
def test_an_answer_that_is_endless_slow_or_missing_leaves_the_request_open(
    exchange: Any, terms: Terms, monkeypatch: pytest.MonkeyPatch, made_up: Any
) -> None:
    monkeypatch.setattr(client, "LARGEST", 1 << 18)
    monkeypatch.setattr(client, "TOTAL_SECONDS", 1.0)
    began = time.monotonic()
    sender = exchange.agency.sender
    if sender._session is not None:
        sender.wait(sender._session.close())
        sender._session = None
    with Between(exchange, made_up=made_up) as middle, pytest.raises((AnswerRefused, Unreachable)):
        say(exchange, terms, address=middle.origin)
    assert time.monotonic() - began < 8
    assert [one.direction for one in log(exchange.agency, terms)] == ["out"]
    assert say(exchange, terms).status == 200


def test_garbage_and_heads_without_end_cost_a_connection_and_no_more(exchange: Any, terms: Terms) -> None:
    with connected(exchange) as far:
        far.sendall(b"\x16\x03nothing of HTTP\r\n\r\n")
        assert everything(far)[:12] in (b"HTTP/1.1 400", b"")
    with connected(exchange) as far:
        far.sendall(b"POST /exchange/v1/echo HTTP/1.1\r\nhost: x\r\n")
        with pytest.raises(OSError):
            for _ in range(10_000):
                far.sendall(b"x-more: " + b"a" * 1000 + b"\r\n")
    text = sent(exchange, b"POST /exchange/v1/echo HTTP/1.1\r\nhost: x\r\n\r\n")
    assert text.startswith(b"HTTP/1.1 403") and json.loads(text.partition(b"\r\n\r\n")[2])["code"]
    assert say(exchange, terms).status == 200


def test_a_body_that_is_too_long_is_refused_before_it_is_read(exchange: Any) -> None:
    with connected(exchange) as far:
        far.sendall(b"POST /exchange/v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999\r\n\r\n")
        text = everything(far)
    assert text.startswith(b"HTTP/1.1 422") and b"QM-EXCHANGE-051" in text


def test_whoever_sends_a_head_or_a_body_too_slowly_is_left(exchange: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "HEAD_SECONDS", 0.4)
    monkeypatch.setattr(server, "READ_SECONDS", 0.4)
    began = time.monotonic()
    with connected(exchange) as far:
        assert everything(far) == b""
    with connected(exchange) as far:
        far.sendall(b"POST /exchange/v1/echo HTTP/1.1\r\nhos")
        assert everything(far) == b""
    with connected(exchange) as far:
        far.sendall(b"POST /exchange/v1/echo HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc")
        text = everything(far)
    assert text.startswith(b"HTTP/1.1 503") and b"QM-EXCHANGE-052" in text
    assert time.monotonic() - began < 4


def test_a_client_that_closes_half_way_leaves_nothing(exchange: Any, terms: Terms) -> None:
    with Between(exchange) as middle:
        say(exchange, terms, address=middle.origin)
    before = len(log(exchange.platform))
    with connected(exchange) as far:
        far.sendall(middle.asked[0][:-3])
    time.sleep(0.2)
    assert len(log(exchange.platform)) == before
    assert say(exchange, terms).status == 200
