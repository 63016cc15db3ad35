"""Rows as one Parquet file, written batch by batch, and handed to the outbox."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.exchange.delivery import outbox, place
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply.rows import Rows, named
from quanmin.exchange.terms import Terms
from quanmin.ledger import SYSTEM, Document

GROUP = 250_000
"""Rows of a row group at most."""
NOTE = b"quanmin.supply"
"""The name in the file's metadata of what the rows are: content, snapshot, since, key, and why they are full."""


def send(node: Node, terms: Terms, rows: Rows, empty: bool = True, actor: str = SYSTEM) -> Document | None:
    """Make a delivery of rows; None where there are none and `empty` is not wanted. What `outbox.send` raises."""
    folder = node.settings.home / "exchange" / "draft"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}.parquet"
    try:
        with place.room(1):
            count = write(path, rows)
        if not count and not empty:
            return None
        return outbox.send(
            node,
            terms,
            path,
            rows.content,
            file=named(terms, rows),
            form="parquet",
            rows=count,
            snapshot=rows.snapshot,
            since=rows.since,
            actor=actor,
        )
    finally:
        path.unlink(missing_ok=True)


def write(path: Path, rows: Rows) -> int:
    """Write the file; how many rows it has."""
    first = next(rows.batches)
    note: dict[str, Any] = {"content": rows.content, "snapshot": rows.snapshot, "since": rows.since, "why": rows.why}
    note |= {"key": list(rows.key), "optional": list(rows.optional)}
    schema = first.schema.with_metadata({NOTE: json.dumps(note).encode()})
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for group in _groups(rows.batches):
            writer.write_table(pa.Table.from_batches(group).cast(schema), row_group_size=GROUP)
            count += sum(len(one) for one in group)
    return count


def _groups(batches: Iterator[pa.RecordBatch]) -> Iterator[list[pa.RecordBatch]]:
    """Batches in groups of not many more than a row group."""
    group, size = list[pa.RecordBatch](), 0
    for batch in batches:
        if not len(batch):
            continue
        if group and size + len(batch) > GROUP:
            yield group
            group, size = [], 0
        group.append(batch)
        size += len(batch)
    if group:
        yield group
