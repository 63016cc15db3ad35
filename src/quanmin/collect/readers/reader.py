"""The reader of a sent file, by its format."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from quanmin.collect.chunk import Piece
from quanmin.collect.readers.columnar import ParquetReader
from quanmin.collect.readers.delimited import DelimitedReader
from quanmin.collect.readers.encoding import Encoding, first_encoding
from quanmin.collect.readers.object import ArrayReader, LinesReader
from quanmin.collect.sent_file import SentFile


class Reader(Protocol):
    """Reads one file: `titles` are its column titles, `pieces()` its rows in order; it may be asked more than once.

    The chunks of JSON have columns of their own; `titles` are then those of the first rows.
    """

    titles: tuple[str, ...]

    def pieces(self) -> Iterator[Piece]:
        """The parts of the file, from the beginning."""
        ...


def open_reader(sent: SentFile, recognises: Callable[[str], bool], encoding: Encoding | None = None) -> Reader:
    """The reader of a file. `recognises(title)` helps to find the delimiter; text is in `encoding`, if that is known.

    Without it, a text whose beginning is UTF-8 is read as UTF-8, and NotUtf8 is raised where it turns out not to be.
    """
    match sent.format:
        case "workbook":
            from quanmin.collect.readers.workbook import WorkbookReader  # heavy, and few files are workbooks

            return WorkbookReader(sent)
        case "parquet":
            return ParquetReader(sent)
        case "json":
            return ArrayReader(sent, encoding or first_encoding(sent))
        case "ndjson":
            return LinesReader(sent, encoding or first_encoding(sent))
        case "delimited":
            return DelimitedReader(sent, encoding or first_encoding(sent), recognises)
