"""Rules about rows together: unique in the batch, unique in the dataset, referring to another dataset.

They are asked of the accepted rows after all single-row rules, by the query engine over staged files, so that memory does
not grow with the file. The first row of several with one key stands; the later ones fail. A missing value passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import duckdb
import numpy as np

from quanmin.collect.chunk import Int64s
from quanmin.standards import Dataset, Rule
from quanmin.standards.rules import Reference

Live = Callable[[str], str | None]
"""SQL of the live rows of a dataset, None if there are none to look at."""


class Together(NamedTuple):
    """Rows (ascending, from 1 in the file) that fail one rule, and how many were tested."""

    rule: Rule
    tested: int
    rows: Int64s


def together(dataset: Dataset, connection: duckdb.DuckDBPyConnection, staged: str, live: Live) -> Iterator[Together]:
    """Ask every rule on sets about the rows of the relation `staged` (typed elements and `_row`)."""
    for rule in dataset.rules:
        if rule.scope == "row":
            continue
        if isinstance(rule, Reference) and live(rule.dataset) is None:
            yield Together(rule, 0, np.zeros(0, np.int64))
            continue
        tested = _number(connection, f"SELECT count(*) FROM {staged} AS s WHERE {_present(rule)}")
        rows = np.sort(_failing(dataset, rule, connection, staged, live))
        yield Together(rule, tested, rows)


def _failing(dataset: Dataset, rule: Rule, connection: duckdb.DuckDBPyConnection, staged: str, live: Live) -> Int64s:
    if isinstance(rule, Reference):
        return _dangling(rule, connection, staged, live)
    rows = _repeated(rule, connection, staged)
    known = live(dataset.id) if rule.scope == "dataset" else None
    if known is None:
        return rows
    match = " AND ".join(f"s.{_name(name)} = k.{_name(name)}" for name in rule.elements)
    other = " OR ".join(f"s.{_name(name)} IS DISTINCT FROM k.{_name(name)}" for name in dataset.key)
    query = f"SELECT s._row FROM {staged} AS s SEMI JOIN {known} AS k ON {match} AND ({other})"
    return np.union1d(rows, _rows(connection, query))


def _repeated(rule: Rule, connection: duckdb.DuckDBPyConnection, staged: str) -> Int64s:
    """The second and later rows of each key. A first pass over hashes finds the few keys worth an exact look."""
    names = ", ".join(_name(name) for name in rule.elements)
    where = _present(rule)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE _suspect AS SELECT hash({names}) AS h FROM {staged} AS s "
        f"WHERE {where} GROUP BY 1 HAVING count(*) > 1"
    )
    if not _number(connection, "SELECT count(*) FROM _suspect"):
        return np.zeros(0, np.int64)
    return _rows(
        connection,
        f"SELECT _row FROM (SELECT _row, row_number() OVER (PARTITION BY {names} ORDER BY _row) AS _nth "
        f"FROM {staged} AS s WHERE {where} AND hash({names}) IN (SELECT h FROM _suspect)) WHERE _nth > 1",
    )


def _dangling(rule: Reference, connection: duckdb.DuckDBPyConnection, staged: str, live: Live) -> Int64s:
    """Rows whose value is not among the live rows of the other dataset."""
    known = live(rule.dataset)
    assert known is not None
    pairs = zip(rule.elements, rule.to or rule.elements, strict=True)
    match = " AND ".join(f"s.{_name(name)} = k.{_name(other)}" for name, other in pairs)
    query = f"SELECT s._row FROM (SELECT * FROM {staged} AS s WHERE {_present(rule)}) AS s ANTI JOIN {known} AS k ON {match}"
    return _rows(connection, query)


def _present(rule: Rule) -> str:
    return " AND ".join(f"s.{_name(name)} IS NOT NULL" for name in rule.elements)


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> Int64s:
    return np.asarray(connection.execute(query).fetchnumpy()["_row"], np.int64)


def _number(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    found = connection.execute(query).fetchone()
    assert found is not None
    return int(found[0])


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
