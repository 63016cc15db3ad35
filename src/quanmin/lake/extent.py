"""How large the tables are: rows, files and bytes of a snapshot, from Delta's log. Older versions are not counted."""

from __future__ import annotations

from typing import NamedTuple

from quanmin.lake.lake import Lake
from quanmin.ledger import Snapshot


class Extent(NamedTuple):
    """The size of a table."""

    table: str
    rows: int
    files: int
    bytes: int


def extents(lake: Lake, snapshot: Snapshot | None = None) -> list[Extent]:
    """The tables of a snapshot (the newest), by name. What was asked of a version before is not read again."""
    pinned = snapshot or lake.snapshot()
    return [_of(lake, table, version) for table, version in sorted(pinned.tables.items())]


def _of(lake: Lake, table: str, version: int) -> Extent:
    files = lake.table(table).files(version)
    return Extent(table, sum(one.rows for one in files), len(files), sum(one.size for one in files))
