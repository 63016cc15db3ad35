"""Age groups, from 0 to an open last one: single years, or 0, 1-4, 5-9 and so on; and how people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from quanmin.programs.vital.demography.errors import (
    AgesGap,
    AgesOutOfOrder,
    AgesUnusual,
    AgeUnreadable,
    LastAgeClosed,
    NoRows,
)
from quanmin.programs.vital.demography.number import Floats

Kind = Literal["complete", "abridged"]
OLDEST = 150

_WORDS = re.compile(r"周岁|岁|years?|yrs?|age[ds]?|\s", re.IGNORECASE)
_SPAN = re.compile(r"(\d{1,3})(?:\.0+)?(?:[-~–—―至到](\d{1,3}))?")
_OPEN = re.compile(r"(?:>=|≥)?(\d{1,3})(?:\.0+)?(?:\+|-|及以上|以上|andover|andolder|plus)?")
_INFANT = ("<1", "不满1", "未满1", "under1")


@dataclass(frozen=True)
class AgeGroups:
    """Groups of completed years of age; `starts` are their first ages, the last group has no end."""

    starts: tuple[int, ...]

    @classmethod
    def of(cls, starts: Sequence[int], rows: Sequence[int] | None = None) -> AgeGroups:
        """Groups that begin at `starts`; `rows` are the addresses told in errors (default: from 1).

        Raises `NoRows`, `AgesOutOfOrder`, `AgesGap` or `AgesUnusual`.
        """
        if not len(starts):
            raise NoRows(source="age")
        found, told = [int(one) for one in starts], rows or range(1, len(starts) + 1)
        if found[0] != 0:
            raise AgesGap(row=told[0], age=0)
        for place in range(1, len(found)):
            if found[place] <= found[place - 1]:
                raise AgesOutOfOrder(row=told[place])
        expected = single if len(found) < 3 or found[2] == 2 else standard
        for place, age in enumerate(found):
            due = expected(place)
            if age > due and (age - due) % (expected(place + 1) - due) == 0:
                raise AgesGap(row=told[place], age=due)
            if age != due:
                raise AgesUnusual(row=told[place])
        return cls(tuple(found))

    @classmethod
    def complete(cls, open_age: int) -> AgeGroups:
        """Single years, the last group from `open_age`."""
        return cls.of(range(open_age + 1))

    @classmethod
    def abridged(cls, open_age: int) -> AgeGroups:
        """0, 1-4, 5-9 and so on, the last group from `open_age`."""
        return cls.of([0, 1, *range(5, open_age + 1, 5)])

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def kind(self) -> Kind:
        """`complete` for single years, else `abridged`."""
        return "complete" if self.starts[-1] == len(self.starts) - 1 else "abridged"

    @property
    def widths(self) -> Floats:
        """Years in each group; infinite in the last."""
        return np.append(np.diff(np.array(self.starts, np.float64)), np.inf)

    @property
    def labels(self) -> tuple[str, ...]:
        """Each group as it is written: 0, 1-4, 85+."""
        ends = [*(start - 1 for start in self.starts[1:])]
        closed = [
            str(first) if first == last else f"{first}-{last}" for first, last in zip(self.starts, ends, strict=False)
        ]
        return (*closed, f"{self.starts[-1]}+")


def single(place: int) -> int:
    """The first age of a group of single years."""
    return place


def standard(place: int) -> int:
    """The first age of a group of 0, 1-4, 5-9 and so on."""
    return place if place < 2 else 5 * (place - 1)


class Span(NamedTuple):
    """An age group as it was written; `last` is None where only its first age is there."""

    first: int
    last: int | None
    is_open: bool


def span(text: str, row: int) -> Span:
    """What an age means: `0`, `1-4`, `1～4岁`, `85+`, `85岁及以上`, `<1`. Raises `AgeUnreadable`."""
    plain = _WORDS.sub("", unicodedata.normalize("NFKC", text)).lower()
    if plain in _INFANT:
        return Span(0, 0, False)
    closed, opened = _SPAN.fullmatch(plain), _OPEN.fullmatch(plain)
    match = closed or opened
    if match is None or int(match[1]) > OLDEST:
        raise AgeUnreadable(row=row)
    first = int(match[1])
    if closed is None:
        return Span(first, None, True)
    last = int(closed[2]) if closed[2] else None
    if last is not None and not first <= last <= OLDEST:
        raise AgeUnreadable(row=row)
    return Span(first, last, False)


def groups(texts: Sequence[str], rows: Sequence[int]) -> AgeGroups:
    """The groups of a column of ages: one row each, in order, the last one open.

    Raises what `span` and `AgeGroups.of` raise, and `LastAgeClosed`.
    """
    spans = [span(text, row) for text, row in zip(texts, rows, strict=True)]
    found = AgeGroups.of([one.first for one in spans], rows)
    for place in range(len(spans) - 1):
        here, following = spans[place], spans[place + 1]
        if here.is_open:
            raise AgesUnusual(row=rows[place])
        if here.last is not None and here.last + 1 != following.first:
            wrong = AgesGap(row=rows[place + 1], age=here.last + 1) if here.last < following.first else None
            raise wrong or AgesUnusual(row=rows[place + 1])
    if spans[-1].last is not None:
        raise LastAgeClosed(row=rows[-1])
    return found
