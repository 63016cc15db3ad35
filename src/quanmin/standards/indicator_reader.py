"""Reads the indicator files of a catalogue: `indicators/*.toml`, each with `[[dimension]]`, `[[measure]]` and `[[indicator]]`.

The files are one space of names: a measure may stand in one and be used in another. What is wrong is told with file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from quanmin.standards.dataset import Dataset
from quanmin.standards.element import Type
from quanmin.standards.errors import (
    BadIndicator,
    CatalogueError,
    DuplicateName,
    UnknownElement,
    UnknownKey,
    UnknownName,
    UnknownValueSet,
    WrongShape,
)
from quanmin.standards.frame import Area
from quanmin.standards.indicator import (
    AGE,
    AGGREGATES,
    DIRECTIONS,
    INDICATOR_KINDS,
    MEASURE_KINDS,
    PERIODS,
    UNITS,
    VALUE,
    Category,
    Dimension,
    Indicator,
    Indicators,
    Measure,
)
from quanmin.standards.item import Item
from quanmin.standards.rules.formula import Node, parse_formula
from quanmin.standards.rules.formula_kind import KIND_OF_TYPE, ValueKind, kind_of_formula
from quanmin.standards.source import Source, Table
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text

BASE = "linked.person"
"""The table whose columns are the items of the population base."""

_TABLE_LISTS = ("dimension", "measure", "indicator")
_ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")


@dataclass(frozen=True)
class Columns:
    """The columns of a table as its standard declares them: their types, and the codes of coded ones."""

    types: Mapping[str, Type]
    codes: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Known:
    """What an indicator file may name."""

    areas: Mapping[str, Area]
    datasets: Mapping[str, Dataset]
    items: tuple[Item, ...]
    value_sets: Mapping[str, ValueSet]

    def columns(self, table: str) -> Columns | None:
        """The columns of `clean.<dataset>` or of the population base; None for any other table."""
        zone, _, name = table.partition(".")
        declared: list[tuple[str, Type, str | None]]
        if zone == "clean" and name in self.datasets:
            declared = [(one.name, one.type, one.values) for one in self.datasets[name].elements]
        elif table == BASE and self.items:
            declared = [(one.id, one.type, one.values) for one in self.items]
        else:
            return None
        codes = {one: tuple(self.value_sets[values].codes) for one, _, values in declared if values is not None}
        return Columns({one: kind for one, kind, _ in declared}, codes)


def read_indicators(root: Path, known: Known) -> Indicators:
    """The indicators of all files; none where there is no folder. Raises CatalogueError."""
    sources = [Source(path, root) for path in sorted((root / "indicators").glob("*.toml"))]
    for source in sources:
        source.allow(*_TABLE_LISTS)
        for key in source.top.data:
            raise UnknownKey(file=source.name, line=source.line("", 0, key), key=key)
    dimensions = {one.id: one for table, one in _each(sources, "dimension", lambda table: _dimension(table, known))}
    pairs = list(_each(sources, "measure", lambda table: _measure(table, known, dimensions)))
    measures = {one.id: one for _, one in pairs}
    for table, one in pairs:
        _check_combination(table, one, measures)
    found = Indicators(dimensions, measures)
    for table, one in pairs:
        _check_cycle(table, one, measures)
    indicators = {one.id: one for _, one in _each(sources, "indicator", lambda table: _indicator(table, known, found))}
    return Indicators(dimensions, measures, indicators)


def _each(sources: list[Source], name: str, read: Any) -> Iterator[tuple[Table, Any]]:
    """Every `[[name]]` of all files, read; an id is taken once."""
    taken: set[str] = set()
    for source in sources:
        for table in source.tables(name):
            one = read(table)
            table.done()
            if not _ID.fullmatch(one.id):
                raise table.error(WrongShape, "id", expected="lower-case words joined by _ and .")
            if one.id in taken:
                raise table.error(DuplicateName, "id", word=one.id)
            taken.add(one.id)
            yield table, one


def _bad(table: Table, key: str, reason: str) -> CatalogueError:
    return table.error(BadIndicator, key, reason=reason)


def _dimension(table: Table, known: Known) -> Dimension:
    values = table.take("values", str, None)
    bands, top = table.take("bands", list, []), table.take("top", int, None)
    classes = table.take("classes", list, [])
    if sum(map(bool, (values, bands, classes))) != 1:
        raise _bad(table, "id", "a dimension has exactly one of values, bands, classes")
    if values is not None and values not in known.value_sets:
        raise table.error(UnknownValueSet, "values", word=values)
    ends = [*bands, *([top] if top is not None else [])]
    if not all(type(low) is int for low in bands) or any(a >= b for a, b in pairwise(ends)):
        raise _bad(table, "bands", "bands are whole numbers in rising order, and top is above them")
    if values is not None:
        told = tuple(Category(code, title) for code, title in known.value_sets[values].codes.items())
    else:
        told = tuple(_class(table, one) for one in classes)
    if len({one.code for one in told}) < len(told):
        raise _bad(table, "classes", "a code is there twice")
    return Dimension(
        id=table.take("id", str),
        title=table.text("title"),
        values=values,
        bands=tuple(bands),
        top=top,
        clamp=table.take("clamp", bool, False),
        categories=told,
    )


def _class(table: Table, one: Any) -> Category:
    """One class, written `{ code, zh, en, when }`."""
    if not isinstance(one, dict) or set(one) != {"code", "zh", "en", "when"}:
        raise table.error(WrongShape, "classes", expected="a list of { code, zh, en, when }")
    formula = _formula(table, "classes", str(one["when"]), {VALUE: "text"}, {})
    return Category(str(one["code"]), Text(one["zh"], one["en"]), str(one["when"]), formula)


def _formula(
    table: Table, key: str, text: str, kinds: Mapping[str, ValueKind], codes: Mapping[str, tuple[str, ...]]
) -> Node:
    """A formula that is a yes or a no."""
    try:
        found = parse_formula(text)
        kind = kind_of_formula(found, kinds, codes)
    except ValueError as error:
        raise _bad(table, key, str(error)) from None
    if kind != "boolean":
        raise _bad(table, key, f"the formula is a {kind}, not a yes or a no")
    return found


def _measure(table: Table, known: Known, dimensions: Mapping[str, Dimension]) -> Measure:
    name, title = table.take("id", str), table.text("title")
    kind = table.word("kind", MEASURE_KINDS, "events")
    if kind == "combined":
        plus, minus = table.texts("plus"), table.texts("minus")
        if not plus:
            raise _bad(table, "plus", "a combined measure adds at least one")
        return Measure(name, title, kind, plus=plus, minus=minus)
    address = table.take("table", str)
    columns = known.columns(address)
    if columns is None:
        raise table.error(UnknownName, "table", word=address)
    made = Measure(
        id=name,
        title=title,
        kind=kind,
        table=address,
        aggregate=table.word("aggregate", AGGREGATES, "count"),
        element=table.take("element", str, None),
        when=table.take("when", str, ""),
        date=table.take("date", str) if kind == "events" else None,
        since=table.take("since", str) if kind == "stock" else None,
        until=table.take("until", str, None) if kind == "stock" else None,
        region=table.take("region", str, None),
        age=table.texts("age"),
        by={str(key): str(value) for key, value in table.take("by", dict, {}).items()},
    )
    _check_elements(table, made, columns)
    _check_by(table, made, columns, dimensions)
    return _typed(table, made, columns)


def _check_elements(table: Table, made: Measure, columns: Columns) -> None:
    """Refuse an element that is not there or not of the type its place asks for."""
    days = ("date", "datetime")
    places: list[tuple[str, str | None, tuple[str, ...]]] = [
        ("date", made.date, days),
        ("since", made.since, days),
        ("until", made.until, days),
        ("region", made.region, ("region", "citizen_number")),
        *(("age", one, days) for one in made.age),
    ]
    if made.aggregate == "sum":
        places.append(("element", made.element, ("integer", "decimal")))
    if made.aggregate == "distinct":
        places.append(("element", made.element, tuple(KIND_OF_TYPE)))
    if (made.element is None) != (made.aggregate == "count"):
        raise _bad(table, "aggregate", "sum and distinct look at an element, count does not")
    for key, name, types in places:
        if name is not None and columns.types.get(name) not in types:
            raise table.error(UnknownElement, key, word=name)
    if len(made.age) not in ((0, 2) if made.kind == "events" else (0, 1)):
        raise _bad(table, "age", "age is counted from a birth to an event; of a stock, from a birth")


def _check_by(table: Table, made: Measure, columns: Columns, dimensions: Mapping[str, Dimension]) -> None:
    """Refuse a dimension that is not there, or one that looks at another kind of value."""
    for name, element in made.by.items():
        dimension = dimensions.get(name)
        if dimension is None:
            raise table.error(UnknownName, "by", word=name)
        if element == AGE and made.age:
            kind: str | None = "number"
        else:
            kind = KIND_OF_TYPE[columns.types[element]] if element in columns.types else None
        if kind is None:
            raise table.error(UnknownElement, "by", word=element)
        if kind != dimension.takes:
            raise _bad(table, "by", f"the dimension {name} tells a {dimension.takes} apart, and {element} is a {kind}")
        if dimension.values is not None and element in columns.codes:
            own = {category.code for category in dimension.categories}
            if not own.issuperset(columns.codes[element]):
                raise _bad(table, "by", f"{element} has codes of another value set than the dimension {name}")


def _typed(table: Table, made: Measure, columns: Columns) -> Measure:
    """The measure with its formula and the types of what it reads."""
    kinds: dict[str, ValueKind] = {name: KIND_OF_TYPE[kind] for name, kind in columns.types.items()}
    if made.age:
        kinds[AGE] = "number"
    formula = _formula(table, "when", made.when, kinds, columns.codes) if made.when else None
    read = {made.element, made.date, made.since, made.until, made.region, *made.age, *made.by.values()}
    read |= set(formula.names()) if formula is not None else set()
    types = {name: kind for name, kind in columns.types.items() if name in read}
    return Measure(**{**vars(made), "formula": formula, "types": types})


def _check_combination(table: Table, one: Measure, measures: Mapping[str, Measure]) -> None:
    for key, names in (("plus", one.plus), ("minus", one.minus)):
        for name in names:
            if name not in measures:
                raise table.error(UnknownName, key, word=name)


def _check_cycle(table: Table, one: Measure, measures: Mapping[str, Measure]) -> None:
    """Refuse a measure that is made of itself."""
    waiting, seen = [*one.plus, *one.minus], set[str]()
    while waiting:
        name = waiting.pop()
        if name == one.id:
            raise _bad(table, "plus" if one.id in one.plus or not one.minus else "id", f"{one.id} is made of itself")
        if name not in seen:
            seen.add(name)
            waiting += [*measures[name].plus, *measures[name].minus]


def _indicator(table: Table, known: Known, found: Indicators) -> Indicator:
    made = Indicator(
        id=table.take("id", str),
        version=table.take("version", str),
        title=table.text("title"),
        definition=table.text("definition"),
        notes=table.text("notes"),
        source=table.take("source", str),
        area=table.word("area", tuple(known.areas), kind=UnknownName),
        kind=table.word("kind", INDICATOR_KINDS),
        unit=table.word("unit", tuple(UNITS)),
        factor=_factor(table),
        direction=table.word("direction", DIRECTIONS, "none"),
        periods=_periods(table),
        numerator=table.word("numerator", tuple(found.measures), kind=UnknownName),
        denominator=_optional(table, "denominator", found.measures),
        dimensions=table.texts("dimensions"),
        totals=table.texts("totals"),
        small=table.take("small", int, 10),
        uncertain=table.take("uncertain", int, 20),
        settles=table.take("settles", int, 90),
        calendar=_optional(table, "calendar", found.measures),
    )
    expected = UNITS[made.unit].factor
    if expected is not None and made.factor != expected:
        raise _bad(table, "factor", f"the unit {made.unit} has the factor {expected:g}")
    if (made.denominator is None) != (made.kind in ("count", "balance")) and made.kind != "balance":
        raise _bad(table, "kind", "a count has no denominator; a rate, share, ratio or mean has one")
    _check_sides(table, made, found)
    return made


def _optional(table: Table, key: str, known: Mapping[str, Measure]) -> str | None:
    found: str | None = table.word(key, tuple(known), kind=UnknownName) if key in table.data else None
    return found


def _factor(table: Table) -> float:
    factor = table.number("factor")
    if factor is not None and not 0 < factor < float("inf"):
        raise _bad(table, "factor", "a factor is greater than 0")
    return 1.0 if factor is None else float(factor)


def _periods(table: Table) -> Any:
    periods = table.texts("periods", PERIODS)
    if not periods or not set(periods) <= set(PERIODS):
        raise table.error(WrongShape, "periods", expected=f"some of {', '.join(PERIODS)}")
    return tuple(period for period in PERIODS if period in periods)


def _check_sides(table: Table, made: Indicator, found: Indicators) -> None:
    """Numerator and denominator must be told apart, placed and dated in the same way."""
    above = [found.measures[name] for name in found.parts(made.numerator)]
    below = [found.measures[name] for name in found.parts(made.denominator)] if made.denominator else []
    for name in made.dimensions:
        if name not in found.dimensions:
            raise table.error(UnknownName, "dimensions", word=name)
        if not all(name in one.by for one in above):
            raise _bad(table, "dimensions", f"the numerator does not know the dimension {name}")
        if len({name in one.by for one in below}) > 1:
            raise _bad(table, "dimensions", f"only a part of the denominator knows the dimension {name}")
    if not set(made.totals) <= set(made.dimensions):
        raise _bad(table, "totals", "totals are over some of the dimensions")
    if len({one.region is None for one in (*above, *below)}) > 1:
        raise _bad(table, "denominator", "either both sides have a region, or none has")
    dated = [*above, *below]
    if made.calendar is not None:
        dated += [found.measures[name] for name in found.parts(made.calendar)]
    if not any(one.kind == "events" for one in dated):
        raise _bad(table, "numerator", "no side is of events: calendar must name a measure that is")
