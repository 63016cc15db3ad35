"""A chunk: some thousand rows of a sender's file as columns of text, each row with its place in the file."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Int64s = npt.NDArray[np.int64]


class Malformed(NamedTuple):
    """A row that cannot be told apart into columns; it is quarantined as it came.

    `offset` counts the data rows of the chunk from 0. `reason` is one of `MALFORMED`.
    """

    offset: int
    line: int
    text: str
    reason: str


MALFORMED: tuple[str, ...] = ("row.width", "row.nul", "row.syntax")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows of a file: `columns[j]` is the text of column `titles[j]`, in file order, null where the format has a null.

    `offsets[i]` is the place of row i among the `count` data rows of the chunk (malformed ones included, from 0) and
    `lines[i]` its line, sheet row or record in the file (from 1). `text(i)` gives row i as it was sent.
    """

    titles: tuple[str, ...]
    columns: Sequence[pa.Array]
    offsets: Int64s
    lines: Int64s
    text: Callable[[int], str]
    malformed: Sequence[Malformed] = field(default=())

    @property
    def count(self) -> int:
        """Data rows, malformed ones included."""
        return len(self.offsets) + len(self.malformed)


class Piece(NamedTuple):
    """A part of the file that is cheap to cut; `parse` is the costly half and may run in any thread.

    `done` is how many bytes of the file as sent lie behind this piece.
    """

    parse: Callable[[], Chunk]
    done: int


def text_column(values: Sequence[str | None]) -> pa.Array:
    """Python strings as an Arrow column."""
    return pa.array(values, pa.string())


def counted(first: int, count: int) -> Int64s:
    """`count` numbers from `first` on."""
    return np.arange(first, first + count, dtype=np.int64)


def record_text(titles: Sequence[str], columns: Sequence[Any], index: int) -> str:
    """Row `index` as a JSON object, for formats in which a row has no text of its own."""
    return json.dumps(
        {title: column[index].as_py() for title, column in zip(titles, columns, strict=True)}, ensure_ascii=False
    )
