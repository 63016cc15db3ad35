"""One Delta table: its versions, the files of a version, and commits onto it.

Files are written by `writer.py` and become part of the table only by `commit`. No deletion vectors, so that the list of
files of a version is the exact content of that version for any engine.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, Transaction, WriterProperties
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.schema import Schema
from deltalake.transaction import AddAction

from quanmin.lake.errors import LakeMoved, SchemaDiffers
from quanmin.lake.store import Store

BUCKET = "bucket"
BATCH = "_batch"
LAYER, MARK = "_layer", "_mark"
COUNTED = (BATCH, LAYER)
"""Columns whose least and greatest value in each file stand in Delta's log."""
EVOLVED = "quanmin.evolved"
STATISTICS = "delta.dataSkippingStatsColumns"
ZSTD = WriterProperties(compression="ZSTD", compression_level=1)


@dataclass(frozen=True)
class File:
    """One Parquet file of a version; what is first and last in it is None where nobody counted."""

    path: str
    uri: str
    rows: int
    size: int
    bucket: int | None
    first_batch: int | None
    last_batch: int | None
    first_layer: int | None = None
    last_layer: int | None = None

    def holds(self, batches: Sequence[int]) -> bool:
        """Whether rows of one of these batches may be in it."""
        first, last = self.first_batch, self.last_batch
        return first is None or last is None or any(first <= batch <= last for batch in batches)


class Table:
    """The Delta table at one address; `folder` is relative to the store."""

    def __init__(self, store: Store, address: str) -> None:
        self.store = store
        self.address = address
        self.folder = store.folder(address)
        self.uri = store.uri(self.folder)
        self.files = lru_cache(maxsize=64)(self._files)
        self.schema = lru_cache(maxsize=64)(self._schema)
        self.evolved = lru_cache(maxsize=64)(self._evolved)
        self.partitioned = lru_cache(maxsize=64)(self._partitioned)

    def latest(self) -> DeltaTable | None:
        """The newest version, whether or not a snapshot points to it; None when there is no table."""
        try:
            return DeltaTable(self.uri)
        except TableNotFoundError:
            return None

    def at(self, version: int) -> DeltaTable:
        """The table at a version."""
        return DeltaTable(self.uri, version=version)

    def _files(self, version: int) -> tuple[File, ...]:
        return files_of(self, self.at(version))

    def _schema(self, version: int) -> pa.Schema:
        return pa.schema(self.at(version).schema())

    def has(self, file: File) -> bool:
        """Whether the file is still there (vacuum may have removed it)."""
        return self.store.exists(f"{self.folder}/{file.path}")

    def _partitioned(self, version: int) -> bool:
        """Whether the table is split by bucket."""
        return BUCKET in self.at(version).metadata().partition_columns

    def settle(self, version: int | None) -> DeltaTable | None:
        """The newest version, made equal to `version` again if a crash left others behind it (None: no rows)."""
        table = self.latest()
        wanted = version if version is not None else 0
        if table is not None and table.version() != wanted:
            table.restore(wanted)
            table = self.latest()
        return table

    def create(self, schema: pa.Schema, partition: str | None) -> DeltaTable:
        """An empty table: version 0."""
        configuration = {"delta.enableChangeDataFeed": "true", "delta.enableExpiredLogCleanup": "false"}
        configuration |= statistics(schema) or {"delta.dataSkippingNumIndexedCols": "0"}
        by = [partition] if partition else []
        return DeltaTable.create(self.uri, schema, partition_by=by, configuration=configuration)

    def evolve(self, table: DeltaTable, schema: pa.Schema) -> pa.Schema:
        """Add the columns that the table lacks; the table's own schema. Anything else that differs is refused."""
        present = pa.schema(table.schema())
        wrong = [f.name for f in present if f.name not in schema.names or schema.field(f.name).type != f.type]
        if wrong:
            raise SchemaDiffers(table=self.address, columns=", ".join(sorted(wrong)))
        fresh = pa.schema([field for field in schema if field.name not in present.names])
        if fresh.names:
            fields = Schema.from_arrow(fresh).fields
            self._guard(table, lambda: table.alter.add_columns(fields))
            marks = {EVOLVED: "true", **statistics(pa.schema(table.schema()))}
            self._guard(table, lambda: table.alter.set_table_properties(marks, raise_if_not_exists=False))
        return pa.schema(table.schema())

    def _evolved(self, version: int) -> bool:
        """Whether older files may lack columns of the schema."""
        return self.at(version).metadata().configuration.get(EVOLVED) == "true"

    def commit(self, table: DeltaTable, adds: Sequence[AddAction], mode: str, transaction: str, **options: Any) -> int:
        """Add (or, with mode "overwrite", put in place of others) staged files; the new version."""
        by = table.metadata().partition_columns
        schema = Schema.from_arrow(table.schema())
        self._guard(
            table,
            lambda: table.create_write_transaction(
                list(adds), mode, schema, by, commit_properties=properties(transaction), **options
            ),
        )
        return int(table.version())

    def delete(self, table: DeltaTable, predicate: str, transaction: str) -> int:
        """Remove rows by a condition; the new version."""
        self._guard(
            table,
            lambda: table.delete(predicate, writer_properties=ZSTD, commit_properties=properties(transaction)),
        )
        return int(table.version())

    def _guard(self, table: DeltaTable, work: Any) -> None:
        """Run a commit; it must be the only one since `table` was opened (the lease should see to that)."""
        before = table.version()
        try:
            work()
        except CommitFailedError as error:
            raise LakeMoved(table=self.address) from error
        table.update_incremental()
        if table.version() not in (before, before + 1):
            raise LakeMoved(table=self.address)


def properties(transaction: str) -> CommitProperties:
    """The marks of a commit: what work it belongs to, and that it must not be moved onto another version."""
    return CommitProperties(app_transactions=[Transaction(transaction, 1)], max_commit_retries=0)


def files_of(table: Table, version: DeltaTable) -> tuple[File, ...]:
    """The files of an open version, in a stable order."""
    rows = pa.table(version.get_add_actions(flatten=True)).to_pylist()
    found = [
        File(
            row["path"],
            table.store.uri(f"{table.folder}/{row['path']}"),
            row["num_records"] or 0,
            row["size_bytes"],
            row.get(f"partition.{BUCKET}"),
            row.get(f"min.{BATCH}"),
            row.get(f"max.{BATCH}"),
            row.get(f"min.{LAYER}"),
            row.get(f"max.{LAYER}"),
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda file: (file.bucket or 0, file.path)))


def statistics(schema: pa.Schema) -> dict[str, str]:
    """The property that names the counted columns; nothing where the table has none."""
    counted = [name for name in COUNTED if name in schema.names]
    return {STATISTICS: ",".join(counted)} if counted else {}


class Span(NamedTuple):
    """The least and the greatest value of a column in a file, None where it has none, and how many rows lack one."""

    low: int | None
    high: int | None
    nulls: int

    def joined(self, other: Span) -> Span:
        """Both together."""
        low = [one for one in (self.low, other.low) if one is not None]
        high = [one for one in (self.high, other.high) if one is not None]
        return Span(min(low, default=None), max(high, default=None), self.nulls + other.nulls)


def add_action(path: str, size: int, rows: int, bucket: int | None, spans: Mapping[str, Span]) -> AddAction:
    """A staged file as Delta's log names it; `spans` are those of counted columns."""
    values = {BUCKET: str(bucket)} if bucket is not None else {}
    known = {name: span for name, span in spans.items() if span.low is not None}
    statistics = {
        "numRecords": rows,
        "minValues": {name: span.low for name, span in known.items()},
        "maxValues": {name: span.high for name, span in known.items()},
        "nullCount": {name: span.nulls for name, span in spans.items()},
    }
    return AddAction(path, size, values, int(time.time() * 1000), True, json.dumps(statistics, separators=(",", ":")))
