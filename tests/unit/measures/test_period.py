"""Labels, days and lengths of periods."""

from __future__ import annotations

from datetime import date

import pytest

from quanmin.measures.period import month_of, months_of, parse_period, period_of, periods_of


def test_periods_of_a_month():
    month, quarter, year = periods_of(month_of(date(2016, 2, 29)))
    assert (month.label, month.start, month.end) == ("2016-02", date(2016, 2, 1), date(2016, 2, 29))
    assert (quarter.label, quarter.start, quarter.end) == ("2016-Q1", date(2016, 1, 1), date(2016, 3, 31))
    assert (year.label, year.start, year.end) == ("2016", date(2016, 1, 1), date(2016, 12, 31))
    assert [one.middle for one in (month, quarter, year)] == [date(2016, 2, 16), date(2016, 2, 16), date(2016, 7, 1)]
    assert (month.years, quarter.years, year.years) == (29 / 366, 91 / 366, 1.0)


def test_lengths_of_a_year_add_up_and_no_two_periods_share_a_bucket():
    found = {one for place in range(48) for one in periods_of(month_of(date(2014, 1, 1)) + place)}
    assert len({one.bucket for one in found}) == len(found) == 48 + 16 + 4
    for kind in ("month", "quarter"):
        assert sum(one.years for one in found if one.kind == kind and one.start.year == 2015) == pytest.approx(1)
    assert all(month_of(one.start) == months_of(one)[0] for one in found)


def test_labels_are_read_back():
    for month in range(month_of(date(1999, 1, 1)), month_of(date(2001, 1, 1))):
        for one in periods_of(month):
            assert parse_period(one.label) == one
            assert period_of(one.kind, month) == one


@pytest.mark.parametrize(
    "label", ["", "15", "2015-", "2015-13", "2015-00", "2015-Q5", "2015-q1", "２０１５", "20x5", "2015-1"]
)
def test_other_labels_are_none(label: str):
    assert parse_period(label) is None
