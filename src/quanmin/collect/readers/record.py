"""The reference for delimited text: one record after another with Python's csv module, tracking lines.

A record is blank (skipped), well formed, or malformed: another number of fields than the header has, a NUL byte, or a
quotation mark that is still open at the end of the file. The vectorised reader must give the same rows.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from quanmin.collect.chunk import Chunk, Int64s, Malformed, text_column
from quanmin.collect.readers.encoding import Encoding, NotUtf8

csv.field_size_limit(1 << 31)  # the limit on lines (Settings.max_line_bytes) comes first


class Record(NamedTuple):
    """`fields` is None when the csv module refuses the record; `whole` is False when the data ended inside of it."""

    fields: list[str] | None
    line: int
    data: bytes
    whole: bool


class _Lines:
    """Lines for the csv module, remembering what the current record consumed and whether it asked for more."""

    def __init__(self, data: bytes, encoding: Encoding) -> None:
        *closed, rest = data.split(b"\n")
        self._lines = [line + b"\n" for line in closed] + ([rest] if rest else [])
        self._encoding = encoding
        self.at = 0
        self.exhausted = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at == len(self._lines):
            self.exhausted = True
            raise StopIteration
        self.at += 1
        return self._lines[self.at - 1].decode(self._encoding)

    def since(self, start: int) -> bytes:
        return b"".join(self._lines[start : self.at])


def records(data: bytes, encoding: Encoding, delimiter: str, line: int) -> Iterator[Record]:
    """The records of `data`, blank ones included (with no fields); a Record is not whole if the data ended in quotes."""
    lines = _Lines(data, encoding)
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        start = lines.at
        fields: list[str] | None
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            fields = None
        except UnicodeDecodeError as error:
            raise NotUtf8 from error
        yield Record(fields, line + start, lines.since(start), not lines.exhausted)


def record_ends(data: bytes, encoding: Encoding, delimiter: str, last: bool) -> Int64s:
    """Positions of the last byte of each whole record; at the end of the file the unfinished one counts too."""
    ends, at = [], 0
    data = data if last else data[: data.rfind(b"\n") + 1]
    for record in records(data, encoding, delimiter, 1):
        at += len(record.data)
        if last or record.whole:
            ends.append(at - 1)
    return np.array(ends, np.int64)


def parse(data: bytes, encoding: Encoding, delimiter: str, titles: tuple[str, ...], line: int) -> Chunk:
    """The reference: rows, lines and malformed rows of a block of records."""
    rows: list[list[str]] = []
    offsets, lines, texts = [], [], []
    malformed: list[Malformed] = []
    offset = 0
    for record in records(data, encoding, delimiter, line):
        if record.fields == []:
            continue
        text = record.data.decode(encoding).rstrip("\r\n")
        reason = _fault(record, len(titles))
        if reason or record.fields is None:
            malformed.append(Malformed(offset, record.line, text, reason or "row.syntax"))
        else:
            rows.append(record.fields)
            offsets.append(offset)
            lines.append(record.line)
            texts.append(text)
        offset += 1
    columns = [text_column([row[place] for row in rows]) for place in range(len(titles))]
    return Chunk(titles, columns, np.array(offsets, np.int64), np.array(lines, np.int64), texts.__getitem__, malformed)


def _fault(record: Record, width: int) -> str | None:
    if record.fields is None or not record.whole:
        return "row.syntax"
    if b"\0" in record.data:
        return "row.nul"
    return "row.width" if len(record.fields) != width else None
