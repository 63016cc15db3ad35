"""JSON objects as rows: an array of them (JSON) or one on each line (NDJSON). Both are read as a stream.

Numbers keep the text they were sent in (`1e5` stays `1e5`), nested values become JSON text. A line is malformed whose object
gives a key twice, holds half of a surrogate pair, or is nested too deep; in an array a key given twice ends the reading. The
columns are the keys of the objects; each chunk has its own.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from quanmin.collect.chunk import Chunk, Malformed, Piece, text_column
from quanmin.collect.errors import BadJson, LineTooLong, TooManyColumns
from quanmin.collect.readers.block import BLOCK, Block, Cutter
from quanmin.collect.readers.encoding import BOM, Encoding, NotUtf8
from quanmin.collect.sent_file import SentFile, Stream

MAX_COLUMNS = 2_000
_ROWS = 20_000
_READ = 1 << 20
_SPACE = " \t\r\n"

Parsed = tuple[int, str, dict[str, str | None] | None, str]


class _KeyTwice(ValueError):
    """An object names a key twice."""


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _KeyTwice
    return found


_DECODER = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number, object_pairs_hook=_unique)


class LinesReader:
    """NDJSON. A line that is no JSON object is a malformed row; blank lines are no rows."""

    def __init__(self, sent: SentFile, encoding: Encoding, block: int = BLOCK) -> None:
        self._sent, self._encoding, self._block = sent, encoding, block
        self.titles = _first_titles(self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """Blocks of whole lines, parsed in any thread."""
        cutter = LineCutter(self._sent.name, None, self._sent.settings.max_line_bytes, _no_quotes, self._block)
        with self._sent.open() as stream:
            for block in cutter.blocks(stream, 1):
                yield Piece(partial(self._parse, block), block.done)

    def _parse(self, block: Block) -> Chunk:
        rows: list[Parsed] = []
        try:
            for number, data in enumerate(block.data.split(b"\n"), block.line):
                text = data.decode(self._encoding).removeprefix("\ufeff").strip()
                if text:
                    rows.append((number, text, *_object(text)))
        except UnicodeDecodeError as error:
            raise NotUtf8 from error
        return _chunk(self._sent.name, rows)


class LineCutter(Cutter):
    """Cuts at every line end: in NDJSON no line end can be inside of a record."""

    quotes_matter = False


def _no_quotes(data: bytes, last: bool) -> Any:
    raise AssertionError("lines of JSON are cut without looking at quotation marks")


class ArrayReader:
    """One JSON array of objects; its record numbers stand in for lines."""

    def __init__(self, sent: SentFile, encoding: Encoding, rows: int = _ROWS) -> None:
        self._sent, self._encoding, self._rows = sent, encoding, rows
        self.titles = _first_titles(self.pieces())

    def pieces(self) -> Iterator[Piece]:
        """Some thousand objects at a time, decoded as they come by."""
        with self._sent.open() as stream:
            rows: list[Parsed] = []
            for row in self._objects(stream):
                rows.append(row)
                if len(rows) == self._rows:
                    yield Piece(_already(_chunk(self._sent.name, rows)), stream.position)
                    rows = []
            if rows:
                yield Piece(_already(_chunk(self._sent.name, rows)), stream.position)

    def _objects(self, stream: Stream) -> Iterator[Parsed]:
        text = _Text(stream, self._encoding)
        limit = self._sent.settings.max_line_bytes
        number = 0
        self._expect(text, "[", 1)
        if text.peek() == "]":
            text.take()
        else:
            separator = ","
            while separator == ",":
                number += 1
                yield (number, *self._element(text, number, limit))
                separator = text.peek()
                self._expect(text, ",]", number)
        if text.peek():
            raise BadJson(file=self._sent.name, row=number + 1)

    def _expect(self, text: _Text, signs: str, row: int) -> None:
        if text.peek() == "" or text.take() not in signs:
            raise BadJson(file=self._sent.name, row=row)

    def _element(self, text: _Text, row: int, limit: int) -> tuple[str, dict[str, str | None] | None, str]:
        """The next element; more is read while it may only be unfinished, up to the limit on a record."""
        if text.peek() != "{":
            raise BadJson(file=self._sent.name, row=row)
        while True:
            try:
                record, end = _DECODER.raw_decode(text.buffer, text.at)
            except _KeyTwice:
                raise BadJson(file=self._sent.name, row=row) from None
            except (json.JSONDecodeError, RecursionError) as error:
                if len(text.buffer) - text.at > limit:
                    raise LineTooLong(file=self._sent.name, line=row, limit=limit) from error
                if not text.more():
                    raise BadJson(file=self._sent.name, row=row) from error
                continue
            source, text.at = text.buffer[text.at : end], end
            return source, *_texts(record, source)


class _Text:
    """Decoded text of a stream, a buffer at a time."""

    def __init__(self, stream: Stream, encoding: Encoding) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self.buffer, self.at = "", 0
        self._first = True

    def more(self) -> bool:
        """Read on; False at the end."""
        data = self._stream.read(_READ)
        try:
            fresh = self._decoder.decode(data.removeprefix(BOM) if self._first else data, not data)
        except UnicodeDecodeError as error:
            raise NotUtf8 from error
        self._first = False
        self.buffer, self.at = self.buffer[self.at :] + fresh, 0
        return bool(data)

    def peek(self) -> str:
        """The next sign that is not blank, "" at the end; it stays."""
        while True:
            while self.at < len(self.buffer) and self.buffer[self.at] in _SPACE:
                self.at += 1
            if self.at < len(self.buffer):
                return self.buffer[self.at]
            if not self.more():
                return ""

    def take(self) -> str:
        """The sign that `peek` showed, consumed."""
        self.at += 1
        return self.buffer[self.at - 1]


def _object(text: str) -> tuple[dict[str, str | None] | None, str]:
    """One line as a record, or the reason why it is none."""
    try:
        record, end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        return None, "row.syntax"
    return _texts(record, text) if end == len(text) else (None, "row.syntax")


def _texts(record: object, source: str) -> tuple[dict[str, str | None] | None, str]:
    if not isinstance(record, dict):
        return None, "row.syntax"
    try:
        texts = {key: value if value is None or type(value) is str else _nested(value) for key, value in record.items()}
        if "\\u" in source:
            "".join(text for text in (*texts, *texts.values()) if text).encode("utf-8")
    except (RecursionError, UnicodeEncodeError):
        return None, "row.syntax"
    if "\\u0000" in source and any("\0" in text for text in (*texts, *texts.values()) if text):
        return None, "row.nul"
    return texts, ""


def _nested(value: object) -> str:
    """A value as JSON text, its numbers as they were written."""
    match value:
        case _Number():
            return str(value)
        case dict():
            members = (f"{_nested(key)}: {_nested(member)}" for key, member in value.items())
            return "{" + ", ".join(members) + "}"
        case list():
            return "[" + ", ".join(map(_nested, value)) + "]"
        case _:
            return json.dumps(value, ensure_ascii=False)


def _chunk(name: str, rows: list[Parsed]) -> Chunk:
    titles: dict[str, None] = {}
    good: list[Parsed] = []
    offsets: list[int] = []
    malformed: list[Malformed] = []
    for offset, row in enumerate(rows):
        number, text, record, reason = row
        if record is None:
            malformed.append(Malformed(offset, number, text, reason))
            continue
        titles.update(dict.fromkeys(record))
        good.append(row)
        offsets.append(offset)
    if len(titles) > MAX_COLUMNS:
        raise TooManyColumns(file=name, limit=MAX_COLUMNS)
    columns = [text_column([row[2].get(title) for row in good if row[2] is not None]) for title in titles]
    lines = np.array([row[0] for row in good], np.int64)
    return Chunk(tuple(titles), columns, np.array(offsets, np.int64), lines, lambda index: good[index][1], malformed)


def _already(chunk: Chunk) -> Callable[[], Chunk]:
    return lambda: chunk


def _first_titles(pieces: Iterator[Piece]) -> tuple[str, ...]:
    """The keys of the first chunk that has any."""
    for piece in pieces:
        titles = piece.parse().titles
        if titles:
            return titles
    return ()
