"""Cut a delimited text into blocks of whole records, without decoding it.

A cut falls behind a line end that is outside quotation marks. The bytes of a line end, a comma and a quotation mark occur
in no character of UTF-8 or GB18030 but themselves, so bytes can be cut. Where quotation marks stand only where the format
puts them (a field begins, ends, or doubles them), a line end is outside exactly when an even number of them lies before
it; a block in which they stand elsewhere is `irregular`, and the slow reader finds where its last record ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from quanmin.collect.chunk import Int64s
from quanmin.collect.errors import LineTooLong, OpenQuote
from quanmin.collect.sent_file import Stream

BLOCK = 8 << 20

_QUOTE, _LINE_FEED, _RETURN = ord('"'), ord("\n"), ord("\r")


class Block(NamedTuple):
    """Whole records as bytes. `line` is the number of their first line, `records` how many line ends close one.

    `regular` means that a vectorised parser reads them as the slow one would, provided it finds `records` rows.
    """

    data: bytes
    line: int
    records: int
    quoted: bool
    regular: bool
    done: int


class Cutter:
    """Cuts a stream into blocks of about `size` bytes; a record longer than `limit` is refused.

    `slow_ends(data, last)` finds the last byte of each record of irregular data. Without a `delimiter` every block with
    quotation marks is irregular.
    """

    quotes_matter = True

    def __init__(
        self,
        name: str,
        delimiter: str | None,
        limit: int,
        slow_ends: Callable[[bytes, bool], Int64s],
        size: int = BLOCK,
    ) -> None:
        self._name, self._limit, self._size = name, limit, size
        self._delimiter = ord(delimiter) if delimiter else None
        self._slow_ends = slow_ends

    def blocks(self, stream: Stream, line: int) -> Iterator[Block]:
        """The blocks of the rest of the stream, whose first line has number `line`."""
        rest = b""
        last = False
        while not last:
            fresh = stream.read(self._size)
            last = len(fresh) < self._size
            data = rest + fresh if rest else fresh
            block, rest = self._divide(data, line, last, stream.position)
            if block.data:
                yield block
                line += _line_feeds(block.data) if block.quoted else block.records
            if len(rest) > self._limit:
                self._refuse(rest, line)

    def _divide(self, data: bytes, line: int, last: bool, done: int) -> tuple[Block, bytes]:
        plain = b"\0" not in data and (b"\r" not in data or data.count(b"\r") == data.count(b"\r\n"))
        if not self.quotes_matter or b'"' not in data:
            cut = len(data) if last else data.rfind(b"\n") + 1
            self._check_lines(data, cut, line)
            part = data[:cut]
            return Block(part, line, _records(part), False, plain, done), data[cut:]
        ends = None if self._delimiter is None or not plain else _record_ends(data, self._delimiter, last)
        regular = ends is not None
        if ends is None:
            ends = self._slow_ends(data, last)
        self._check_records(data, ends, line)
        cut = int(ends[-1]) + 1 if len(ends) else 0
        return Block(data[:cut], line, len(ends), True, regular, done), data[cut:]

    def _check_lines(self, data: bytes, end: int, line: int) -> None:
        """No line beyond the limit: hop from line end to line end, at most one limit at a time."""
        at = 0
        while end - at > self._limit:
            following = data.rfind(b"\n", at, at + self._limit + 1) + 1
            if not following:
                raise LineTooLong(file=self._name, line=line + data.count(b"\n", 0, at), limit=self._limit)
            at = following

    def _check_records(self, data: bytes, ends: Int64s, line: int) -> None:
        lengths = np.diff(ends, prepend=-1)
        if len(lengths) and lengths.max() > self._limit:
            begin = int(ends[lengths.argmax()] - lengths.max()) + 1
            self._refuse(data[begin : int(ends[lengths.argmax()])], line + data.count(b"\n", 0, begin))

    def _refuse(self, record: bytes, line: int) -> None:
        first = record.find(b"\n")
        if 0 <= first <= self._limit:
            raise OpenQuote(file=self._name, line=line, limit=self._limit)
        raise LineTooLong(file=self._name, line=line, limit=self._limit)


def _records(data: bytes) -> int:
    return _line_feeds(data) + (not data.endswith(b"\n"))


def _line_feeds(data: bytes) -> int:
    """How many line feeds there are: comparing all bytes at once beats searching for each of many."""
    return int(np.count_nonzero(np.frombuffer(data, np.uint8) == _LINE_FEED))


def _record_ends(data: bytes, delimiter: int, last: bool) -> Int64s | None:
    """Positions of the line ends outside quotation marks; None if a mark stands where the format has none."""
    signs = np.frombuffer(data, np.uint8)
    quotes = np.flatnonzero(signs == _QUOTE)
    if not _well_placed(signs, quotes, delimiter):
        return None
    line_ends = np.flatnonzero(signs == _LINE_FEED)
    ends: Int64s = line_ends[np.searchsorted(quotes, line_ends) % 2 == 0]
    if not last or (data.endswith(b"\n") and len(quotes) % 2 == 0):
        return ends
    return np.append(ends, len(data) - 1) if len(quotes) % 2 == 0 else None


def _well_placed(signs: npt.NDArray[np.uint8], quotes: Int64s, delimiter: int) -> bool:
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, signs[opening - 1], _LINE_FEED)
    after = np.where(closing + 1 < len(signs), signs[np.minimum(closing + 1, len(signs) - 1)], _LINE_FEED)
    begins = (before == delimiter) | (before == _LINE_FEED) | (before == _QUOTE)
    ends = (after == delimiter) | (after == _LINE_FEED) | (after == _RETURN) | (after == _QUOTE)
    return bool(begins.all() and ends.all())
