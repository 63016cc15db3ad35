"""Rows as one file, Parquet or NDJSON as was agreed on, written batch by batch and handed to the outbox."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.exchange.delivery import outbox, place
from quanmin.exchange.delivery.schema import TableSchema
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import lines
from quanmin.exchange.supply.rows import Rows, named
from quanmin.exchange.terms import Form, Terms
from quanmin.ledger import SYSTEM, Document

GROUP = 250_000
"""Rows of a row group at most."""
NOTE = b"quanmin.supply"
"""The name in the file's metadata of what the rows are: content, snapshot, since, key, and why they are full."""


class Written(NamedTuple):
    """How many rows a file has, and the schema of its lines where it is one of lines."""

    rows: int
    schema: TableSchema | None = None


def send(node: Node, terms: Terms, rows: Rows, empty: bool = True, actor: str = SYSTEM) -> Document | None:
    """Make a delivery of rows; None where there are none and `empty` is not wanted.

    FormUnwritable, and what `outbox.send` raises.
    """
    folder = node.settings.home / "exchange" / "draft"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}.{terms.form}"
    try:
        with place.room(1):
            made = write(path, terms.form, rows)
        if not made.rows and not empty:
            return None
        return outbox.send(
            node,
            terms,
            path,
            rows.content,
            file=named(terms, rows),
            form=terms.form,
            rows=made.rows,
            schema=made.schema,
            snapshot=rows.snapshot,
            since=rows.since,
            actor=actor,
        )
    finally:
        path.unlink(missing_ok=True)


def write(path: Path, form: Form, rows: Rows) -> Written:
    """Write the file. FormUnwritable."""
    if form == "ndjson":
        return Written(*lines.write(path, rows))
    note = {"content": rows.content, "snapshot": rows.snapshot, "since": rows.since, "why": rows.why}
    schema = next(rows.batches).schema.with_metadata(noted(rows.key, rows.optional, note))
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for group in _groups(rows.batches):
            writer.write_table(pa.Table.from_batches(group).cast(schema), row_group_size=GROUP)
            count += sum(len(one) for one in group)
    return Written(count)


def noted(key: Sequence[str], optional: Sequence[str], note: dict[str, Any]) -> dict[bytes, bytes]:
    """The metadata of a file of rows."""
    return {NOTE: json.dumps(note | {"key": list(key), "optional": list(optional)}).encode()}


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
