"""Facts of a question: who may write them down, and what follows for a decision."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from quanmin import trust
from quanmin.ledger import Ledger
from quanmin.ledger.errors import UnknownDocument
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.errors import DayPassed, NotYourFact, UnknownSubject
from quanmin.trust.identity import account

NUMBER, OTHER = "11010519491231002X", "440524188001010014"
DOCTOR = trust.Actor("doc", frozenset({"clinician"}), "hospital", "370100", "clinician", 2, True)
NURSE = trust.Actor("nur", frozenset({"nurse"}), "hospital", "370100", "clinician", 2, True)
INSURER = trust.Actor("ins", frozenset({"insurer"}), "insurance-co", "370000", "staff", 2, True)
SCHOLAR = trust.Actor("sch", frozenset({"researcher"}), "university", "000000", "staff", 2, True)
SYSTEM = trust.Actor("sys", frozenset({"system_administrator"}), kind="staff", mfa=True, assurance=2)
SECURITY = trust.Actor("sec", frozenset({"security_administrator"}), kind="staff", mfa=True, assurance=2)


@pytest.fixture
def facts(ledger: Ledger, either_settings: Settings) -> Circumstances:
    return Circumstances.open(ledger, either_settings)


def _day(facts: Circumstances, days: int = 30) -> date:
    return facts.ledger.now().date() + timedelta(days=days)


def _shows(facts: Circumstances, actor: trust.Actor, purpose: str, number: str | None = NUMBER) -> trust.Decision:
    situation = facts.situation(actor, purpose, "health.death", number)
    return trust.decide(facts.ledger, actor, purpose, "health.death", ("sex", "name", "cause_a"), context=situation)


def _patient(facts: Circumstances, number: str = NUMBER) -> trust.Actor:
    subject = account.subject_of(facts.registry, number)
    return trust.Actor("me", frozenset({"patient"}), kind="patient", assurance=2, mfa=True, subject=subject)


def test_a_care_relation_opens_the_patient_and_its_end_closes(facts: Circumstances) -> None:
    assert not _shows(facts, DOCTOR, "treatment").allowed
    made = facts.open_care(NURSE, NUMBER, _day(facts))
    assert _shows(facts, DOCTOR, "treatment").outcome("cause_a") == "clear"
    assert _shows(facts, NURSE, "treatment").outcome("cause_a") == "masked"
    assert not _shows(facts, DOCTOR, "treatment", OTHER).allowed
    assert not _shows(
        facts, trust.Actor("x", frozenset({"clinician"}), "clinic", mfa=True, assurance=2), "treatment"
    ).allowed
    facts.end_care(NURSE, made.id, "discharged")
    assert not _shows(facts, DOCTOR, "treatment").allowed


def test_an_expired_relation_is_none(facts: Circumstances) -> None:
    facts.open_care(NURSE, NUMBER, _day(facts, 0))
    assert _shows(facts, DOCTOR, "treatment").allowed
    later = facts.ledger.now() + timedelta(days=1)
    facts.ledger.now = lambda: later
    assert [one["state"] for one in facts.cares(DOCTOR)] == ["over"]
    assert not _shows(facts, DOCTOR, "treatment").allowed


def test_nobody_makes_himself_the_doctor(facts: Circumstances) -> None:
    for actor, who in ((DOCTOR, "doc"), (DOCTOR, None), (NURSE, "nur"), (INSURER, None), (SCHOLAR, "doc")):
        with pytest.raises(NotYourFact):
            facts.open_care(actor, NUMBER, _day(facts), who)
    made = facts.open_care(NURSE, NUMBER, _day(facts))
    with pytest.raises(NotYourFact):
        facts.end_care(INSURER, made.id, "because")
    with pytest.raises(UnknownSubject):
        facts.open_care(NURSE, "not a number", _day(facts))


def test_insurance_needs_agreement_and_consent_and_the_consent_can_be_taken_back(facts: Circumstances) -> None:
    assert not _shows(facts, INSURER, "insurance").allowed
    made = facts.propose_agreement(SYSTEM, "insurance-co", "insurance", ["health.death"], _day(facts))
    assert not _shows(facts, INSURER, "insurance").allowed
    facts.confirm_agreement(SECURITY, made.id)
    assert not _shows(facts, INSURER, "insurance").allowed
    me = _patient(facts)
    facts.consent(me, NUMBER, "insurance")
    shown = _shows(facts, INSURER, "insurance")
    assert (shown.outcome("sex"), shown.outcome("name"), shown.outcome("cause_a")) == ("clear", "masked", "withheld")
    facts.consent(me, NUMBER, "insurance", given=False)
    again = _shows(facts, INSURER, "insurance")
    assert not again.allowed and again.columns[0].policies == ("guard.withdrawn",)
    facts.consent(me, NUMBER, "insurance")
    assert _shows(facts, INSURER, "insurance").allowed
    facts.end_agreement(SECURITY, made.id, "over")
    assert not _shows(facts, INSURER, "insurance").allowed


@pytest.mark.parametrize("step", ["act", "note"])
def test_a_withdrawal_that_is_cut_off_leaves_no_consent(
    facts: Circumstances, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def killed(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(facts.ledger, "act", killed) if step == "act" else cut.setattr(audit, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            facts.consent(_patient(facts), NUMBER, "insurance", given=False)
    assert not facts.situation(INSURER, "insurance", "health.death", NUMBER).consent
    assert facts.consents(_patient(facts)) == []
    facts.consent(_patient(facts), NUMBER, "insurance", given=False)
    assert facts.situation(INSURER, "insurance", "health.death", NUMBER).withdrawn
    kept = [one.fields["action"] for one in audit.entries(facts.ledger, "fact.consent")]
    assert kept == ["withdraw"]


def test_consent_is_the_persons(facts: Circumstances) -> None:
    for actor in (DOCTOR, INSURER, SECURITY, _patient(facts, OTHER)):
        with pytest.raises(NotYourFact):
            facts.consent(actor, NUMBER, "research")
    with pytest.raises(UnknownSubject):
        facts.consent(_patient(facts), NUMBER, "supervision")


def test_who_withdrew_from_research_is_left_out(facts: Circumstances) -> None:
    made = facts.propose_agreement(SYSTEM, "university", "research", ["health.death"], _day(facts))
    facts.confirm_agreement(SECURITY, made.id)
    assert _shows(facts, SCHOLAR, "research", None).rows is None
    facts.consent(_patient(facts), NUMBER, "research", given=False)
    rows = _shows(facts, SCHOLAR, "research", None).rows
    assert rows is not None and rows.names() == ["without 1"]


def test_nobody_confirms_what_he_proposed(facts: Circumstances) -> None:
    both = trust.local_administrator()
    made = facts.propose_agreement(both, "university", "research", ["health.death"], _day(facts))
    with pytest.raises(NotYourFact):
        facts.confirm_agreement(both, made.id)
    with pytest.raises(NotYourFact):
        facts.propose_agreement(SECURITY, "university", "research", ["health.death"], _day(facts))


def test_a_citizen_sees_the_own_record_and_no_other(facts: Circumstances) -> None:
    me = _patient(facts)
    assert _shows(facts, me, "own_record").outcome("cause_a") == "clear"
    assert not _shows(facts, me, "own_record", OTHER).allowed
    ward = trust.Actor("g", frozenset({"guardian"}), kind="patient", assurance=2, mfa=True, acting_for=me.subject)
    assert _shows(facts, ward, "own_record").allowed and not _shows(facts, ward, "own_record", OTHER).allowed


def test_no_number_is_in_the_audit_or_the_ledger(facts: Circumstances) -> None:
    facts.open_care(NURSE, NUMBER, _day(facts))
    facts.consent(_patient(facts), NUMBER, "research")
    _shows(facts, DOCTOR, "treatment")
    kept = str([entry.fields for entry in audit.entries(facts.ledger)]) + str(facts.ledger.find())
    assert NUMBER[:17] not in kept


def test_what_is_not_so_is_not_written_down(facts: Circumstances) -> None:
    past = _day(facts, -1)
    with pytest.raises(DayPassed):
        facts.open_care(NURSE, NUMBER, past)
    with pytest.raises(DayPassed):
        facts.propose_agreement(SYSTEM, "university", "research", ["health.death"], past)
    for purpose, datasets in (("gain", ["health.death"]), ("research", ["health.luck"]), ("research", [])):
        with pytest.raises(UnknownSubject):
            facts.propose_agreement(SYSTEM, "university", purpose, datasets, _day(facts))
    assert facts.cares(NURSE) == [] and facts.agreements(SYSTEM) == []


def test_an_action_on_a_document_of_another_kind_finds_none(facts: Circumstances) -> None:
    care = facts.open_care(NURSE, NUMBER, _day(facts)).id
    agreement = facts.propose_agreement(SYSTEM, "university", "research", ["health.death"], _day(facts)).id
    with pytest.raises(UnknownDocument):
        facts.end_care(NURSE, agreement, "x")
    for step in (facts.end_agreement, facts.refuse_agreement):
        with pytest.raises(UnknownDocument):
            step(SECURITY, care, "x")
    with pytest.raises(UnknownDocument):
        facts.confirm_agreement(SECURITY, care)
    assert [one["state"] for one in (*facts.cares(NURSE), *facts.agreements(SECURITY))] == ["open", "proposed"]


def test_lists_show_ones_own_and_no_person(facts: Circumstances) -> None:
    me, until = _patient(facts), _day(facts)
    facts.open_care(NURSE, NUMBER, until)
    facts.consent(me, NUMBER, "research")
    made = facts.propose_agreement(SYSTEM, "university", "research", ["health.death", "health.death"], until)
    assert [set(one) for one in facts.cares(DOCTOR)] == [{"document", "holder", "until", "state"}]
    assert facts.cares(INSURER) == facts.consents(DOCTOR) == facts.agreements(INSURER) == []
    assert [one["purpose"] for one in facts.consents(me)] == ["research"]
    other = _patient(facts, OTHER)
    ward = trust.Actor("g", frozenset({"guardian"}), kind="patient", mfa=True, subject=other.subject)
    assert facts.consents(ward) == []
    assert len(facts.consents(replace(ward, acting_for=me.subject))) == 1
    assert facts.agreements(SCHOLAR) == facts.agreements(SECURITY) and facts.agreements(SCHOLAR)[0]["datasets"] == [
        "health.death"
    ]
    with pytest.raises(NotYourFact):
        facts.refuse_agreement(replace(SECURITY, mfa=False), made.id, "x")
    assert facts.refuse_agreement(SECURITY, made.id, "no ground").state == "refused"
    assert [entry.fields["fact"] for entry in audit.entries(facts.ledger, "refused")] == ["agreement"]
