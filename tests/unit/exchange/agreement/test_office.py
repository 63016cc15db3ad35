"""The course of an agreement: who may do what and when, and what a signature must be."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from quanmin.errors import QuanminError
from quanmin.exchange.agreement.errors import (
    AgreementUnknown,
    BasisMissing,
    DatasetClosed,
    NotASide,
    OnwardUnconsented,
    PeriodWrong,
    SidesUnfit,
    SignatureRefused,
    TermsUnreadable,
    TermsWidened,
)
from quanmin.exchange.agreement.workflow import AUTHORITY, CONSUMER, PROVIDER
from quanmin.ledger.due import owed
from quanmin.ledger.errors import IllegalAction, MissingField

from . import parties as names
from .parties import START, Parties, plain, wish


def test_an_agreement_goes_from_draft_to_force_by_the_steps_of_three_members(parties: Parties) -> None:
    office = parties.office
    drafted = office.draft(names.CONSUMER, wish())
    assert (drafted.ref, drafted.state) == ("A-2026-0001", "draft")
    assert office.request(names.CONSUMER, "A-2026-0001").state == "requested"
    assert office.review(names.PLATFORM, "A-2026-0001").state == "reviewed"
    assert (
        office.answer(names.PROVIDER, "A-2026-0001", {"elements": ["citizen_number", "death_date"]}).state == "answered"
    )
    assert parties.sign(names.PROVIDER, "A-2026-0001").state == "answered"
    done = parties.sign(names.CONSUMER, "A-2026-0001")
    assert done.state == "in_force"
    assert office.terms(done).elements == ("citizen_number", "death_date")
    assert set(done.data["signatures"]) == {"provider", "consumer"}
    assert [one.actor for one in done.actions] == [
        names.CONSUMER,
        names.CONSUMER,
        names.PLATFORM,
        names.PROVIDER,
        names.PROVIDER,
        names.CONSUMER,
    ]
    assert office.draft(names.CONSUMER, wish()).ref == "A-2026-0002"


def test_what_is_shared_without_conditions_is_granted_by_the_authority_alone(parties: Parties) -> None:
    open_data = {"dataset": "cdc.notifiable_disease_monthly", "provider": "health", "case": False}
    told = wish(**open_data, elements=["month", "disease", "cases"], operations=["query"], initiative="consumer")
    agreement = str(parties.office.draft(names.CONSUMER, told).ref)
    parties.office.request(names.CONSUMER, agreement)
    assert parties.office.review(names.PLATFORM, agreement).state == "answered"
    with pytest.raises(NotASide):
        parties.office.answer(names.CONSUMER, agreement)
    onward = str(parties.office.draft(names.CONSUMER, {**told, "onward": True}).ref)
    parties.office.request(names.CONSUMER, onward)
    with pytest.raises(OnwardUnconsented):
        parties.office.review(names.PLATFORM, onward)


def test_passing_on_needs_the_providers_own_word(parties: Parties) -> None:
    agreement = parties.answered(onward=True)
    assert not parties.office.terms(parties.office.course(names.PROVIDER, agreement)).onward
    done = parties.office.answer(names.PROVIDER, agreement, {"onward": True})
    assert parties.office.terms(done).onward
    with pytest.raises(TermsWidened):
        parties.office.answer(names.PROVIDER, parties.answered(), {"onward": True})


@pytest.mark.parametrize(
    ("step", "who"),
    [
        ("request", names.PLATFORM),
        ("review", names.CONSUMER),
        ("review", names.PROVIDER),
        ("answer", names.CONSUMER),
        ("answer", names.PLATFORM),
        ("sign", names.PLATFORM),
        ("suspend", names.CONSUMER),
        ("revoke", names.CONSUMER),
        ("withdraw", names.PROVIDER),
    ],
)
def test_nobody_takes_a_step_that_is_anothers(parties: Parties, step: str, who: str) -> None:
    office = parties.office
    agreement = str(office.draft(names.CONSUMER, wish()).ref)
    before = {"request": "draft", "review": "requested", "answer": "reviewed", "sign": "answered"}.get(step, "in_force")
    for state, act in (
        ("requested", lambda: office.request(names.CONSUMER, agreement)),
        ("reviewed", lambda: office.review(names.PLATFORM, agreement)),
        ("answered", lambda: office.answer(names.PROVIDER, agreement)),
        ("in_force", lambda: (parties.sign(names.PROVIDER, agreement), parties.sign(names.CONSUMER, agreement))),
    ):
        if office.course(names.CONSUMER, agreement).state == before:
            break
        act()
        assert office.course(names.CONSUMER, agreement).state == state
    reason = ("because",) if step in ("suspend", "revoke") else ()
    with pytest.raises(NotASide):
        parties.sign(who, agreement) if step == "sign" else getattr(office, step)(who, agreement, *reason)
    with pytest.raises(AgreementUnknown):
        parties.sign(names.STRANGER, agreement) if step == "sign" else getattr(office, step)(
            names.STRANGER, agreement, *reason
        )
    assert office.course(names.CONSUMER, agreement).state == before


def test_a_signature_over_other_terms_by_another_side_or_by_a_key_that_does_not_count_is_refused(
    parties: Parties,
) -> None:
    agreement = parties.answered()
    office = parties.office
    terms = office.terms(office.course(names.PROVIDER, agreement))
    assert terms.text() == plain(terms)
    key, own = parties.pens[names.PROVIDER].key, parties.pens[names.PROVIDER]
    refused = [
        (key, own.sign(terms.revised().text()).hex()),
        (key, own.sign(terms.text())[:-1].hex() + "00" * 2),
        (key, ""),
        (key, "no hex"),
        (parties.pens[names.CONSUMER].key, parties.signature(names.CONSUMER, terms)),
        (key, parties.signature(names.CONSUMER, terms)),
        ("civil_affairs/signature/9", own.sign(terms.text()).hex()),
        ("nobody/signature/1", own.sign(terms.text()).hex()),
    ]
    for key_, signature in refused:
        with pytest.raises(SignatureRefused):
            office.sign(names.PROVIDER, agreement, key_, signature)
    parties.now += timedelta(hours=1)
    parties.revoke_key(names.PROVIDER)
    with pytest.raises(SignatureRefused):
        parties.sign(names.PROVIDER, agreement)
    found = office.course(names.PROVIDER, agreement)
    assert found.state == "answered" and not found.data["signatures"]


def test_an_answer_written_anew_voids_the_signature_under_the_old_one(parties: Parties) -> None:
    agreement = parties.answered()
    parties.sign(names.CONSUMER, agreement)
    with pytest.raises(NotASide):
        parties.sign(names.CONSUMER, agreement)
    parties.office.answer(names.PROVIDER, agreement, {"elements": ["death_date"]})
    assert parties.sign(names.PROVIDER, agreement).state == "answered"
    assert parties.sign(names.CONSUMER, agreement).state == "in_force"


def test_a_refusal_gives_its_reason(parties: Parties) -> None:
    agreement = str(parties.office.draft(names.CONSUMER, wish()).ref)
    parties.office.request(names.CONSUMER, agreement)
    with pytest.raises(MissingField):
        parties.office.refuse(names.PLATFORM, agreement, "")
    assert parties.office.refuse(names.PLATFORM, agreement, "另有渠道").data["reason"] == "另有渠道"
    with pytest.raises(IllegalAction):
        parties.office.review(names.PLATFORM, agreement)


def test_whoever_suspended_lets_it_go_on_and_nobody_else(parties: Parties) -> None:
    terms = parties.in_force()
    parties.office.suspend(names.PROVIDER, terms.id, "核查")
    with pytest.raises(NotASide):
        parties.office.resume(names.PLATFORM, terms.id)
    assert parties.office.resume(names.PROVIDER, terms.id).state == "in_force"
    parties.office.suspend(names.PLATFORM, terms.id, "核查")
    with pytest.raises(NotASide):
        parties.office.resume(names.PROVIDER, terms.id)
    assert parties.office.revoke(names.PROVIDER, terms.id, "终止").state == "revoked"


def test_the_version_in_force_stays_until_the_next_one_is(parties: Parties) -> None:
    terms, office = parties.in_force(), parties.office
    with pytest.raises(IllegalAction):
        office.revise(names.CONSUMER, parties.answered(), {})
    office.revise(names.CONSUMER, terms.id, {"elements": ["death_date"], "version": 7, "id": "A-1"})
    assert office.course(names.CONSUMER, terms.id).data["terms"]["version"] == 2
    assert office.course(names.CONSUMER, terms.id, 1).state == "in_force"
    office.request(names.CONSUMER, terms.id)
    office.review(names.PLATFORM, terms.id)
    office.answer(names.PROVIDER, terms.id)
    parties.sign(names.CONSUMER, terms.id)
    assert office.course(names.CONSUMER, terms.id, 1).state == "in_force"
    assert parties.sign(names.PROVIDER, terms.id).state == "in_force"
    assert office.course(names.CONSUMER, terms.id, 1).state == "superseded"


def test_the_clock_ends_what_is_over_and_lets_the_next_version_begin_on_its_day(parties: Parties) -> None:
    terms, office = parties.in_force(), parties.office
    office.revise(names.CONSUMER, terms.id, {"starts": "2026-12-01"})
    office.request(names.CONSUMER, terms.id)
    office.review(names.PLATFORM, terms.id)
    office.answer(names.PROVIDER, terms.id)
    parties.sign(names.CONSUMER, terms.id)
    parties.sign(names.PROVIDER, terms.id)
    assert office.tick() == 0
    assert office.course(names.CONSUMER, terms.id, 1).state == "in_force"
    parties.now = START.replace(month=11, day=30, hour=17)  # 01:00 of 1 December in China
    assert office.tick() == 1
    assert office.course(names.CONSUMER, terms.id, 1).state == "superseded"
    parties.now = START.replace(year=2027, month=10, day=31, hour=15)
    assert office.tick() == 0
    parties.now += timedelta(hours=1)
    assert (office.tick(), office.tick()) == (1, 0)
    assert office.course(names.CONSUMER, terms.id).state == "expired"


def test_every_step_has_its_working_days(parties: Parties) -> None:
    agreement, far = str(parties.office.draft(names.CONSUMER, wish()).ref), START + timedelta(days=60)

    def due(role: str) -> list[tuple[str, date]]:
        return [(one.action, one.due.date()) for one in owed(parties.ledger, [role], far)]

    assert due(AUTHORITY) == []
    parties.office.request(names.CONSUMER, agreement)  # a Monday
    assert {("review", date(2026, 11, 4))} <= set(due(AUTHORITY))
    parties.office.review(names.PLATFORM, agreement)
    assert due(AUTHORITY) == [] and due(PROVIDER) == [("answer", date(2026, 11, 9))]
    parties.office.answer(names.PROVIDER, agreement)
    assert due(PROVIDER) == due(CONSUMER) == [("sign", date(2026, 11, 9))]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"dataset": "public_security.photo_reference"}, DatasetClosed),
        ({"legal_basis": "  "}, BasisMissing),
        ({"until": "2026-10-01", "starts": "2026-09-01"}, PeriodWrong),
        ({"provider": "strangers"}, SidesUnfit),
    ],
)
def test_a_request_whose_terms_do_not_hold_stays_a_draft(
    parties: Parties, changed: dict[str, str], error: type[QuanminError]
) -> None:
    agreement = str(parties.office.draft(names.CONSUMER, wish(**changed)).ref)
    with pytest.raises(error):
        parties.office.request(names.CONSUMER, agreement)
    assert parties.office.course(names.CONSUMER, agreement).state == "draft"
    parties.office.change(names.CONSUMER, agreement, wish())
    assert parties.office.request(names.CONSUMER, agreement).state == "requested"


def test_a_draft_is_of_ones_own_agreement_and_its_terms_can_be_read(parties: Parties) -> None:
    with pytest.raises(NotASide):
        parties.office.draft(names.STRANGER, wish())
    for wrong in ({"elements": "name"}, {"quota": True}, {"where": {"sex": "1"}}, {"starts": "soon"}, {"extra": 1}):
        with pytest.raises(TermsUnreadable):
            parties.office.draft(names.CONSUMER, wish(**wrong))
    short = wish()
    del short["purpose"]
    with pytest.raises(TermsUnreadable):
        parties.office.draft(names.CONSUMER, short)
    own = str(parties.office.draft(names.CONSUMER, wish()).ref)
    with pytest.raises(NotASide):
        parties.office.change(names.CONSUMER, own, {"consumer": names.STRANGER})


def test_members_see_their_own_agreements_only(parties: Parties) -> None:
    terms = parties.in_force()
    assert [one.ref for one in parties.office.find(names.PROVIDER)] == [terms.id]
    assert parties.office.find(names.STRANGER) == []
    assert [one.state for one in parties.office.find(names.CONSUMER, ["in_force"])] == ["in_force"]
    with pytest.raises(AgreementUnknown):
        parties.office.course(names.STRANGER, terms.id)
    for name, version in ((terms.id, 9), ("", None), ("A-2026", None)):
        with pytest.raises(AgreementUnknown):
            parties.office.course(names.CONSUMER, name, version)
    with pytest.raises(AgreementUnknown):
        parties.office.revoke(names.PROVIDER, "", "终止")
