"""Indicators as data: what is counted (measures), by what it is told apart (dimensions), and what is made of it.

A measure is a number over a table of the lake: events on a day, a stock on a day, or other measures added and subtracted.
An indicator is a measure, or one measure over another, with a factor, its dimensions, its periods and its words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, get_args

from quanmin.standards.element import Type
from quanmin.standards.rules.formula import Node
from quanmin.text import Text

PeriodKind = Literal["month", "quarter", "year"]
IndicatorKind = Literal["count", "rate", "share", "ratio", "mean", "balance"]
MeasureKind = Literal["events", "stock", "combined"]
Aggregate = Literal["count", "sum", "distinct"]
Direction = Literal["higher", "lower", "none"]
PERIODS: tuple[PeriodKind, ...] = get_args(PeriodKind)
INDICATOR_KINDS: tuple[IndicatorKind, ...] = get_args(IndicatorKind)
MEASURE_KINDS: tuple[MeasureKind, ...] = get_args(MeasureKind)
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)

AGE = "age"
"""The name under which a measure's formula and dimensions know the age in completed years."""
VALUE = "value"
"""The name under which a class of a dimension knows what it classifies."""
UNKNOWN, TOTAL = "unknown", "total"
"""The categories of what is in none, and of all together."""


class Unit(NamedTuple):
    """A unit of a figure, and the factor that goes with it (None: any)."""

    title: Text
    factor: float | None


UNITS: dict[str, Unit] = {
    "number": Unit(Text("个", "number"), 1),
    "percent": Unit(Text("%", "%"), 100),
    "per_100": Unit(Text("每百", "per 100"), 100),
    "per_1000": Unit(Text("‰", "per 1,000"), 1_000),
    "per_10000": Unit(Text("每万", "per 10,000"), 10_000),
    "per_100000": Unit(Text("每十万", "per 100,000"), 100_000),
    "per_million": Unit(Text("每百万", "per million"), 1_000_000),
    "days": Unit(Text("天", "days"), 1),
    "grams": Unit(Text("克", "grams"), 1),
    "yuan": Unit(Text("元", "yuan"), 1),
    "other": Unit(Text("见说明", "see the notes"), None),
}


@dataclass(frozen=True)
class Category:
    """One value of a dimension; of a class, the formula over `value` that is true for it."""

    code: str
    title: Text
    when: str = ""
    formula: Node | None = None


@dataclass(frozen=True)
class Dimension:
    """What figures are told apart by: the codes of a value set, bands of a number, or classes by formula (the first true one).

    `bands` are the lowest whole numbers of the bands in rising order; the last is open, unless `top` is the first number above
    it. What lies below the first band or above the top is `unknown`, or, with `clamp`, in the nearest band.
    """

    id: str
    title: Text
    values: str | None = None
    bands: tuple[int, ...] = ()
    top: int | None = None
    clamp: bool = False
    categories: tuple[Category, ...] = ()

    @property
    def takes(self) -> Literal["text", "number"]:
        """The kind of value that is told apart."""
        return "number" if self.bands else "text"

    def band(self, place: int) -> str:
        """The code of a band: `15-19`, `0` for a single number, `85+` for the open one."""
        low = self.bands[place]
        end = self.bands[place + 1] if place + 1 < len(self.bands) else self.top
        return f"{low}+" if end is None else f"{low}" if end == low + 1 else f"{low}-{end - 1}"


@dataclass(frozen=True)
class Measure:
    """A number over a table: which rows count (`when`), what of them (`aggregate`), on which day, and where.

    events: rows dated by `date`. stock: rows that stand on a day, from `since` on and before `until`. combined: the measures
    `plus` less the measures `minus`. `region` is an element with a division, or one with a citizen number (its first six
    digits). `age` are the dates between which `age` is counted in completed years: a birth and an event; of a stock, the birth
    alone. `by` says which element (or `age`) each dimension looks at. `types` are the elements that are read.
    """

    id: str
    title: Text
    kind: MeasureKind
    table: str = ""
    aggregate: Aggregate = "count"
    element: str | None = None
    when: str = ""
    formula: Node | None = None
    date: str | None = None
    since: str | None = None
    until: str | None = None
    region: str | None = None
    age: tuple[str, ...] = ()
    by: Mapping[str, str] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    plus: tuple[str, ...] = ()
    minus: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """One indicator. `numerator` and `denominator` name measures; a count, and a balance by itself, has no denominator.

    `kind` says what the figure is, and with that its interval: a rate (events over person-years or over other events), a share
    (a part of the denominator), a ratio of two counts, a mean, a balance of counts. Where the denominator of a rate or a balance
    is a stock, it is person-years: the stock in the middle of the period times the period's length in years. `totals` are the
    dimensions that also have a row for all categories together. A numerator or denominator under `small` is marked, a numerator
    under `uncertain` too. Figures are provisional until `settles` days after their period. `calendar` names the measure of
    events whose periods are told, where neither side is one.
    """

    id: str
    version: str
    title: Text
    definition: Text
    notes: Text
    source: str
    area: str
    kind: IndicatorKind
    unit: str
    factor: float
    direction: Direction
    periods: tuple[PeriodKind, ...]
    numerator: str
    denominator: str | None = None
    dimensions: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    small: int = 10
    uncertain: int = 20
    settles: int = 90
    calendar: str | None = None


@dataclass(frozen=True)
class Indicators:
    """The indicators of a catalogue with the measures and dimensions that they name."""

    dimensions: Mapping[str, Dimension] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)
    indicators: Mapping[str, Indicator] = field(default_factory=dict)

    def parts(self, measure: str) -> dict[str, int]:
        """The measures over tables that a measure is made of, each with how often it is added (less than 0: subtracted)."""
        one = self.measures[measure]
        if one.kind != "combined":
            return {measure: 1}
        found: dict[str, int] = {}
        for sign, names in ((1, one.plus), (-1, one.minus)):
            for name in names:
                for part, times in self.parts(name).items():
                    found[part] = found.get(part, 0) + sign * times
        return found

    def needed(self, indicator: Indicator) -> tuple[str, ...]:
        """The measures over tables that an indicator rests on."""
        sides = (indicator.numerator, indicator.denominator, indicator.calendar)
        return tuple(dict.fromkeys(part for side in sides if side is not None for part in self.parts(side)))

    def digest(self, indicator: str) -> str:
        """A digest of everything that defines the figures of an indicator."""
        one = self.indicators[indicator]
        names = self.needed(one)
        measures = [self.measures[name] for name in names]
        looked = sorted({*one.dimensions, *(name for measure in measures for name in measure.by)})
        text = repr((one, [_plain(measure) for measure in measures], [self.dimensions[name] for name in looked]))
        combined = repr([self.parts(side) for side in (one.numerator, one.denominator) if side])
        return hashlib.sha256((text + combined).encode()).hexdigest()[:16]

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """Every table of the lake that a measure reads."""
        return tuple(dict.fromkeys(one.table for one in self.measures.values() if one.table))


def _plain(measure: Measure) -> object:
    """A measure as a text that does not depend on the order of its mappings."""
    shown = {name: value for name, value in vars(measure).items() if name not in ("by", "types")}
    return sorted(shown.items(), key=lambda pair: pair[0]), sorted(measure.by.items()), sorted(measure.types.items())
