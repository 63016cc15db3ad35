"""Cells: one pass over a table gives the measures that look at it in the same way, by region, month and dimensions.

A pass is one Ibis expression over tables known by name only (`rows`, and for a stock the days in `days`), so that it runs on any
engine that holds them. Cells are small: figures of every period and level are rolled up from them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from quanmin.measures.condition import IBIS_TYPES, completed_years, condition, plain, within
from quanmin.standards.indicator import AGE, UNKNOWN, VALUE, Dimension, Indicators, Measure
from quanmin.standards.rules.formula_kind import KIND_OF_TYPE, ValueKind

if TYPE_CHECKING:
    import ibis.expr.types as ir

REGION, MONTH, PERIOD, ITEM = "region", "month", "period", "item"
"""Columns of cells beside the dimensions `d0`…, the measures `m0`… and the rows counted for them, `n0`…."""
SCALE = 10_000.0
"""Decimals are summed as whole numbers of 1 / SCALE, so that the sum does not depend on the order."""
LARGEST = 1e12
"""A decimal that is greater is no sum anybody believes: it is left out, and its row is not counted."""
WIDEST = 1000
"""Combinations of categories that one pass tells apart; measures that would make more go into a pass of their own."""


@dataclass(frozen=True)
class Pass:
    """Measures over one table, by the same days and regions; `dimensions` are pairs of a dimension and what it looks at."""

    table: str
    measures: tuple[Measure, ...]
    dimensions: tuple[tuple[Dimension, str], ...]

    @property
    def first(self) -> Measure:
        """Any of the measures: all look at the same days and regions."""
        return self.measures[0]

    @property
    def age(self) -> tuple[str, ...]:
        """The dates between which age is counted, where a measure counts it."""
        return next((one.age for one in self.measures if one.age), ())

    @property
    def stock(self) -> bool:
        """Whether the cells are of days in `days` rather than of months."""
        return self.first.kind == "stock"

    @property
    def distinct(self) -> bool:
        """Whether a cell is one item to be counted once, in column `item`."""
        return self.first.aggregate == "distinct"

    @property
    def columns(self) -> dict[str, str]:
        """The Ibis types of the columns that are read."""
        return {name: IBIS_TYPES[kind] for one in self.measures for name, kind in sorted(one.types.items())}

    @property
    def time(self) -> str:
        """The column that dates a cell."""
        return PERIOD if self.stock else MONTH

    def place(self, dimension: str) -> int | None:
        """The place of a dimension; None if the pass does not tell it apart."""
        return next((place for place, (one, _) in enumerate(self.dimensions) if one.id == dimension), None)

    def index(self, measure: str) -> int:
        """The place of a measure."""
        return next(place for place, one in enumerate(self.measures) if one.id == measure)


def passes(indicators: Indicators, wanted: Mapping[str, Collection[frozenset[str]]]) -> tuple[Pass, ...]:
    """The passes that give the measures, each told apart by these sets of dimensions."""
    groups: dict[Any, list[tuple[Measure, tuple[tuple[Dimension, str], ...]]]] = {}
    for name in sorted(wanted):
        measure = indicators.measures[name]
        for names in sorted(wanted[name], key=lambda one: (-len(one), sorted(one))):
            told = tuple((indicators.dimensions[one], measure.by[one]) for one in sorted(names))
            look = (
                measure.table,
                measure.kind,
                measure.date,
                measure.since,
                measure.until,
                measure.region,
            )
            key = (*look, name, names) if measure.aggregate == "distinct" else look
            groups.setdefault(key, []).append((measure, told))
    return tuple(one for group in groups.values() for one in _packed(group))


def _packed(group: Iterable[tuple[Measure, tuple[tuple[Dimension, str], ...]]]) -> list[Pass]:
    """As few passes as hold all wishes without becoming too wide; the widest wishes first."""
    found: list[Pass] = []
    for measure, told in sorted(group, key=lambda pair: -width(pair[1])):
        for place, one in enumerate(found):
            looks = dict(one.dimensions)
            ages = {one.age, measure.age} - {()}
            if len(ages) > 1 or any(looks.get(dimension, element) != element for dimension, element in told):
                continue
            joined = (*one.dimensions, *(pair for pair in told if pair[0] not in looks))
            if len(joined) == len(one.dimensions) or width(joined) <= WIDEST:
                held = one.measures if measure in one.measures else (*one.measures, measure)
                found[place] = Pass(one.table, held, joined)
                break
        else:
            found.append(Pass(measure.table, (measure,), told))
    return found


def width(told: Iterable[tuple[Dimension, str]]) -> int:
    """The combinations of categories, the unknown one among them."""
    return math.prod(len(one.bands or one.categories) + 1 for one, _ in told)


def expression(made: Pass) -> ir.Table:
    """The cells of a pass over the table `rows` (of a stock: on the days of the table `days`)."""
    import ibis

    rows = ibis.table(made.columns, name="rows")
    first, day = made.first, None
    if made.stock:
        days = ibis.table({"period": "string", "day": "date"}, name="days")
        rows = rows.cross_join(days)
        day = rows.day
        rows = rows.filter(_stands(rows, first, day))
        keys: dict[str, ir.Value] = {PERIOD: rows.period}
    else:
        date = rows[first.date].cast("date")
        rows = rows.filter(date.notnull())
        keys = {MONTH: date.year().cast("int64") * 12 + date.month().cast("int64") - 1}
    names = {name: plain(rows[name], kind) for one in made.measures for name, kind in one.types.items()}
    if made.age:
        names[AGE] = completed_years(rows[made.age[0]], rows[made.age[1]] if day is None else day)
    keys[REGION] = _region(rows, first)
    for place, (dimension, element) in enumerate(made.dimensions):
        keys[f"d{place}"] = category(dimension, names[element])
    told = rows.mutate(**keys, **_counted(made, names, rows))
    return _grouped(made, told, list(keys))


def _stands(rows: Any, measure: Measure, day: Any) -> Any:
    """Whether a row stands on a day."""
    stands = rows[measure.since].cast("date") <= day
    if measure.until is not None:
        until = rows[measure.until].cast("date")
        stands = stands & (until.isnull() | (until > day))
    return stands


def _region(rows: Any, measure: Measure) -> Any:
    """The code of the division as it stands in the row; nothing where there is none."""
    import ibis

    if measure.region is None:
        return ibis.literal("")
    code = rows[measure.region]
    if measure.types[measure.region] == "citizen_number":
        code = code.substr(0, 6)
    return code.coalesce("")


def kinds_of(measure: Measure) -> dict[str, ValueKind]:
    """The kinds of the names that a measure's formula knows."""
    found: dict[str, ValueKind] = {name: KIND_OF_TYPE[kind] for name, kind in measure.types.items()}
    return found | ({AGE: "number"} if measure.age else {})


def _counted(made: Pass, names: Mapping[str, Any], rows: Any) -> dict[str, Any]:
    """Whether each row counts for each measure (`c0`…), and the number or the item that it brings (`v0`…)."""
    import ibis

    found: dict[str, Any] = {}
    for place, measure in enumerate(made.measures):
        counts = ibis.literal(True)
        if measure.formula is not None:
            counts = condition(measure.formula, names, kinds_of(measure))
        if measure.aggregate == "sum" and measure.element is not None:
            value = names[measure.element]
            if measure.types[measure.element] == "decimal":
                value = (within(value, LARGEST) * SCALE + 0.5).floor().cast("int64")
            found[f"v{place}"] = value.cast("int64")
            counts = counts & value.notnull()
        elif measure.element is not None:
            found[ITEM] = rows[measure.element].cast("string")
            counts = counts & found[ITEM].notnull()
        found[f"c{place}"] = counts.fill_null(False)
    return found


def _grouped(made: Pass, told: Any, keys: list[str]) -> Any:
    """One row a cell."""
    if made.distinct:
        return told.filter(told.c0).select(*keys, ITEM).distinct()
    sums: dict[str, Any] = {}
    for place, measure in enumerate(made.measures):
        counts = told[f"c{place}"]
        sums[f"n{place}"] = told.count(where=counts).cast("float64")
        if measure.aggregate == "sum":
            sums[f"m{place}"] = told[f"v{place}"].sum(where=counts).fill_null(0).cast("float64")
    found = told.group_by(keys).agg(**sums)
    some = found["n0"] > 0
    for place in range(1, len(made.measures)):
        some = some | (found[f"n{place}"] > 0)
    return found.filter(some)


def category(dimension: Dimension, value: Any) -> Any:
    """The category of a value; `unknown` where it is in none."""
    import ibis

    if dimension.bands:
        return ibis.cases(*_band_tests(dimension, value), else_=UNKNOWN)
    if dimension.values is not None:
        known = [one.code for one in dimension.categories]
        return ibis.cases((value.isin(known), value), else_=UNKNOWN)
    tests = [
        (condition(one.formula, {VALUE: value}, {VALUE: "text"}).fill_null(False), one.code)
        for one in dimension.categories
        if one.formula is not None
    ]
    return ibis.cases(*tests, else_=UNKNOWN)


def _band_tests(dimension: Dimension, value: Any) -> list[tuple[Any, str]]:
    """The bands from the highest down, each for what reaches its lowest number."""
    last = len(dimension.bands) - 1
    tests = [(value.isnull(), UNKNOWN)]
    if dimension.top is not None and not dimension.clamp:
        tests.append((value >= float(dimension.top), UNKNOWN))
    tests += [(value >= float(dimension.bands[place]), dimension.band(place)) for place in range(last, -1, -1)]
    if dimension.clamp:
        tests.append((value < float(dimension.bands[0]), dimension.band(0)))
    return tests


def sql(made: Pass, dialect: str = "duckdb") -> str:
    """The expression as text."""
    return _compiled(repr(made), dialect, _Held(made))


class _Held:
    """Carries a pass, which holds mappings and cannot be hashed, past the cache's key."""

    def __init__(self, made: Pass) -> None:
        self.made = made

    def __hash__(self) -> int:
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held)


@lru_cache(maxsize=256)
def _compiled(_name: str, dialect: str, held: _Held) -> str:
    import ibis

    return str(ibis.to_sql(expression(held.made), dialect=dialect, pretty=False))
