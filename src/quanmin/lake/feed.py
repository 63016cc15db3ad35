"""The change feed as a reader may see it: the rows of a decision that came, changed or went between two snapshots.

The stored feed tells files and rows; this tells live rows in their decided forms, so that the full rows at the first snapshot
and this feed make the full rows at the second. Only keys that the stored feed names are looked at, on both sides. The earlier
side is made from the later one and the feed itself, so that files which upkeep replaced are not needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from quanmin.lake import engine
from quanmin.lake.changes import Changes
from quanmin.lake.key import NO_KEY, Key
from quanmin.lake.table import BATCH

if TYPE_CHECKING:
    from quanmin.lake.session import Session

CHANGE = "_change"


@dataclass(frozen=True)
class Wanted:
    """What is read of each row: SQL of its columns, of the rows that may be seen (over the alias `t`), with parameters.

    `keyed`: the columns show the whole key clearly, so that an update can be told as one.
    """

    columns: Sequence[str]
    tests: Sequence[str]
    parameters: Sequence[Any]
    keyed: bool

    @property
    def names(self) -> str:
        """The columns as the feed calls them."""
        return ", ".join(f"c{place}" for place in range(len(self.columns)))

    def of(self, rows: str, more: str = "") -> str:
        """SQL of the columns of some rows."""
        made = ", ".join(f"{sql} AS c{place}" for place, sql in enumerate(self.columns))
        where = f" WHERE {' AND '.join(self.tests)}" if self.tests else ""
        return f"SELECT {made}{more} FROM {rows} AS t{where}"


def feed(session: Session, table: str, changes: Changes, key: Key, wanted: Wanted) -> tuple[str, list[Any]]:
    """SQL and parameters of the changed rows: the columns, then `_change` (insert, update, delete).

    An `update` takes the place of the row of its key. A row whose key lacks a part, and every row where the columns do not show
    the key, has no identity: it is inserted, and deleted by its values.
    """
    if not changes:
        return f"SELECT * FROM ({wanted.of(session.relation(table))}) CROSS JOIN (SELECT '' AS _change) LIMIT 0", [
            *wanted.parameters
        ]
    if _only_new(session, table, changes):
        query = wanted.of(session.scan(table, changes.added), ", 'insert' AS _change")
        return query, [*wanted.parameters]
    return _compared(session, table, changes, key, wanted)


def _only_new(session: Session, table: str, changes: Changes) -> bool:
    """Whether every added row is live and takes no other's place."""
    if changes.removed or not table.startswith("clean."):
        return False
    first = [file.first_batch for file in changes.added]
    last = max(session.superseding(table), default=-1)
    return all(one is not None and one > last for one in first) or last < 0


def _compared(session: Session, table: str, changes: Changes, key: Key, wanted: Wanted) -> tuple[str, list[Any]]:
    """Both sides of every key that the stored feed names, put against each other in tables of the session."""
    run = session.connection.cursor()
    run.execute(f'CREATE OR REPLACE TABLE "feed" AS SELECT * FROM {changes.relation}')
    needed = [f"r.{engine.quote(name)} IS NOT NULL" for name in key.columns if name not in key.optional]
    whole = "false" if key == NO_KEY else " AND ".join(needed or ["true"])
    _sides(run, session, table, key, whole)
    named = "".join(f", t.{engine.quote(name)} AS k{place}" for place, name in enumerate(key.columns))
    for side, change in (("after", "insert"), ("before", "delete")):
        rows = _live(session, table, f'"feed {side}"', key)
        run.execute(f'CREATE OR REPLACE TABLE "shown {side}" AS {wanted.of(rows, named)}', [*wanted.parameters])
        rows = _rows(change, f"NOT ({whole})")
        run.execute(f'CREATE OR REPLACE TABLE "loose {side}" AS {wanted.of(rows)}', [*wanted.parameters])
    shown = _by_key(len(key.columns), wanted.names) if wanted.keyed else _by_value("shown", wanted.names)
    return f"{_by_value('loose', wanted.names)} UNION ALL {shown}", []


def _rows(change: str, test: str) -> str:
    """SQL of the rows of the stored feed of one kind."""
    return f"(SELECT r.* EXCLUDE ({CHANGE}) FROM \"feed\" AS r WHERE r.{CHANGE} = '{change}' AND ({test}))"


def _sides(run: Any, session: Session, table: str, key: Key, whole: str) -> None:
    """All stored rows, later and earlier, of the keys that the feed names."""
    if key == NO_KEY:
        touched = f"(SELECT * FROM {session.relation(table)} LIMIT 0)"
    else:
        columns = ", ".join(engine.quote(name) for name in key.columns)
        run.execute(f'CREATE OR REPLACE TABLE "feed keys" AS SELECT DISTINCT {columns} FROM "feed" AS r WHERE {whole}')
        touched = (
            f'(SELECT r.* FROM {session.relation(table)} AS r SEMI JOIN "feed keys" AS q ON {key.match("r", "q")})'
        )
    run.execute(f'CREATE OR REPLACE TABLE "feed after" AS SELECT * FROM {touched}')
    stayed = f'SELECT * FROM "feed after" EXCEPT ALL SELECT * FROM {_rows("insert", whole)}'
    earlier = f"SELECT * FROM ({stayed}) UNION ALL SELECT * FROM {_rows('delete', whole)}"
    run.execute(f'CREATE OR REPLACE TABLE "feed before" AS {earlier}')


def _live(session: Session, table: str, rows: str, key: Key) -> str:
    """SQL of those of some rows, which are all of their keys, that are of the latest batch."""
    if BATCH not in session.schema(table).names or not key.columns:
        return rows
    columns = ", ".join(f"s.{engine.quote(name)}" for name in key.columns)
    return f"(SELECT s.* FROM {rows} AS s QUALIFY s.{BATCH} = max(s.{BATCH}) OVER (PARTITION BY {columns}))"


def _by_value(tables: str, names: str) -> str:
    """SQL of what is different, for rows that are known by their values only."""
    after, before = f'SELECT {names} FROM "{tables} after"', f'SELECT {names} FROM "{tables} before"'
    came = f"SELECT *, 'insert' AS {CHANGE} FROM ({after} EXCEPT ALL {before})"
    return f"{came} UNION ALL SELECT *, 'delete' AS {CHANGE} FROM ({before} EXCEPT ALL {after})"


def _by_key(parts: int, names: str) -> str:
    """SQL of what is different, key by key: all rows that a key now has, or one that says that it has none any more."""
    keys = ", ".join(f"k{place}" for place in range(parts))
    same = " AND ".join(f"a.k{place} IS NOT DISTINCT FROM b.k{place}" for place in range(parts))
    after, before = 'SELECT * FROM "shown after"', 'SELECT * FROM "shown before"'
    differs = f"(SELECT DISTINCT {keys} FROM (({after} EXCEPT ALL {before}) UNION ALL ({before} EXCEPT ALL {after})))"
    known = f'EXISTS (SELECT 1 FROM "shown before" AS b WHERE {same})'
    now = (
        f"SELECT {names}, CASE WHEN {known} THEN 'update' ELSE 'insert' END AS {CHANGE} "
        f'FROM (SELECT a.* FROM "shown after" AS a SEMI JOIN {differs} AS b ON {same}) AS a'
    )
    gone = (
        f"SELECT {names}, 'delete' AS {CHANGE} FROM "
        f'(SELECT DISTINCT ON ({keys}) a.* FROM "shown before" AS a ANTI JOIN "shown after" AS b ON {same})'
    )
    return f"{now} UNION ALL {gone}"
