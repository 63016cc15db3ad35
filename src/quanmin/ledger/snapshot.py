"""Snapshots: which version of every lake table belongs together. The newest row is the truth about the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, func, insert, select

from quanmin.ledger import database
from quanmin.ledger.errors import UnknownSnapshot
from quanmin.ledger.table import LineageRow, SnapshotRow, SupersedeRow

NONE = 0


@dataclass(frozen=True)
class Snapshot:
    """A pinned map from table address to version. Number 0 is the empty lake."""

    id: int
    tables: Mapping[str, int]
    at: datetime | None = None
    parent: int | None = None
    stage: str = ""
    document: int | None = None
    note: Mapping[str, Any] = field(default_factory=dict)


EMPTY = Snapshot(NONE, {})


@dataclass(frozen=True)
class Change:
    """What a piece of work wants to put into the next snapshot."""

    stage: str
    tables: Mapping[str, int]
    transaction: str | None = None
    document: int | None = None
    note: Mapping[str, Any] = field(default_factory=dict)


class Lineage(NamedTuple):
    """Who wrote one version of a table, from which snapshot, reading what."""

    snapshot: int
    table: str
    version: int
    stage: str
    package: str
    read_snapshot: int | None
    reads: Sequence[str]
    rows: int
    at: datetime


def head(connection: Connection, for_update: bool = False) -> Snapshot:
    """The newest snapshot; with `for_update`, nobody else can add one until the transaction ends."""
    if for_update:
        database.lock(connection, "snapshot")
    query = select(SnapshotRow.__table__).order_by(SnapshotRow.id.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    return EMPTY if row is None else _snapshot(row)


def get(connection: Connection, number: int) -> Snapshot:
    """The snapshot with this number."""
    if number == NONE:
        return EMPTY
    row = connection.execute(select(SnapshotRow.__table__).where(SnapshotRow.id == number)).mappings().first()
    if row is None:
        raise UnknownSnapshot(snapshot=number)
    return _snapshot(row)


def of_transaction(connection: Connection, transaction: str) -> Snapshot | None:
    """The snapshot that a named piece of work made, if it was committed."""
    query = select(SnapshotRow.__table__).where(SnapshotRow.transaction == transaction)
    row = connection.execute(query).mappings().first()
    return None if row is None else _snapshot(row)


def since(connection: Connection, number: int, until: int | None = None) -> list[Snapshot]:
    """The snapshots after `number` up to and with `until`, oldest first."""
    query = select(SnapshotRow.__table__).where(SnapshotRow.id > number).order_by(SnapshotRow.id)
    query = query.where(SnapshotRow.id <= until) if until is not None else query
    return [_snapshot(row) for row in connection.execute(query).mappings()]


def page(connection: Connection, number: int, size: int) -> tuple[list[Snapshot], int]:
    """Page `number` (from 1) of the snapshots, the newest first, and how many there are in all."""
    total = connection.execute(select(func.count()).select_from(SnapshotRow)).scalar_one()
    query = select(SnapshotRow.__table__).order_by(SnapshotRow.id.desc()).offset((number - 1) * size).limit(size)
    return [_snapshot(row) for row in connection.execute(query).mappings()], total


def append(connection: Connection, before: Snapshot, change: Change, at: datetime) -> Snapshot:
    """Add the next snapshot; `before` is the head, read with `for_update` in the same transaction."""
    tables = {**before.tables, **change.tables}
    parent = before.id or None
    values = {"parent": parent, "tables": tables, "stage": change.stage, "note": dict(change.note), "at": at}
    values |= {"transaction": change.transaction, "document": change.document}
    number = connection.execute(insert(SnapshotRow).values(values).returning(SnapshotRow.id)).scalar_one()
    return Snapshot(number, tables, at, parent, change.stage, change.document, change.note)


def record(connection: Connection, lineage: Lineage) -> None:
    """Add a line of lineage."""
    values = {"snapshot": lineage.snapshot, "lake_table": lineage.table, "version": lineage.version}
    values |= {"stage": lineage.stage, "package": lineage.package, "read_snapshot": lineage.read_snapshot}
    values |= {"reads": list(lineage.reads), "rows": lineage.rows, "at": lineage.at}
    connection.execute(insert(LineageRow).values(values))


def lineage(connection: Connection, table: str | None = None, snapshot: int | None = None) -> list[Lineage]:
    """The lineage of a table, of a snapshot, or of everything, oldest first."""
    query = select(LineageRow.__table__).order_by(LineageRow.snapshot, LineageRow.lake_table)
    query = query.where(LineageRow.lake_table == table) if table else query
    query = query.where(LineageRow.snapshot == snapshot) if snapshot is not None else query
    rows = connection.execute(query).mappings()
    return [
        Lineage(**{"table": row["lake_table"], **{k: v for k, v in row.items() if k != "lake_table"}}) for row in rows
    ]


def supersede(connection: Connection, snapshot: int, table: str, batch: int, rows: int) -> None:
    """Record that `batch` repeats `rows` keys that an earlier batch of `table` has."""
    values = {"snapshot": snapshot, "lake_table": table, "batch": batch, "rows": rows}
    connection.execute(insert(SupersedeRow).values(values))


def superseding(connection: Connection, table: str, snapshot: int) -> list[int]:
    """The batches of `table` that repeat keys of earlier ones, as seen by `snapshot`."""
    query = select(SupersedeRow.batch).distinct().order_by(SupersedeRow.batch)
    query = query.where(SupersedeRow.lake_table == table, SupersedeRow.snapshot <= snapshot)
    return list(connection.execute(query).scalars())


def _snapshot(row: RowMapping) -> Snapshot:
    values = {name: row[name] for name in ("id", "tables", "at", "parent", "stage", "document", "note")}
    return Snapshot(**values)
