"""The one moment when work becomes visible: a snapshot row, its lineage and what a batch supersedes, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from quanmin.lake.errors import LakeMoved
from quanmin.ledger import Leases, Lineage, Snapshot
from quanmin.ledger import snapshot as snapshots
from quanmin.version import __version__


@dataclass(frozen=True)
class Written:
    """A new version of a table: what it was made from, how many rows were added, which batches repeat earlier keys."""

    table: str
    before: int | None
    version: int
    rows: int = 0
    superseded: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Work:
    """What a stage did, and from what it read."""

    stage: str
    written: Sequence[Written]
    read_snapshot: int | None = None
    reads: Sequence[str] = ()
    transaction: str | None = None
    document: int | None = None
    note: Mapping[str, Any] = field(default_factory=dict)


def record(connection: Connection, leases: Leases, work: Work, at: datetime) -> Snapshot:
    """Add the snapshot; LakeMoved or LeaseLost when somebody took a table over meanwhile."""
    head = snapshots.head(connection, for_update=True)
    leases.check(connection, [lease_name(one.table) for one in work.written])
    for one in work.written:
        if head.tables.get(one.table) != one.before:
            raise LakeMoved(table=one.table)
    versions = {one.table: one.version for one in work.written}
    change = snapshots.Change(work.stage, versions, work.transaction, work.document, work.note)
    snapshot = snapshots.append(connection, head, change, at)
    package = f"quanmin {__version__}"
    for one in work.written:
        line = (snapshot.id, one.table, one.version, work.stage, package, work.read_snapshot, list(work.reads))
        snapshots.record(connection, Lineage(*line, one.rows, at))
        for batch, rows in one.superseded.items():
            snapshots.supersede(connection, snapshot.id, one.table, batch, rows)
    return snapshot


def lease_name(table: str) -> str:
    """The lease that a writer of a table holds."""
    return f"table {table}"
