"""Parquet: a batch of rows at a time, every column as text (whole numbers without a point, dates in ISO form)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanmin.collect.chunk import Chunk, Piece, counted, record_text, text_column
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
    return Chunk(
        titles,
        columns,
        counted(0, batch.num_rows),
        counted(first, batch.num_rows),
        partial(record_text, titles, columns),
    )


def as_text(column: pa.Array) -> pa.Array:
    """Any column as text; nested values and bytes by their Python representation."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return as_text(column.dictionary_decode())
    if pa.types.is_floating(kind):
        return _float_text(column)
    if pa.types.is_timestamp(kind):
        return pc.replace_substring_regex(column.cast(pa.timestamp("us")).cast(pa.string()), r"( 00:00:00)?\.0+$", "")
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return text_column([None if value is None else str(value) for value in column.to_pylist()])
    return column.cast(pa.string())


def _float_text(column: pa.Array) -> pa.Array:
    """Floating numbers; whole ones below 10^15 as whole numbers."""
    whole = pc.and_(pc.equal(column, pc.floor(column)), pc.less(pc.abs(column), 1e15))
    integers = pc.if_else(pc.fill_null(whole, False), column, pa.scalar(0, column.type)).cast(pa.int64())
    return pc.if_else(whole, integers.cast(pa.string()), column.cast(pa.string()))
