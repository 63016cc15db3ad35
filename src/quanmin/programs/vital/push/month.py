"""A month that is pushed: its days, when it is due, and until when it may be corrected.

The previous month's data on the 5th; a year's supplements and corrections by 20 February (国卫办妇幼函〔2015〕279号).
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from quanmin.programs.vital.push.errors import BadMonth

DUE_DAY = 5
CLOSING = (2, 20)
"""Month and day after which the year before takes no corrections."""


class Month(NamedTuple):
    """A calendar month; its text is `2026-10`."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.after.first - timedelta(days=1)

    @property
    def after(self) -> Month:
        """The next one."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def due(self) -> date:
        """The day by which it is pushed."""
        return self.after.first.replace(day=DUE_DAY)

    @property
    def closes(self) -> date:
        """The last day of its corrections."""
        return date(self.year + 1, *CLOSING)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def month(text: str) -> Month:
    """A month from its text. BadMonth."""
    found = re.fullmatch(r"([12][0-9]{3})-(0[1-9]|1[0-2])", text)
    if found is None:
        raise BadMonth()
    return Month(int(found[1]), int(found[2]))


def of(day: date) -> Month:
    """The month of a day."""
    return Month(day.year, day.month)
