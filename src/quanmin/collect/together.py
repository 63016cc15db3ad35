"""Rules about rows together: unique in the batch, unique in the dataset, referring to another dataset.

They are asked of the accepted rows after all single-row rules, by the query engine over staged files, so that memory does
not grow with the file: what fails is kept as one bit a row. The first row of several with one key stands; the later ones
fail. A missing value passes, unless the rule takes its absence for a value (`optional`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import duckdb
import numpy as np

from quanmin.collect.row_set import RowSet
from quanmin.settings import Settings
from quanmin.standards import Dataset, Rule
from quanmin.standards.division import Held
from quanmin.standards.rules import Reference

Live = Callable[[str], str | None]
"""SQL of the live rows of a dataset, None if there are none to look at."""
Strange = Callable[[Sequence[str]], list[str]]
"""Which of some sources' rows the sender does not replace."""

MEMORY = 250_000_000
"""Bytes that the query engine may use for these rules before it spills to disk, whatever the size of the file."""

PART, PARTS = 2_000_000, 32
"""Keys are compared in so many parts that one has about `PART` rows: reading again is cheaper than spilling. At most `PARTS`."""

_FETCH = 100_000


class Together(NamedTuple):
    """Rows (from 1 in the file) that fail one rule, and how many were tested."""

    rule: Rule
    tested: int
    rows: RowSet


def together(
    dataset: Dataset,
    connection: duckdb.DuckDBPyConnection,
    staged: str,
    live: Live,
    rows: int,
    strange: Strange = lambda _sources: [],
) -> Iterator[Together]:
    """Ask every rule on sets about the rows of the relation `staged` (typed elements, `_flags`, `_row`).

    `rows` is how many rows the file has; `strange` is asked by the rule on rows that others hold.
    """
    for rule in dataset.rules:
        if rule.scope == "row":
            continue
        asker = _Asker(dataset, rule, connection, staged, RowSet(rows))
        yield Together(rule, asker.ask(live, strange), asker.failing)


def modest(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Let the engine spill early."""
    query = f"SELECT least(parse_formatted_bytes(?), {MEMORY})"
    ((limit,),) = connection.execute(query, [settings.memory]).fetchall()
    connection.execute(f"SET memory_limit = '{limit}B'")


class _Asker(NamedTuple):
    """One rule, asked of the staged rows; `failing` takes what fails."""

    dataset: Dataset
    rule: Rule
    connection: duckdb.DuckDBPyConnection
    staged: str
    failing: RowSet

    def ask(self, live: Live, strange: Strange) -> int:
        """Find the rows that fail; how many were tested."""
        if isinstance(self.rule, Reference):
            known = live(self.rule.dataset)
            if known is None:
                return 0
            self._dangling(self.rule, known)
        elif isinstance(self.rule, Held):
            known = live(self.dataset.id)
            if known is not None:
                self._held(known, strange)
        else:
            self._repeated()
            known = live(self.dataset.id) if self.rule.scope == "dataset" else None
            if known is not None:
                self._known_already(known)
        return self._number(f"SELECT count(*) FROM {self._tested}")

    @property
    def _tested(self) -> str:
        """The staged rows that the rule speaks about, called `s`."""
        return f"(SELECT * FROM {self.staged} AS s WHERE {self._told('s')}) AS s"

    def _repeated(self) -> None:
        """The second and later rows of each key, a part of the keys at a time."""
        parts = min(self.failing.rows // PART + 1, PARTS)
        names = ", ".join(map(_name, self.rule.elements))
        for part in range(parts):
            self._repeated_in(names, f"hash({names}) % {parts} = {part}" if parts > 1 else "true")

    def _repeated_in(self, names: str, chosen: str) -> None:
        """A first pass over hashes finds the few keys worth an exact look."""
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE _suspect AS SELECT hash({names}) AS h FROM {self._tested} "
            f"WHERE {chosen} GROUP BY 1 HAVING count(*) > 1"
        )
        if self._number("SELECT count(*) FROM _suspect"):
            suspects = f"(SELECT * FROM {self._tested} WHERE {chosen} AND hash({names}) IN (SELECT h FROM _suspect))"
            firsts = f"(SELECT {names}, min(_row) AS _first FROM {suspects} GROUP BY {names})"
            self._fail(f"SELECT s._row FROM {suspects} AS s JOIN {firsts} AS k ON {self._match} AND s._row > k._first")

    def _known_already(self, known: str) -> None:
        """Rows whose values stand in a live row with another key; with the same key they supersede it."""
        other = " OR ".join(f"s.{_name(name)} IS DISTINCT FROM k.{_name(name)}" for name in self.dataset.key)
        told = f"(SELECT * FROM {known} AS k WHERE {self._told('k')})"
        self._fail(f"SELECT s._row FROM {self._tested} SEMI JOIN {told} AS k ON {self._match} AND ({other})")

    def _held(self, known: str, strange: Strange) -> None:
        """Rows with the key of a live row whose sender's rows are not replaced."""
        rows = self.connection.execute(f"SELECT DISTINCT _source FROM {known} AS k").fetchall()
        theirs = strange([source for (source,) in rows])
        if theirs:
            names = ", ".join("'" + one.replace("'", "''") + "'" for one in theirs)
            told = f"(SELECT * FROM {known} AS k WHERE k._source IN ({names}) AND {self._told('k')})"
            self._fail(f"SELECT s._row FROM {self._tested} SEMI JOIN {told} AS k ON {self._match}")

    def _dangling(self, rule: Reference, known: str) -> None:
        """Rows whose values are not among the live rows of the other dataset."""
        pairs = zip(rule.elements, rule.to, strict=True)
        match = " AND ".join(f"s.{_name(name)} = k.{_name(other)}" for name, other in pairs)
        self._fail(f"SELECT s._row FROM {self._tested} ANTI JOIN {known} AS k ON {match}")

    @property
    def _match(self) -> str:
        """That a staged row and a row `k` hold the same values."""
        signs = {name: "IS NOT DISTINCT FROM" for name in _optional(self.rule)}
        return " AND ".join(f"s.{_name(name)} {signs.get(name, '=')} k.{_name(name)}" for name in self.rule.elements)

    def _told(self, alias: str) -> str:
        """Whether a row has all that the rule asks for."""
        return " AND ".join(filter(None, (self._has(alias, name) for name in self.rule.elements))) or "true"

    def _has(self, alias: str, name: str) -> str | None:
        """The condition on one element; None where its absence is a value.

        A text that could not be read is stored as missing too. Where such rows are accepted, only their flag tells.
        """
        present = f"{alias}.{_name(name)} IS NOT NULL"
        if name not in _optional(self.rule):
            return present
        soft = [rule for rule in self.dataset.rules if rule.kind == "type" and rule.element == name]
        flags = [rule.id for rule in soft if rule.severity == "warn"]
        if not flags:
            return None
        unread = " OR ".join(f"list_contains(string_split({alias}._flags, ' '), '{flag}')" for flag in flags)
        return f"({present} OR NOT coalesce({unread}, false))"

    def _fail(self, query: str) -> None:
        for part in self.connection.sql(query).to_arrow_reader(_FETCH):
            self.failing.add(part.column(0).to_numpy(zero_copy_only=False).astype(np.int64))

    def _number(self, query: str) -> int:
        ((found,),) = self.connection.execute(query).fetchall()
        return int(found)


def _optional(rule: Rule) -> tuple[str, ...]:
    return getattr(rule, "optional", ())


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
