"""A recipe: what a release is made of and how, typed. `parsing.parse` makes one of a TOML file; nothing else does.

A table counts distinct people by its dimensions. Microdata are rows of people whose quasi-identifiers are the dimensions.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Literal

from quanmin.text import Text

Kind = Literal["table", "microdata"]
Form = Literal["code", "age", "year", "quarter", "month", "region"]
Format = Literal["parquet", "csv", "xlsx", "json"]
Level = Literal["province", "city", "county"]
Uncovered = Literal["refuse", "missing", "leave_out"]


@dataclass(frozen=True)
class Dimension:
    """One dimension: an element in the form it is released in.

    `bands` are the lower ends of age groups (the last is open) or, for years, of spans; `on` is the day of ages and the day for
    which divisions are valid; `levels` are the levels of a division, the coarsest first; `groups` are headings with their
    codes. `widths` are the spans of a microdata hierarchy above single years. `uncovered` says what becomes of values outside
    of all that: an error, missing, or their rows left out.
    """

    place: str
    name: str
    element: str
    form: Form
    title: Text
    levels: tuple[Level, ...] = ()
    bands: tuple[int, ...] = ()
    on: date | None = None
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    widths: tuple[int, ...] = ()
    uncovered: Uncovered = "refuse"

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of a table, from coarse to fine."""
        return self.levels or (self.name,)


@dataclass(frozen=True)
class Filter:
    """Only rows whose element has one of `values`, or (`present`) has any value or none, or a date in a span of days."""

    place: str
    element: str
    values: tuple[str, ...] = ()
    present: bool | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Privacy:
    """The rule of microdata: k, l, t, the share of rows that may be left out, and the share of people that is drawn."""

    k: int = 10
    diversity: int = 1
    closeness: float | None = None
    suppress: float = 0.05
    sample: float = 1.0


@dataclass(frozen=True)
class Publisher:
    """The organisation that answers for the data."""

    id: str
    name: Text


@dataclass(frozen=True)
class Recipe:
    """All of a release that was decided by people; `text` is the file it was read from, `digest` its SHA-256."""

    id: str
    kind: Kind
    title: Text
    description: Text
    source: str
    publisher: Publisher
    dimensions: tuple[Dimension, ...]
    filters: tuple[Filter, ...]
    formats: tuple[Format, ...]
    rules: str
    access: str
    licence: str
    frequency: str
    area: str
    themes: tuple[str, ...]
    keywords: dict[str, tuple[str, ...]]
    text: str
    total: str | None = None
    sensitive: tuple[str, ...] = ()
    privacy: Privacy = Privacy()
    period: tuple[date | None, date | None] = (None, None)
    spatial: str | None = None
    series: str | None = None
    reasons: dict[str, str] | None = None
    refresh: bool = False

    @property
    def digest(self) -> str:
        """SHA-256 of the recipe's text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def scope(self) -> str:
        """Whom the release speaks of: its source and its filters. Equal labels mean the same within one scope only."""
        told = [f"{one.element}:{one.values}:{one.present}:{one.first}:{one.last}" for one in self.filters]
        share = "" if self.privacy.sample == 1 else f"/{self.privacy.sample}"
        return " ".join([f"{self.source}{share}", *sorted(told)])

    @property
    def elements(self) -> tuple[str, ...]:
        """Every element that is read, each once."""
        used = [*(one.element for one in self.dimensions), *(one.element for one in self.filters)]
        return tuple(dict.fromkeys([*used, *self.sensitive, *([self.total] if self.total else [])]))
