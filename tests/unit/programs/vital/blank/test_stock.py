"""Movements of blanks, void and lost ones, holders that close and counties that merge."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from quanmin.programs.vital import holder, invariant, owed, role
from quanmin.programs.vital.blank import holding, loss, movement
from quanmin.programs.vital.errors import (
    BadPlace,
    BadRange,
    ClockWrong,
    HolderClosed,
    HolderExists,
    HolderUnknown,
    MovementUnknown,
    NotHeld,
    NotInState,
    NotYourHolder,
    NumbersTaken,
    OnTheWay,
    OtherEdition,
    ReasonUnknown,
    SamePerson,
    StillHolds,
    TooEarly,
    UnknownEdition,
    Used,
    WrongWay,
)
from quanmin.programs.vital.number import Span, key

from ..county import CITY, CLINIC, COUNTY, FAR, HOSPITAL, OTHER_CITY, OTHER_COUNTY, PROVINCE, SECOND, SISTER, County


def free(county: County, of: str) -> list[Span]:
    return [one for _, one in holding.free(county.local, of)]


def test_blanks_go_down_level_by_level_and_are_the_senders_until_they_are_received(county: County) -> None:
    made = county.print(1000)
    half = Span(made.first + 200, made.first + 699)
    sent = movement.send(county.keeper(PROVINCE), movement.OUT, PROVINCE, CITY, [half])
    assert (sent.state, sent.quantity, sent.late) == ("sent", 500, False)
    assert free(county, PROVINCE) == [Span(made.first, half.first - 1), Span(half.last + 1, made.last)]
    assert free(county, CITY) == []
    [of] = holding.holdings(county.local, PROVINCE, alone=True)
    assert (of.held, of.moving, of.free) == (1000, 500, 500)
    for act in (movement.OUT, movement.TRANSFER):
        with pytest.raises((OnTheWay, WrongWay)):
            movement.send(county.keeper(PROVINCE), act, PROVINCE, OTHER_CITY, [half])
    assert movement.receive(county.keeper(CITY), sent.id, [half]).state == "received"
    assert free(county, CITY) == [half]
    assert [one.id for one in movement.listing(county.local, CITY)] == [sent.id]
    assert invariant.check(county.local) == []


def test_what_is_refused_is_back_where_it_was(county: County, blanks: Span) -> None:
    some = Span(blanks.first + 10, blanks.first + 19)
    sent = movement.send(county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, [some])
    refused = movement.refuse(county.keeper(COUNTY), sent.id, "箱数不符")
    assert (refused.state, refused.reason) == ("refused", "箱数不符")
    assert free(county, HOSPITAL)[0].first == blanks.first and sum(one.size for one in free(county, HOSPITAL)) == 100
    with pytest.raises(NotInState):
        movement.receive(county.keeper(COUNTY), sent.id)
    assert invariant.check(county.local) == []


def test_whoever_counts_other_numbers_than_were_sent_does_not_receive_them(county: County, blanks: Span) -> None:
    sent = movement.send(county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, [blanks])
    with pytest.raises(BadRange):
        movement.receive(county.keeper(COUNTY), sent.id, [Span(blanks.first, blanks.last - 1)])
    with pytest.raises(NotYourHolder):
        movement.receive(county.keeper(SISTER), sent.id)
    with pytest.raises(MovementUnknown):
        movement.receive(county.keeper(COUNTY), 10_000)
    assert movement.get(county.local, sent.id).state == "sent"


@pytest.mark.parametrize(
    ("kind", "sender", "receiver"),
    [
        (movement.OUT, PROVINCE, COUNTY),
        (movement.OUT, PROVINCE, PROVINCE),
        (movement.OUT, CITY, OTHER_COUNTY),
        (movement.OUT, COUNTY, CITY),
        (movement.RETURN, HOSPITAL, CITY),
        (movement.RETURN, PROVINCE, CITY),
        (movement.TRANSFER, HOSPITAL, SECOND),
        (movement.TRANSFER, HOSPITAL, HOSPITAL),
        (movement.TRANSFER, HOSPITAL, COUNTY),
    ],
)
def test_blanks_take_no_other_way(county: County, kind: str, sender: str, receiver: str) -> None:
    county.print()
    with pytest.raises(WrongWay):
        movement.send(county.keeper(sender), kind, sender, receiver, [Span(key("E370000001"), key("E370000001"))])


def test_neighbours_help_each_other_out(county: County, blanks: Span) -> None:
    sent = movement.send(
        county.keeper(HOSPITAL), movement.TRANSFER, HOSPITAL, CLINIC, [Span(blanks.first, blanks.first + 4)]
    )
    movement.receive(county.keeper(CLINIC), sent.id)
    assert [one.size for one in free(county, CLINIC)] == [5]


def test_numbers_come_in_once_and_a_letter_is_of_one_edition(county: County) -> None:
    made = county.print(100)
    supervisor = county.at(role.SUPERVISOR, of=PROVINCE)
    for wrong in (
        made,
        Span(made.last, made.last + 5),
        Span(made.first - 1, made.first),
        Span(made.first + 5, made.first + 6),
    ):
        with pytest.raises(NumbersTaken):
            movement.printed(supervisor, PROVINCE, [wrong], 5)
    with pytest.raises(OtherEdition):
        movement.printed(supervisor, PROVINCE, [Span(made.last + 1, made.last + 9)], 6)
    with pytest.raises(UnknownEdition):
        movement.printed(supervisor, PROVINCE, [Span(made.last + 1, made.last + 9)], 8)
    with pytest.raises(WrongWay):
        movement.printed(county.local, CITY, [Span(made.last + 1, made.last + 9)], 5)
    with pytest.raises(BadRange):
        movement.printed(
            supervisor, PROVINCE, [Span(made.last + 1, made.last + 9), Span(made.last + 9, made.last + 20)], 5
        )
    assert [one.held for one in holding.holdings(county.local)] == [100]


def test_of_several_runs_all_go_or_none(county: County, blanks: Span) -> None:
    loss.void(county.keeper(HOSPITAL), HOSPITAL, Span(blanks.last, blanks.last), "damaged")
    runs = [Span(blanks.first, blanks.first + 9), Span(blanks.last - 5, blanks.last)]
    with pytest.raises(Used):
        movement.send(county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, runs)
    assert holding.holdings(county.local, HOSPITAL, alone=True)[0].moving == 0
    with pytest.raises(NotHeld):
        movement.send(
            county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, [Span(blanks.last - 5, blanks.last + 1)]
        )
    with pytest.raises(OtherEdition):
        movement.send(county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, [Span(blanks.first, blanks.first)], 4)


def test_a_clock_that_runs_ahead_is_told_and_a_late_report_is_kept_as_late(county: County) -> None:
    made = county.print()
    with pytest.raises(ClockWrong):
        movement.send(county.keeper(PROVINCE), movement.OUT, PROVINCE, CITY, [made], occurred_on=date(2015, 3, 3))
    sent = movement.send(county.keeper(PROVINCE), movement.OUT, PROVINCE, CITY, [made], occurred_on=date(2015, 2, 27))
    assert sent.late
    assert owed.timeliness(county.local, owed.MOVEMENT, [PROVINCE]) == (1, 2)
    with pytest.raises(ClockWrong):
        loss.lose(county.keeper(CITY), CITY, made, found_at=county.clock[0] + timedelta(hours=1))


def test_a_parcel_that_nobody_signs_for_is_overdue_to_the_receiver(county: County) -> None:
    made = county.print()
    movement.send(county.keeper(PROVINCE), movement.OUT, PROVINCE, CITY, [made])
    county.go(days=3)
    assert owed.listing(county.local) == []
    county.go(days=1)
    [late] = owed.listing(county.local)
    assert (late.what, late.holder) == (owed.RECEIPT, CITY)
    assert [one["overdue"] for one in owed.counted(county.local, PROVINCE)] == [1]


def test_a_loss_takes_its_steps_in_order_and_what_is_found_is_void(county: County, blanks: Span) -> None:
    keeper, gone = county.keeper(HOSPITAL), Span(blanks.first + 3, blanks.first + 7)
    lost = loss.lose(keeper, HOSPITAL, gone)
    with pytest.raises(TooEarly):
        loss.step(keeper, lost.id, "notice", "大众日报 2015-03-05")
    county.go(days=2)
    assert {one.what for one in owed.listing(county.local)} == {owed.POLICE}
    for action, said in (("police", "回执 12"), ("notice", "大众日报"), ("write", "函 3")):
        done = loss.step(keeper, lost.id, action, said)
    assert done.state == "settled" and owed.listing(county.local, overdue=False, what=owed.WRITTEN) == []
    with pytest.raises(NotInState):
        loss.step(keeper, lost.id, "write", "函 3")
    assert holding.holdings(county.local, HOSPITAL, alone=True)[0].lost == 5
    assert loss.find(keeper, lost.id).state == "found"
    assert holding.place(county.local, gone.first).state == "void"
    with pytest.raises(NotInState):
        loss.find(keeper, lost.id)
    with pytest.raises(Used):
        movement.send(keeper, movement.RETURN, HOSPITAL, COUNTY, [gone])
    assert invariant.check(county.local) == []


def test_a_void_sheet_is_told_within_two_hours_or_late(county: County, blanks: Span) -> None:
    keeper = county.keeper(HOSPITAL)
    loss.void(keeper, HOSPITAL, Span(blanks.first, blanks.first), "damaged", county.clock[0] - timedelta(hours=1))
    loss.void(
        keeper, HOSPITAL, Span(blanks.first + 1, blanks.first + 1), "damaged", county.clock[0] - timedelta(hours=3)
    )
    assert owed.timeliness(county.local, owed.VOID, [HOSPITAL]) == (1, 2)
    with pytest.raises(ReasonUnknown):
        loss.void(keeper, HOSPITAL, Span(blanks.first + 2, blanks.first + 2), "eaten")
    with pytest.raises(Used):
        loss.void(keeper, HOSPITAL, Span(blanks.first, blanks.first + 2), "damaged")


def test_two_people_destroy_what_is_void_and_nothing_else(county: County, blanks: Span) -> None:
    loss.void(county.keeper(HOSPITAL), HOSPITAL, Span(blanks.first, blanks.first + 9), "superseded")
    one = county.at(role.SUPERVISOR, of=COUNTY, name="one")
    with pytest.raises(NotInState):
        loss.propose(one, COUNTY, [Span(blanks.first, blanks.first + 10)])
    asked = loss.propose(one, COUNTY, [Span(blanks.first, blanks.first + 9)])
    with pytest.raises(SamePerson):
        loss.destroy(one, asked.id)
    with pytest.raises(NotYourHolder):
        loss.destroy(county.at(role.SUPERVISOR, of=SISTER), asked.id)
    assert loss.destroy(county.at(role.SUPERVISOR, of=COUNTY, name="other"), asked.id).state == "done"
    [of] = holding.holdings(county.local, HOSPITAL, alone=True)
    assert (of.void, of.destroyed, of.free) == (0, 10, 90)
    assert loss.voided(county.local, [HOSPITAL]) == {}
    assert invariant.check(county.local) == []


def test_an_institution_with_blanks_in_its_safe_is_closed_when_they_are_back(county: County, blanks: Span) -> None:
    above = county.at(role.SUPERVISOR, of=COUNTY)
    with pytest.raises(StillHolds) as refused:
        holder.close(above, HOSPITAL)
    assert refused.value.fields["count"] == 100
    holder.stop(above, HOSPITAL, "撤销")
    county_keeper = county.keeper(COUNTY)
    with pytest.raises(HolderClosed):
        movement.send(county.keeper(HOSPITAL), movement.TRANSFER, HOSPITAL, CLINIC, [blanks])
    sent = movement.send(county.keeper(HOSPITAL), movement.RETURN, HOSPITAL, COUNTY, [blanks])
    with pytest.raises(StillHolds):
        holder.close(above, HOSPITAL)
    movement.receive(county_keeper, sent.id)
    assert holder.close(above, HOSPITAL).state == "closed"
    with pytest.raises(HolderClosed):
        movement.send(county_keeper, movement.OUT, COUNTY, HOSPITAL, [blanks])
    with pytest.raises(HolderClosed):
        holder.close(above, HOSPITAL)
    assert invariant.check(county.local) == []


def test_a_county_that_is_merged_hands_over_what_it_has(county: County) -> None:
    made = county.print()
    county.down(COUNTY, [Span(made.first, made.first + 99)])
    loss.void(county.keeper(COUNTY), COUNTY, Span(made.first + 50, made.first + 50), "damaged")
    city = county.at(role.SUPERVISOR, of=CITY)
    with pytest.raises(NotYourHolder):
        movement.merge(county.at(role.SUPERVISOR, of=COUNTY), COUNTY, SISTER)
    with pytest.raises(WrongWay):
        movement.merge(city, COUNTY, CITY)
    [moved] = movement.merge(city, COUNTY, SISTER)
    assert [one.size for one in moved.spans] == [50, 49]
    for institution in (HOSPITAL, CLINIC):
        holder.move(city, institution, "370103", SISTER)
    assert {one.code for one in holder.listing(county.local, SISTER)} == {SISTER, SECOND, HOSPITAL, CLINIC}
    assert [one.size for one in free(county, SISTER)] == [50, 49]
    assert movement.merge(city, COUNTY, SISTER) == []
    assert invariant.check(county.local) == []


def test_holders_stand_level_under_level_within_their_division(county: County) -> None:
    above = county.at(role.SUPERVISOR, of=COUNTY)
    with pytest.raises(HolderExists):
        holder.add(above, HOSPITAL, "又一家", "institution", "370102", COUNTY)
    for level, region, parent in (
        ("institution", "370103", COUNTY),
        ("county", "370102", COUNTY),
        ("village", "370102", COUNTY),
        ("institution", "379999", COUNTY),
    ):
        with pytest.raises(BadPlace):
            holder.add(above, "new", "新", level, region, parent)
    with pytest.raises(BadPlace):
        holder.add(county.local, "new", "新", "county", "370102", None)
    with pytest.raises(HolderUnknown):
        holder.add(county.local, "new", "新", "institution", "370102", "nobody")
    with pytest.raises(NotYourHolder):
        holder.add(above, "new", "新", "institution", "370103", SISTER)
    with pytest.raises(NotYourHolder):
        holder.add(above, "p13", "别省", "province", "130000")
    own = county.at(role.SUPERVISOR, of="p13")
    assert holder.add(own, "p13", "别省", "province", "130000").parent is None
    with pytest.raises(NotYourHolder):
        holder.move(above, HOSPITAL, "370103", SISTER)
    with pytest.raises(BadPlace):
        holder.move(county.local, CITY, "370100", COUNTY)
    assert holder.add(above, "new", "新", "institution", "370102", COUNTY).births


def test_a_year_is_planned_at_120_percent_of_last_years_births(county: County, blanks: Span) -> None:
    assert movement.plan(county.local, HOSPITAL, 1001) == 1202 - 100
    assert movement.plan(county.local, HOSPITAL, 10) == 0
    assert movement.plan(county.local, FAR, 10, share=150) == 15
