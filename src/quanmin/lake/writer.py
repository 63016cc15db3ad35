"""Staged writing: Parquet files that no reader sees until the session commits.

Rows are buffered per bucket, so that row groups stay large, and flushed when a bucket or the whole buffer is full: memory
does not grow with the number of rows. `write` may be called from several threads.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.transaction import AddAction

from quanmin.lake.errors import LakeFull, SchemaDiffers
from quanmin.lake.key import NO_KEY, Key
from quanmin.lake.layer import marks, outward, stored, top
from quanmin.lake.table import BATCH, BUCKET, COUNTED, Span, Table, add_action
from quanmin.standards.kernels import plain, to_numpy

GROUP_ROWS = 100_000
BUFFER_BYTES = 96 << 20
FILE_BYTES = 512 << 20
SAMPLE = 2_000
NOTHING = Span(None, None, 0)


class _Part:
    """The open file of one bucket (None: the table is not split)."""

    def __init__(self, writer: Writer, bucket: int | None) -> None:
        self.writer, self.bucket = writer, bucket
        self.lock = threading.Lock()
        self.waiting: list[pa.Table] = []
        self.waiting_rows = 0
        self._path, self._rows = "", 0
        self._spans: dict[str, Span] = {}
        self._file: pq.ParquetWriter | None = None
        self._sink: pa.NativeFile | None = None

    def take(self) -> list[pa.Table]:
        """What waits, to be written by the caller."""
        found, self.waiting, self.waiting_rows = self.waiting, [], 0
        return found

    def write(self, pieces: list[pa.Table]) -> None:
        """Write a row group; call it without the writer's lock."""
        if not pieces:
            return
        table = _joined(pieces)
        with self.lock:
            if self._file is None:
                self._open(table)
            assert self._file is not None and self._sink is not None
            self._file.write_table(table.cast(self._file.schema), row_group_size=max(GROUP_ROWS * 2, 1))
            self._rows += table.num_rows
            self._count(table)
            if self._sink.tell() > FILE_BYTES:
                self._close()

    def close(self) -> None:
        """Finish the file, if one is open."""
        with self.lock:
            self._close()

    def _open(self, first: pa.Table) -> None:
        folder = f"{BUCKET}={self.bucket}/" if self.bucket is not None else ""
        self._path, self._rows, self._spans = f"{folder}part-{uuid.uuid4().hex}.parquet", 0, {}
        self.writer.staged.append(self._path)
        self._sink = self.writer.table.store.create(f"{self.writer.table.folder}/{self._path}")
        self._file = pq.ParquetWriter(
            self._sink,
            first.schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=_repeating(first),
            write_statistics=[field.name for field in first.schema if pa.types.is_primitive(field.type)],
            store_schema=False,
        )

    def _count(self, table: pa.Table) -> None:
        for name in COUNTED:
            if name in table.column_names:
                found = pc.min_max(table[name]).as_py()
                span = Span(found["min"], found["max"], table[name].null_count)
                self._spans[name] = span.joined(self._spans.get(name, NOTHING))

    def _close(self) -> None:
        if self._file is None or self._sink is None:
            return
        self._file.close()
        self._sink.close()
        self._file = None
        size = self.writer.table.store.size(f"{self.writer.table.folder}/{self._path}")
        first = self._spans.get(BATCH, NOTHING).low
        if first is not None:
            self.writer.first_batches.append(first)
        self.writer.adds.append(add_action(self._path, size, self._rows, self.bucket, self._spans))

    def abandon(self) -> None:
        """Let go of the file without finishing it."""
        with self.lock:
            if self._file is not None and self._sink is not None:
                self._file.is_open = False  # the footer of a file that goes away is not worth writing
                self._file = None
                self._sink.close()


class Staged(NamedTuple):
    """What a writer staged, to be handed to another writer of the same table."""

    adds: list[tuple[str, int, dict[str, str | None], int, bool, str]]
    rows: int
    first_batches: list[int]


class Writer:
    """Rows on their way into one table. Made by `Session.writer`; the session commits or abandons it.

    `schema` is the whole table's, with `bucket` (int32) when the table is split by it. Into a layered table, rows are written
    as the layer `layer`: 0 unless `above` is called before the first row.
    """

    def __init__(
        self, table: Table, schema: pa.Schema, partition: str | None, key: Key = NO_KEY, layer: int | None = None
    ) -> None:
        self.table, self.key, self.layer = table, key, layer
        self.adopt(schema, [partition] if partition else [])
        self.base: DeltaTable | None = None
        self.version: int | None = None
        self.staged: list[str] = []
        self.adds: list[AddAction] = []
        self.replaced: set[int] = set()
        self.whole = False
        self.predicate: str | None = None
        self.rows = 0
        self.first_batches: list[int] = []
        self.superseded: dict[int, int] = {}
        self._parts: dict[int | None, _Part] = {}
        self._lock = threading.Lock()
        self._bytes = 0

    def adopt(self, schema: pa.Schema, partition: Sequence[str]) -> None:
        """Write as the table is: its columns, and what it is split by."""
        self.stored, self.schema, self.partition = schema, outward(schema), next(iter(partition), None)

    def write(self, rows: pa.Table) -> None:
        """Add rows (any number; columns of the schema, in any order)."""
        self._add(self._conform(rows), mark=False)

    def above(self) -> None:
        """Write a layer above those that the table has: the commit replaces the rows of the people who are marked."""
        self.layer = top(self.table.files(self.version)) + 1 if self.version is not None else 1

    def mark(self, people: pa.Table) -> None:
        """Let the new rows take the place of all rows of these people (`bucket`, `person_key`, each once) in lower layers."""
        self._add(marks(people, self.schema), mark=True)

    def _add(self, rows: pa.Table, mark: bool) -> None:
        if rows.num_rows == 0:
            return
        if self.layer is not None:
            rows = stored(rows, self.layer, mark)
        pieces = self._split(rows)
        full: list[tuple[_Part, list[pa.Table]]] = []
        with self._lock:
            self.rows += 0 if mark else rows.num_rows
            self._bytes += rows.nbytes
            for bucket, piece in pieces:
                part = self._part(bucket)
                part.waiting.append(piece)
                part.waiting_rows += piece.num_rows
                if part.waiting_rows >= GROUP_ROWS:
                    self._bytes -= sum(one.nbytes for one in part.waiting)
                    full.append((part, part.take()))
            if self._bytes > BUFFER_BYTES:
                full += [(part, part.take()) for part in self._parts.values()]
                self._bytes = 0
        self._flush(full)

    def replace_buckets(self, buckets: Iterable[int]) -> None:
        """The commit puts the new rows in place of all old rows of these buckets."""
        self.replaced |= {int(bucket) for bucket in buckets}

    def overwrite(self) -> None:
        """The commit puts the new rows in place of the whole table."""
        self.whole = True

    def delete(self, predicate: str) -> None:
        """The commit removes the old rows that meet a condition, such as `_batch = 12`."""
        self.predicate = predicate

    def revise(self, change: Callable[[pa.Table], pa.Table | None]) -> None:
        """Pass the staged rows through `change`, row group by row group; None leaves a row group as it is.

        Files of which no row group changes stay; the others are written again.
        """
        self.close()
        for add in list(self.adds):
            self._revise(add, change)
        self.close()

    def _revise(self, add: AddAction, change: Callable[[pa.Table], pa.Table | None]) -> None:
        bucket = add.partition_values.get(BUCKET)
        part = self._part(None if bucket is None else int(bucket))
        with pq.ParquetFile(self.table.store.open(f"{self.table.folder}/{add.path}")) as file:
            groups = range(file.num_row_groups)
            if all(change(file.read_row_group(group)) is None for group in groups):
                return
            for group in groups:
                table = file.read_row_group(group)
                changed = change(table)
                kept = table if changed is None else changed
                self.rows += kept.num_rows - table.num_rows
                self._flush([(part, [kept])] if kept.num_rows else [])
        self.adds.remove(add)
        self.staged.remove(add.path)
        self.table.store.delete(f"{self.table.folder}/{add.path}")

    def close(self) -> None:
        """Finish the files; more rows may still be written, into new files."""
        with self._lock:
            full = [(part, part.take()) for part in self._parts.values()]
            self._bytes = 0
        self._flush(full)
        try:
            for part in self._parts.values():
                part.close()
        except OSError as error:
            raise self._full(error) from error

    def abandon(self) -> None:
        """Remove the staged files."""
        for part in self._parts.values():
            try:
                part.abandon()
            except OSError:  # the disk that refused a write may refuse its end too
                continue
        self._parts.clear()
        for path in self.staged:
            self.table.store.delete(f"{self.table.folder}/{path}")
        self.staged.clear()
        self.adds.clear()

    def another(self) -> Writer:
        """A writer of the same table and layer with files of its own, which this one may take over."""
        return Writer(self.table, self.stored, self.partition, layer=self.layer)

    def handed_over(self) -> Staged:
        """What was staged, after `close`; the files are no longer this writer's to remove."""
        adds = [
            (a.path, a.size, dict(a.partition_values), a.modification_time, a.data_change, a.stats) for a in self.adds
        ]
        staged = Staged(adds, self.rows, list(self.first_batches))
        self.adds.clear()
        self.staged.clear()
        return staged

    def take_over(self, staged: Staged) -> None:
        """Let files that were staged elsewhere be part of this commit."""
        self.adds += [AddAction(*fields) for fields in staged.adds]
        self.staged += [fields[0] for fields in staged.adds]
        self.rows += staged.rows
        self.first_batches += staged.first_batches

    @property
    def uris(self) -> list[str]:
        """The staged files, after `close`."""
        return [self.table.store.uri(f"{self.table.folder}/{add.path}") for add in self.adds]

    @property
    def changes(self) -> bool:
        """Whether a commit would change the table."""
        return bool(self.adds) or self.whole or bool(self.replaced) or self.predicate is not None

    def _part(self, bucket: int | None) -> _Part:
        part = self._parts.get(bucket)
        if part is None:
            part = self._parts[bucket] = _Part(self, bucket)
        return part

    def _flush(self, full: list[tuple[_Part, list[pa.Table]]]) -> None:
        try:
            for part, pieces in full:
                part.write(pieces)
        except OSError as error:
            raise self._full(error) from error

    def _full(self, error: OSError) -> LakeFull:
        return LakeFull(table=self.table.address, reason=error.strerror or type(error).__name__)

    def _conform(self, rows: pa.Table) -> pa.Table:
        if rows.schema.names == self.schema.names and all(map(_stands_for, rows.schema, self.schema)):
            return rows
        wrong = set(rows.column_names) ^ set(self.schema.names)
        if not wrong and len(rows.column_names) == len(self.schema.names):
            rows = rows.select(self.schema.names)
            try:
                return rows.cast(self.schema)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
                wrong = {f.name for f in rows.schema if f.type != self.schema.field(f.name).type}
        raise SchemaDiffers(table=self.table.address, columns=", ".join(sorted(wrong)))

    def _split(self, rows: pa.Table) -> list[tuple[int | None, pa.Table]]:
        if self.partition is None:
            return [(None, rows)]
        column = rows[self.partition]
        if column.null_count:
            raise SchemaDiffers(table=self.table.address, columns=self.partition)
        buckets = to_numpy(plain(column))
        rest = rows.drop_columns([self.partition])
        if (buckets[1:] < buckets[:-1]).any():
            order = np.argsort(buckets, kind="stable")
            buckets, rest = buckets[order], rest.take(pa.array(order))
        present, starts = np.unique(buckets, return_index=True)
        ends = [*starts[1:], len(buckets)]
        pairs = zip(present, starts, ends, strict=True)
        return [(int(bucket), rest.slice(start, end - start)) for bucket, start, end in pairs]


def _stands_for(field: pa.Field, wanted: pa.Field) -> bool:
    """Whether a column is of the type wanted, or a dictionary of it."""
    kind = field.type
    return bool(kind == wanted.type or (pa.types.is_dictionary(kind) and kind.value_type == wanted.type))


def _joined(pieces: list[pa.Table]) -> pa.Table:
    """The pieces as one table; a column that is a dictionary in only some of them is plain in it."""
    first = pieces[0].schema
    if any(not piece.schema.equals(first) for piece in pieces):
        plain = pa.schema([pa.field(f.name, getattr(f.type, "value_type", f.type)) for f in first])
        pieces = [piece.cast(plain) for piece in pieces]
    return pa.concat_tables(pieces).unify_dictionaries()


def _repeating(table: pa.Table) -> list[str]:
    """Columns that a dictionary makes smaller: at most half of their first values are distinct."""
    head = table.slice(0, SAMPLE)
    return [name for name in head.column_names if len(pc.unique(head[name])) * 2 <= head.num_rows]
