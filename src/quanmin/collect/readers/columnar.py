"""Parquet: a batch of rows at a time, every column as text.

Whole numbers have no point, dates ISO form, moments the clock of their own zone; bytes that are UTF-8 are that text, and
nested values are JSON. A row with a NUL is malformed, as in every format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanmin.collect.chunk import Chunk, Malformed, Piece, counted, record_text, text_column
from quanmin.collect.errors import ExpandsTooFar, Truncated
from quanmin.collect.sent_file import SentFile

ROWS = 65_536


class ParquetReader:
    """Reads one Parquet file; a row has no text of its own, so its text is a JSON object and its line its position."""

    def __init__(self, sent: SentFile, rows: int = ROWS) -> None:
        self._sent, self._rows = sent, rows
        try:
            with sent.seekable() as file, pq.ParquetFile(file) as parquet:
                self._check_size(parquet)
                self.titles = tuple(parquet.schema_arrow.names)
        except (pa.ArrowException, OSError) as error:
            raise Truncated(file=sent.name) from error

    def pieces(self) -> Iterator[Piece]:
        """Batches of rows in file order; bytes done are told in proportion to rows."""
        first = 1
        with self._sent.seekable() as file, pq.ParquetFile(file, pre_buffer=False, buffer_size=1 << 20) as parquet:
            total = parquet.metadata.num_rows
            try:
                for batch in parquet.iter_batches(self._rows, use_threads=False):
                    done = self._sent.size * (first - 1 + batch.num_rows) // total
                    yield Piece(partial(_chunk, self.titles, batch, first), done)
                    first += batch.num_rows
            except (pa.ArrowException, OSError) as error:
                raise Truncated(file=self._sent.name) from error

    def _check_size(self, parquet: pq.ParquetFile) -> None:
        groups = range(parquet.metadata.num_row_groups)
        size = sum(parquet.metadata.row_group(group).total_byte_size for group in groups)
        if size > self._sent.settings.max_expanded_bytes:
            raise ExpandsTooFar(file=self._sent.name, limit=self._sent.settings.max_expanded_bytes)


def _chunk(titles: tuple[str, ...], batch: pa.RecordBatch, first: int) -> Chunk:
    columns = [as_text(column) for column in batch.columns]
    offsets, malformed = counted(0, batch.num_rows), list[Malformed]()
    bad = np.zeros(batch.num_rows, dtype=bool)
    for column in columns:
        bad |= pc.fill_null(pc.match_substring(column, "\0"), False).to_numpy(zero_copy_only=False)
    if bad.any():
        places = np.flatnonzero(bad).tolist()
        malformed = [Malformed(at, first + at, record_text(titles, columns, at), "row.nul") for at in places]
        columns = [column.filter(pa.array(~bad)) for column in columns]
        offsets = offsets[~bad]
    return Chunk(titles, columns, offsets, offsets + first, partial(record_text, titles, columns), malformed)


def as_text(column: pa.Array) -> pa.Array:
    """Any column as text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_run_end_encoded(kind):
        return as_text(pc.run_end_decode(column))
    if pa.types.is_floating(kind):
        return _float_text(column)
    if pa.types.is_timestamp(kind):
        local = column if kind.tz is None else pc.local_timestamp(column)
        return pc.replace_substring_regex(local.cast(pa.string()), r"( 00:00:00)?(\.0+)?$", "")
    if pa.types.is_nested(kind):
        return text_column([None if value is None else _json(value) for value in column.to_pylist()])
    if any(is_bytes(kind) for is_bytes in _BYTES):
        return text_column([None if value is None else _decoded(value) for value in column.to_pylist()])
    text = column.cast(pa.string())
    return text if _is_utf8(text) else as_text(text.cast(pa.binary()))


_BYTES = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_binary_view,
)


def _is_utf8(column: pa.Array) -> bool:
    """Whether a text column holds text: the format promises it, and nothing that reads it looks."""
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _decoded(value: bytes) -> str:
    """Bytes as the text they are; each byte that is none of UTF-8 as its escape, so that no value is lost."""
    return value.decode("utf-8", "backslashreplace")


def _float_text(column: pa.Array) -> pa.Array:
    """Floating numbers; whole ones below 10^15 as whole numbers."""
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), 1e15))
    integers = pc.if_else(pc.fill_null(whole, False), column, pa.scalar(0, column.type)).cast(pa.int64())
    return pc.if_else(whole, integers.cast(pa.string()), column.cast(pa.string()))
