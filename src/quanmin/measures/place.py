"""Where an event counts: the divisions that hold on the last day of a period, and those above them.

An event carries the code of its own day. Where that code has ended since, its successor takes the event over; where several
took over, nobody knows which, and the event counts in the lowest division that holds them all. A code that began after the
period is led back to its predecessors in the same way.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, NamedTuple

from quanmin.standards.region import NATION, RegionTable, level_of

FigureLevel = Literal["nation", "province", "city", "county"]


class Place(NamedTuple):
    """One division in which an event counts; `moved` says that the event's own code leads to another one at this level."""

    level: FigureLevel
    region: str
    moved: bool


class Places:
    """Look-up of the places of a code on a day; remembers what it found until the table of divisions changes."""

    def __init__(self, regions: RegionTable) -> None:
        self.regions = regions
        self._found: dict[tuple[str, int], tuple[Place, ...]] = {}

    @cached_property
    def turns(self) -> list[date]:
        """The days on which anything in the table changes, in order."""
        ends = {row.valid_to + timedelta(days=1) for row in self.regions.rows if row.valid_to is not None}
        return sorted(ends | {row.valid_from for row in self.regions.rows if row.valid_from is not None})

    def of(self, code: str, day: date) -> tuple[Place, ...]:
        """The nation and the divisions in which an event with this code counts on `day`, highest first."""
        key = code, bisect_right(self.turns, day)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._places(code, day)
        return found

    def _places(self, code: str, day: date) -> tuple[Place, ...]:
        home = self.home(code, day)
        own = set(ancestry(code))
        told = [Place("nation", NATION, False)]
        for region in reversed(self._above(home, day) if home else []):
            told.append(Place(level_of(region), region, region not in own))
        return tuple(told)

    def home(self, code: str, day: date) -> str | None:
        """The lowest division of `day` in which an event with this code lies; None where only the nation is known."""
        if self.regions.valid_on(code, day):
            return code
        history = self.regions.history(code)
        past = [row for row in history if not row.identity and row.valid_to is not None and row.valid_to < day]
        onward = self._standing(code, day, self.regions.successors if past else self.regions.predecessors)
        if not onward:
            return next(iter(self._above(code, day)), None)
        shared = set.intersection(*(set(self._above(one, day)) for one in onward))
        return max(shared, key=lambda one: len(one.rstrip("0")), default=None)

    def _standing(self, code: str, day: date, following: Callable[[str], tuple[str, ...]]) -> set[str]:
        """The codes of `day` that are reached step by step."""
        waiting, seen, found = list(following(code)), {code}, set[str]()
        while waiting:
            one = waiting.pop()
            if one in seen:
                continue
            seen.add(one)
            if self.regions.valid_on(one, day):
                found.add(one)
            else:
                waiting += following(one)
        return found

    def _above(self, code: str, day: date) -> list[str]:
        """The code and those above it, lowest first, as far as they hold on `day`."""
        return [one for one in ancestry(code) if self.regions.valid_on(one, day)]


def ancestry(code: str) -> list[str]:
    """A code and what its stem says lies above it, lowest first."""
    return list(dict.fromkeys((code, code[:4] + "00", code[:2] + "0000"))) if len(code) == 6 else []
