"""Certificates in the ledger: their life, who may do what, the coder's queue."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from threading import Barrier

import pytest

from quanmin.errors import QuanminError
from quanmin.ledger import Ledger
from quanmin.ledger.errors import IllegalAction, NotYours
from quanmin.programs.vital.death.certificate import Certificate, Day
from quanmin.programs.vital.death.chain import Chain
from quanmin.programs.vital.death.desk import Desk, certificate_of, history
from quanmin.programs.vital.death.errors import (
    CaseTaken,
    CertificateTaken,
    CertificateUnfit,
    CertificateUnknown,
    CodeUnfit,
    QueueEmpty,
    SamePerson,
)
from quanmin.programs.vital.death.workflow import CASE, CERTIFICATE, CERTIFIER, CODER, REGISTRAR, ROLES, STATES

NOW = dt.datetime(2026, 9, 1, 2, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Holder:
    """Somebody who holds some roles."""

    roles: tuple[str, ...]

    def holds(self, role: str) -> bool:
        """Whether he does."""
        return role in self.roles


DOCTOR, CODES, OFFICE = Holder((CERTIFIER,)), Holder((CODER,)), Holder((REGISTRAR,))
BOTH = Holder((CERTIFIER, CODER))
CERTIFIED = Certificate(
    number="S000000000001",
    chain=Chain.of("I61.9", "I10"),
    sex="1",
    birth=dt.date(1950, 3, 1),
    death=Day(2026, 8, 20),
    filled=dt.date(2026, 8, 21),
    version="2026",
)
NUMBER = CERTIFIED.number
DOUBTFUL = replace(CERTIFIED, chain=Chain.of("H40.9", "N20.0"))


@pytest.fixture
def desk(either_settings):
    with Ledger.open(either_settings, now=lambda: NOW) as ledger:
        yield Desk(ledger)


def test_a_certificate_is_issued_coded_by_rules_and_kept_sealed(desk):
    issued = desk.issue(CERTIFIED, "dr", DOCTOR)
    assert (issued.state, certificate_of(issued)) == ("issued", CERTIFIED)
    assert desk.select(NUMBER).code == "I61.9"
    kept = desk.find(NUMBER)
    assert (kept.state, kept.data["code"]) == ("coded", "I61.9")
    assert kept.data["steps"] == ["SP3 I10", "M1 I61.9"]
    with desk.ledger.engine.connect() as connection:
        stored = " ".join(str(row) for row in connection.exec_driver_sql("SELECT data FROM action"))
    assert "I61.9" not in stored


def test_a_correction_of_a_correction_keeps_all_three(desk):
    desk.issue(CERTIFIED, "dr", DOCTOR)
    second = replace(CERTIFIED, chain=Chain.of("I61.9"))
    third = replace(CERTIFIED, chain=Chain.of("I63.9"))
    desk.correct(NUMBER, second, "line b was of another patient", "dr", DOCTOR)
    after = desk.correct(NUMBER, third, "infarction, as the scan shows", "dr", DOCTOR)
    assert certificate_of(after) == third
    assert [one for *_, one in history(after)] == [CERTIFIED, second, third]


def test_a_correction_takes_the_code_away(desk):
    desk.issue(CERTIFIED, "dr", DOCTOR)
    desk.select(NUMBER)
    after = desk.correct(NUMBER, replace(CERTIFIED, chain=Chain.of("C34.9")), "wrong patient", "dr", DOCTOR)
    assert (after.state, after.data["code"]) == ("corrected", None)
    assert desk.select(NUMBER).code == "C34.9"


def test_a_number_is_issued_once_even_after_it_is_void(desk):
    desk.issue(CERTIFIED, "dr", DOCTOR)
    with pytest.raises(CertificateTaken):
        desk.issue(CERTIFIED, "other", DOCTOR)
    desk.void(NUMBER, "filled in twice", "office", OFFICE, REGISTRAR)
    with pytest.raises(CertificateTaken):
        desk.issue(CERTIFIED, "dr", DOCTOR)
    with pytest.raises(CertificateUnknown):
        desk.select(NUMBER)
    assert desk.find(NUMBER).state == "void"


def test_what_an_edit_refuses_is_not_kept(desk):
    with pytest.raises(CertificateUnfit, match=r"death_date\.future") as refused:
        desk.issue(replace(CERTIFIED, death=Day(2027, 1, 1)), "dr", DOCTOR)
    assert NUMBER not in str(refused.value)
    with pytest.raises(CertificateUnfit):
        desk.issue(replace(CERTIFIED, number=None), "dr", DOCTOR)
    with pytest.raises(CertificateUnknown):
        desk.find(NUMBER)


def test_the_day_is_that_of_the_zone(desk):
    late = replace(CERTIFIED, death=Day(2026, 9, 1), filled=dt.date(2026, 9, 1))
    assert Desk(desk.ledger).issue(late, "dr", DOCTOR).state == "issued"
    with pytest.raises(CertificateUnfit):
        Desk(desk.ledger, zone="America/Los_Angeles").issue(replace(late, number="S2"), "dr", DOCTOR)


def test_who_may_do_what(desk):
    with pytest.raises(NotYours):
        desk.issue(CERTIFIED, "coder", CODES)
    desk.issue(CERTIFIED, "dr", BOTH)
    with pytest.raises(NotYours):
        desk.code(NUMBER, "I61.9", "seen", "other doctor", DOCTOR)
    with pytest.raises(SamePerson):
        desk.code(NUMBER, "I61.9", "seen", "dr", BOTH)
    with pytest.raises(NotYours):
        desk.void(NUMBER, "why not", "coder", CODES)
    assert desk.code(NUMBER, "I61.900", "seen", "coder", CODES).data["code"] == "I61.9"


def test_a_question_and_its_answer(desk):
    desk.issue(CERTIFIED, "dr", DOCTOR)
    asked = desk.query(NUMBER, "is the interval right?", "coder", CODES)
    assert asked.state == "queried"
    with pytest.raises(IllegalAction):
        desk.code(NUMBER, "I61.9", "seen", "coder", CODES)
    assert desk.confirm(NUMBER, "it is", "dr", DOCTOR).state == "corrected"
    assert desk.select(NUMBER).code == "I61.9"


@pytest.mark.parametrize("code", ["S06.9", "I53", "G01", "C56", "P22.0", "Z99.9", "nothing"])
def test_a_code_must_be_able_to_be_the_cause(desk, code):
    desk.issue(CERTIFIED, "dr", DOCTOR)
    with pytest.raises(CodeUnfit):
        desk.code(NUMBER, code, "seen", "coder", CODES)
    assert desk.find(NUMBER).state == "issued"


def test_the_queue(desk):
    desk.issue(DOUBTFUL, "dr", BOTH)
    assert desk.select(NUMBER).code is None
    assert desk.select(NUMBER).code is None  # asked twice, queued once
    (case,) = desk.queue()
    assert (case.ref, case.state, case.data["why"], case.data["effect"]) == (NUMBER, "waiting", "relation", "H40.9")
    with pytest.raises(SamePerson):
        desk.take(NUMBER, "dr", BOTH)
    with pytest.raises(CaseTaken):
        desk.decide(NUMBER, "N20.0", "not taken yet", "coder", CODES)
    desk.take(NUMBER, "coder", CODES)
    with pytest.raises(CaseTaken):
        desk.take(NUMBER, "another", CODES)
    with pytest.raises(CaseTaken):
        desk.give_back(NUMBER, "another", CODES)
    desk.give_back(NUMBER, "coder", CODES)
    desk.take(NUMBER, "another", CODES)
    with pytest.raises(CodeUnfit):
        desk.decide(NUMBER, "S06.9", "no", "another", CODES)
    assert desk.queue()[0].state == "taken"
    after = desk.decide(NUMBER, "N20.0", "the stone led to sepsis, the file says", "another", CODES)
    assert (after.state, after.data["code"]) == ("coded", "N20.0")
    assert desk.queue() == []
    with pytest.raises(QueueEmpty):
        desk.take(NUMBER, "coder", CODES)


@pytest.mark.parametrize("step", ["correct", "void", "code"])
def test_a_case_is_dropped_when_nothing_is_left_to_decide(desk, step):
    desk.issue(DOUBTFUL, "dr", DOCTOR)
    desk.select(NUMBER)
    if step == "correct":
        desk.correct(NUMBER, CERTIFIED, "wrong patient", "dr", DOCTOR)
    elif step == "void":
        desk.void(NUMBER, "filled in twice", "dr", DOCTOR)
    else:
        desk.code(NUMBER, "N20.0", "seen", "coder", CODES)
    assert desk.queue() == []


def at_once(count, work):
    """What each of several threads that begin together was given, or the error that it met."""
    gate = Barrier(count)

    def one(place):
        gate.wait()
        try:
            return work(place)
        except QuanminError as error:
            return type(error)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_of_two_offices_at_once_one_issues_and_of_two_coders_one_takes(desk):
    issued = at_once(4, lambda place: desk.issue(DOUBTFUL, f"dr{place}", DOCTOR).state)
    assert sorted(map(str, issued)) == sorted(map(str, ["issued", *[CertificateTaken] * 3]))
    desk.select(NUMBER)
    taken = at_once(4, lambda place: desk.take(NUMBER, f"coder{place}", CODES).state)
    assert sorted(map(str, taken)) == sorted(map(str, ["taken", *[CaseTaken] * 3]))


def test_every_state_and_role_has_words():
    assert {*CERTIFICATE.states, *CASE.states} == set(STATES)
    assert {role for flow in (CERTIFICATE, CASE) for one in flow.actions for role in one.roles} <= set(ROLES)
