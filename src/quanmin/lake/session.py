"""A stage's way into the lake: a pinned snapshot to read, staged writers, one commit.

A session sees only what `flow.py` declares for its stage, and the snapshot it pinned at the start. What it writes becomes
visible all at once, by one row in the ledger, or not at all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
from sqlalchemy import Connection

from quanmin import flow, standards
from quanmin.lake import engine, layer
from quanmin.lake.changes import Changes, changes
from quanmin.lake.errors import LakeMoved, LakeUndeclared, UnknownTable
from quanmin.lake.key import KeyLike, key_of
from quanmin.lake.live import live, superseded
from quanmin.lake.record import Work, Written, lease_name, record
from quanmin.lake.table import File
from quanmin.lake.writer import Writer
from quanmin.ledger import Leases, Snapshot
from quanmin.ledger import snapshot as snapshots

if TYPE_CHECKING:
    from ibis.expr.types import Table as Expression

    from quanmin.lake.lake import Lake

WAIT_SECONDS = 600.0
Extra = Callable[[Connection, Snapshot], None]


class Session:
    """Made by `Lake.session`; use it as a context manager. Leaving it without `commit` leaves nothing behind."""

    def __init__(
        self,
        lake: Lake,
        stage: flow.Stage,
        batch: int | None = None,
        snapshot: int | Snapshot | None = None,
        transaction: str | None = None,
        wait: float = WAIT_SECONDS,
    ) -> None:
        self.lake = lake
        self.stage = stage
        self.batch = batch
        self.snapshot = snapshot if isinstance(snapshot, Snapshot) else lake.snapshot(snapshot)
        self.reads: set[str] = set()
        self._pinned = snapshot is not None
        self._transaction = transaction
        self._wait = wait
        self._leases = Leases(lake.ledger)
        self._writers: dict[str, Writer] = {}
        self._engine: engine.Engine | None = None
        self._ibis: Any = None
        self._superseding: dict[tuple[str, int], list[int]] = {}
        self.later: dict[str, str] = {}
        self.lock = threading.RLock()

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Abandon what was not committed; give leases, memory and temporary files back."""
        try:
            for writer in self._writers.values():
                writer.abandon()
        finally:
            self._writers.clear()
            self._leases.release()
            if self._engine is not None:
                self._engine.close()
                self._engine = None

    # Reading

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The session's own DuckDB connection (memory limit and threads from the settings, no network)."""
        with self.lock:
            if self._engine is None:
                self._engine = engine.Engine(self.lake.settings)
            return self._engine.connection

    @property
    def ibis(self) -> Any:
        """An Ibis backend over `connection`."""
        if self._ibis is None:
            from quanmin.lake import expression  # Ibis takes a second to import; most sessions do without

            self._ibis = expression.over(self.connection)
        return self._ibis

    def tables(self) -> list[str]:
        """The tables of the snapshot that this stage may read."""
        return sorted(table for table in self.snapshot.tables if self.stage.may_read(table))

    def exists(self, table: str) -> bool:
        """Whether the snapshot has the table."""
        self._may_read(table)
        return table in self.snapshot.tables

    def schema(self, table: str) -> pa.Schema:
        """The table's columns, `bucket` among them when it is split."""
        return layer.outward(self.lake.table(table).schema(self._version(table)))

    def entries(self, table: str, buckets: Iterable[int] | None = None) -> list[File]:
        """The files of the pinned version with their counts, of some buckets or of all."""
        files = self.lake.table(table).files(self._version(table))
        wanted = None if buckets is None else set(buckets)
        return [file for file in files if wanted is None or file.bucket in wanted]

    def files(self, table: str, buckets: Iterable[int] | None = None) -> list[str]:
        """The addresses of the Parquet files of the pinned version."""
        return [file.uri for file in self.entries(table, buckets)]

    def relation(self, table: str, buckets: Iterable[int] | None = None) -> str:
        """SQL of the table's rows, usable after FROM (give it an alias)."""
        return self.scan(table, self.entries(table, buckets))

    def scan(self, table: str, files: Iterable[File]) -> str:
        """SQL of the rows of some files of the table; of a layered one, all files of some buckets."""
        return layer.current(list(files), self.lake.table(table).schema(self._version(table)), self._evolved(table))

    def count(self, table: str) -> int:
        """How many rows the table has."""
        files = self.entries(table)
        if not layer.covering(files):
            return sum(file.rows for file in files)
        return int(self.connection.cursor().execute(f"SELECT count(*) FROM {self.relation(table)}").fetchall()[0][0])

    def read(self, table: str, buckets: Iterable[int] | None = None) -> Expression:
        """The table as an Ibis expression over `connection`."""
        return self._expression(self.relation(table, buckets))

    def live(
        self, dataset: str, buckets: Iterable[int] | None = None, key: KeyLike | None = None, only: str = ""
    ) -> str:
        """SQL of the live rows of `clean.<dataset>`: per key, the row of the latest batch. Usable after FROM.

        `key` is the dataset's key in the catalogue unless given; `only` is SQL that narrows the rows `r` first.
        """
        wanted = key_of(standards.catalogue().dataset(dataset) if key is None else key)
        return live(self, f"clean.{dataset}", wanted, buckets, only)

    def read_live(self, dataset: str, buckets: Iterable[int] | None = None) -> Expression:
        """The live rows as an Ibis expression."""
        return self._expression(self.live(dataset, buckets))

    def changes(self, table: str, since: int | Snapshot) -> Changes:
        """What was added to and removed from the table after a snapshot (upkeep excluded)."""
        self._may_read(table)
        number = since.id if isinstance(since, Snapshot) else since
        return changes(self, table, self.lake.snapshot(number))

    def superseding(self, table: str) -> list[int]:
        """The batches of the table that repeat keys of earlier batches."""
        self._may_read(table)
        asked = (table, self.snapshot.id)
        if asked not in self._superseding:
            with self.lake.ledger.reading() as connection:
                self._superseding[asked] = snapshots.superseding(connection, *asked)
        return self._superseding[asked]

    # Writing

    def writer(
        self,
        table: str,
        schema: pa.Schema,
        partition: str | None = None,
        key: KeyLike = (),
        layered: bool = False,
    ) -> Writer:
        """Take the table's lease and stage rows for it. Open all writers before reading what they depend on.

        `schema` is the whole table's; columns that an existing table lacks are added to it. With `key`, the commit
        counts which rows repeat the key of an earlier batch, for `live`. `layered` makes rows replaceable by person.
        """
        if not self.stage.may_write(table):
            raise LakeUndeclared(stage=self.stage.name, table=table, access="write")
        if table in self._writers:
            return self._writers[table]
        self.lake.touch(self.stage.name, table, writes=True)
        delta = self.lake.table(table)
        self._leases.take(lease_name(table), self._wait)
        version = self._repin(table)
        schema = layer.layered(schema) if layered else schema
        writer = Writer(delta, schema, partition, key_of(key), 0 if layered else None)
        writer.version, writer.base = version, delta.settle(version)
        if writer.base is None:
            writer.base = delta.create(schema, partition)
        else:
            writer.adopt(delta.evolve(writer.base, schema), writer.base.metadata().partition_columns)
        self._writers[table] = writer
        return writer

    def commit(self, note: Mapping[str, Any] | None = None, in_transaction: Extra | None = None) -> Snapshot:
        """Make everything written visible, together with what `in_transaction(connection, snapshot)` adds to the ledger.

        A piece of work (its stage and batch, or the session's `transaction`) is committed once: the second time, nothing
        is done and the first snapshot is returned.
        """
        for writer in self._writers.values():
            writer.close()
        done = self._already()
        if done is not None:
            return done
        for writer in self._writers.values():
            superseded(self, writer)
        versions = {table: self._publish(writer) for table, writer in self._writers.items()}
        with self.lake.ledger.writing() as connection:
            snapshot = record(connection, self._leases, self._work(versions, note or {}), self.lake.ledger.now())
            if in_transaction is not None:
                in_transaction(connection, snapshot)
        for writer in self._writers.values():
            writer.staged.clear()
        self.snapshot = snapshot
        return snapshot

    @property
    def transaction(self) -> str | None:
        """The name under which this work can be committed once; None when it has none."""
        if self._transaction is not None or self.batch is None:
            return self._transaction
        return f"{self.stage.name}:{self.batch}"

    def _already(self) -> Snapshot | None:
        if self.transaction is None:
            return None
        with self.lake.ledger.reading() as connection:
            return snapshots.of_transaction(connection, self.transaction)

    def _publish(self, writer: Writer) -> int:
        table, delta, mark = writer.base, writer.table, self.transaction or self.stage.name
        assert table is not None
        if writer.predicate is not None:
            delta.delete(table, writer.predicate, mark)
        if writer.whole:
            delta.commit(table, writer.adds, "overwrite", mark)
        elif writer.replaced:
            names = [str(bucket) for bucket in sorted(writer.replaced)]
            delta.commit(table, writer.adds, "overwrite", mark, partition_filters=[("bucket", "in", names)])
        elif writer.adds:
            delta.commit(table, writer.adds, "append", mark)
        return int(table.version())

    def _work(self, versions: Mapping[str, int], note: Mapping[str, Any]) -> Work:
        written = [
            Written(table, writer.version, versions[table], writer.rows, writer.superseded)
            for table, writer in self._writers.items()
        ]
        read_snapshot, reads = self.snapshot.id or None, sorted(self.reads)
        return Work(self.stage.name, written, read_snapshot, reads, self.transaction, self.batch, note)

    def _repin(self, table: str) -> int | None:
        """The table's version now that we hold its lease; the session must not have read an older one."""
        head = self.lake.snapshot()
        version = head.tables.get(table)
        if version != self.snapshot.tables.get(table):
            if self.reads or self._pinned:
                raise LakeMoved(table=table)
            self.snapshot = head
        return version

    def _may_read(self, table: str) -> None:
        if not self.stage.may_read(table):
            raise LakeUndeclared(stage=self.stage.name, table=table, access="read")
        self.reads.add(table)
        self.lake.touch(self.stage.name, table)

    def _version(self, table: str) -> int:
        self._may_read(table)
        version = self.snapshot.tables.get(table)
        if version is None:
            raise UnknownTable(table=table, snapshot=self.snapshot.id)
        return version

    def _evolved(self, table: str) -> bool:
        return self.lake.table(table).evolved(self._version(table))

    def _expression(self, relation: str) -> Expression:
        found: Expression = self.ibis.sql(f"SELECT * FROM {relation}")
        return found
