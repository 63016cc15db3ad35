"""Counting a table: distinct people, sums and the largest contributions of every cell, margins among them.

Everything is counted on a connection of the checker's own that nobody else has touched (attack A4), from codes: no name
that a caller gave is ever part of a statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.opendata.disclosure.axis import Axis, Dimension, dimensions_of, encoded, inside, leafy, rolled
from quanmin.opendata.disclosure.errors import ConnectionAltered, RowsUnfit
from quanmin.opendata.disclosure.profile import Counts
from quanmin.text import Text

Floats = NDArray[np.float64]

PEOPLE = """
    CREATE TEMP TABLE each AS
    SELECT person, min(cell) AS cell, max(cell) AS other, sum(size) AS size FROM given GROUP BY person
"""
SINGLE = """
    SELECT cell, count(*) AS persons, coalesce(max(size, 2), [])::DOUBLE[] AS largest FROM each WHERE cell = other GROUP BY cell
"""
SEVERAL = """
    WITH pair AS (
        SELECT up.node, g.person, sum(g.size) AS size FROM given AS g JOIN each AS e USING (person) JOIN up ON up.cell = g.cell
        WHERE e.cell <> e.other GROUP BY ALL)
    SELECT node AS cell, count(*) AS persons, coalesce(max(size, 2), [])::DOUBLE[] AS largest FROM pair GROUP BY node
"""
VALUES = """
    SELECT cell, coalesce(sum(value), 0)::DOUBLE AS total, coalesce(sum(abs(value)), 0)::DOUBLE AS absolute,
           count(*) FILTER (value IS NULL) AS missing, count(*) FILTER (value < 0) AS negative FROM given GROUP BY cell
"""


@dataclass(frozen=True, eq=False)
class Sums:
    """Of every cell, flattened: the sum, that of the absolute values, the two largest people's absolute shares in it (cells
    x 2, the largest first), and how many rows have no value or one below zero (O16)."""

    total: Floats
    absolute: Floats
    largest: Floats
    missing: Counts
    negative: Counts


@dataclass(frozen=True, eq=False)
class Cells:
    """A counted table. Arrays are flattened over the crossed nodes of the axes, as `addresses` lists them."""

    axes: tuple[Axis, ...]
    persons: Counts
    """Distinct people, margins counted anew."""
    entries: Counts
    """People as margins add them up: a person in two cells counts twice in their total."""
    rows: int
    sums: Sums | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Nodes of each axis."""
        return tuple(len(axis.paths) for axis in self.axes)

    @property
    def overlapping(self) -> bool:
        """Whether somebody stands in several cells."""
        return bool((self.persons != self.entries).any())


def taken(connection: duckdb.DuckDBPyConnection, source: str, columns: Sequence[str]) -> pa.Table:
    """Rows out of a DuckDB connection. `source` is SQL usable after FROM, as `Session.relation` gives it.

    A connection that knows macros or views of its own is refused: they may shadow what is read. What is read is read through a
    cursor, which knows nothing of the connection's temporary objects.
    """
    own = connection.sql(  # nothing that a macro could stand for: no function but those of the system's schema
        "SELECT 1 FROM system.main.duckdb_functions() WHERE NOT internal "
        "UNION ALL SELECT 1 FROM system.main.duckdb_views() WHERE NOT internal"
    ).fetchall()
    if own:
        raise ConnectionAltered(count=len(own))
    names = ", ".join('"' + name.replace('"', '""') + '"' for name in columns)
    return connection.cursor().sql(f"SELECT {names} FROM {source}").to_arrow_table()


def evaluate(
    rows: pa.Table,
    dimensions: Sequence[str | Sequence[str] | Dimension],
    value: str | None = None,
    person: str = "person",
) -> Cells:
    """Count a table of rows: distinct people a cell, and with `value` its sums and largest contributors."""
    axes, cell = encoded(rows, dimensions_of(dimensions))
    people = persons_of(rows, person)
    value_of = values_of(rows, value) if value is not None else None
    size = np.zeros(len(rows)) if value_of is None else np.abs(np.asarray(pc.fill_null(value_of, 0.0)))
    columns = {"cell": pa.array(cell), "person": people, "size": pa.array(size)}
    if value_of is not None:
        columns["value"] = value_of
    with duckdb.connect(":memory:") as own:
        own.execute("SET enable_progress_bar = false")  # it goes to stdout, where answers go
        own.register("given", pa.table(columns))
        each = close(np.asarray(people), cell, size)
        if each is None:
            own.execute(PEOPLE)
        else:
            own.register("each", each)
        return _counted(own, axes, len(rows), value_of is not None)


def close(people: Counts, cell: NDArray[np.int32], size: Floats) -> pa.Table | None:
    """What `PEOPLE` makes, by arrays laid out by number: twice as fast where people are numbered closely; None where not."""
    if not len(people) or people.min() < 0 or people.max() >= 4 * len(people):
        return None
    extent = int(people.max()) + 1
    low = np.full(extent, -1, np.int32)
    low[people] = cell
    high = low
    if not bool((low[people] == cell).all()):
        high = low.copy()
        np.minimum.at(low, people, cell)
        np.maximum.at(high, people, cell)
    there = np.flatnonzero(low >= 0)
    sums = np.bincount(people, size, extent)[there]
    return pa.table({"person": there, "cell": low[there], "other": high[there], "size": sums})


def persons_of(rows: pa.Table, column: str) -> pa.ChunkedArray:
    """The column of people: whole numbers, none empty."""
    if column not in rows.column_names:
        raise RowsUnfit(column=column, reason=Text("没有这一列", "there is no such column"))
    found = rows.column(column)
    if not pa.types.is_integer(found.type) or found.null_count:
        raise RowsUnfit(column=column, reason=Text("人员须为整数且不得为空", "people are whole numbers, none empty"))
    return found.cast(pa.int64())


def values_of(rows: pa.Table, column: str) -> pa.ChunkedArray:
    """The column of values as floats; NaN is missing, infinity refused."""
    if column not in rows.column_names:
        raise RowsUnfit(column=column, reason=Text("没有这一列", "there is no such column"))
    kind = rows.column(column).type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)):
        raise RowsUnfit(column=column, reason=Text("须为数值", "it must hold numbers"))
    found = rows.column(column).cast(pa.float64(), safe=False)
    if pc.any(pc.is_inf(found)).as_py():
        raise RowsUnfit(column=column, reason=Text("有无穷大的值", "it has infinite values"))
    return pc.if_else(pc.is_nan(found), None, found)


def _counted(own: duckdb.DuckDBPyConnection, axes: tuple[Axis, ...], rows: int, valued: bool) -> Cells:
    crossed = int(np.prod([len(axis.leaves) for axis in axes]))
    leaf, top = _people(own.sql(SINGLE).to_arrow_table(), crossed)
    persons, largest = rolled(axes, leaf).ravel(), _tops(axes, top)
    entries = persons
    if own.execute("SELECT count(*) FROM each WHERE cell <> other").fetchall()[0][0]:
        own.register("up", _up(axes))
        more, tops = _people(own.sql(SEVERAL).to_arrow_table(), len(persons))
        persons, largest = persons + more, _best(np.concatenate([largest, tops], axis=1))
        entries = rolled(axes, persons[leafy(axes)]).ravel()
    sums = _sums(own.sql(VALUES).to_arrow_table(), axes, crossed, largest) if valued else None
    return Cells(axes, persons.astype(np.int64), entries.astype(np.int64), rows, sums)


def _people(found: pa.Table, size: int) -> tuple[Counts, Floats]:
    persons, top = np.zeros(size, np.int64), np.zeros((size, 2))
    cell = np.asarray(found.column("cell"))
    persons[cell] = np.asarray(found.column("persons"))
    for place in (0, 1):
        column = pc.list_element(
            pc.list_slice(found.column("largest").combine_chunks(), 0, 2, return_fixed_size_list=True), place
        )
        top[cell, place] = np.asarray(pc.fill_null(column, 0.0))
    return persons, top


def _up(axes: tuple[Axis, ...]) -> pa.Table:
    """Which crossed leaf lies in which cell."""
    node, cell = np.nonzero(inside(axes))
    return pa.table({"node": node.astype(np.int32), "cell": cell.astype(np.int32)})


def _tops(axes: tuple[Axis, ...], top: Floats) -> Floats:
    """The two largest of crossed leaves as those of all cells."""
    made = top.reshape([*(len(axis.leaves) for axis in axes), 2])
    for place, axis in enumerate(axes):
        inside = [np.flatnonzero(line) for line in axis.up]
        parts = [_best(np.concatenate(list(np.moveaxis(made, place, 0)[i]), axis=-1)) for i in inside if len(i)]
        made = np.stack(parts, axis=place) if parts else made
    return made.reshape(-1, 2) if top.size else np.zeros((int(np.prod([len(axis.paths) for axis in axes])), 2))


def _best(values: Floats) -> Floats:
    """The two largest of the last axis, the largest first."""
    return np.sort(values, axis=-1)[..., :-3:-1]


def _sums(found: pa.Table, axes: tuple[Axis, ...], crossed: int, largest: Floats) -> Sums:
    cell, made = np.asarray(found.column("cell")), {}
    for name in ("total", "absolute", "missing", "negative"):
        leaf = np.zeros(crossed)
        leaf[cell] = np.asarray(found.column(name))
        made[name] = rolled(axes, leaf).ravel()
    counts = (made["missing"].astype(np.int64), made["negative"].astype(np.int64))
    return Sums(made["total"], made["absolute"], largest, *counts)
