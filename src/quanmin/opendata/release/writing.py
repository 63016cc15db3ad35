"""A published table as files: the same table gives the same bytes, so that a replay can be compared file by file.

Every column is text: codes keep their zeros, stars stay stars. CSV is UTF-8 with a byte order mark (RFC 4180).
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.opendata.release.recipe import Format

SHEET = 1_000_000
"""Rows of an Excel sheet; a longer table goes on the next one."""
_EPOCH = datetime(2000, 1, 1)
_FORMULA = re.compile(r"^[=+\-@\t\r]")


def written(table: pa.Table, form: Format) -> bytes:
    """The table as a file of a format."""
    plain = pa.table({name: table[name].cast(pa.string()) for name in table.column_names})
    return _WRITERS[form](plain)


def _parquet(table: pa.Table) -> bytes:
    held = io.BytesIO()
    pq.write_table(table, held, compression="zstd", row_group_size=122_880)
    return held.getvalue()


def _csv(table: pa.Table) -> bytes:
    held = io.StringIO(newline="")
    out = csv.writer(held, lineterminator="\r\n")
    out.writerow(table.column_names)
    out.writerows(["" if one is None else one for one in row.values()] for row in table.to_pylist())
    return b"\xef\xbb\xbf" + held.getvalue().encode()


def _json(table: pa.Table) -> bytes:
    return json.dumps(table.to_pylist(), ensure_ascii=False, separators=(",", ":")).encode()


def _xlsx(table: pa.Table) -> bytes:
    """A workbook whose cells are all text: no cell is a formula."""
    import openpyxl  # heavy, and needed here only
    from openpyxl.cell import WriteOnlyCell

    book = openpyxl.Workbook(write_only=True)
    book.properties.creator = "quanmin"
    for start in range(0, max(table.num_rows, 1), SHEET):
        sheet = book.create_sheet("data" if not start else f"data{start // SHEET + 1}")
        sheet.append(table.column_names)
        for row in table.slice(start, SHEET).to_pylist():
            cells: list[Any] = []
            for value in row.values():
                cell = WriteOnlyCell(sheet, value)
                if value is not None and _FORMULA.match(value):
                    cell.data_type = "s"
                cells.append(cell)
            sheet.append(cells)
    held = io.BytesIO()
    book.save(held)
    return _timeless(held.getvalue())


def _timeless(content: bytes) -> bytes:
    """The same workbook without the moment it was written at."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as out:
        for one in sorted(source.infolist(), key=lambda each: each.filename):
            info = zipfile.ZipInfo(one.filename, _EPOCH.timetuple()[:6])
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
            held = source.read(one)
            if one.filename == "docProps/core.xml":
                held = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", b"2000-01-01T00:00:00Z", held)
            out.writestr(info, held)
    return made.getvalue()


_WRITERS: dict[Format, Callable[[pa.Table], bytes]] = {
    "parquet": _parquet,
    "csv": _csv,
    "xlsx": _xlsx,
    "json": _json,
}
