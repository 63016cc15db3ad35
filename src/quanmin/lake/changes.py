"""The change feed: what happened to the rows of a table between two snapshots.

It is computed from the files of each version, so that neither upkeep (which rewrites files but no rows) nor versions that a
crash left behind are in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from quanmin.lake.errors import VersionGone
from quanmin.lake.layer import current, is_layered
from quanmin.lake.table import File
from quanmin.ledger import Snapshot
from quanmin.ledger import snapshot as snapshots

if TYPE_CHECKING:
    from quanmin.lake.session import Session

UPKEEP = "upkeep"


@dataclass(frozen=True)
class Changes:
    """Files that came and went, step by step; `relation` is SQL of the changed rows, usable after FROM.

    Its column `_change` is `insert` or `delete`; a row that was only moved from file to file is not in it. A file may
    stand in `added` and, because a later step replaced it, in `removed` too.
    """

    added: tuple[File, ...]
    removed: tuple[File, ...]
    relation: str

    def __bool__(self) -> bool:
        return bool(self.added or self.removed)


def changes(session: Session, table: str, since: Snapshot) -> Changes:
    """The changes of a table after `since`, up to the session's snapshot."""
    with session.lake.ledger.reading() as connection:
        steps = snapshots.since(connection, since.id, session.snapshot.id)
    delta = session.lake.table(table)
    version, added, removed = since.tables.get(table), list[File](), list[File]()
    for step in steps:
        now = step.tables.get(table)
        if now is not None and now != version and step.stage != UPKEEP:
            before = {file.path: file for file in (delta.files(version) if version is not None else ())}
            after = {file.path: file for file in delta.files(now)}
            added += [file for path, file in after.items() if path not in before]
            removed += [file for path, file in before.items() if path not in after]
        version = now
    both = {file.path for file in added} & {file.path for file in removed}
    added = [file for file in added if file.path not in both]
    removed = [file for file in removed if file.path not in both]
    if not all(delta.has(file) for file in (*added, *removed)):
        raise VersionGone(snapshot=since.id)
    if (added or removed) and is_layered(delta.schema(session.snapshot.tables[table])):
        return Changes(
            tuple(added), tuple(removed), _between(session, table, since, {f.bucket for f in added + removed})
        )
    return Changes(tuple(added), tuple(removed), _relation(session, table, added, removed))


def _between(session: Session, table: str, since: Snapshot, buckets: set[int | None]) -> str:
    """The changed rows of a layered table, whose layers are put together on both sides."""
    delta, sides = session.lake.table(table), []
    for snapshot in (session.snapshot, since):
        version = snapshot.tables.get(table)
        files = [file for file in delta.files(version) if file.bucket in buckets] if version is not None else []
        if not all(delta.has(file) for file in files):
            raise VersionGone(snapshot=snapshot.id)
        sides.append(current(files, delta.schema(session.snapshot.tables[table]), version is not None))
    now, before = sides
    parts = f"SELECT *, 'insert' AS _change FROM (SELECT * FROM {now} EXCEPT ALL SELECT * FROM {before})"
    return f"({parts} UNION ALL SELECT *, 'delete' AS _change FROM (SELECT * FROM {before} EXCEPT ALL SELECT * FROM {now}))"


def _relation(session: Session, table: str, added: list[File], removed: list[File]) -> str:
    if table not in session.snapshot.tables:
        return "(SELECT NULL::VARCHAR AS _change WHERE false)"
    new, old = session.scan(table, added), session.scan(table, removed)
    inserted = f"SELECT * FROM {new}" if not removed else f"SELECT * FROM {new} EXCEPT ALL SELECT * FROM {old}"
    deleted = f"SELECT * FROM {old} EXCEPT ALL SELECT * FROM {new}"
    parts = f"SELECT *, 'insert' AS _change FROM ({inserted})"
    if removed:
        parts += f" UNION ALL SELECT *, 'delete' AS _change FROM ({deleted})"
    return f"({parts})"
