"""What an incremental build has to do: whom the changes since the last build concern.

A person is concerned by every row that came or went under the number, and by rows that a changed row supersedes or
uncovers: a correction may give a record another number, and then both people are concerned. Rows without a usable number
are recomputed with their bucket, and so are the people whom linkage gave such rows.
"""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from quanmin import standards
from quanmin.lake.key import key_of
from quanmin.lake.layer import covering
from quanmin.lake.session import Session
from quanmin.population import adoption
from quanmin.population.plan import Plan
from quanmin.population.tables import PERSON

MOST_AT_ONCE = 0.25
"""The share of the people who may be concerned at once; with more, writing whole buckets is as quick."""
MOST_ABOVE = 1.0
"""The rows in layers for each row under them."""
MOST_LAYERS = 32


class Last(NamedTuple):
    """The last build: the snapshot whose clean tables it read, and the plan it followed."""

    snapshot: int
    plan: str


def last_build(session: Session) -> Last | None:
    """The build that made the base as this session sees it."""
    for snapshot in reversed(session.lake.history(PERSON)):
        if snapshot.stage == session.stage.name and snapshot.id <= session.snapshot.id:
            return Last(int(snapshot.note["from"]), str(snapshot.note["plan"]))
    return None


def affected(session: Session, plan: Plan, since: int) -> pa.Table:
    """Buckets and person keys (null: rows without one) that changes after a snapshot concern; each pair once."""
    parts = [part for source in plan.sources for part in _concerned(session, source.dataset, since)]
    parts += adoption.concerned(session, since, parts)
    if not parts:
        return pa.table({"bucket": pa.array([], pa.int32()), "person_key": pa.array([], pa.int64())})
    union = " UNION ALL ".join(parts)
    return session.connection.sql(f"SELECT DISTINCT bucket, person_key FROM ({union})").to_arrow_table()


def fits_a_layer(session: Session, concerned: int) -> bool:
    """Whether the rows of so many people are better laid over the base than its buckets written again.

    With as many rows in the layers as under them, what is read has doubled, and each row is written again once in that time.
    """
    files = session.entries(PERSON)
    total = sum(file.rows for file in files)
    above = sum(file.rows for file in covering(files))
    layers = {file.last_layer for file in files}
    return concerned <= total * MOST_AT_ONCE and above <= (total - above) * MOST_ABOVE and len(layers) < MOST_LAYERS


def _concerned(session: Session, dataset: str, since: int) -> list[str]:
    """SQL of the concerned keys of one dataset."""
    table = f"clean.{dataset}"
    if not session.exists(table):
        return []
    changes = session.changes(table, since)
    if not changes:
        return []
    key = key_of(standards.catalogue().dataset(dataset))
    name = f'"changed {dataset}"'
    columns = ", ".join(dict.fromkeys(["bucket", "person_key", *(f'"{column}"' for column in key.columns)]))
    session.connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {columns} FROM {changes.relation}")
    parts = [f"SELECT bucket, person_key FROM {name}"]
    if session.superseding(table):
        parts.append(
            f"SELECT r.bucket, r.person_key FROM {session.relation(table)} AS r SEMI JOIN {name} AS c ON {key.match('r', 'c')}"
        )
    return parts
