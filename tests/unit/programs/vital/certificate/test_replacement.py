"""Exchange, re-issue, cancelling; corrections of corrections."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quanmin.programs.vital import invariant, role
from quanmin.programs.vital.blank import holding
from quanmin.programs.vital.certificate import desk, record, replacement, verification
from quanmin.programs.vital.certificate.application import Application
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.errors import (
    Differs,
    EvidenceMissing,
    NewbornHas,
    NotInState,
    NotYourHolder,
    ReasonUnknown,
    Used,
)
from quanmin.programs.vital.number import Span

from ..county import APPLICATION, CLINIC, COUNTY, FATHER, HOSPITAL, SECOND, SISTER, County, application, number_of

SHEET = {"recovered_sheet": "档 1"}
AGAIN = dict.fromkeys(replacement.REISSUE_EVIDENCE, "档 2")


def exchanged(county: County, old: int, number: int, asked: Application, reason: str = "issuer_error") -> Certificate:
    replacement.exchange(county.at(role.CLERK), HOSPITAL, old, number, replace(asked, evidence=SHEET), reason)
    desk.approve(county.at(role.APPROVER), number)
    return desk.seal(county.at(role.SEALER), number)


def test_a_mistake_is_exchanged_and_the_correction_corrected_again(county: County, blanks: Span) -> None:
    first = county.issue(blanks.first)
    second = exchanged(county, blanks.first, blanks.first + 1, application(weight=3400))
    third = exchanged(county, blanks.first + 1, blanks.first + 2, application(weight=3450, name="王平"))
    line = replacement.chain(county.local, blanks.first + 1)
    assert [(one.number, one.state, one.valid) for one in line] == [
        (blanks.first, "replaced", False),
        (blanks.first + 1, "replaced", False),
        (blanks.first + 2, "issued", True),
    ]
    verdicts = [verification.verify(county.ledger, one.text, one.code) for one in (first, second, third)]
    assert verdicts == ["void", "void", "valid"]
    for old in (blanks.first, blanks.first + 1):
        assert holding.place(county.local, old).state == "void"
        with pytest.raises(NotInState):
            exchanged(county, old, blanks.first + 3, APPLICATION)
    assert invariant.check(county.local) == []


def test_while_it_is_written_the_old_one_counts_no_more_and_again_when_it_is_spoiled(
    county: County, blanks: Span
) -> None:
    old = county.issue(blanks.first)
    clerk = county.at(role.CLERK)
    replacement.exchange(clerk, HOSPITAL, old.number, blanks.first + 1, replace(APPLICATION, evidence=SHEET), "damaged")
    assert verification.verify(county.ledger, old.text, old.code) == "void"
    with pytest.raises(NewbornHas):
        desk.prepare(clerk, HOSPITAL, blanks.first + 2, APPLICATION)
    assert invariant.check(county.local) == []
    desk.spoil(clerk, blanks.first + 1, "misprinted")
    assert verification.verify(county.ledger, old.text, old.code) == "valid"
    assert exchanged(county, old.number, blanks.first + 2, APPLICATION, "damaged").state == "issued"
    assert invariant.check(county.local) == []


@pytest.mark.parametrize(
    ("reason", "evidence", "error"),
    [
        ("damaged", {}, EvidenceMissing),
        ("parentage_changed", SHEET, EvidenceMissing),
        ("i_like_another_name", SHEET, ReasonUnknown),
    ],
)
def test_an_exchange_needs_its_reason_and_evidence(
    county: County, blanks: Span, reason: str, evidence: dict[str, str], error: type[Exception]
) -> None:
    county.issue(blanks.first)
    with pytest.raises(error):
        replacement.exchange(
            county.at(role.CLERK),
            HOSPITAL,
            blanks.first,
            blanks.first + 1,
            replace(APPLICATION, evidence=evidence),
            reason,
        )


def test_parents_change_on_a_test_only(county: County, blanks: Span) -> None:
    county.issue(blanks.first)
    other = replace(FATHER, name="赵强", document_number=number_of("370102", FATHER.birth_date, 125))
    changed = replace(APPLICATION, father=other, evidence=SHEET)
    clerk = county.at(role.CLERK)
    with pytest.raises(Differs):
        replacement.exchange(clerk, HOSPITAL, blanks.first, blanks.first + 1, changed, "damaged")
    tested = replace(changed, evidence=SHEET | {"parentage_test": "鉴 1"})
    made = replacement.exchange(clerk, HOSPITAL, blanks.first, blanks.first + 1, tested, "parentage_changed")
    assert made.kind == "exchange"


def test_only_the_issuer_or_who_stands_above_it_exchanges(county: County, blanks: Span) -> None:
    county.issue(blanks.first)
    county.down(SECOND, [Span(blanks.last + 1, blanks.last + 1)])
    with pytest.raises(NotYourHolder):
        replacement.exchange(
            county.at(role.CLERK, of=SECOND),
            SECOND,
            blanks.first,
            blanks.last + 1,
            replace(APPLICATION, evidence=SHEET),
            "damaged",
        )


def test_what_is_lost_is_issued_again_by_the_county_and_says_the_same(county: County, blanks: Span) -> None:
    old = county.issue(blanks.first)
    county.down(COUNTY, [Span(blanks.last + 1, blanks.last + 5)])
    clerk, number = county.at(role.CLERK, of=COUNTY), blanks.last + 1
    again = replace(APPLICATION, evidence=AGAIN)
    with pytest.raises(NotInState):
        replacement.reissue(clerk, COUNTY, old.number, number, again)
    lost = replacement.lose(county.at(role.CLERK), old.number, "大众日报 2015-03-02")
    assert (lost.state, lost.valid) == ("lost", False)
    assert verification.verify(county.ledger, old.text, old.code) == "void"
    with pytest.raises(EvidenceMissing):
        replacement.reissue(clerk, COUNTY, old.number, number, APPLICATION)
    with pytest.raises(Differs) as refused:
        replacement.reissue(clerk, COUNTY, old.number, number, replace(application(weight=3400), evidence=AGAIN))
    assert refused.value.fields["elements"] == "newborn.weight"
    with pytest.raises(NotYourHolder):
        replacement.reissue(county.at(role.CLERK), HOSPITAL, old.number, blanks.first + 1, again)
    with pytest.raises(NotYourHolder):
        replacement.reissue(county.at(role.CLERK, of=SISTER), SISTER, old.number, number, again)
    replacement.reissue(clerk, COUNTY, old.number, number, again)
    desk.approve(county.at(role.APPROVER, of=COUNTY), number)
    made = desk.seal(county.at(role.SEALER, of=COUNTY), number)
    assert (made.kind, made.before, made.state) == ("reissue", old.number, "issued")
    assert holding.place(county.local, old.number).state == "bound", "the lost sheet never came back"
    with pytest.raises(NotInState):
        replacement.reissue(clerk, COUNTY, old.number, number + 1, again)
    assert invariant.check(county.local) == []


def test_what_is_spoiled_in_a_re_issue_leaves_the_first_lost(county: County, blanks: Span) -> None:
    county.issue(blanks.first)
    county.down(COUNTY, [Span(blanks.last + 1, blanks.last + 5)])
    replacement.lose(county.at(role.CLERK), blanks.first, "报")
    clerk, again = county.at(role.CLERK, of=COUNTY), replace(APPLICATION, evidence=AGAIN)
    replacement.reissue(clerk, COUNTY, blanks.first, blanks.last + 1, again)
    desk.spoil(clerk, blanks.last + 1, "misprinted")
    [first] = replacement.chain(county.local, blanks.first)
    assert first.state == "lost"
    assert replacement.reissue(clerk, COUNTY, blanks.first, blanks.last + 2, again).state == "prepared"


def test_an_authority_cancels_what_should_not_be(county: County, blanks: Span) -> None:
    old = county.issue(blanks.first)
    with pytest.raises(NotYourHolder):
        replacement.cancel(county.at(role.SUPERVISOR, of=SISTER), old.number, "fraud")
    with pytest.raises(ReasonUnknown):
        replacement.cancel(county.at(role.SUPERVISOR, of=COUNTY), old.number, "whim")
    assert replacement.cancel(county.at(role.SUPERVISOR, of=COUNTY), old.number, "fraud").state == "cancelled"
    assert verification.verify(county.ledger, old.text, old.code) == "void"
    with pytest.raises(Used):
        desk.prepare(county.at(role.CLERK), HOSPITAL, old.number, APPLICATION)
    assert county.issue(blanks.first + 1).valid, "the child may have a right one"
    found = record.listing(county.local, newborn=APPLICATION.reference)
    assert [one.state for one in found] == ["issued", "cancelled"]
    assert len(record.listing(county.local, mother=APPLICATION.of_mother, holders=[HOSPITAL, CLINIC])) == 2
