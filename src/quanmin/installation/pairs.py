"""A file of numbers and names to verify, and a CSV of the answers: read as collect reads, answered as the base answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from quanmin import trust
from quanmin.collect.chunk import Chunk
from quanmin.collect.readers import open_reader
from quanmin.collect.readers.encoding import whole_encoding
from quanmin.collect.sent_file import receive
from quanmin.lake import Lake
from quanmin.population.inquiry import ANSWERS
from quanmin.population.verification import Verified, columns_of, recognises, verify_batches
from quanmin.redaction import redacted
from quanmin.text import Text

MALFORMED = "malformed"
_TITLES = {**ANSWERS, MALFORMED: Text("行有误，未核验", "the row cannot be read, nothing was asked")}
_WRITTEN = pa.schema([("row", pa.int64()), ("answer", pa.string()), ("title_zh", pa.string())])
_TEXTS = ("delimited", "json", "ndjson")


Progress = Callable[[int, int, int], None]
"""Told of the rows read, and of the bytes done of all."""


def verify_file(
    lake: Lake, decision: trust.Decision, asked: Path, answered: Path, told: Progress = lambda _rows, _done, _all: None
) -> dict[str, Any]:
    """Answer every row of a file: row number (from 1, the titles not counted), answer, and its Chinese title.

    The answers are there whole or not at all. Nothing of what was asked is repeated in them.
    """
    sent = receive(asked, lake.settings)
    reader = open_reader(sent, recognises, whole_encoding(sent) if sent.format in _TEXTS else None)
    columns_of(reader.titles)
    rows, verified = _Rows(), Verified()

    def tables() -> Iterator[pa.Table]:
        for piece in reader.pieces():
            yield rows.taken(piece.parse())
            told(rows.read, piece.done, sent.size)

    draft = answered.with_name(f".{answered.name}.draft")
    try:
        with draft.open("wb") as file, pyarrow.csv.CSVWriter(file, _WRITTEN) as writer:
            for answers in verify_batches(lake, decision, tables(), verified):
                writer.write_table(rows.written(answers))
            writer.write_table(rows.written(pa.array([], pa.string()), last=True))
        draft.replace(answered)
    finally:
        draft.unlink(missing_ok=True)
    return {**verified.to_dict(), "malformed": rows.malformed, "rows": rows.read, "file": redacted(answered.name)}


class _Rows:
    """The row numbers that wait for an answer, and those of rows that could not be read."""

    def __init__(self) -> None:
        self.read = self.malformed = 0
        self._asked = np.zeros(0, np.int64)
        self._broken = np.zeros(0, np.int64)

    def taken(self, chunk: Chunk) -> pa.Table:
        """The table of a chunk; its rows are numbered on."""
        broken = np.array([one.offset for one in chunk.malformed], np.int64)
        self._asked = np.concatenate([self._asked, chunk.offsets + self.read + 1])
        self._broken = np.concatenate([self._broken, broken + self.read + 1])
        self.read += chunk.count
        self.malformed += len(broken)
        return pa.table(list(chunk.columns), names=list(chunk.titles))

    def written(self, answers: pa.Array, last: bool = False) -> pa.Table:
        """The lines of the next answers, and of the unreadable rows before and between them."""
        numbers, self._asked = self._asked[: len(answers)], self._asked[len(answers) :]
        reached = len(self._broken) if last else np.searchsorted(self._broken, numbers[-1]) if len(numbers) else 0
        broken, self._broken = self._broken[:reached], self._broken[reached:]
        merged = np.concatenate([numbers, broken])
        order = pa.array(np.argsort(merged, kind="stable"))
        told = pa.concat_arrays([answers, pa.array([MALFORMED] * len(broken), pa.string())]).take(order)
        coded = told.dictionary_encode()
        titles = pa.array([_TITLES[one].zh for one in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)
        return pa.table([pa.array(merged).take(order), told, titles], schema=_WRITTEN)
