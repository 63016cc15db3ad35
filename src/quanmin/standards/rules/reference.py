"""reference: the values stand in another dataset."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Given, Row, Scope, SetRule
from quanmin.standards.rules.unique import numbered
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class Reference(SetRule):
    """The values of `elements` stand together in a row of `dataset`, in its elements `to` (default: the same names).

    `failing` and `fails_among` take the columns or rows referred to; without them nothing is known and nothing fails. A row
    that lacks a value refers to nothing and passes.
    """

    kind: ClassVar[str] = "reference"
    scope: ClassVar[Scope] = "dataset"
    arity: ClassVar[tuple[int, int]] = (1, 64)

    dataset: str
    to: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "to", tuple(self.to) or self.elements)
        if len(self.to) != len(self.elements):
            raise ValueError(f"rule {self.id}: to names as many elements as elements")
        super().__post_init__()

    def statement(self) -> Text:
        """The rule in words."""
        zh, en = "、".join(label.zh for label in self.labels), ", ".join(label.en for label in self.labels)
        return Text(f"{zh}见于 {self.dataset}", f"{en} stands in {self.dataset}")

    def failing(self, columns: Given, referenced: Given | None = None) -> Mask:
        """Rows whose values stand nowhere in the columns referred to."""
        given = Columns.of(columns)
        return given.none() if referenced is None else self._absent(given, Columns.of(referenced))

    def mask(self, columns: Columns) -> Mask:
        """Without the columns referred to, nothing fails."""
        return columns.none()

    def _absent(self, columns: Columns, referenced: Columns) -> Mask:
        here, there = _whole(columns, self.elements), _whole(referenced, self.to)
        joined = [
            pa.concat_arrays([referenced[target].take(pa.array(there)), columns[name].take(pa.array(here))])
            for name, target in zip(self.elements, self.to, strict=True)
        ]
        known = _known(joined, len(there))
        failing = columns.none()
        failing[here] = ~known
        return failing

    def fails_among(self, rows: list[Row], referenced: list[Row] | None = None) -> list[bool]:
        """The reference: a set of what stands in the other dataset."""
        if referenced is None:
            return [False] * len(rows)
        known = {tuple(row[name] for name in self.to) for row in referenced}
        keys = [tuple(row[name] for name in self.elements) for row in rows]
        return [None not in key and key not in known for key in keys]


def _whole(columns: Columns, names: tuple[str, ...]) -> np.typing.NDArray[np.intp]:
    present = np.ones(columns.rows, dtype=bool)
    for name in names:
        present &= columns.present(name)
    return np.flatnonzero(present)


def _known(columns: list[pa.Array], first: int) -> Mask:
    """Of the rows from `first` on, which repeat one before `first`."""
    numbers = numbered(columns)
    return np.isin(numbers[first:], numbers[:first])
