"""Issue: three people, conditions and their evidence, and every bad sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from quanmin.programs.vital import holder, invariant, owed, role
from quanmin.programs.vital.blank import holding, loss, movement
from quanmin.programs.vital.certificate import condition, desk, record, verification
from quanmin.programs.vital.certificate.application import Application, Parent, Recipient, read
from quanmin.programs.vital.errors import (
    BadNumber,
    CertificateUnknown,
    EvidenceMissing,
    FieldMissing,
    HolderClosed,
    NewbornHas,
    NotForUs,
    NotHeld,
    NotInState,
    NotOfTheseDays,
    NotYourHolder,
    OnTheWay,
    SamePerson,
    TooFew,
    Used,
)
from quanmin.programs.vital.number import Span, key
from quanmin.trust.keys.errors import RoleMissing

from ..county import APPLICATION, BABY, CLINIC, COUNTY, FATHER, HOSPITAL, MOTHER, SECOND, County, application, number_of


def test_three_people_issue_one_certificate(county: County, blanks: Span) -> None:
    made = county.issue(blanks.first)
    assert (made.state, made.valid, made.issued_on) == ("issued", True, date(2015, 3, 2))
    assert made.to_dict()["number"] == "E370000001"
    assert "code" not in made.to_dict()
    assert invariant.check(county.local) == []
    [mine] = [one for one in holding.holdings(county.local, HOSPITAL, alone=True)]
    assert (mine.held, mine.bound, mine.free) == (100, 1, 99)
    assert desk.next_blank(county.local, HOSPITAL) == blanks.first + 1


@pytest.mark.parametrize(
    ("posts", "refused"),
    [
        ((role.CLERK, role.APPROVER), "approve"),
        ((role.CLERK, role.APPROVER, role.SEALER), "approve"),
    ],
)
def test_nobody_approves_or_seals_what_he_wrote(
    county: County, blanks: Span, posts: tuple[str, ...], refused: str
) -> None:
    one = county.at(*posts, name="the one")
    desk.prepare(one, HOSPITAL, blanks.first, APPLICATION)
    with pytest.raises(SamePerson):
        getattr(desk, refused)(one, blanks.first)
    desk.approve(county.at(role.APPROVER, role.SEALER, name="the second"), blanks.first)
    for who in ("the one", "the second"):
        with pytest.raises(SamePerson):
            desk.seal(county.at(role.SEALER, name=who), blanks.first)
    assert desk.seal(county.at(role.SEALER, name="the third"), blanks.first).state == "issued"


def test_blanks_and_seal_are_kept_by_different_people(county: County, blanks: Span) -> None:
    both = county.at(role.KEEPER, role.SEALER)
    with pytest.raises(SamePerson):
        movement.send(both, movement.RETURN, HOSPITAL, COUNTY, [blanks])
    county.issue(blanks.first)
    desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first + 1, application(1))
    desk.approve(county.at(role.APPROVER), blanks.first + 1)
    with pytest.raises(SamePerson):
        desk.seal(both, blanks.first + 1)


def test_nobody_acts_for_another_institution_or_without_the_post(county: County, blanks: Span) -> None:
    with pytest.raises(NotYourHolder):
        desk.prepare(county.at(role.CLERK, of=CLINIC), HOSPITAL, blanks.first, APPLICATION)
    with pytest.raises(RoleMissing):
        desk.prepare(county.at(role.KEEPER), HOSPITAL, blanks.first, APPLICATION)
    assert holding.place(county.local, blanks.first).state == "free"


def _lost(county: County, number: int) -> None:
    loss.lose(county.keeper(HOSPITAL), HOSPITAL, Span(number, number))


def _void(county: County, number: int) -> None:
    loss.void(county.keeper(HOSPITAL), HOSPITAL, Span(number, number), "damaged")


def _issued(county: County, number: int) -> None:
    county.issue(number, application(7))


def _sent(county: County, number: int) -> None:
    movement.send(county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, [Span(number, number)])


@pytest.mark.parametrize(
    ("before", "error"), [(_lost, Used), (_void, Used), (_issued, Used), (_sent, OnTheWay), (None, NotHeld)]
)
def test_a_sheet_that_is_gone_or_not_held_is_not_written_on(
    county: County, blanks: Span, before: Callable[[County, int], None] | None, error: type[Exception]
) -> None:
    number = blanks.last if before else blanks.last + 1
    if before:
        before(county, number)
    with pytest.raises(error):
        desk.prepare(county.at(role.CLERK), HOSPITAL, number, APPLICATION)
    assert invariant.check(county.local) == []


def test_an_edition_is_issued_in_its_days_only(county: County) -> None:
    old = county.print(10, "D370000001", edition=4)
    county.down(HOSPITAL, [old])
    with pytest.raises(NotOfTheseDays):
        desk.prepare(county.at(role.CLERK), HOSPITAL, old.first, APPLICATION)


def test_a_certificate_that_was_written_on_the_last_day_of_an_edition_is_not_sealed_on_the_next(county: County) -> None:
    county.clock[0] = datetime(2018, 12, 31, 9, tzinfo=UTC)
    old = county.print(10)
    county.down(HOSPITAL, [old])
    asked = application(birth_date=date(2018, 12, 30))
    desk.prepare(county.at(role.CLERK), HOSPITAL, old.first, asked)
    desk.approve(county.at(role.APPROVER), old.first)
    county.go(days=1)
    with pytest.raises(NotOfTheseDays):
        desk.seal(county.at(role.SEALER), old.first)
    assert desk.spoil(county.at(role.CLERK), old.first, "misprinted").state == "spoiled"
    assert invariant.check(county.local) == []


def test_a_newborn_has_one_certificate_wherever_it_is_asked_for(county: County, blanks: Span) -> None:
    county.issue(blanks.first)
    spaced = replace(MOTHER, document_number=" ".join(MOTHER.document_number).lower())
    county.down(SECOND, [Span(blanks.first + 200, blanks.first + 209)])
    for of, number in ((HOSPITAL, blanks.first + 1), (SECOND, blanks.first + 200)):
        with pytest.raises(NewbornHas):
            desk.prepare(county.at(role.CLERK, of=of), of, number, replace(APPLICATION, mother=spaced))
    assert invariant.check(county.local) == []


def test_twins_and_triplets_have_one_each_and_agree_on_how_many_they_are(county: County, blanks: Span) -> None:
    for order in (1, 2, 3):
        county.issue(blanks.first + order, application(order=order, plurality=3, name=f"王{'甲乙丙'[order - 1]}"))
    for wrong, error in (((3, 3), NewbornHas), ((4, 4), TooFew), ((1, 1), NewbornHas)):
        with pytest.raises(error):
            asked = application(order=wrong[0], plurality=wrong[1])
            desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.last, asked)
    with pytest.raises(FieldMissing):
        desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.last, application(order=4, plurality=3))


def asked(**changes: object) -> Application:
    return replace(APPLICATION, **changes)


def mother_of(years: int) -> Parent:
    born = date(2015 - years, 2, 27)
    return replace(MOTHER, birth_date=born, document_number=number_of("370102", born, 124))


@pytest.mark.parametrize(
    ("wrong", "element"),
    [
        (asked(newborn=replace(BABY, birth_date=date(2015, 3, 3))), "newborn.birth_date"),
        (asked(newborn=replace(BABY, name="Anna")), "newborn.name"),
        (asked(newborn=replace(BABY, name="王1")), "newborn.name"),
        (asked(newborn=replace(BABY, birth_time="24:00")), "newborn.birth_time"),
        (asked(newborn=replace(BABY, place="379999")), "newborn.place"),
        (asked(newborn=replace(BABY, place_type="7")), "newborn.place_type"),
        (asked(newborn=replace(BABY, weight=30)), "newborn.weight"),
        (asked(newborn=replace(BABY, weeks=60)), "newborn.weeks"),
        (asked(newborn=replace(BABY, order=2)), "newborn.order"),
        (asked(newborn=replace(BABY, sex="3")), "newborn.sex"),
        (asked(mother=mother_of(9)), "mother.birth_date"),
        (asked(mother=mother_of(70)), "mother.birth_date"),
        (asked(mother=replace(MOTHER, birth_date=date(1988, 5, 7))), "mother.birth_date"),
        (asked(mother=replace(MOTHER, document_number="370102198805061230")), "mother.document_number"),
        (asked(mother=replace(MOTHER, document_type="88")), "mother.document_type"),
        (
            asked(mother=replace(MOTHER, document_number=FATHER.document_number, birth_date=FATHER.birth_date)),
            "mother.document_number",
        ),
        (asked(father=replace(FATHER, birth_date=date(2016, 1, 1), document_type="03")), "father.birth_date"),
        (asked(recipient=Recipient("某", "neighbour")), "recipient.relation"),
        (asked(father=None, evidence={"no_father_declaration": "1"}), "recipient.relation"),
    ],
)
def test_what_cannot_be_is_refused_with_its_element_and_no_value(
    county: County, blanks: Span, wrong: Application, element: str
) -> None:
    with pytest.raises(FieldMissing) as refused:
        desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first, wrong)
    assert refused.value.fields["element"] == element
    assert MOTHER.name not in str(refused.value) and MOTHER.document_number not in str(refused.value)
    assert holding.holdings(county.local, HOSPITAL, alone=True)[0].bound == 0


def test_who_is_not_ours_is_told_whose_it_is(county: County, blanks: Span) -> None:
    home = application(place_type="3")
    abroad = application(country="840")
    for wrong in (asked(mother=None), abroad, home):
        with pytest.raises(NotForUs):
            desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first, wrong)


NO_FATHER = asked(father=None, newborn=replace(BABY, name="李安"), recipient=Recipient("李梅", "mother"))


@pytest.mark.parametrize(
    ("wrong", "evidence"),
    [
        (NO_FATHER, ["no_father_declaration"]),
        (asked(recipient=Recipient("某", "other")), ["mandate"]),
        (asked(mother=mother_of(13)), ["age_statement"]),
        (asked(mother=mother_of(51)), ["age_statement"]),
        (asked(newborn=replace(BABY, name="赵安")), ["name_statement"]),
        (asked(newborn=replace(BABY, birth_date=date(2015, 1, 31))), ["explanation"]),
        (asked(newborn=replace(BABY, birth_date=date(2014, 3, 1))), ["parentage_test", "explanation"]),
        (application(place_type="3"), ["parentage_declaration", "parentage_test"]),
    ],
)
def test_evidence_that_the_rules_ask_for_is_asked_for(
    county: County, blanks: Span, wrong: Application, evidence: list[str]
) -> None:
    county.down(CLINIC, [Span(blanks.last + 1, blanks.last + 1)])
    number = blanks.last + 1
    with pytest.raises(EvidenceMissing) as refused:
        desk.prepare(county.at(role.CLERK, of=CLINIC), CLINIC, number, wrong)
    assert refused.value.fields["evidence"] == ", ".join(evidence)
    whole = replace(wrong, evidence=dict.fromkeys(evidence, "no. 1"))
    assert desk.prepare(county.at(role.CLERK, of=CLINIC), CLINIC, number, whole).state == "prepared"


def test_a_record_of_the_delivery_stands_for_the_test_after_a_year(county: County, blanks: Span) -> None:
    late = application(birth_date=date(2014, 2, 1))
    whole = replace(late, evidence={"explanation": "1", "delivery_record": "2"})
    assert desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first, whole).state == "prepared"


@pytest.mark.parametrize(
    ("born", "months", "ends"),
    [
        (date(2016, 2, 29), 12, date(2017, 2, 28)),
        (date(2016, 2, 29), 48, date(2020, 2, 29)),
        (date(2015, 1, 31), 1, date(2015, 2, 28)),
        (date(2016, 1, 30), 1, date(2016, 2, 29)),
        (date(2015, 12, 15), 1, date(2016, 1, 15)),
    ],
)
def test_terms_of_months_end_on_a_day_that_there_is(born: date, months: int, ends: date) -> None:
    assert condition.after(born, months) == ends


def test_a_child_of_29_february_is_a_year_old_on_the_first_of_march() -> None:
    born = date(2016, 2, 29)
    assert [condition.age(born, day) for day in (date(2017, 2, 28), date(2017, 3, 1), date(2020, 2, 29))] == [0, 1, 4]


def test_foreign_parents_show_passports_and_choose_the_surname(county: County, blanks: Span) -> None:
    mother = Parent("Anna Schmidt", "03", "C01X00T47", date(1990, 1, 1), nationality="276")
    father = Parent("John Smith", "03", "E12345678", date(1989, 1, 1), nationality="840")
    foreign = asked(mother=mother, father=father, newborn=replace(BABY, name="安娜"))
    assert county.issue(blanks.first, foreign).state == "issued"


def test_what_was_sent_back_is_written_anew_by_the_clerk(county: County, blanks: Span) -> None:
    clerk, approver = county.at(role.CLERK), county.at(role.APPROVER)
    desk.prepare(clerk, HOSPITAL, blanks.first, APPLICATION)
    assert desk.send_back(approver, blanks.first, "体重").state == "returned"
    with pytest.raises(NotInState):
        desk.approve(approver, blanks.first)
    heavier = application(weight=3400)
    assert desk.amend(clerk, blanks.first, heavier).state == "prepared"
    assert desk.read(clerk, blanks.first).newborn.weight == 3400
    county.issue(blanks.first + 1, application(5))
    with pytest.raises(NewbornHas):
        desk.amend(clerk, blanks.first, application(5))
    assert invariant.check(county.local) == []


def test_what_is_spoiled_is_void_and_the_newborn_gets_another_sheet(county: County, blanks: Span) -> None:
    desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first, APPLICATION)
    desk.spoil(county.at(role.CLERK), blanks.first, "misprinted")
    assert holding.place(county.local, blanks.first).state == "void"
    assert county.issue(blanks.first + 1).state == "issued"
    assert invariant.check(county.local) == []


def test_an_institution_that_stopped_issues_nothing(county: County, blanks: Span) -> None:
    desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first, APPLICATION)
    desk.approve(county.at(role.APPROVER), blanks.first)
    holder.stop(county.at(role.SUPERVISOR, of=COUNTY), HOSPITAL, "并入")
    with pytest.raises(HolderClosed):
        desk.seal(county.at(role.SEALER), blanks.first)
    with pytest.raises(HolderClosed):
        desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first + 1, application(1))


def test_the_card_is_owed_within_ten_days_and_shows_on_every_board_above(county: County, blanks: Span) -> None:
    county.issue(blanks.first)
    county.issue(blanks.first + 1, application(1))
    county.go(days=3)
    desk.card(county.at(role.CLERK), blanks.first)
    with pytest.raises(NotInState):
        desk.card(county.at(role.CLERK), blanks.first)
    county.go(days=7)
    assert owed.listing(county.local, what=owed.CARD) == []
    county.go(days=1)
    for board in (HOSPITAL, COUNTY, "c3701", "p37", None):
        [late] = owed.listing(county.local, board, what=owed.CARD)
        assert (late.holder, late.ref, late.late(county.clock[0])) == (HOSPITAL, "E370000002", True)
    assert owed.listing(county.local, SECOND, what=owed.CARD) == []
    desk.card(county.at(role.CLERK), blanks.first + 1)
    assert owed.listing(county.local, what=owed.CARD) == []
    assert owed.timeliness(county.local, owed.CARD) == (1, 2)


def test_anybody_learns_valid_void_or_unknown_and_no_more(county: County, blanks: Span) -> None:
    desk.prepare(county.at(role.CLERK), HOSPITAL, blanks.first, APPLICATION)
    ledger = county.ledger
    with ledger.reading() as connection:
        code = record.by_number(connection, blanks.first).code
    assert verification.verify(ledger, "E370000001", code) == "unknown", "it is not issued yet"
    desk.approve(county.at(role.APPROVER), blanks.first)
    desk.seal(county.at(role.SEALER), blanks.first)
    spaced = "-".join((code[:4], code[4:8], code[8:12], code[12:])).lower()
    assert verification.verify(ledger, "e370000001", spaced) == "valid"
    for number, wrong in (
        ("E370000001", code[:-1] + "0"),
        ("E370000002", code),
        ("nonsense", code),
        ("E370000001", ""),
    ):
        assert verification.verify(ledger, number, wrong) == "unknown"


def test_numbers_that_are_none_and_certificates_that_are_none(county: County, blanks: Span) -> None:
    with pytest.raises(BadNumber):
        key("E37")
    with pytest.raises(CertificateUnknown):
        desk.approve(county.at(role.APPROVER), blanks.first)


def test_an_application_is_read_as_it_was_written_and_says_what_is_wrong_with_it() -> None:
    told = APPLICATION.to_dict()
    assert read(told) == APPLICATION
    for change, element in (
        ({"newborn": None}, "newborn"),
        ({"newborn": told["newborn"] | {"birth_date": "2015-02-30"}}, "newborn.birth_date"),
        ({"newborn": {"name": "王安"}}, "newborn.sex"),
        ({"newborn": told["newborn"] | {"weight": "3300"}}, "newborn.weight"),
        ({"mother": told["mother"] | {"blood": "A"}}, "mother.blood"),
        ({"extra": 1}, "application.extra"),
    ):
        with pytest.raises(FieldMissing) as refused:
            read(told | change)
        assert refused.value.fields["element"] == element


def test_what_a_certificate_says_lies_in_the_ledger_under_seal(county: County, blanks: Span) -> None:
    county.issue(blanks.first)
    with county.ledger.reading() as connection:
        stored = str(connection.exec_driver_sql("SELECT data FROM action").all())
        rows = str(connection.exec_driver_sql("SELECT * FROM birth_certificate").all())
    for secret in (BABY.name, MOTHER.name, MOTHER.document_number, FATHER.name):
        assert secret not in stored and secret not in rows
