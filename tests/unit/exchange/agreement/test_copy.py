"""Copies of agreements at nodes: what they believe, how long it counts, and what they do over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from quanmin.exchange.agreement import copy as copies
from quanmin.exchange.agreement import decide, remote, work
from quanmin.exchange.agreement.errors import (
    AgreementUnknown,
    CopyRefused,
    NotASide,
    NotInForce,
    TermsUnreadable,
    TermsWidened,
)
from quanmin.exchange.agreement.statement import Statement
from quanmin.exchange.agreement.work import CLOCK
from quanmin.exchange.canonical import canonical
from quanmin.exchange.node.errors import AnswerRefused
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction
from quanmin.settings import Settings

from . import parties as names
from .cremations import KEYS, fill
from .parties import Parties, wish
from .wire import Wire, node


class Away(NamedTuple):
    """The platform, the provider's node and the consumer's."""

    parties: Parties
    platform: Node
    provider: Node
    consumer: Node


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Away]:
    origin = "https://platform.example"
    homes = {
        name: Settings(home=tmp_path / name, member=name, buckets=1, exchange_platform=platform)
        for name, platform in ((names.PLATFORM, None), (names.PROVIDER, origin), (names.CONSUMER, origin))
    }
    with (
        Lake.open(homes[names.PLATFORM]) as own,
        Lake.open(homes[names.PROVIDER]) as giving,
        Lake.open(homes[names.CONSUMER]) as taking,
    ):
        parties = Parties(homes[names.PLATFORM], own.ledger)
        made: list[Node] = []
        for name, lake in ((names.PLATFORM, own), (names.PROVIDER, giving), (names.CONSUMER, taking)):
            made.append(node(parties, lake, parties.pens[name], Wire(name, lambda: made[0])))
        fill(giving)
        yield Away(parties, *made)


def test_an_agreement_is_made_by_three_nodes_over_http(away: Away) -> None:
    made = remote.draft(away.consumer, wish(), request=True)
    assert (made.terms.cited, made.state) == ("A-2026-0001;v=1", "requested")
    away.parties.office.review(names.PLATFORM, made.terms.id)
    answered = remote.step(away.provider, made.terms.id, "answer", {"changes": {"elements": ["death_date"]}})
    assert (answered.state, answered.terms.elements) == ("answered", ("death_date",))
    assert remote.sign(away.provider, made.terms.id).state == "answered"
    assert remote.sign(away.consumer, made.terms.id).state == "in_force"
    assert copies.refresh(away.provider) == 1 and copies.refresh(away.provider) == 0
    for one in (away.platform, away.provider, away.consumer):
        assert one.agreements.standing("A-2026-0001;v=1", away.parties.now).elements == ("death_date",)
    assert [one.cited for one in away.consumer.agreements.all()] == ["A-2026-0001;v=1"]
    assert away.platform.agreements.all() == []
    assert decide(away.provider.lake, answered.terms, "C-1").allowed


def test_a_suspension_counts_at_once_at_the_platform_and_with_the_next_copy_elsewhere(away: Away) -> None:
    terms = away.parties.in_force()
    copies.refresh(away.provider)
    assert away.provider.lake.read(decide(away.provider.lake, terms, "C-1")).fetch().num_rows == len(KEYS)
    away.platform.agreements.standing(terms.cited, away.parties.now)
    away.parties.office.suspend(names.PLATFORM, terms.id, "核查")
    with pytest.raises(NotInForce):
        away.platform.agreements.standing(terms.cited, away.parties.now)
    away.parties.now += timedelta(seconds=10)
    assert work.work(away.provider) == copies.REFRESH
    with pytest.raises(NotInForce):
        away.provider.agreements.standing(terms.cited, away.parties.now)
    assert not decide(away.provider.lake, terms, "C-1").allowed
    [kept] = copies.statements(away.provider.ledger)
    assert (kept.state, kept.reason) == ("suspended", "核查")


def test_a_copy_counts_no_more_a_day_after_the_platform_was_heard_of(away: Away) -> None:
    terms = away.parties.in_force()
    copies.refresh(away.provider)
    away.parties.now += timedelta(hours=24)
    fresh = node(away.parties, away.provider.lake, away.parties.pens[names.PROVIDER], away.provider.sender)
    assert fresh.agreements.standing(terms.cited, away.parties.now) == terms
    assert decide(away.provider.lake, terms, "C-1").allowed
    away.parties.now += timedelta(seconds=1)
    fresh = node(away.parties, away.provider.lake, away.parties.pens[names.PROVIDER], away.provider.sender)
    with pytest.raises(NotInForce):
        fresh.agreements.standing(terms.cited, away.parties.now)
    assert not decide(away.provider.lake, terms, "C-1").allowed
    copies.refresh(away.provider)
    assert decide(away.provider.lake, terms, "C-1").allowed


def test_a_statement_that_comes_late_brings_no_state_back(away: Away) -> None:
    terms, office = away.parties.in_force(), away.parties.office
    late = away.provider.sender.send(names.PLATFORM, "GET", "/agreements").body
    away.parties.now += timedelta(seconds=1)
    office.suspend(names.PLATFORM, terms.id, "核查")
    copies.refresh(away.provider)
    skew, directory = timedelta(minutes=5), away.parties.directory
    assert copies.keep(away.provider.ledger, directory, copies.read(late), skew, names.PROVIDER) == 0
    assert not decide(away.provider.lake, terms, "C-1").allowed


def _stated(away: Away, terms: Terms) -> Statement:
    document = away.parties.office.course(names.PROVIDER, terms.id)
    return Statement.of(document, away.parties.now, away.parties.pens[names.PLATFORM])


def _signed(away: Away, stated: Statement, by: str = names.PLATFORM) -> Statement:
    pen = away.parties.pens[by]
    stated = replace(stated, key=pen.key)
    return replace(stated, signature=pen.sign(stated.text()).hex())


def test_a_copy_that_does_not_bear_its_three_signatures_is_refused(away: Away) -> None:
    terms = away.parties.in_force()
    good = _stated(away, terms)
    wider = replace(terms, elements=(*terms.elements, "sex"))
    one_side = {"provider": good.signatures["provider"]}
    swapped = {"provider": good.signatures["consumer"], "consumer": good.signatures["provider"]}
    wrong: list[tuple[str, Statement]] = [
        ("platform", replace(good, state="suspended")),
        ("platform", replace(good, at=good.at + timedelta(seconds=1))),
        ("platform", replace(good, signature="00")),
        ("platform", replace(good, signature="no hex")),
        ("platform", _signed(away, good, names.PROVIDER)),
        ("provider", _signed(away, replace(good, terms=wider))),
        ("consumer", _signed(away, replace(good, signatures=one_side))),
        ("provider", _signed(away, replace(good, signatures=swapped))),
        ("provider", _signed(away, replace(good, signatures={}))),
        ("time", _signed(away, replace(good, at=good.at + timedelta(hours=1)))),
        ("authority", _signed(away, replace(good, terms=replace(terms, authority=names.STRANGER)))),
    ]
    skew, directory, ledger = timedelta(minutes=5), away.parties.directory, away.provider.ledger
    for reason, one in wrong:
        with pytest.raises(CopyRefused) as refused:
            copies.keep(ledger, directory, [one], skew, names.PROVIDER)
        assert refused.value.fields["reason"] == reason
    with pytest.raises(CopyRefused):
        copies.keep(ledger, directory, [good], skew, names.STRANGER)
    assert copies.statements(ledger) == [] and not decide(away.provider.lake, terms, "C-1").allowed
    assert copies.keep(ledger, directory, [good], skew, names.PROVIDER) == 1
    assert decide(away.provider.lake, terms, "C-1").allowed


def test_one_broken_statement_holds_no_suspension_back(away: Away) -> None:
    first, second = away.parties.in_force(), away.parties.in_force()
    copies.refresh(away.provider)
    away.parties.now += timedelta(seconds=1)
    away.parties.office.suspend(names.PLATFORM, second.id, "核查")
    broken = replace(_stated(away, first), signature="00")
    body = canonical({"agreements": [1, broken.to_dict(), _stated(away, second).to_dict()]})
    told = copies.read(body)
    with pytest.raises(CopyRefused):
        copies.keep(away.provider.ledger, away.parties.directory, told, timedelta(minutes=5), names.PROVIDER)
    assert not decide(away.provider.lake, second, "C-1").allowed
    assert decide(away.provider.lake, first, "C-1").allowed


def test_a_key_revoked_later_leaves_the_signature_it_made_before(away: Away) -> None:
    terms = away.parties.in_force()
    away.parties.now += timedelta(days=1)
    away.parties.revoke_key(names.CONSUMER)
    assert copies.refresh(away.provider) == 1
    assert decide(away.provider.lake, terms, "C-1").allowed


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _body: b"",
        lambda _body: b"[]",
        lambda _body: b'{"agreements": 1}',
        lambda _body: b'{"agreements": [1]}',
        lambda body: body.replace(b'"state":"in_force"', b'"state":"forever"'),
        lambda body: body.replace(b'"at":"2026-11-02T01:00:00+00:00"', b'"at":"2026-11-02T01:00:00"'),
        lambda body: body.replace(b'"death_date"', b'"sex"'),
    ],
)
def test_an_answer_that_cannot_be_believed_changes_nothing(away: Away, spoil: Callable[[bytes], bytes]) -> None:
    terms = away.parties.in_force()
    wire: Any = away.provider.sender
    wire.tamper = spoil
    with pytest.raises(CopyRefused):
        copies.refresh(away.provider)
    assert not decide(away.provider.lake, terms, "C-1").allowed


def test_a_refusal_at_the_platform_is_the_same_error_at_the_node(away: Away) -> None:
    made = remote.draft(away.consumer, wish(), request=True)
    with pytest.raises(NotASide) as refused:
        remote.step(away.consumer, made.terms.id, "review")
    assert "the authority" in refused.value.next_step("en")
    with pytest.raises(IllegalAction):
        remote.step(away.provider, made.terms.id, "answer")
    away.parties.office.review(names.PLATFORM, made.terms.id)
    with pytest.raises(TermsWidened):
        remote.step(away.provider, made.terms.id, "answer", {"changes": {"until": "2028-01-01"}})
    with pytest.raises(AgreementUnknown):
        remote.step(away.provider, made.terms.id, "forget")
    with pytest.raises(AgreementUnknown):
        remote.sign(away.provider, made.terms.id)
    for told in ({"changes": 1}, {"changes": {"elements": 1}}):
        with pytest.raises(TermsUnreadable):
            remote.step(away.provider, made.terms.id, "answer", told)
    with pytest.raises(TermsUnreadable):
        remote.step(away.provider, made.terms.id, "refuse", {"reason": ["x"]})
    assert isinstance(remote.refused({"code": "QM-OTHER-999"}, "health"), AnswerRefused)
    assert isinstance(remote.refused({"code": NotASide.code, "address": {}}, "health"), AnswerRefused)


def test_a_body_that_is_no_json_object_is_refused(away: Away) -> None:
    sender = away.consumer.sender
    for body in (b"{", b"[1]", b'"x"'):
        answer = sender.send(names.PLATFORM, "POST", "/agreements", body)
        assert json.loads(answer.body)["code"] == TermsUnreadable.code


def test_only_the_platform_keeps_an_office(away: Away) -> None:
    wire = Wire(names.CONSUMER, lambda: away.provider)
    answer = wire.send(names.PROVIDER, "GET", "/agreements")
    assert json.loads(answer.body)["code"] == AgreementUnknown.code


def test_members_are_told_of_their_own_agreements_only(away: Away) -> None:
    away.parties.in_force()
    told = away.consumer.sender.send(names.PLATFORM, "GET", "/agreements").body
    assert len(copies.read(told)) == 1
    stranger = Wire(names.STRANGER, lambda: away.platform).send(names.PLATFORM, "GET", "/agreements").body
    assert copies.read(stranger) == []
    assert json.loads(told)["platform"] == names.PLATFORM and canonical(json.loads(told)) == told


def test_the_platforms_own_work_is_its_clock(away: Away) -> None:
    terms = away.parties.in_force()
    away.parties.now += timedelta(days=400)
    assert work.work(away.platform) == CLOCK
    assert away.parties.office.course(names.PROVIDER, terms.id).state == "expired"


def test_a_document_written_into_a_nodes_own_ledger_is_no_agreement(away: Away) -> None:
    ledger: Ledger = away.provider.ledger
    terms = Terms.read({**wish(), "id": "A-2026-0001", "version": 1, "authority": names.PLATFORM, "where": {}})
    names.place_in_force(ledger, terms)
    assert not decide(away.provider.lake, terms, "C-1").allowed
    with pytest.raises(NotInForce):
        away.provider.agreements.standing(terms.cited, away.parties.now)
    for cited in ("A-2026-0001", "A-2026-0001;v=x", "", ";v=1"):
        with pytest.raises(NotInForce):
            away.provider.agreements.standing(cited, away.parties.now)
