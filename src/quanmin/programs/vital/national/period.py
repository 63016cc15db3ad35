"""The days that a check speaks of."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from quanmin.programs.vital.national.errors import BadPeriod

_FORM = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?")
_EPOCH = date(1970, 1, 1)


class Period(NamedTuple):
    """From `first` to `last`, both meant. What happened before is known, what happened later is not looked at."""

    first: date
    last: date

    @property
    def days(self) -> tuple[int, int]:
        """Both ends as days since 1970."""
        return (self.first - _EPOCH).days, (self.last - _EPOCH).days


def period(text: str) -> Period:
    """A year (`2024`) or a month (`2024-05`); BadPeriod."""
    found = _FORM.fullmatch(text)
    if found is None:
        raise BadPeriod(period=text)
    year, month = int(found[1]), int(found[2] or 1)
    try:
        first = date(year, month, 1)
        after = date(year + 1, 1, 1) if found[2] is None or month == 12 else date(year, month + 1, 1)
    except ValueError:
        raise BadPeriod(period=text) from None
    return Period(first, after - timedelta(days=1))
