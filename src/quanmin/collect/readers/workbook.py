"""XLSX: one worksheet, its first row that is not blank the header, every cell as the text a person would have typed.

Whole numbers lose no digit and gain no point (110105, not 110105.0), dates become ISO text, a formula is taken as its text
and never computed. A row is a sheet row: its number is the line. Blank rows are no rows.
"""

from __future__ import annotations

import errno
import json
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from typing import IO, Any

import numpy as np
import openpyxl
from openpyxl.worksheet.formula import ArrayFormula, DataTableFormula

from quanmin.collect.chunk import Chunk, Malformed, Piece, text_column
from quanmin.collect.errors import EmptyFile, ExpandsTooFar, SeveralSheets, Truncated
from quanmin.collect.sent_file import SentFile

ROWS = 5_000

# What zipfile, the XML parser and openpyxl raise on a file of which some bytes are wrong.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    SyntaxError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    NotImplementedError,
)

Row = tuple[int, tuple[str | None, ...]]


class WorkbookReader:
    """Reads the one worksheet with data of a workbook."""

    def __init__(self, sent: SentFile, rows: int = ROWS) -> None:
        self._sent, self._rows = sent, rows
        with sent.seekable() as file:
            header = next(self._sheet_rows(file), None)
        if header is None:
            raise EmptyFile(file=sent.name)
        self.titles = tuple((title or "").strip() for title in _trimmed(header[1]))

    def pieces(self) -> Iterator[Piece]:
        """Some thousand sheet rows at a time; their share of the file's bytes is not known, so it is told at the end."""
        with self._sent.seekable() as file:
            rows = self._sheet_rows(file)
            next(rows)
            while part := list(islice(rows, self._rows)):
                chunk = _chunk(self.titles, part)
                yield Piece(lambda chunk=chunk: chunk, 0)  # type: ignore[misc]

    def _sheet_rows(self, file: IO[bytes]) -> Iterator[Row]:
        """Numbers and texts of the rows that are not blank."""
        try:
            self._check_size(file)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                book = openpyxl.load_workbook(file, read_only=True, data_only=False)
            sheets = [sheet for sheet in book.worksheets if _has_data(sheet)]
            if len(sheets) > 1:
                raise SeveralSheets(file=self._sent.name, sheets=len(sheets))
            for sheet in sheets:
                yield from _rows(sheet)
        except _DAMAGE as error:
            raise Truncated(file=self._sent.name) from error
        except OSError as error:
            if error.errno != errno.EINVAL:  # a place that no file has; the disk's own errors are told as they are
                raise
            raise Truncated(file=self._sent.name) from error

    def _check_size(self, file: IO[bytes]) -> None:
        with zipfile.ZipFile(file) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > self._sent.limit:
            raise ExpandsTooFar(file=self._sent.name, limit=self._sent.limit)


def _has_data(sheet: Any) -> bool:
    return next(_rows(sheet), None) is not None


def _rows(sheet: Any) -> Iterator[Row]:
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        row = tuple(map(cell_text, values))
        if any(text and not text.isspace() for text in row):
            yield number, row


def cell_text(value: object) -> str | None:
    """A cell as text; None if it is empty."""
    match value:
        case None:
            return None
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date() | time():
            return value.isoformat()
        case ArrayFormula():
            return str(value.text)
        case DataTableFormula():
            return f"=TABLE({value.r1 or ''},{value.r2 or ''})"
        case _:
            return str(value)


def _trimmed(row: tuple[str | None, ...]) -> tuple[str | None, ...]:
    """The row without the empty cells at its end."""
    end = len(row)
    while end and not row[end - 1]:
        end -= 1
    return row[:end]


def _chunk(titles: tuple[str, ...], rows: list[Row]) -> Chunk:
    width = len(titles)
    good: list[tuple[str | None, ...]] = []
    offsets, lines = [], []
    malformed: list[Malformed] = []
    for offset, (number, row) in enumerate(rows):
        trimmed = _trimmed(row)
        if len(trimmed) > width or any("\0" in text for text in trimmed if text):
            reason = "row.width" if len(trimmed) > width else "row.nul"
            malformed.append(Malformed(offset, number, json.dumps(trimmed, ensure_ascii=False), reason))
            continue
        good.append(trimmed + (None,) * (width - len(trimmed)))
        offsets.append(offset)
        lines.append(number)
    columns = [text_column([row[place] for row in good]) for place in range(width)]

    def text(index: int) -> str:
        return json.dumps(dict(zip(titles, good[index], strict=True)), ensure_ascii=False)

    return Chunk(titles, columns, np.array(offsets, np.int64), np.array(lines, np.int64), text, malformed)
