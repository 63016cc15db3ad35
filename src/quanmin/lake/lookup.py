"""Single rows of a table by person, a thousand a second: the gate's way for many small reads of one base.

A bucket that is asked for is laid out once: sorted by person, uncompressed, in a file without a name that is mapped and goes
away with the process. Finding a row is a binary search, and taking it reads a page or two. Files of the lake never change,
so that a layout stays good until a build replaces the bucket. Nothing is decided here: a look-up needs a Decision like any
other read, shows what it says and is in the audit before its answer is given.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import func, select

from quanmin import trust
from quanmin.lake import layer
from quanmin.lake.errors import NotReadable, UnknownTable
from quanmin.lake.gate import _NUMBER, ANSWER_ONLY, PERSON, Reading, read
from quanmin.lake.table import BUCKET, File, Table
from quanmin.ledger import Snapshot
from quanmin.ledger.table import SnapshotRow
from quanmin.standards import kernels

if TYPE_CHECKING:
    from quanmin.lake.lake import Lake

LIMIT_BYTES = 8 << 30
"""Layouts kept at most, all buckets together; the one asked for longest ago goes first."""
SAMPLE = 5_000
FRESH_SECONDS = 0.02
"""How old the knowledge of the newest snapshot may be: a look-up may miss a build that ended in the last fiftieth of a second."""


class Layout(NamedTuple):
    """The rows of one bucket in the order of their keys."""

    keys: Any
    rows: pa.RecordBatch
    size: int

    def find(self, key: int) -> pa.RecordBatch:
        """The rows of a key: none or one (or more, in a table that has more)."""
        start, end = np.searchsorted(self.keys, [key, key + 1])
        return self.rows.slice(int(start), int(end - start))


class Layouts:
    """The layouts of one process; several threads may ask at once."""

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES) -> None:
        self.folder, self.limit = folder, limit
        self._kept: OrderedDict[tuple[str, ...], Layout] = OrderedDict()
        self._names: dict[tuple[str, int, int | None], tuple[list[File], tuple[str, ...]]] = {}
        self._making: dict[tuple[str, ...], threading.Lock] = {}
        self._lock = threading.Lock()

    def of(self, table: Table, version: int, bucket: int | None) -> Layout:
        """The layout of a bucket of a version (None: of a table that is not split)."""
        files, named = self._named(table, version, bucket)
        with self._lock:
            found = self._kept.get(named)
            if found is not None:
                self._kept.move_to_end(named)
                return found
            making = self._making.setdefault(named, threading.Lock())
        with making:
            with self._lock:
                found = self._kept.get(named)
            return found or self._keep(named, laid_out(table, version, files, self.folder))

    def _named(self, table: Table, version: int, bucket: int | None) -> tuple[list[File], tuple[str, ...]]:
        """The files of a bucket, and the name of their layout: the same files in another version have the same one."""
        asked = (table.address, version, bucket)
        found = self._names.get(asked)
        if found is None:
            if any(known[1] != version for known in self._names):
                self._names.clear()
            files = [file for file in table.files(version) if bucket is None or file.bucket == bucket]
            found = self._names[asked] = (files, (table.address, *(file.path for file in files)))
        return found

    def _keep(self, named: tuple[str, ...], made: Layout) -> Layout:
        with self._lock:
            self._kept[named] = made
            self._making.pop(named, None)
            while len(self._kept) > 1 and sum(one.size for one in self._kept.values()) > self.limit:
                self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        """Let all layouts go."""
        with self._lock:
            self._kept.clear()


def laid_out(table: Table, version: int, files: list[File], folder: Path) -> Layout:
    """Sort the rows of some files by key and map them."""
    stored = table.schema(version)
    stored = pa.schema([field for field in stored if field.name != BUCKET])
    parts = [_read(table, file, stored) for file in files]
    rows = layer.standing(pa.concat_tables(parts or [stored.empty_table()])).combine_chunks()
    rows = rows.take(pc.sort_indices(rows[PERSON])).combine_chunks()
    for place, field in enumerate(rows.schema):
        if pa.types.is_string(field.type) and _repeats(rows[field.name]):
            rows = rows.set_column(place, field.name, rows[field.name].dictionary_encode())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{uuid.uuid4().hex}.arrow"
    try:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
            writer.write_table(rows)
        size = path.stat().st_size
        source = pa.memory_map(str(path))
    finally:
        path.unlink(missing_ok=True)
    file = pa.ipc.open_file(source)
    mapped = file.get_batch(0) if file.num_record_batches else pa.RecordBatch.from_pylist([], rows.schema)
    return Layout(mapped.column(PERSON).to_numpy(zero_copy_only=False), mapped, size)


def _read(table: Table, file: File, schema: pa.Schema) -> pa.Table:
    """One file of the lake, with columns that came later as empty ones."""
    with table.store.open(f"{table.folder}/{file.path}") as source:
        found = pq.ParquetFile(source).read()
    missing = [field for field in schema if field.name not in found.column_names]
    for field in missing:
        found = found.append_column(field, pa.nulls(found.num_rows, field.type))
    return found.select(schema.names).cast(schema)


def _repeats(column: pa.ChunkedArray) -> bool:
    """Whether a dictionary makes a column of text smaller."""
    head = column.slice(0, SAMPLE)
    return bool(len(pc.unique(head)) * 10 <= len(head))


class Shown(NamedTuple):
    """A decision made ready for many look-ups: where each column lies, and what is done to it."""

    reading: Reading
    columns: tuple[tuple[trust.Column, str], ...]
    pseudonyms: trust.Pseudonyms


class LookUps:
    """Look-ups of people in one table of the lake, by many threads."""

    def __init__(self, lake: Lake, table: str) -> None:
        self.lake, self.table = lake, table
        self._layouts = Layouts(lake.settings.home / "tmp" / "lookup")
        self._audit = trust.audit.Joint(lake.ledger)
        self._who = trust.Pseudonyms.open(lake.settings, "audit")
        self._shown: OrderedDict[tuple[str, int], Shown] = OrderedDict()
        self._head: Snapshot | None = None
        self._looked = 0.0

    def close(self) -> None:
        """Let the layouts go."""
        self._layouts.clear()

    def head(self) -> Snapshot:
        """The newest snapshot, as it was at most `FRESH_SECONDS` ago."""
        now = time.monotonic()
        if self._head is None or now - self._looked > FRESH_SECONDS:
            self._looked = now
            with self.lake.ledger.reading() as connection:
                newest = connection.execute(_NEWEST).scalar() or 0
            if self._head is None or self._head.id != newest:
                self._head = self.lake.snapshot(newest)
        return self._head

    def refresh(self) -> None:
        """Look for a newer snapshot with the next look-up."""
        self._looked = -FRESH_SECONDS

    def warm(self) -> int:
        """Lay out every bucket of the newest snapshot now, so that nobody waits for it later; bytes kept."""
        head, table = self.head(), self.lake.table(self.table)
        version = head.tables.get(self.table)
        if version is None:
            raise UnknownTable(table=self.table, snapshot=head.id)
        split = table.partitioned(version)
        buckets = sorted({file.bucket for file in table.files(version) if file.bucket is not None}) if split else [None]
        return sum(self._layouts.of(table, version, bucket).size for bucket in buckets)

    def row(self, decision: trust.Decision, key: int) -> dict[str, Any] | None:
        """The row of a person as decided, None when the table has none; AccessDenied, NotReadable, UnknownTable."""
        shown = self._ready(decision)
        found = self._find(shown, key)
        found = found if shown.reading.admits(key) else found.slice(0, 0)
        self._audit.append("read", decision.actor.id, self._entry(shown, key, found.num_rows))
        if not found.num_rows:
            return None
        return {column.name: _value(column, found.column(stored), shown.pseudonyms) for column, stored in shown.columns}

    def _ready(self, decision: trust.Decision) -> Shown:
        """The decision made ready on the newest snapshot."""
        head = self.head()
        if self.table not in head.tables:
            raise UnknownTable(table=self.table, snapshot=head.id)
        known = (getattr(decision, "id", ""), head.id)
        found = self._shown.get(known)
        if found is None or found.reading.decision is not decision:
            found = self._shown[known] = self._prepared(decision, head)
            while len(self._shown) > _READY:
                self._shown.popitem(last=False)
        return found

    def _prepared(self, decision: trust.Decision, head: Snapshot) -> Shown:
        reading = read(self.lake, decision, head)
        if reading.table != self.table or ANSWER_ONLY in decision.obligations:
            raise NotReadable(columns=", ".join(column.name for column in reading.columns))
        reading.where(person_key=0)  # may this decision ask for a person at all?
        present = self.lake.table(self.table).schema(head.tables[self.table]).names
        stored = [(c, PERSON if reading._derived(c.name, present) else c.name) for c in reading.columns]
        missing = [name for _, name in stored if name not in present]
        if missing:
            raise NotReadable(columns=", ".join(sorted(missing)))
        return Shown(reading, tuple(stored), trust.Pseudonyms.open(self.lake.settings, decision.purpose))

    def _find(self, shown: Shown, key: int) -> pa.RecordBatch:
        table, version = self.lake.table(self.table), shown.reading.snapshot.tables[self.table]
        bucket = None
        if table.partitioned(version):
            bucket = int(kernels.bucket_of(pa.array([key]), _ZERO, self.lake.settings.buckets)[0])
        return self._layouts.of(table, version, bucket).find(key)

    def _entry(self, shown: Shown, key: int, rows: int) -> dict[str, Any]:
        decision = shown.reading.decision
        return {
            "decision": decision.id,
            "purpose": decision.purpose,
            "dataset": decision.dataset,
            "case": decision.case,
            "snapshot": shown.reading.snapshot.id,
            "persons": [self._who.of(key)],
            "rows": rows,
        }


_NEWEST = select(func.max(SnapshotRow.id))
_ZERO = pa.Array.from_buffers(
    pa.int64(), 1, [None, pa.py_buffer(bytes(8))]
)  # of a list, pandas would be imported for it
_READY = 256


def _value(column: trust.Column, values: pa.Array, pseudonyms: trust.Pseudonyms) -> Any:
    """The one value of a column as the reader gets it."""
    if column.name == _NUMBER and pa.types.is_integer(values.type):
        values = kernels.decode(values)
    if column.outcome == "clear":
        return values[0].as_py()
    plain = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    shown = trust.transform(column, plain, pseudonyms)
    return None if shown is None else shown[0].as_py()
