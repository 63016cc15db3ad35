"""The first rows of a table: CSV, TSV, Parquet, workbooks, and lists of JSON objects."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq

from quanmin.opendata.preview.look import BOMB, BROKEN, COLUMNS, EMPTY, EXPANDED, LARGE, READ, WHOLE, Rows, Unfit, cell
from quanmin.opendata.preview.look import ROWS as MOST
from quanmin.opendata.preview.words import beginning

_BATCH = 500
_MEMBERS = 2_000


def delimited(path: Path, sign: str) -> Rows:
    """The rows at the beginning of a text; one that was cut at the end of what is read is left out."""
    text, cut = beginning(path, READ)
    if not text.strip():
        raise Unfit(EMPTY)
    lines = list(islice(csv.reader(io.StringIO(text), delimiter=sign), MOST + 2))
    if cut and len(lines) < MOST + 2:
        lines = lines[:-1]
    head, body = lines[0], lines[1 : MOST + 1]
    return _rows(head, body, cut or len(lines) > MOST + 1)


def parquet(path: Path) -> Rows:
    """The first rows of a columnar file; a group of rows that would expand to too much is not opened."""
    with pq.ParquetFile(path, memory_map=True) as file:
        about = file.metadata
        if not about.num_row_groups:
            return _rows(file.schema_arrow.names, [], False, about.num_rows)
        if about.num_columns > 10 * COLUMNS or about.row_group(0).total_byte_size > 4 * EXPANDED:
            raise Unfit(LARGE)
        names = file.schema_arrow.names[:COLUMNS]
        rows: list[Iterable[object]] = []
        for batch in file.iter_batches(_BATCH, columns=names, use_threads=False):
            rows += zip(*(column.to_pylist() for column in batch.columns), strict=True)
            if len(rows) >= MOST:
                break
        return _rows(names, rows[:MOST], about.num_rows > MOST, about.num_rows)


def workbook(path: Path) -> Rows:
    """The first rows of the first sheet."""
    if path.stat().st_size > WHOLE:
        raise Unfit(LARGE)
    with zipfile.ZipFile(path) as held:
        members = held.infolist()
        if len(members) > _MEMBERS or sum(one.file_size for one in members) > EXPANDED:
            raise Unfit(BOMB)
    with path.open("rb") as stream:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        lines = [list(line) for line in islice(sheet.iter_rows(max_col=COLUMNS, values_only=True), MOST + 2)]
        book.close()
    width = max((place + 1 for line in lines for place, one in enumerate(line) if one is not None), default=0)
    if not width:
        raise Unfit(EMPTY)
    return _rows([cell(one) for one in lines[0][:width]], lines[1 : MOST + 1], len(lines) > MOST + 1)


def objects(path: Path, lines: bool) -> Rows | None:
    """The rows of a list of flat objects, or of a line each; None for JSON of another shape."""
    if lines:
        text, cut = beginning(path, READ)
        said = text.splitlines()[: -1 if cut else None]
        found: Any = [json.loads(line) for line in said[: MOST + 1] if line.strip()]
        more = cut or len(said) > MOST
    else:
        if path.stat().st_size > WHOLE:
            return None
        found, more = json.loads(path.read_text("utf-8-sig")), False
    if not isinstance(found, list) or not found or not all(isinstance(one, Mapping) for one in found[:MOST]):
        return None
    names = list(dict.fromkeys(name for one in found[:100] for name in one))
    body = ([_plain(one.get(name)) for name in names] for one in found[:MOST])
    return _rows(names, body, more or len(found) > MOST, None if more else len(found))


def _plain(value: object) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict | bool) else value


def _rows(head: Iterable[str], body: Iterable[Iterable[object]], more: bool, total: int | None = None) -> Rows:
    names = tuple(cell(one) for one in islice(head, COLUMNS))
    if not names:
        raise Unfit(BROKEN)
    return Rows(names, tuple(_filled(line, len(names)) for line in body), more, total)


def _filled(line: Iterable[object], width: int) -> tuple[str, ...]:
    cells = tuple(cell(one) for one in islice(line, width))
    return cells + ("",) * (width - len(cells))


def columns_of(rows: Rows) -> Iterator[tuple[str, list[str]]]:
    """Each column with its values."""
    for place, name in enumerate(rows.columns):
        yield name, [row[place] for row in rows.rows]
