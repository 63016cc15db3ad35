"""Upkeep: joining small files and removing files that nobody can read any more. Neither changes what a table holds.

Both take the table's lease, so that they never meet a writer, and end in a snapshot of the stage `upkeep`, which the change
feed leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from deltalake import DeltaTable

from quanmin.lake.changes import UPKEEP
from quanmin.lake.record import Work, Written, lease_name, record
from quanmin.lake.table import ZSTD, properties
from quanmin.ledger import Leases, Snapshot
from quanmin.ledger import snapshot as snapshots

if TYPE_CHECKING:
    from quanmin.lake.lake import Lake

WAIT_SECONDS = 600.0


def compact(lake: Lake, table: str, wait: float = WAIT_SECONDS) -> int:
    """Join the small files of each bucket; how many files were replaced."""
    with _held(lake, table, wait) as (delta, _):
        before = delta.version()
        result = delta.optimize.compact(writer_properties=ZSTD, commit_properties=properties(UPKEEP))
        delta.update_incremental()
        return int(result["numFilesRemoved"]) if delta.version() != before else 0


def vacuum(lake: Lake, retain: int, within: timedelta, wait: float = WAIT_SECONDS) -> int:
    """Remove the files that no retained snapshot needs and that no writer is staging; how many.

    Retained are the newest `retain` snapshots and all that were the newest at some time in the last `within`.
    """
    removed = 0
    for table in lake.snapshot().tables:
        with _held(lake, table, wait) as (delta, version):
            keep = {snapshot.tables[table] for snapshot in kept(lake, retain, within) if table in snapshot.tables}
            gone = delta.vacuum(
                retention_hours=0,
                dry_run=False,
                enforce_retention_duration=False,
                full=True,
                keep_versions=sorted(keep | {version, delta.version()}),
                commit_properties=properties(UPKEEP),
            )
            removed += len(gone)
            delta.update_incremental()
    return removed


def kept(lake: Lake, retain: int, within: timedelta) -> list[Snapshot]:
    """The snapshots that vacuum must keep whole."""
    with lake.ledger.reading() as connection:
        found = snapshots.since(connection, snapshots.NONE)
    limit = lake.ledger.now() - within
    recent = [position for position, one in enumerate(found) if one.at is not None and one.at >= limit]
    first = max(0, recent[0] - 1) if recent else len(found) - 1
    return found[min(first, max(0, len(found) - max(1, retain))) :]


@contextmanager
def _held(lake: Lake, table: str, wait: float) -> Iterator[tuple[DeltaTable, int]]:
    """The table, ours alone; a version that the work made is put into a snapshot at the end."""
    with Leases(lake.ledger) as leases:
        leases.take(lease_name(table), wait)
        version = lake.snapshot().tables[table]
        delta = lake.table(table).settle(version)
        assert delta is not None
        start = delta.version()
        yield delta, version
        if delta.version() != start:
            written = Written(table, version, delta.version())
            with lake.ledger.writing() as connection:
                record(connection, leases, Work(UPKEEP, [written]), lake.ledger.now())
