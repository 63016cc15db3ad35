"""Live rows: per key, the row of the latest batch.

Clean tables are append-only, so a corrected row is one more row with the same key. A commit records which batches repeat
keys of earlier ones; only those batches have to be looked at when reading, and where there are none nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from quanmin.lake import engine
from quanmin.lake.key import Key
from quanmin.lake.table import BATCH
from quanmin.lake.writer import Writer

if TYPE_CHECKING:
    from quanmin.lake.session import Session


def live(session: Session, table: str, key: Key, buckets: Iterable[int] | None, only: str = "") -> str:
    """SQL of the live rows of a table; a key that lacks a part supersedes nothing, unless the part is optional.

    `only` is SQL behind the rows `r` that narrows them before anything else is asked, such as a join.
    """
    rows = session.relation(table, buckets)
    rows = f"(SELECT r.* FROM {rows} AS r {only})" if only else rows
    batches = session.superseding(table)
    if not batches:
        return rows
    later = later_rows(session, table, key, batches)
    return f"(SELECT r.* FROM {rows} AS r ANTI JOIN {later} AS q ON {key.match('r', 'q')} AND q._later > r.{BATCH})"


def later_rows(session: Session, table: str, key: Key, batches: Sequence[int]) -> str:
    """A table of the session's database with the keys of the superseding batches, made once a session.

    A correction may move a row to another bucket, so keys of all buckets are in it.
    """
    columns = ", ".join(engine.quote(column) for column in key.columns)
    asked = f"later {table} {session.snapshot.id} {columns}"
    with session.lock:
        if asked in session.later:
            return session.later[asked]
        name = engine.quote(f"later {len(session.later)}")
        files = [file for file in session.entries(table) if file.holds(batches)]
        chosen = ", ".join(str(batch) for batch in batches)
        session.connection.cursor().execute(
            f"CREATE TABLE {name} AS SELECT {columns}, max({BATCH}) AS _later "
            f"FROM {session.scan(table, files)} WHERE {BATCH} IN ({chosen}) GROUP BY {columns}"
        )
        session.later[asked] = name
    return name


def superseded(session: Session, writer: Writer) -> None:
    """Count, into `writer.superseded`, the staged rows that repeat a key of an earlier batch.

    A batch with a higher number may have been committed first; then it is that batch which supersedes.
    """
    table = writer.table.address
    if not writer.key.columns or not writer.adds or writer.version is None:
        return
    old = writer.table.files(writer.version)
    staged = engine.scan(writer.uris, writer.schema)
    first = min((add_first for add_first in writer.first_batches), default=0)
    later = [file for file in old if file.last_batch is None or file.last_batch > first]
    match = f"{writer.key.match('a', 'b')} AND b.{BATCH} < a.{BATCH}"
    before, after = session.scan(table, old), session.scan(table, later)
    pairs = [(staged, before)] if old else []
    pairs += [(after, staged)] if later else []
    for newer, older in pairs:
        query = f"SELECT a.{BATCH}, count(*) FROM {newer} AS a SEMI JOIN {older} AS b ON {match} GROUP BY 1"
        for batch, rows in session.connection.execute(query).fetchall():
            writer.superseded[batch] = writer.superseded.get(batch, 0) + rows
