"""Birth dates by the Chinese lunar calendar (农历): a day of it written down as if it were a day of the common calendar.

A day of the lunar calendar is told by year, month and day as a day of the common one is, and families know both of their old
people; so one document may say 1971-03-07 for a day that another calls 1971-04-02.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from functools import cache
from typing import NamedTuple

FIRST_YEAR, FIRST_DAY = 1900, dt.date(1900, 1, 31)
_YEARS = (
    "04bd804ae00a570054d50d2600d95016554056a009ad0055d204ae00a5b60a4d00d2501d2550b5400d6a00ada2095b014977"
    "049700a4b00b4b506a5006d401ab5402b6009570052f204970065660d4a00ea5016a9505ad002b60186e3092e01c8d70c950"
    "0d4a01d8a60b550056a01a5b4025d0092d00d2b20a9500b55706ca00b5501535504da00a5b014573052b00a9a80e95006aa0"
    "0aea60ab5004b600aae40a570052600f2630d95005b57056a0096d004dd504ad00a4d00d4d40d2500d5580b5400b6a0195a6"
    "095b0049b00a9740a4b00b27a06a5006d400af460ab600957004af504970064b0074a30ea5006b5805ac00ab60096d5092e0"
    "0c9600d9540d4a00da5007552056a00abb7025d0092d00cab50a9500b4a00baa40ad50055d904ba00a5b015176052b00a930"
    "0795406aa00ad5005b5204b600a6e60a4e00d2600ea650d53005aa0076a3096d004afb04ad00a4d01d0b60d2500d5200dd45"
    "0b5a0056d0055b2049b00a5770a4b00aa501b25506d200ada014b6309370049f804970064b0168a60ea5006b201a6c40aae0"
    "092e00d2e30c9600d5570d4a00da5005d55056a00a6d0055d4052d00a9b80a9500b4a00b6a60ad50055a00aba40a5b0052b0"
    "0b273069300733706aa00ad5014b5504b600a570054e40d2600e9680d5200daa016aa6056d004ae00a9d40a4d00d1500f252"
)
"""The years from 1900 to 2099, five hexadecimal digits each: whether the leap month is long (30 days, not 29), which of the
twelve months from the first are, and the number of the month that the leap month follows. Two computed calendars agree on it."""


class Month(NamedTuple):
    """A month: its first day as an ordinal, and what it is called (a leap month as the one before it)."""

    start: int
    year: int
    number: int
    leap: bool


@cache
def months() -> tuple[Month, ...]:
    """All months in order; the last one only ends the one before."""
    made, at = [], FIRST_DAY.toordinal()
    for place in range(len(_YEARS) // 5):
        year, bits = FIRST_YEAR + place, int(_YEARS[place * 5 : place * 5 + 5], 16)
        for number in range(1, 13):
            made.append(Month(at, year, number, False))
            at += 29 + (bits >> (16 - number) & 1)
            if bits & 15 == number:
                made.append(Month(at, year, number, True))
                at += 29 + (bits >> 16)
    return (*made, Month(at, FIRST_YEAR + len(_YEARS) // 5, 1, False))


@cache
def _places() -> dict[tuple[int, int], int]:
    return {(month.year, month.number): place for place, month in enumerate(months()) if not month.leap}


def solar(text: str) -> str | None:
    """The common day of an ISO date that is read as a lunar day (not of a leap month); None where there is no such day."""
    place = _places().get((int(text[:4]), int(text[5:7])))
    if place is None or place + 1 == len(months()):
        return None
    day = months()[place].start + int(text[8:10]) - 1
    return dt.date.fromordinal(day).isoformat() if day < months()[place + 1].start else None


def lunar(text: str) -> str | None:
    """The lunar day of an ISO date, written like one (of a leap month as of its namesake); None outside the table."""
    day = dt.date.fromisoformat(text).toordinal()
    place = bisect_right(months(), day, key=lambda month: month.start) - 1
    if place < 0 or place + 1 == len(months()):
        return None
    month = months()[place]
    return f"{month.year}-{month.number:02}-{day - month.start + 1:02}"
