"""From cells to figures' numerators and denominators: every level of the divisions, every period, every set of categories.

All in the session's own database: cells are small. `Roll` holds the tables `cells_0`… (one a pass), `place` (where a code counts
in a stretch of time in which no division changes) and `periods`; what it gives is SQL.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import duckdb
import pyarrow as pa

from quanmin.lake.engine import literal
from quanmin.measures.cell import SCALE, Pass, passes
from quanmin.measures.period import Period, months_of, parse_period, periods_of
from quanmin.measures.place import Places
from quanmin.standards.indicator import TOTAL, Indicator, Indicators, Measure

KEYS = ("period", "level", "region")
Cells = Callable[[Pass, Collection[int] | None, Sequence[Period]], str]
"""SQL of the cells of a pass: of these months (None: all), or, of a stock, of these periods."""


def told_apart(indicator: Indicator) -> Iterator[frozenset[str]]:
    """The sets of dimensions by which the rows of an indicator are told apart: all, and those without some of its totals."""
    for count in range(len(indicator.totals) + 1):
        for gone in combinations(indicator.totals, count):
            yield frozenset(indicator.dimensions) - set(gone)


def known_by(measures: Indicators, side: str) -> frozenset[str]:
    """The dimensions that every part of a measure knows."""
    return frozenset.intersection(*(frozenset(measures.measures[part].by) for part in measures.parts(side)))


def wishes(measures: Indicators, wanted: Iterable[Indicator]) -> dict[str, set[frozenset[str]]]:
    """The sets of dimensions by which each measure over a table is asked for."""
    found: dict[str, set[frozenset[str]]] = {}
    for one in wanted:
        for side in (one.numerator, one.denominator):
            for part in measures.parts(side) if side is not None else ():
                by = frozenset(measures.measures[part].by)
                asked = {kept & by for kept in told_apart(one)}
                if measures.measures[part].aggregate != "distinct":
                    asked = {frozenset(one.dimensions) & by}
                found.setdefault(part, set()).update(asked)
        for part in measures.parts(one.calendar) if one.calendar is not None else ():
            found.setdefault(part, set()).add(frozenset())
    return found


class Roll:
    """Rolls the cells of some indicators up: first `count`, then `figures` of each."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        measures: Indicators,
        indicators: Sequence[Indicator],
        places: Places,
    ) -> None:
        self.connection, self.measures, self.indicators, self.places = connection, measures, indicators, places
        self.passes = passes(measures, wishes(measures, indicators))
        self.periods: dict[str, Period] = {}

    def count(self, cells: Cells, needed: Mapping[str, Collection[str] | None]) -> dict[str, set[str]]:
        """Count the cells and roll them up; the labels of the periods for which each indicator gets figures.

        `needed` are the periods of each indicator, None for all. `cells` gives the SQL of a pass in the connection's database.
        """
        months = _months(needed.values())
        events = [number for number, one in enumerate(self.passes) if not one.stock]
        for number in events:
            self.load(number, cells(self.passes[number], months, ()))
        self.dated(sorted({one for month in self.months() for one in periods_of(month)}))
        told = {one.id: self.calendar(one) for one in self.indicators}
        for name, labels in needed.items():
            told[name] &= told[name] if labels is None else set(labels)
        days = [self.periods[label] for label in sorted(set().union(*told.values()))]
        for number, one in enumerate(self.passes):
            if one.stock:
                self.load(number, cells(one, None, days))
        self.placed()
        for number in range(len(self.passes)):
            self.roll(number)
        return told

    def load(self, number: int, query: str) -> None:
        """Keep the cells of a pass, as a query gives them."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE cells_{number} AS {query}")

    def months(self) -> set[int]:
        """The months that have events."""
        asked = [f"SELECT month FROM cells_{number}" for number, one in enumerate(self.passes) if not one.stock]
        if not asked:
            return set()
        return {int(month) for (month,) in self.connection.execute(" UNION ".join(asked)).fetchall()}

    def dated(self, periods: Iterable[Period]) -> None:
        """Say which periods there are: the only ones that are told."""
        self.periods = {one.label: one for one in periods}
        turns = self.places.turns
        rows = [(one.label, bisect_right(turns, one.end), one.years, one.bucket) for one in self.periods.values()]
        spans = [(month, one.label) for one in self.periods.values() for month in months_of(one)]
        self._table(
            "periods", {"period": pa.string(), "segment": pa.int64(), "years": pa.float64(), "bucket": pa.int32()}, rows
        )
        self._table("spans", {"month": pa.int64(), "period": pa.string()}, spans)

    def placed(self) -> None:
        """Find where each code of the cells counts."""
        codes = " UNION ".join(f"SELECT DISTINCT region FROM cells_{number}" for number in range(len(self.passes)))
        found = [str(code) for (code,) in self.connection.execute(codes).fetchall()] if codes else []
        ends = {bisect_right(self.places.turns, one.end): one.end for one in self.periods.values()}
        rows = [
            (code, segment, place.level, place.region, place.moved)
            for code in sorted(found)
            for segment, end in ends.items()
            for place in self.places.of(code, end)
        ]
        kinds = {
            "code": pa.string(),
            "segment": pa.int64(),
            "level": pa.string(),
            "target": pa.string(),
            "moved": pa.bool_(),
        }
        self._table("place", kinds, rows)

    def _table(self, name: str, kinds: Mapping[str, pa.DataType], rows: Sequence[tuple[Any, ...]]) -> None:
        columns = list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
        arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds.values(), strict=True)]
        self.connection.register("arrived", pa.table(arrays, names=list(kinds)))
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM arrived")
        self.connection.unregister("arrived")

    def _cells(self, number: int) -> str:
        """SQL of the cells of a pass in each period, with the segment of its end."""
        if self.passes[number].stock:
            return f"(SELECT c.*, t.segment FROM cells_{number} AS c JOIN periods AS t ON t.period = c.period)"
        return (
            f"(SELECT c.* EXCLUDE (month), s.period, t.segment FROM cells_{number} AS c "
            "JOIN spans AS s ON s.month = c.month JOIN periods AS t ON t.period = s.period)"
        )

    def roll(self, number: int) -> None:
        """Sum the cells of a pass over periods and divisions; single items are left to be counted by each figure."""
        made = self.passes[number]
        if made.distinct:
            return
        sums = [f"sum(c.n{place}) AS n{place}" for place in range(len(made.measures))]
        sums += [f"sum(c.m{p}) AS m{p}" for p, one in enumerate(made.measures) if one.aggregate == "sum"]
        keys = ", ".join(
            ["c.period", "p.level", "p.target AS region", *(f"c.d{p}" for p in range(len(made.dimensions)))]
        )
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE rolled_{number} AS SELECT {keys}, {', '.join(sums)}, bool_or(p.moved) AS moved "
            f"FROM {self._cells(number)} AS c JOIN place AS p ON p.code = c.region AND p.segment = c.segment GROUP BY ALL"
        )

    def calendar(self, indicator: Indicator) -> set[str]:
        """The periods in which any event counts for an indicator."""
        found: set[str] = set()
        for part in self.measures.needed(indicator):
            measure = self.measures.measures[part]
            if measure.kind == "events":
                number = self._pass(part, frozenset())
                made = self.passes[number]
                test = "true" if made.distinct else f"n{made.index(part)} > 0"
                rows = self.connection.execute(f"SELECT DISTINCT period FROM {self._cells(number)} WHERE {test}")
                found |= {str(period) for (period,) in rows.fetchall()}
        return {label for label in found if self.periods[label].kind in indicator.periods}

    def _pass(self, part: str, kept: frozenset[str]) -> int:
        """The pass that gives a measure by these dimensions: exactly these, where single items are counted."""
        measure = self.measures.measures[part]
        fits = []
        for number, made in enumerate(self.passes):
            looks = {dimension.id: element for dimension, element in made.dimensions}
            if measure in made.measures and all(looks.get(name) == measure.by[name] for name in kept):
                fits.append((len(looks) != len(kept) if made.distinct else 0, len(looks), number))
        return min(fits)[2]

    def figures(self, indicator: Indicator, kept: frozenset[str], periods: Collection[str]) -> str:
        """SQL of an indicator's rows: period, level, region, categories (JSON), above, below (null: none), moved."""
        above = self._side(indicator, indicator.numerator, kept)
        names = sorted(kept)
        given = f"SELECT * FROM {above} AS a"
        if indicator.denominator is None:
            given = f"SELECT a.*, NULL::DOUBLE AS below FROM {above} AS a"
        else:
            shared = kept & known_by(self.measures, indicator.denominator)
            below = self._side(indicator, indicator.denominator, shared)
            join = "FULL JOIN" if shared == kept else "LEFT JOIN"
            by = [*KEYS, *map(_column, sorted(shared))]
            on = " AND ".join(f"a.{one} = b.{one}" for one in by)
            told = [f"coalesce(a.{one}, b.{one}) AS {one}" for one in by]
            told += [f"a.{_column(one)}" for one in names if one not in shared]
            given = (
                f"SELECT {', '.join(told)}, coalesce(a.v, 0) AS v, b.v AS below, "
                f"coalesce(a.moved, false) OR coalesce(b.moved, false) AS moved FROM {above} AS a {join} {below} AS b ON {on}"
            )
        wanted = ", ".join(map(literal, sorted(periods))) or "NULL"
        return (
            f"SELECT g.period, g.level, g.region, {self._categories(indicator, kept)} AS categories, g.v AS above, g.below, "
            f"g.moved, t.bucket FROM ({given}) AS g JOIN periods AS t ON t.period = g.period WHERE g.period IN ({wanted})"
        )

    @staticmethod
    def _categories(indicator: Indicator, kept: frozenset[str]) -> str:
        """SQL of the JSON object of an indicator's categories."""
        parts = []
        for name in sorted(indicator.dimensions):
            code = f"g.{_column(name)}" if name in kept else literal(TOTAL)
            parts.append(f"""'"{name}": "' || {code} || '"'""")
        return f"""'{{' || {" || ', ' || ".join(parts)} || '}}'""" if parts else "'{}'"

    def _side(self, indicator: Indicator, side: str, kept: frozenset[str]) -> str:
        """SQL of one side of an indicator: the keys, the categories, `v` and `moved`."""
        parts = self.measures.parts(side)
        years = indicator.kind in ("rate", "balance") and side == indicator.denominator
        selects = []
        for part, times in parts.items():
            measure = self.measures.measures[part]
            scaled = f"v * {times}" + (" * t.years" if years and measure.kind == "stock" else "")
            keys = ", ".join(f"x.{one}" for one in (*KEYS, *map(_column, sorted(kept))))
            query = f"SELECT {keys}, {scaled} AS v, x.moved FROM {self._part(measure, kept)} AS x"
            selects.append(query + " JOIN periods AS t ON t.period = x.period")
        if len(selects) == 1:
            return f"({selects[0]})"
        keys = ", ".join((*KEYS, *map(_column, sorted(kept))))
        union = " UNION ALL ".join(selects)
        return f"(SELECT {keys}, sum(v) AS v, bool_or(moved) AS moved FROM ({union}) GROUP BY ALL)"

    def _part(self, measure: Measure, kept: frozenset[str]) -> str:
        """SQL of one measure over a table: the keys, the categories, `v` and `moved`."""
        number = self._pass(measure.id, kept)
        made = self.passes[number]
        columns = [f"c.d{made.place(name)} AS {_column(name)}" for name in sorted(kept)]
        if made.distinct:
            keys = ", ".join(["c.period", "p.level", "p.target AS region", *columns])
            return (
                f"(SELECT {keys}, count(DISTINCT c.item)::DOUBLE AS v, bool_or(p.moved) AS moved FROM {self._cells(number)} AS c "
                "JOIN place AS p ON p.code = c.region AND p.segment = c.segment GROUP BY ALL)"
            )
        place = made.index(measure.id)
        total = f"sum(c.n{place})"
        if measure.aggregate == "sum" and measure.element is not None:
            decimal = measure.types[measure.element] == "decimal"
            total = f"sum(c.m{place})" + (f" / {SCALE}" if decimal else "")
        keys = ", ".join([*(f"c.{one}" for one in KEYS), *columns])
        return (
            f"(SELECT {keys}, {total} AS v, bool_or(c.moved) AS moved FROM rolled_{number} AS c WHERE c.n{place} > 0 "
            "GROUP BY ALL)"
        )


def _months(needed: Iterable[Collection[str] | None]) -> set[int] | None:
    """The months of some periods; None for all."""
    found: set[int] = set()
    for labels in needed:
        if labels is None:
            return None
        found |= {month for label in labels if (one := parse_period(label)) is not None for month in months_of(one)}
    return found


def _column(dimension: str) -> str:
    """The column of a dimension in a query."""
    return f'"k {dimension}"'
