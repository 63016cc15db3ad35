"""The plain reference: figures from rows, one row after another, without an engine. The computation is tested against it."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from quanmin.measures.cell import LARGEST, SCALE
from quanmin.measures.period import Period, month_of, periods_of
from quanmin.measures.place import Places
from quanmin.measures.roll import known_by, told_apart
from quanmin.standards import Catalogue
from quanmin.standards.indicator import AGE, TOTAL, UNKNOWN, VALUE, Dimension, Indicator, Measure
from quanmin.standards.rules import formula_row
from quanmin.standards.value import day_of

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
Key = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""Period, level, region, and the categories in the order of their names."""


class Side(NamedTuple):
    """The number of one side of a figure, and whether an event was moved to its division."""

    number: float
    moved: bool


class Told(NamedTuple):
    """One figure as the reference has it."""

    numerator: float
    denominator: float | None
    value: float | None
    lower: float | None
    upper: float | None
    marks: str


def figures_of(catalogue: Catalogue, tables: Rows, indicator: str) -> dict[tuple[str, str, str, str], Told]:
    """The figures of an indicator by period, level, region and categories (JSON), from the live rows of the tables."""
    return Reference(catalogue, tables, catalogue.indicators.indicators[indicator]).figures()


class Reference:
    """Computes one indicator."""

    def __init__(self, catalogue: Catalogue, tables: Rows, indicator: Indicator) -> None:
        self.measures, self.tables, self.indicator = catalogue.indicators, tables, indicator
        self.places = Places(catalogue.regions)
        self.periods = self._calendar()

    def figures(self) -> dict[tuple[str, str, str, str], Told]:
        """All figures."""
        found: dict[tuple[str, str, str, str], Told] = {}
        for kept in told_apart(self.indicator):
            for (period, level, region, categories), told in self._kept(kept).items():
                named = {name: TOTAL for name in self.indicator.dimensions} | dict(categories)
                found[period, level, region, json.dumps(named, sort_keys=True, ensure_ascii=False)] = told
        return found

    def _kept(self, kept: frozenset[str]) -> dict[Key, Told]:
        one = self.indicator
        above = self._side(one.numerator, kept)
        if one.denominator is None:
            return {key: self._told(side, None) for key, side in above.items()}
        shared = kept & known_by(self.measures, one.denominator)
        below = self._side(one.denominator, shared)
        keys = set(above) | (set(below) if shared == kept else set())
        found = {}
        for key in keys:
            narrow = (*key[:3], tuple(pair for pair in key[3] if pair[0] in shared))
            found[key] = self._told(above.get(key), below.get(narrow), with_denominator=True)
        return found

    def _told(self, above: Side | None, below: Side | None, with_denominator: bool = False) -> Told:
        one = self.indicator
        number = above.number if above is not None else 0.0
        base = (below.number if below is not None else None) if with_denominator else 1.0
        moved = any(side is not None and side.moved for side in (above, below))
        value = lower = upper = None
        if base is not None and base > 0:
            value = number / base * one.factor
            lower, upper = interval(one.kind, number, base)
            lower, upper = (None if limit is None else limit * one.factor for limit in (lower, upper))
        marks = ["no_denominator"] if value is None else []
        parts = [number] if one.kind != "mean" else []
        if with_denominator and base is not None:
            parts.append(base)
            parts += [base - number] if one.kind == "share" else []
        marks += ["small"] if any(0 < abs(part) < one.small for part in parts) else []
        if value is not None and one.kind in ("rate", "share", "ratio") and abs(number) < one.uncertain:
            marks.append("uncertain")
        marks += ["boundary"] if moved else []
        return Told(number, base if with_denominator else None, value, lower, upper, " ".join(marks))

    def _calendar(self) -> dict[str, Period]:
        """The periods in which any event counts."""
        found = {}
        for part in self.measures.needed(self.indicator):
            measure = self.measures.measures[part]
            for row in self.tables[measure.table] if measure.kind == "events" else ():
                day = day_of(row[str(measure.date)])
                if day is not None and counts(measure, row, day):
                    found.update({one.label: one for one in periods_of(month_of(day))})
        return {label: one for label, one in found.items() if one.kind in self.indicator.periods}

    def _side(self, side: str, kept: frozenset[str]) -> dict[Key, Side]:
        found: dict[Key, Side] = {}
        for part, times in self.measures.parts(side).items():
            for key, (number, moved) in self._measure(self.measures.measures[part], kept).items():
                years = self.periods[key[0]].years if self._is_time(side, part) else 1.0
                before = found.get(key, Side(0.0, False))
                found[key] = Side(before.number + number * times * years, before.moved or moved)
        return found

    def _is_time(self, side: str, part: str) -> bool:
        stock = self.measures.measures[part].kind == "stock"
        return stock and self.indicator.kind in ("rate", "balance") and side == self.indicator.denominator

    def _measure(self, measure: Measure, kept: frozenset[str]) -> dict[Key, Side]:
        """One measure over its table."""
        whole: dict[Key, int] = defaultdict(int)
        items: dict[Key, set[Any]] = defaultdict(set)
        moved: dict[Key, bool] = defaultdict(bool)
        for row in self.tables[measure.table]:
            for period, day in self._days(measure, row):
                if not counts(measure, row, day):
                    continue
                told = tuple((name, self._category(measure, name, row, day)) for name in sorted(kept))
                for place in self.places.of(region_of(measure, row), period.end):
                    key = period.label, place.level, place.region, told
                    moved[key] = moved[key] or place.moved
                    whole[key] += brought(measure, row)
                    items[key].add(row[measure.element] if measure.element else None)
        decimal = measure.aggregate == "sum" and measure.types[str(measure.element)] == "decimal"
        if measure.aggregate == "distinct":
            return {key: Side(float(len(one)), moved[key]) for key, one in items.items()}
        return {key: Side(number / SCALE if decimal else float(number), moved[key]) for key, number in whole.items()}

    def _days(self, measure: Measure, row: Mapping[str, Any]) -> Iterable[tuple[Period, date]]:
        """The periods in which a row is looked at, each with the day of the look."""
        if measure.kind == "events":
            day = day_of(row[str(measure.date)])
            labels = {one.label for one in periods_of(month_of(day))} if day is not None else set()
            return [(one, day) for label, one in self.periods.items() if label in labels and day is not None]
        since = day_of(row[str(measure.since)])
        until = day_of(row[measure.until]) if measure.until is not None else None
        return [
            (one, one.middle)
            for one in self.periods.values()
            if since is not None and since <= one.middle and (until is None or until > one.middle)
        ]

    def _category(self, measure: Measure, name: str, row: Mapping[str, Any], day: date) -> str:
        element = measure.by[name]
        value = age_of(measure, row, day) if element == AGE and measure.age else row[element]
        return category_of(self.measures.dimensions[name], value)


def counts(measure: Measure, row: Mapping[str, Any], day: date) -> bool:
    """Whether a row counts for a measure."""
    names = dict(row) | ({AGE: age_of(measure, row, day)} if measure.age else {})
    if measure.formula is not None and formula_row.evaluate(measure.formula, names, day) is not True:
        return False
    if measure.element is None:
        return True
    value = row[measure.element]
    too_large = measure.aggregate == "sum" and isinstance(value, float) and abs(value) > LARGEST
    return value is not None and not too_large


def brought(measure: Measure, row: Mapping[str, Any]) -> int:
    """What a row that counts adds: 1, its whole number, or its decimal in parts of SCALE."""
    if measure.aggregate != "sum":
        return 1
    value = row[str(measure.element)]
    return math.floor(value * SCALE + 0.5) if isinstance(value, float) else int(value)


def region_of(measure: Measure, row: Mapping[str, Any]) -> str:
    """The code of the division in a row; nothing where there is none."""
    code = str(row[measure.region] or "") if measure.region is not None else ""
    number = measure.region is not None and measure.types[measure.region] == "citizen_number"
    return code[:6] if number else code


def age_of(measure: Measure, row: Mapping[str, Any], day: date) -> float | None:
    """Completed years from the birth to the event, or to the day of a stock; None before birth or without a date."""
    birth = day_of(row[measure.age[0]])
    event = day_of(row[measure.age[1]]) if len(measure.age) > 1 else day
    if birth is None or event is None or event < birth:
        return None
    return float(event.year - birth.year - ((event.month, event.day) < (birth.month, birth.day)))


def category_of(dimension: Dimension, value: Any) -> str:
    """The category of a value."""
    if value is None:
        return UNKNOWN
    if dimension.bands:
        return _band_of(dimension, float(value))
    if dimension.values is not None:
        return str(value) if value in {one.code for one in dimension.categories} else UNKNOWN
    for one in dimension.categories:
        if one.formula is not None and formula_row.evaluate(one.formula, {VALUE: value}, date.min) is True:
            return one.code
    return UNKNOWN


def _band_of(dimension: Dimension, number: float) -> str:
    places = [place for place, low in enumerate(dimension.bands) if low <= number]
    over = dimension.top is not None and number >= dimension.top
    if dimension.clamp:
        return dimension.band(places[-1] if places else 0)
    return dimension.band(places[-1]) if places and not over else UNKNOWN


def interval(kind: str, above: float, below: float) -> tuple[float | None, float | None]:
    """The 95 % interval of above / below as scipy has it; None where there is none."""
    from scipy import stats

    if kind == "rate" and above >= 0:
        low = float(stats.chi2.ppf(0.025, 2 * above)) / 2 if above else 0.0
        return low / below, float(stats.chi2.ppf(0.975, 2 * above + 2)) / 2 / below
    whole = below if kind == "share" else above + below
    if kind not in ("share", "ratio") or not 0 <= above <= whole or whole <= 0:
        return None, None
    if above != int(above) or whole != int(whole):
        return None, None
    found = stats.binomtest(int(above), int(whole)).proportion_ci(method="wilson")
    low, high = float(found.low), float(found.high)
    if kind == "share":
        return low, high
    return (low / (1 - low), high / (1 - high)) if high < 1 else (None, None)
