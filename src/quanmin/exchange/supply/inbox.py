"""The rows that a consumer has under an agreement now: the last full delivery and the changes after it, put together.

Full rows stream from file to file; of changes only keys (or, where rows have none, the changed rows) are in memory.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanmin.exchange.delivery import place
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import chain, mark
from quanmin.exchange.supply.errors import NoState
from quanmin.lake.feed import CHANGE

ROWS = 100_000


def write(node: Node, agreement: str, target: Path) -> tuple[int, int]:
    """Write the rows as one Parquet file, whole or not at all; how many, and the provider's snapshot. NoState."""
    links = chain.path(chain.accepted(node.ledger, agreement))
    if not links:
        raise NoState(agreement=agreement)
    folder, count = place.kept(node.settings.home, agreement), 0
    files = [folder / one.file for one in links]
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with pq.ParquetFile(files[0]) as first:
            schema = first.schema_arrow.remove_metadata()
        with pq.ParquetWriter(draft, schema, compression="zstd", compression_level=1) as writer:
            for batch in rows(files):
                writer.write_batch(batch.cast(schema))
                count += len(batch)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return count, links[-1].snapshot


def rows(files: list[Path]) -> Iterator[pa.RecordBatch]:
    """The rows of a full file and of the changes after it, in this order."""
    key, optional = _key(files[-1])
    names = _names(files[0])
    seen: pa.Array = pa.array([], pa.string())
    by_value: Counter[tuple[Any, ...]] = Counter()
    for file in reversed(files[1:]):
        own = [seen]
        for batch in _batches(file):
            marks = mark.marks(batch, key, optional)
            stands = pc.and_(pc.is_valid(marks), pc.invert(pc.is_in(marks, value_set=seen)))
            kept = batch.filter(pc.and_(stands, pc.not_equal(batch.column(CHANGE), "delete"))).select(names)
            if len(kept):
                yield kept
            own.append(pc.unique(marks.drop_null()))
            for row in batch.filter(pc.is_null(marks)).to_pylist():
                by_value[tuple(row[name] for name in names)] += -1 if row[CHANGE] == "delete" else 1
        seen = pc.unique(pa.concat_arrays(own))
    for batch in _batches(files[0]):
        marks = mark.marks(batch, key, optional)
        kept = batch.filter(pc.invert(pc.and_(pc.is_valid(marks), pc.is_in(marks, value_set=seen))))
        yield _without(kept, by_value)
    left = [dict(zip(names, row, strict=True)) for row, count in by_value.items() for _ in range(count)]
    if left:
        yield pa.RecordBatch.from_pylist(left, kept_schema(files[0]))


def kept_schema(file: Path) -> pa.Schema:
    """The schema of a file."""
    with pq.ParquetFile(file) as source:
        return source.schema_arrow.remove_metadata()


def _without(batch: pa.RecordBatch, by_value: Counter[tuple[Any, ...]]) -> pa.RecordBatch:
    """A batch without the rows that were deleted by their values."""
    if not any(count < 0 for count in by_value.values()):
        return batch
    keep = []
    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        gone = by_value.get(row, 0) < 0
        by_value[row] += 1 if gone else 0
        keep.append(not gone)
    return batch.filter(pa.array(keep, pa.bool_()))


def _batches(file: Path) -> Iterator[pa.RecordBatch]:
    with pq.ParquetFile(file) as source:
        yield from source.iter_batches(ROWS)


def _names(file: Path) -> list[str]:
    return list(kept_schema(file).names)


def _key(file: Path) -> mark.Known:
    """By what the rows of a file are known. ContentBroken where its note does not say."""
    with pq.ParquetFile(file) as source:
        return mark.key_of(source.schema_arrow)
