"""The heading of a file: which column is which element of the dataset, and which columns the standard does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.collect.chunk import Chunk
from quanmin.collect.errors import DuplicateColumn, MissingColumn, NoHeader
from quanmin.standards import Dataset

_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))
_CONTROL = "[\x01-\x08\x0b\x0c\x0e-\x1f]"


@dataclass(frozen=True, slots=True)
class Heading:
    """Column places by element name, and the places of unknown columns by title."""

    known: dict[str, int]
    unknown: dict[str, int]

    def missing(self, dataset: Dataset) -> list[str]:
        """Elements of the dataset that have no column."""
        return [element.name for element in dataset.elements if element.name not in self.known]


def heading(dataset: Dataset, titles: Sequence[str], file: str) -> Heading:
    """Resolve column titles; DuplicateColumn tells the places (from 1), never the titles, which may be a row of data."""
    known: dict[str, int] = {}
    unknown: dict[str, int] = {}
    for place, title in enumerate(titles):
        name = dataset.resolve(title) if title else None
        places = unknown if name is None else known
        key = name or title
        if key in places:
            raise DuplicateColumn(file=file, first=places[key] + 1, second=place + 1)
        places[key] = place
    return Heading(known, unknown)


def require(dataset: Dataset, found: Heading, file: str) -> None:
    """NoHeader if no title is known, MissingColumn if a required element has no column."""
    if not found.known:
        raise NoHeader(file=file, columns=len(found.unknown), dataset=dataset.id)
    required = {element.name for element in dataset.elements if element.required}
    missing = [name for name in found.missing(dataset) if name in required]
    if missing:
        raise MissingColumn(file=file, elements=", ".join(missing))


def named(dataset: Dataset, chunk: Chunk, found: Heading) -> pa.Table:
    """The chunk's columns by element name, all elements present (null where the file has no column)."""
    rows = len(chunk.offsets)
    columns = [
        chunk.columns[found.known[element.name]] if element.name in found.known else pa.nulls(rows, pa.string())
        for element in dataset.elements
    ]
    return pa.table(columns, names=[element.name for element in dataset.elements])


def extra(chunk: Chunk, found: Heading) -> pa.Array:
    """The unknown columns of each row as a JSON object, empty values left out; null where nothing is left."""
    rows = len(chunk.offsets)
    members = [_member(title, chunk.columns[place]) for title, place in found.unknown.items()]
    if not members:
        return pa.nulls(rows, pa.string())
    joined = pc.utf8_rtrim(pc.binary_join_element_wise(*members, ""), ",")
    whole = pc.binary_join_element_wise("{", joined, "}", "")
    return pc.if_else(pc.equal(joined, ""), pa.scalar(None, pa.string()), whole)


def _member(title: str, column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """`"title":"value",` for each row, nothing where the value is empty.

    Arrow's join can skip nulls, but then gives a value too few for each row of nulls only.
    """
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    for sign, escape in _ESCAPES:
        values = pc.replace_substring(values, sign, escape)
    values = pc.replace_substring_regex(values, _CONTROL, "\ufffd")
    key = '"' + title.replace("\\", "\\\\").replace('"', '\\"') + '":"'
    member = pc.binary_join_element_wise(key, values, '",', "")
    return pc.if_else(pc.fill_null(pc.equal(values, ""), True), "", member)
