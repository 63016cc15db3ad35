"""Columns of records before they are written: kept as places, days and keys, rendered as text at the end.

Errors are put in while a column is still cheap to change; rendering makes one Arrow array of text.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.synth.day import NEVER, written
from quanmin.synth.number import Keys, as_text, spelled
from quanmin.synth.stream import Ints, Mask

Rows = NDArray[np.integer[Any]]


class Column(Protocol):
    """What every kind of column can do."""

    def blank(self, rows: Rows) -> None:
        """Take the values of some rows away."""

    def present(self) -> Mask:
        """Where there is a value."""

    def render(self, form: str) -> pa.Array:
        """The column as text (plain or dictionary); days are written in `form`."""


class Lookup:
    """Places in a table of texts, -1 for none; with `coded`, rendered as a dictionary."""

    def __init__(self, values: pa.Array, index: Ints, *, coded: bool = False) -> None:
        self.values, self.index, self.coded = values, index, coded

    def blank(self, rows: Rows) -> None:
        """Take the values of some rows away."""
        self.put(rows, [None] * len(rows))

    def put(self, rows: Rows, texts: list[str | None]) -> None:
        """Other texts for some rows."""
        held = dict(zip(self.values.to_pylist(), range(len(self.values)), strict=True)) if self.coded else {}
        new = dict.fromkeys(text for text in texts if text is not None and text not in held)
        held.update({text: len(self.values) + at for at, text in enumerate(new)})
        self.index = self.index.copy()
        self.index[rows] = [-1 if text is None else held[text] for text in texts]
        if new:
            self.values = pa.concat_arrays([self.values, pa.array(list(new), type=pa.string())])

    def present(self) -> Mask:
        """Where there is a value."""
        held = self.index >= 0
        if self.values.null_count:
            held &= np.asarray(pc.is_valid(self.values))[self.index]
        return held

    def text(self, row: int) -> str | None:
        """The text of one row."""
        return self.values[int(self.index[row])].as_py() if self.index[row] >= 0 else None

    def render(self, form: str) -> pa.Array:
        """The column as text."""
        places = pa.array(self.index, mask=self.index < 0)
        if self.coded:
            return pa.DictionaryArray.from_arrays(places, self.values)
        return self.values.take(places)


class Days:
    """Days since 1970, NEVER for none."""

    def __init__(self, days: Ints) -> None:
        self.days = days

    def blank(self, rows: Rows) -> None:
        """Take the values of some rows away."""
        self.move(rows, np.full(len(rows), NEVER, dtype=np.int32))

    def move(self, rows: Rows, days: Ints) -> None:
        """Other days for some rows."""
        self.days = self.days.copy()
        self.days[rows] = days

    def present(self) -> Mask:
        """Where there is a value."""
        return np.asarray(self.days != NEVER)

    def render(self, form: str) -> pa.Array:
        """The days as text."""
        return written(self.days, form)


class Numbers:
    """Citizen numbers by their keys, 0 for none; `put` overrides how some are written."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys
        self._other: dict[int, str | None] = {}

    def blank(self, rows: Rows) -> None:
        """Take the values of some rows away."""
        self.put(rows, [None] * len(rows))

    def put(self, rows: Rows, texts: list[str | None]) -> None:
        """Other texts for some rows."""
        self._other.update(zip((int(row) for row in rows), texts, strict=True))

    def present(self) -> Mask:
        """Where there is a value."""
        held = self.keys > 0
        held[[row for row, text in self._other.items() if text is None]] = False
        return np.asarray(held)

    def render(self, form: str) -> pa.Array:
        """The 18-character numbers, or what stands for them."""
        column = as_text(spelled(self.keys))
        missing = np.flatnonzero(self.keys <= 0)
        if len(missing):
            column = pc.if_else(pa.array(self.keys > 0), column, pa.scalar(None, pa.string()))
        return replaced(column, np.fromiter(self._other, dtype=np.int64), list(self._other.values()))


class Serials:
    """Running numbers with a fixed beginning and width, such as 13000000000042."""

    def __init__(self, prefix: str, numbers: NDArray[np.int64], width: int) -> None:
        self._prefix, self._numbers, self._width = prefix, numbers, width
        self._gone: list[int] = []

    def blank(self, rows: Rows) -> None:
        """Take the values of some rows away."""
        self._gone += [int(row) for row in rows]

    def present(self) -> Mask:
        """Where there is a value."""
        held = np.ones(len(self._numbers), dtype=bool)
        held[self._gone] = False
        return held

    def render(self, form: str) -> pa.Array:
        """The numbers as text."""
        size = len(self._prefix)
        out = np.empty((len(self._numbers), size + self._width), dtype=np.uint8)
        out[:, :size] = np.frombuffer(self._prefix.encode("ascii"), dtype=np.uint8)
        rest = self._numbers
        for place in range(size + self._width - 1, size - 1, -1):
            shorter = rest // 10
            out[:, place] = rest - shorter * 10 + 48
            rest = shorter
        return replaced(as_text(out), np.array(self._gone, dtype=np.int64), [None] * len(self._gone))


class Digests:
    """Hexadecimal digests of 32 bytes; a row without one is blank."""

    def __init__(self, content: NDArray[np.uint8]) -> None:
        self._content = content
        self._gone: list[int] = []

    def blank(self, rows: Rows) -> None:
        """Take the values of some rows away."""
        self._gone += [int(row) for row in rows]

    def present(self) -> Mask:
        """Where there is a value."""
        held = np.ones(len(self._content), dtype=bool)
        held[self._gone] = False
        return held

    def render(self, form: str) -> pa.Array:
        """The digests as text."""
        pairs = _HEX[self._content]
        column = as_text(pairs.view(np.uint8).reshape(len(pairs), -1))
        return replaced(column, np.array(self._gone, dtype=np.int64), [None] * len(self._gone))


_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode("ascii"), dtype=np.uint16)

_COUNTS = pa.array([str(number) for number in range(10_000)], type=pa.string())


def whole(numbers: NDArray[np.integer[Any]]) -> Lookup:
    """Whole numbers from 0 to 9999, negative ones for none."""
    return Lookup(_COUNTS, numbers.astype(np.int32))


def codes(values: list[str], index: NDArray[Any]) -> Lookup:
    """Codes by their places in a short list, negative places for none."""
    return Lookup(pa.array(values, type=pa.string()), index.astype(np.int32), coded=True)


def constant(value: str, count: int) -> Lookup:
    """The same text in every row."""
    return codes([value], np.zeros(count, dtype=np.int32))


def replaced(column: pa.Array, rows: Rows, values: list[str | None]) -> pa.Array:
    """The column with other values in some rows."""
    if not len(rows):
        return column
    order = np.argsort(rows)
    mask = np.zeros(len(column), dtype=bool)
    mask[rows] = True
    return pc.replace_with_mask(column, pa.array(mask), pa.array([values[at] for at in order], type=column.type))
