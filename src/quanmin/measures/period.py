"""Periods of figures: months, quarters and years, their labels, first and last days, and the day in their middle."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from quanmin.standards.indicator import PERIODS, PeriodKind


class Period(NamedTuple):
    """One period, both days included; `label` is 2015-03, 2015-Q1 or 2015."""

    kind: PeriodKind
    label: str
    start: date
    end: date

    @property
    def middle(self) -> date:
        """The day on which the stock of the period is taken: 1 July, or the 16th of the (middle) month."""
        if self.kind == "year":
            return date(self.start.year, 7, 1)
        return date(self.start.year, self.start.month + (self.kind == "quarter"), 16)

    @property
    def years(self) -> float:
        """The length in years of its own calendar year."""
        year = (date(self.start.year, 12, 31) - date(self.start.year, 1, 1)).days + 1
        return ((self.end - self.start).days + 1) / year

    @property
    def bucket(self) -> int:
        """The number of the part of the table in which its figures lie; no two periods share it."""
        return (
            self.start.year * 100 + {"month": self.start.month, "quarter": 20 + self.start.month, "year": 0}[self.kind]
        )


def month_of(day: date) -> int:
    """Months since the year 0."""
    return day.year * 12 + day.month - 1


def period_of(kind: PeriodKind, month: int) -> Period:
    """The period of a kind that holds a month (`month_of`)."""
    year, place = divmod(month, 12)
    if kind == "year":
        return Period(kind, f"{year:04}", date(year, 1, 1), date(year, 12, 31))
    first = place if kind == "month" else place // 3 * 3
    last = month - place + first + (0 if kind == "month" else 2)
    label = f"{year:04}-{place + 1:02}" if kind == "month" else f"{year:04}-Q{place // 3 + 1}"
    return Period(kind, label, date(year, first + 1, 1), _last_day(last))


def periods_of(month: int) -> tuple[Period, ...]:
    """The periods of every kind that hold a month."""
    return tuple(period_of(kind, month) for kind in PERIODS)


def months_of(period: Period) -> range:
    """The months of a period."""
    return range(month_of(period.start), month_of(period.end) + 1)


def parse_period(label: str) -> Period | None:
    """The period of a label; None where it is none."""
    year, _, part = label.partition("-")
    if len(year) != 4 or not year.isdecimal() or not year.isascii() or int(year) < 1:
        return None
    if not part:
        return period_of("year", int(year) * 12) if label == year else None
    if part in ("Q1", "Q2", "Q3", "Q4"):
        return period_of("quarter", int(year) * 12 + int(part[1]) * 3 - 3)
    if len(part) == 2 and part.isdecimal() and part.isascii() and 1 <= int(part) <= 12:
        return period_of("month", int(year) * 12 + int(part) - 1)
    return None


def _last_day(month: int) -> date:
    year, place = divmod(month, 12)
    return date(year, 12, 31) if place == 11 else date(year, place + 2, 1) - timedelta(days=1)
