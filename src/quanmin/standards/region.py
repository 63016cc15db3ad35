"""The dated table of administrative divisions: a code is valid between two days, and has successors when it ends.

An identity number carries the code of the day it was issued, so it is checked against "ever valid"; a statistic is
checked against "valid on the day". A code may hold several rows: it was renamed, or ended and came back.
"""

from __future__ import annotations

import csv
from bisect import bisect_left
from collections.abc import Callable, Iterable
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Level = Literal["province", "city", "county"]
Mask = NDArray[np.bool_]


class Region(NamedTuple):
    """One code under one name between `valid_from` and `valid_to`, both days included; None is open.

    A change is known to lie between two revisions of the table: in that span both the old and the new code are valid.
    `identity` marks codes that stand in identity numbers only (groupings such as 市辖区, 830000 of residence permits):
    they are ever valid, and valid on no day.
    """

    code: str
    name: str
    level: Level
    valid_from: date | None
    valid_to: date | None
    successors: tuple[str, ...] = ()
    identity: bool = False


NATION = "000000"
"""The code under which the nation as a whole stands; it is in no table of divisions."""


def stem(code: str) -> str:
    """The digits that every code within a division begins with: 37 for 370000, 3701 for 370100; none for the nation."""
    if code == NATION:
        return ""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code


def level_of(code: str) -> Level:
    """The level of a six-digit code by its trailing zeros."""
    if code.endswith("0000"):
        return "province"
    return "city" if code.endswith("00") else "county"


class RegionTable:
    """Look-up by code and day, one by one or over whole columns."""

    def __init__(self, read: Callable[[], Iterable[Region]]) -> None:
        """`read` gives the rows; it is called when the table is first asked, so that a catalogue opens quickly."""
        self._read = read

    @cached_property
    def rows(self) -> tuple[Region, ...]:
        """Every row, by code and day."""
        return tuple(sorted(self._read(), key=lambda row: (row.code, row.valid_from or date.min)))

    @cached_property
    def _codes(self) -> list[str]:
        return [row.code for row in self.rows]

    @cached_property
    def provinces(self) -> tuple[str, ...]:
        """The names of all provinces that ever were."""
        return tuple(dict.fromkeys(row.name for row in self.rows if row.level == "province"))

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """Every code that was ever valid, sorted."""
        return tuple(dict.fromkeys(self._codes))

    def current(self, day: date, level: Level = "county") -> tuple[Region, ...]:
        """The regions of a level that are valid on `day`, by code."""
        found = {row.code: row for row in self.rows if row.level == level and self.on(row.code, day) is row}
        return tuple(found.values())

    def history(self, code: str) -> tuple[Region, ...]:
        """The rows of `code` in order of time; empty if it never existed."""
        start = bisect_left(self._codes, code)
        stop = bisect_left(self._codes, code + "~")
        return self.rows[start:stop] if len(code) == 6 else ()

    def on(self, code: str, day: date) -> Region | None:
        """The row of `code` that holds on `day`."""
        for row in self.history(code):
            if not row.identity and (row.valid_from or date.min) <= day <= (row.valid_to or date.max):
                return row
        return None

    def ever_valid(self, code: str) -> bool:
        """Whether `code` was valid on any day."""
        return bool(self.history(code))

    def ever_one(self, code: str) -> bool:
        """Whether `code` was a division on any day, and not one of identity numbers only."""
        return any(not row.identity for row in self.history(code))

    def ended(self, code: str, day: date) -> bool:
        """Whether `code` was a division before `day` and is one no more, then or later."""
        rows = [row for row in self.history(code) if not row.identity]
        return bool(rows) and all(row.valid_to is not None and row.valid_to < day for row in rows)

    def full_name(self, code: str) -> str:
        """The latest name of `code` behind the names of those that it lies in: 湖北省武汉市江岸区; empty if it never existed."""
        above = self.parent(code)
        return (self.full_name(above) if above else "") + (self.name(code) or "")

    def valid_on(self, code: str, day: date) -> bool:
        """Whether `code` was valid on `day`."""
        return self.on(code, day) is not None

    def name(self, code: str, day: date | None = None) -> str | None:
        """The name of `code` on `day`; its latest name without a day or when it was not valid then."""
        history = self.history(code)
        row = self.on(code, day) if day else None
        return row.name if row else history[-1].name if history else None

    def level(self, code: str) -> Level | None:
        """The level of `code`; None if it never existed."""
        history = self.history(code)
        return history[-1].level if history else None

    def parent(self, code: str) -> str | None:
        """The code one level up that exists in the table: the city if there is one, else the province."""
        for candidate in (code[:4] + "00", code[:2] + "0000"):
            if candidate != code and any(not row.identity for row in self.history(candidate)):
                return candidate
        return None

    def successors(self, code: str) -> tuple[str, ...]:
        """The codes that took over when `code` ended; empty while it is valid."""
        history = self.history(code)
        return history[-1].successors if history else ()

    def predecessors(self, code: str) -> tuple[str, ...]:
        """The codes that `code` took over from when they ended."""
        return self._before.get(code, ())

    def children(self, code: str, day: date) -> tuple[Region, ...]:
        """The divisions right below `code` that hold on `day`."""
        first = stem(code)
        below = (one for one in self.codes if one.startswith(first) and one != code)
        return tuple(row for one in below if self.parent(one) == code and (row := self.on(one, day)) is not None)

    def ever_valid_mask(self, codes: NDArray[np.integer]) -> Mask:
        """`ever_valid` over integer codes (110105), shape kept; any integer may be asked."""
        return self._count[self._clip(codes)] > 0

    def valid_on_mask(self, codes: NDArray[np.integer], days: NDArray[np.datetime64]) -> Mask:
        """`valid_on` over integer codes and days (datetime64[D]), element by element; NaT is never valid."""
        clipped = self._clip(codes)
        moments = days.astype("datetime64[D]").astype(np.int64)
        valid = np.zeros(clipped.shape, dtype=bool)
        for step in range(int(self._count.max(initial=0))):
            row = self._first[clipped] + step
            inside = step < self._count[clipped]
            row = np.where(inside, row, 0)
            valid |= inside & (self._from[row] <= moments) & (moments <= self._to[row])
        return valid & ~np.isnat(days)

    def _clip(self, codes: NDArray[np.integer]) -> NDArray[np.int64]:
        wide = codes.astype(np.int64)
        return np.where((wide > 0) & (wide < 1_000_000), wide, 0)

    @cached_property
    def _before(self) -> dict[str, tuple[str, ...]]:
        """The codes that ended in favour of each code."""
        found: dict[str, dict[str, None]] = {}
        for row in self.rows:
            for after in row.successors:
                found.setdefault(after, {})[row.code] = None
        return {code: tuple(before) for code, before in found.items()}

    @cached_property
    def _int_codes(self) -> NDArray[np.int64]:
        return np.array([int(code) for code in self._codes], dtype=np.int64)

    @cached_property
    def _count(self) -> NDArray[np.int32]:
        return np.bincount(self._int_codes, minlength=1_000_000).astype(np.int32)

    @cached_property
    def _first(self) -> NDArray[np.int32]:
        first = np.zeros(1_000_000, dtype=np.int32)
        codes, index = np.unique(self._int_codes, return_index=True)
        first[codes] = index
        return first

    @cached_property
    def _from(self) -> NDArray[np.int64]:
        return _days([date.max if row.identity else row.valid_from or date.min for row in self.rows])

    @cached_property
    def _to(self) -> NDArray[np.int64]:
        return _days([date.min if row.identity else row.valid_to or date.max for row in self.rows])


def _days(dates: list[date]) -> NDArray[np.int64]:
    return np.array(dates, dtype="datetime64[D]").astype(np.int64)


def read_regions(path: Path) -> tuple[Region, ...]:
    """The rows of a region file (CSV: code, name, valid_from, valid_to, successors, identity)."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        next(rows)
        return tuple(
            Region(code, name, level_of(code), _day(start), _day(end), tuple(after.split()), identity == "1")
            for code, name, start, end, after, identity in rows
        )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
