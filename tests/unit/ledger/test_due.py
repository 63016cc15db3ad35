"""What is owed by when: exactly the deadlines that pass before a moment, for those whose work the next action is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.ledger import WORKFLOWS, Action, Days, Ledger, Workflow, WorkingDays, database
from quanmin.ledger.due import last_day, owed

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
BOOK = Workflow(
    "overdue_book",
    start="lent",
    actions=[
        Action("return", "lent", "back", by="reader", due=WorkingDays(5)),
        Action("fine", "late", "paid", by="desk", due=Days(3)),
        Action("remind", "lent", "late"),
    ],
)


@pytest.fixture(autouse=True)
def _book(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(WORKFLOWS, BOOK.kind, BOOK)
    yield


def test_only_those_are_told_whose_work_it_is(ledger: Ledger) -> None:
    ledger.now = lambda: NOW
    lent, late = ledger.create(BOOK.kind), ledger.create(BOOK.kind)
    ledger.act(late.id, "remind")
    end = NOW + timedelta(days=30)
    assert [one.document for one in owed(ledger, {"reader"}, end)] == [lent.id]
    assert [one.document for one in owed(ledger, {"desk"}, end)] == [late.id]
    assert [one.document for one in owed(ledger, {"desk", "reader"}, end)] == [late.id, lent.id]  # three days, five
    assert owed(ledger, {"other"}, end) == [] and owed(ledger, set(), end) == []
    assert owed(ledger, {"desk", "reader"}, NOW) == []


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(0, 24 * 40), max_size=20), st.integers(-10, 20))
def test_nothing_near_is_left_out_by_the_shortcut(ages: list[int], ahead: int) -> None:
    with_dues = [NOW - timedelta(hours=hours) for hours in ages]
    ledger = Ledger(database.connect("sqlite://"))
    database.migrate(ledger.engine)
    moment = [NOW]
    ledger.now = lambda: moment[0]
    numbers = {}
    for since in with_dues:
        moment[0] = since
        numbers[ledger.create(BOOK.kind).id] = since
    until = NOW + timedelta(days=ahead)
    expected = {number for number, since in numbers.items() if WorkingDays(5).after(since) < until}
    found = owed(ledger, {"reader"}, until)
    ledger.close()
    assert {one.document for one in found} == expected
    assert [one.due for one in found] == sorted(one.due for one in found)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)), st.integers(1, 20))
def test_working_days_end_with_a_working_day_of_the_zone(start: datetime, count: int) -> None:
    """The obvious count: working days one after another, from the day after that on which it began."""
    day, left = (start + timedelta(hours=8)).date(), count
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    assert last_day(WorkingDays(count).after(start), "Asia/Shanghai") == day


@pytest.mark.parametrize(
    ("due", "zone", "last"),
    [
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "Asia/Shanghai", date(2026, 11, 30)),
        (datetime(2026, 12, 31, 16, tzinfo=UTC), "Asia/Shanghai", date(2026, 12, 31)),
        (datetime(2026, 11, 30, 15, 59, tzinfo=UTC), "Asia/Shanghai", None),
        (datetime(2026, 12, 1, tzinfo=UTC), "Asia/Shanghai", None),  # midnight elsewhere is a morning here
        (datetime(2026, 12, 1, tzinfo=UTC), "UTC", date(2026, 11, 30)),
        (datetime(2026, 11, 30, 16, tzinfo=UTC), "Asia/Urumqi", None),
    ],
)
def test_midnight_of_the_zone_is_the_end_of_the_day_before(due: datetime, zone: str, last: date | None) -> None:
    assert last_day(due, zone) == last
