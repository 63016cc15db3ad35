"""An uploaded CSV or TSV as the table that rows are asked of: every column is text, as its sender wrote it.

Nothing is guessed: `010` stays `010`. Nothing between two separators is no value, `""` an empty text. All rows or none: rows with
another number of columns are told by their numbers.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from quanmin.opendata.ckan.content import refuse
from quanmin.opendata.ckan.errors import FileRefused
from quanmin.opendata.storage import Kept, Storage

SEPARATORS = {"csv": ",", "tsv": "\t"}
COLUMNS = 2_000
_HEAD = 1 << 20
_BLOCK = 8 << 20
_TOLD = 10


def kept(storage: Storage, file: Path, kind: str) -> Kept:
    """Keep the table of a CSV or TSV as Parquet; FileRefused."""
    names, rest = _head(file, SEPARATORS[kind])
    if not rest:
        schema = pa.schema([(name, pa.string()) for name in names])
        return storage.write(lambda out: pq.write_table(schema.empty_table(), out))
    wrong: list[int] = []

    def skip(row: pyarrow.csv.InvalidRow) -> str:
        wrong.append(row.number or 0)
        return "skip" if len(wrong) < _TOLD else "error"

    try:
        with pyarrow.csv.open_csv(
            file,
            read_options=pyarrow.csv.ReadOptions(use_threads=False, block_size=_BLOCK),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=SEPARATORS[kind],
                newlines_in_values=True,
                invalid_row_handler=skip,
                ignore_empty_lines=len(names) > 1,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        ) as reader:
            made = storage.write(lambda out: _write(reader, out, wrong))
    except pa.ArrowException:
        raise (_ragged(wrong) if wrong else refuse("CSV 有误", "the CSV is malformed")) from None
    return made


def _write(reader: pyarrow.csv.CSVStreamingReader, out: BinaryIO, wrong: list[int]) -> None:
    with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
    if wrong:
        raise _ragged(wrong)


def _ragged(wrong: list[int]) -> FileRefused:
    told = ", ".join(str(one) for one in wrong if one) or "?"
    more = " …" if len(wrong) >= _TOLD else ""
    return refuse(f"这些行的列数不符：{told}{more}", f"rows with another number of columns: {told}{more}")


def _head(file: Path, separator: str) -> tuple[list[str], bool]:
    """The names of the columns, each once and not empty, and whether there is anything behind them."""
    with file.open("rb") as source:
        head = source.read(_HEAD).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "ignore")
    read = csv.reader(io.StringIO(head, newline=""), delimiter=separator)
    try:
        names, rest = next(read, []), next(read, None) is not None or file.stat().st_size > _HEAD
    except csv.Error:
        raise refuse("首行有误", "the first row is malformed") from None
    if not names or len(names) > COLUMNS or len(set(names)) < len(names) or not all(name.strip() for name in names):
        raise refuse(
            f"首行须为列名：至多 {COLUMNS} 个，不为空，不重复",
            f"the first row names the columns: at most {COLUMNS}, none empty, each once",
        )
    return names, rest
