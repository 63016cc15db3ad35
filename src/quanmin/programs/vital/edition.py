"""Editions of the birth certificate: when each was issued, and by when its blanks must be void.

Source: 国卫办妇幼函〔2015〕279号 and the notices of the later editions; the sixth could be issued until 2023-03-31.
Where no last day is known, it is the day before the next edition.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from quanmin.programs.vital.errors import UnknownEdition


class Edition(NamedTuple):
    """The `number`-th edition, issued from `since` to `until` (None: still)."""

    number: int
    since: date
    until: date | None

    def issued_on(self, day: date) -> bool:
        """Whether certificates of this edition are issued on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


_SINCE = (
    date(1996, 1, 1),
    date(2000, 1, 1),
    date(2003, 1, 1),
    date(2004, 12, 1),
    date(2014, 1, 1),
    date(2019, 1, 1),
    date(2023, 4, 1),
)
EDITIONS: tuple[Edition, ...] = tuple(
    Edition(at, since, _SINCE[at] - timedelta(days=1) if at < len(_SINCE) else None)
    for at, since in enumerate(_SINCE, 1)
)


def edition(number: int) -> Edition:
    """The edition of this number; UnknownEdition."""
    if not 1 <= number <= len(EDITIONS):
        raise UnknownEdition(edition=number)
    return EDITIONS[number - 1]


def on(day: date) -> Edition:
    """The edition that is issued on a day; UnknownEdition before the first."""
    for one in EDITIONS:
        if one.issued_on(day):
            return one
    raise UnknownEdition(edition=0)
