"""Rows as files: CSV (RFC 4180), Parquet, XLSX and JSON, written piece by piece.

In a worksheet every text is a text: a cell that begins with `=`, `+`, `-` or `@` is never a formula. In CSV texts stand in
quotes, so that a missing value (nothing) and an empty text ("") differ; lines end in CR LF.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

import openpyxl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from openpyxl.cell import WriteOnlyCell

from quanmin.opendata.rows.errors import SheetTooLong
from quanmin.opendata.rows.page import records

SHEET_ROWS = 1_048_576
CELL = 32_767
BOM = b"\xef\xbb\xbf"
MEDIA: Mapping[str, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8; header=present",
    "parquet": "application/vnd.apache.parquet",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_EXACT = 10**15
Batches = Iterable[pa.Table]


def csv(batches: Batches, schema: pa.Schema, out: BinaryIO, bom: bool = False) -> int:
    """Write CSV; how many rows. `bom`: with the mark by which spreadsheets know UTF-8."""
    if bom:
        out.write(BOM)
    options = pyarrow.csv.WriteOptions(eol="\r\n", quoting_style="needed", quoting_header="needed")
    count = 0
    with pyarrow.csv.CSVWriter(pa.PythonFile(out, mode="w"), schema, write_options=options) as writer:
        for batch in batches:
            writer.write_table(batch)
            count += batch.num_rows
    return count


def parquet(batches: Batches, schema: pa.Schema, out: BinaryIO) -> int:
    """Write Parquet (zstd); how many rows."""
    count = 0
    with pq.ParquetWriter(pa.PythonFile(out, mode="w"), schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(batch)
            count += batch.num_rows
    return count


def xlsx(batches: Batches, schema: pa.Schema, out: BinaryIO) -> int:
    """Write a workbook of one sheet; how many rows. SheetTooLong."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("data")
    sheet.append([_cell(sheet, name) for name in schema.names])
    count = 0
    try:
        for batch in batches:
            count += batch.num_rows
            if count >= SHEET_ROWS:
                raise SheetTooLong(limit=SHEET_ROWS)
            for row in zip(*(batch.column(name).to_pylist() for name in schema.names), strict=True):
                sheet.append([_cell(sheet, value) for value in row])
    except SheetTooLong:
        sheet.close()  # its own temporary file goes with it
        raise
    book.save(out)
    return count


def _cell(sheet: Any, value: Any) -> Any:
    """A cell: numbers that a spreadsheet holds exactly, everything else as text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float) and abs(value) < _EXACT:
        return value
    text = value if isinstance(value, str) else _said(value)
    if len(text) > CELL or _ILLEGAL.search(text):
        raise SheetTooLong(limit=CELL)
    cell = WriteOnlyCell(sheet, value=None)
    cell._value = text  # set as it is: the public way makes formulas of what begins with "="
    cell.data_type = "s"
    return cell


def _said(value: Any) -> str:
    return str(value.isoformat()) if hasattr(value, "isoformat") else str(value)


def json_rows(batches: Batches, _schema: pa.Schema, out: BinaryIO) -> int:
    """Write a JSON array of objects; how many rows."""
    count = 0
    out.write(b"[")
    for batch in batches:
        for record in records(batch):
            out.write(b",\n" if count else b"\n")
            out.write(json.dumps(record, ensure_ascii=False).encode())
            count += 1
    out.write(b"\n]\n")
    return count


WRITERS: Mapping[str, Callable[[Batches, pa.Schema, BinaryIO], int]] = {
    "json": json_rows,
    "csv": csv,
    "parquet": parquet,
    "xlsx": xlsx,
}
"""The formats, by ending."""
