"""CSV and TSV: UTF-8 (with or without a mark) or GB18030, four delimiters, quotation marks, line ends inside them.

The stream is cut into blocks of whole records; each block is parsed by Arrow in a worker thread. Whatever is unusual in a
block (a NUL, a stray quotation mark, a lone carriage return, a blank line, a row too short or too long) sends that block to
the reference in `record.py`, so that only regular blocks are ever read the fast way.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from quanmin.collect.chunk import Chunk, Int64s, Piece, counted
from quanmin.collect.errors import EmptyFile, LineTooLong
from quanmin.collect.readers import record as slow
from quanmin.collect.readers.block import BLOCK, Block, Cutter
from quanmin.collect.readers.encoding import BOM, Encoding, NotUtf8
from quanmin.collect.sent_file import SentFile

DELIMITERS = ",\t;|"


class DelimitedReader:
    """Reads one file. `recognises(title)` says whether a column title is known; it decides the delimiter."""

    def __init__(
        self, sent: SentFile, encoding: Encoding, recognises: Callable[[str], bool], block: int = BLOCK
    ) -> None:
        self._sent, self._encoding, self._block = sent, encoding, block
        limit = sent.settings.max_line_bytes
        with sent.open() as stream:
            head = stream.read(limit)
        self._header, self._line = _header(head, sent.name, limit)
        text = self._header.removeprefix(BOM).decode(encoding)
        self.delimiter = max(DELIMITERS, key=lambda sign: _fitness(text, sign, recognises))
        self.titles = tuple(title.strip() for title in _fields(text, self.delimiter))

    def pieces(self) -> Iterator[Piece]:
        """The blocks of the file in order."""
        ambiguous = self._encoding == "gb18030" and self.delimiter == "|"  # the byte of "|" ends some characters
        slow_ends = self._slow_ends
        limit = self._sent.settings.max_line_bytes
        cutter = Cutter(self._sent.name, None if ambiguous else self.delimiter, limit, slow_ends, self._block)
        with self._sent.open() as stream:
            stream.read(len(self._header))
            for block in cutter.blocks(stream, self._line):
                yield Piece(partial(self._parse, block), block.done)

    def _slow_ends(self, data: bytes, last: bool) -> Int64s:
        return slow.record_ends(data, self._encoding, self.delimiter, last)

    def _parse(self, block: Block) -> Chunk:
        return (self._fast(block) if block.regular else None) or slow.parse(
            block.data, self._encoding, self.delimiter, self.titles, block.line
        )

    def _fast(self, block: Block) -> Chunk | None:
        """The block read by Arrow; None if it did not find exactly one row for each record."""
        data = block.data
        if self._encoding == "gb18030":
            data = data.decode("gb18030").encode("utf-8")
        try:
            table = _arrow(data, self.delimiter, len(self.titles), block.quoted)
        except pa.ArrowInvalid:
            _require_utf8(data)
            return None
        if table.num_rows != block.records:
            return None
        texts = _Texts(block, self._encoding)
        lines = texts.lines() if block.quoted else counted(block.line, block.records)
        return Chunk(self.titles, table.columns, counted(0, block.records), lines, texts)


def _arrow(data: bytes, delimiter: str, width: int, quoted: bool) -> pa.Table:
    names = [str(place) for place in range(width)]
    return arrow_csv.read_csv(
        pa.py_buffer(data),
        read_options=arrow_csv.ReadOptions(use_threads=False, block_size=len(data) + 1, column_names=names),
        parse_options=arrow_csv.ParseOptions(
            delimiter=delimiter, quote_char='"' if quoted else False, newlines_in_values=quoted
        ),
        convert_options=arrow_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
        ),
    )


def _require_utf8(data: bytes) -> None:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise NotUtf8 from error


class _Texts:
    """The text of each record of a regular block; the places of its line ends are looked up at the first question."""

    def __init__(self, block: Block, encoding: Encoding) -> None:
        self._block, self._encoding = block, encoding
        self._ends: Int64s | None = None

    def __call__(self, index: int) -> str:
        ends = self._record_ends()
        begin = int(ends[index - 1]) + 1 if index else 0
        return self._block.data[begin : int(ends[index]) + 1].decode(self._encoding).rstrip("\r\n")

    def lines(self) -> Int64s:
        """The line on which each record begins."""
        line_ends = np.flatnonzero(np.frombuffer(self._block.data, np.uint8) == ord("\n"))
        before = np.concatenate([[0], self._record_ends()[:-1]])
        passed: Int64s = np.searchsorted(line_ends, before, side="right")
        passed[0] = 0
        return self._block.line + passed

    def _record_ends(self) -> Int64s:
        if self._ends is None:
            self._ends = _line_ends(self._block.data)
        return self._ends


def _line_ends(data: bytes) -> Int64s:
    """Last byte of each record of regular data: the line ends outside quotation marks, and the end of the data."""
    signs = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    quotes = np.flatnonzero(signs == ord('"'))
    if len(quotes):
        ends = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return ends if data.endswith(b"\n") else np.append(ends, len(data) - 1)


def _header(head: bytes, name: str, limit: int) -> tuple[bytes, int]:
    """The bytes down to the end of the first record that is not blank, and the number of the line after it."""
    at = end = 0
    while end < len(head):
        end = head.find(b"\n", end) + 1
        if not end and len(head) == limit:
            raise LineTooLong(file=name, line=head.count(b"\n") + 1, limit=limit)
        end = end or len(head)
        record = head[at:end].removeprefix(BOM)
        if record.strip() and record.count(b'"') % 2 == 0:
            return head[:end], head.count(b"\n", 0, end) + 1
        at = end if not record.strip() else at
    raise EmptyFile(file=name)


def _fields(header: str, delimiter: str) -> list[str]:
    return next((row for row in csv.reader(header.splitlines(keepends=True), delimiter=delimiter) if row), [])


def _fitness(header: str, delimiter: str, recognises: Callable[[str], bool]) -> tuple[int, int]:
    fields = _fields(header, delimiter)
    return sum(map(recognises, fields)), len(fields)
