"""unique_in_batch, unique_in_dataset: no two rows hold the same values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.kernels import to_numpy
from quanmin.standards.rules.rule import Row, Scope, SetRule, is_absent
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class _Unique(SetRule):
    """Of rows that hold the same values in all `elements`, the first passes and the later ones fail.

    A row that lacks one of them is like no other, unless the standard says that the lack means something (no region: the
    whole country): in the elements that `optional` names, absent is a value like others. What could not be read is unknown,
    not absent. `failing` judges the columns it is given: all rows of the scope, in order.
    """

    arity: ClassVar[tuple[int, int]] = (1, 64)
    default_code: ClassVar[str | None] = "E07"

    optional: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "optional", tuple(self.optional))
        if not set(self.optional) < set(self.elements):
            raise ValueError(f"rule {self.id}: optional names some of elements, and not all of them")
        super().__post_init__()

    def mask(self, columns: Columns) -> Mask:
        """Rows that repeat an earlier one."""
        whole = np.ones(columns.rows, dtype=bool)
        for name in self.elements:
            whole &= ~columns.unreadable(name) if name in self.optional else columns.present(name)
        places = np.flatnonzero(whole)
        failing = columns.none()
        failing[places] = repeated([columns[name].take(pa.array(places)) for name in self.elements])
        return failing

    def fails_among(self, rows: list[Row]) -> list[bool]:
        """The reference: a set of the values seen so far."""
        seen: set[tuple[object, ...]] = set()
        found = []
        for row in rows:
            key = tuple(row[name] for name in self.elements)
            whole = all(self._is_told(row, name) for name in self.elements)
            found.append(whole and key in seen)
            if whole:
                seen.add(key)
        return found

    def _is_told(self, row: Row, name: str) -> bool:
        return row[name] is not None or (name in self.optional and is_absent(row, name))


def repeated(columns: list[pa.Array]) -> Mask:
    """Rows whose values stood in an earlier row; missing ones are equal to each other."""
    numbers = numbered(columns)
    if not len(numbers):
        return np.zeros(0, dtype=bool)
    highest = np.maximum.accumulate(numbers)
    repeats = np.ones(len(numbers), dtype=bool)
    repeats[0] = False
    repeats[1:] = numbers[1:] <= highest[:-1]  # numbers are given in the order of first appearance
    return repeats


def numbered(columns: list[pa.Array]) -> NDArray[np.int64]:
    """One number for each distinct row of values, in the order of first appearance; missing ones are equal to each other."""
    numbers = _number(columns[0])
    for column in columns[1:]:
        other = _number(column)
        numbers = _number(pa.array(numbers * (int(other.max(initial=0)) + 1) + other))
    return numbers


def _number(column: pa.Array) -> NDArray[np.int64]:
    """Distinct values numbered in the order of their first appearance."""
    return to_numpy(column.dictionary_encode(null_encoding="encode").indices).astype(np.int64)


@dataclass(frozen=True, kw_only=True)
class UniqueInBatch(_Unique):
    """No two rows of one batch hold the same values."""

    kind: ClassVar[str] = "unique_in_batch"
    scope: ClassVar[Scope] = "batch"

    def statement(self) -> Text:
        """The rule in words."""
        zh, en = "、".join(label.zh for label in self.labels), ", ".join(label.en for label in self.labels)
        return Text(f"{zh}在一批之内不重复", f"{en} does not repeat in a batch")


@dataclass(frozen=True, kw_only=True)
class UniqueInDataset(_Unique):
    """No two rows of the whole dataset hold the same values."""

    kind: ClassVar[str] = "unique_in_dataset"
    scope: ClassVar[Scope] = "dataset"

    def statement(self) -> Text:
        """The rule in words."""
        zh, en = "、".join(label.zh for label in self.labels), ", ".join(label.en for label in self.labels)
        return Text(f"{zh}在数据集之内不重复", f"{en} does not repeat in the dataset")
