"""Files in the formats that agencies send. Every sink takes tables of text one after another and makes one file."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from openpyxl import Workbook

SHEET_LIMIT = 20_000
"""A source with more rows does not come as a workbook."""

ROW_GROUP = 100_000


class Sink(Protocol):
    """One file being written."""

    def write(self, table: pa.Table) -> None:
        """Add rows."""

    def close(self) -> Path:
        """Finish the file and say where it is."""


class ParquetSink:
    """Parquet of text columns, codes and repeated texts as dictionaries; row groups do not depend on the partitions."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        dictionaries = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        self._writer = pq.ParquetWriter(
            path,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=dictionaries,
            store_schema=False,
            write_statistics=False,
        )
        self._held: list[pa.Table] = []
        self._rows = 0

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        self._held.append(table)
        self._rows += table.num_rows
        if self._rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.concat_tables(self._held), row_group_size=self._rows)
        self._held, self._rows = [], 0

    def close(self) -> Path:
        """Finish the file."""
        self._flush()
        self._writer.close()
        return self._path


class DelimitedSink:
    """CSV in an encoding; empty fields for missing values."""

    def __init__(self, path: Path, schema: pa.Schema, encoding: str) -> None:
        self._path, self._encoding = path, encoding
        self._file = path.open("wb")
        header = ",".join(schema.names) + "\n"
        self._file.write(header.encode("utf-8-sig" if encoding == "utf-8-sig" else encoding))

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        buffer = pa.BufferOutputStream()
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed")
        pyarrow.csv.write_csv(plain(table), buffer, options)
        data = buffer.getvalue()
        if self._encoding in ("utf-8", "utf-8-sig"):
            self._file.write(data)
        else:
            self._file.write(data.to_pybytes().decode("utf-8").encode(self._encoding))

    def close(self) -> Path:
        """Finish the file."""
        self._file.close()
        return self._path


class LinesSink:
    """One JSON object a line (NDJSON), missing values left out as null; compressed when the name ends with .gz."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path = path
        self._raw = path.open("wb")
        compressed = path.suffix == ".gz"
        self._file: Any = gzip.GzipFile("", "wb", 1, self._raw, mtime=0) if compressed else self._raw

    def write(self, table: pa.Table) -> None:
        """Add rows. The simulated texts hold nothing that JSON must escape."""
        parts: list[Any] = []
        for place, (name, column) in enumerate(
            zip(table.column_names, plain(table).combine_chunks().columns, strict=True)
        ):
            quoted = pc.binary_join_element_wise('"', column.combine_chunks(), '"', "")
            parts += [("{" if place == 0 else ", ") + f'"{name}": ', pc.fill_null(quoted, "null")]
        lines = pc.binary_join_element_wise(*parts, "}\n", "")
        self._file.write("".join(lines.to_pylist()).encode("utf-8"))

    def close(self) -> Path:
        """Finish the file."""
        self._file.close()
        if not self._raw.closed:
            self._raw.close()
        return self._path


class WorkbookSink:
    """A workbook of text cells; turns into GB 18030 CSV when there are too many rows for an office to have sent one."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self._path, self._schema = path, schema
        self._held: list[pa.Table] = []
        self._rows = 0
        self._other: DelimitedSink | None = None

    def write(self, table: pa.Table) -> None:
        """Add rows."""
        if self._other is not None:
            self._other.write(table)
            return
        self._held.append(table)
        self._rows += table.num_rows
        if self._rows > SHEET_LIMIT:
            self._other = DelimitedSink(self._path.with_suffix(".csv"), self._schema, "gb18030")
            for held in self._held:
                self._other.write(held)
            self._held = []

    def close(self) -> Path:
        """Finish the file."""
        if self._other is not None:
            return self._other.close()
        book = Workbook(write_only=True)
        book.properties.created = book.properties.modified = datetime(2016, 1, 1)
        sheet = book.create_sheet("Sheet1")
        sheet.append(self._schema.names)
        for table in self._held:
            for row in zip(*(column.to_pylist() for column in plain(table).columns), strict=True):
                sheet.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        _without_clock(buffer, self._path)
        return self._path


def _without_clock(source: io.BytesIO, path: Path) -> None:
    """The same archive with one fixed time in it, so that the same seed gives the same bytes."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "docProps/core.xml":
                data = _fixed_times(data)
            info = zipfile.ZipInfo(name, (2016, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)


def _fixed_times(data: bytes) -> bytes:
    return re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2016-01-01T00:00:00Z", data)


def plain(table: pa.Table) -> pa.Table:
    """The table with dictionaries resolved into text."""
    columns = [column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column for column in table.columns]
    return pa.table(columns, names=table.column_names)


FORMATS: dict[str, tuple[str, str]] = {
    "public_security.household_registration": ("gb18030.csv", "%Y%m%d"),
    "public_security.photo_reference": ("parquet", "%Y-%m-%d"),
    "education.degree": ("utf-8-sig.csv", "%Y-%m-%d"),
    "education.pupil": ("utf-8-sig.csv", "%Y%m%d"),
    "civil_affairs.marriage": ("gb18030.csv", "%Y年%m月%d日"),
    "civil_affairs.funeral": ("xlsx", "%Y-%m-%d"),
    "social_security.residence": ("utf-8.csv", "%Y/%m/%d"),
    "social_security.employment": ("parquet", "%Y%m%d"),
    "social_security.death": ("xlsx", "%Y/%m/%d"),
    "health.birth": ("ndjson.gz", "%Y-%m-%d"),
    "health.death": ("ndjson", "%Y-%m-%d"),
    "health.ncms_enrolment": ("parquet", "%Y%m%d"),
    "health.whole_population": ("parquet", "%Y-%m-%d"),
    "health.childbirth_history": ("utf-8-sig.csv", "%Y%m%d"),
}
"""How each dataset comes, and how its dates are written, when formats are `native`."""


def form_of(dataset: str, formats: str) -> tuple[str, str]:
    """Format and form of dates of a dataset."""
    return FORMATS.get(dataset, ("parquet", "%Y-%m-%d")) if formats == "native" else ("parquet", "%Y-%m-%d")


def open_sink(directory: Path, dataset: str, kind: str, schema: pa.Schema) -> Sink:
    """The sink of a dataset's file."""
    if kind == "parquet":
        return ParquetSink(directory / f"{dataset}.parquet", schema)
    if kind == "xlsx":
        return WorkbookSink(directory / f"{dataset}.xlsx", schema)
    if kind.startswith("ndjson"):
        return LinesSink(directory / f"{dataset}.{kind}", schema)
    return DelimitedSink(directory / f"{dataset}.csv", schema, kind.removesuffix(".csv"))
