"""What every rule kind is: a frozen record of parameters with two answers, one vectorised and one plain.

A rule speaks about typed values (`quanmin.standards.columns`); a missing value passes every rule but `required` and
`required_when`, and a value that could not be read fails `type` and nothing else, so that one mistake is told once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Literal

import numpy as np
import pyarrow as pa

from quanmin.standards.columns import Columns, Mask, spread
from quanmin.text import Text

Severity = Literal["reject", "warn"]
Scope = Literal["row", "batch", "dataset"]
Row = Mapping[str, Any]
Given = Mapping[str, pa.Array]

UNTITLED = Text("", "")


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """One rule of one dataset.

    `elements` are those it is about, the one it blames first. `severity` says whether a failing row is refused or accepted
    with a flag; `code` is the feedback code (E01 to E14). `labels` are the elements' titles, for the rule's own title.
    """

    kind: ClassVar[str]
    scope: ClassVar[Scope] = "row"
    arity: ClassVar[tuple[int, int]] = (1, 1)
    default_code: ClassVar[str | None] = None

    id: str
    elements: tuple[str, ...]
    severity: Severity = "reject"
    code: str | None = None
    labels: tuple[Text, ...] = ()
    title: Text = UNTITLED

    def __post_init__(self) -> None:
        least, most = self.arity
        if not least <= len(self.elements) <= most:
            raise ValueError(f"rule {self.id}: {self.kind} takes {least} to {most} elements, not {len(self.elements)}")
        if self.severity not in ("reject", "warn"):
            raise ValueError(f"rule {self.id}: severity is reject or warn, not {self.severity}")
        if not self.labels:
            object.__setattr__(self, "labels", tuple(Text(name, name) for name in self.elements))
        if self.code is None:
            object.__setattr__(self, "code", self.default_code)
        if self.title == UNTITLED:
            object.__setattr__(self, "title", self.statement())

    @property
    def element(self) -> str:
        """The element that a failure is blamed on."""
        return self.elements[0]

    @property
    def reads(self) -> tuple[str, ...]:
        """Every element whose value the rule looks at."""
        return self.elements

    @abstractmethod
    def statement(self) -> Text:
        """The rule in words, made from its parameters."""

    def failing(self, columns: Given) -> Mask:
        """Which rows fail: a mask as long as the columns. Columns are typed; `Columns.of` shares work between rules."""
        return self.mask(Columns.of(columns))

    @abstractmethod
    def mask(self, columns: Columns) -> Mask:
        """`failing` over shared columns."""

    @abstractmethod
    def fails(self, row: Row) -> bool:
        """The plain reference: whether this one row of typed values fails."""


@dataclass(frozen=True, kw_only=True)
class SetRule(Rule):
    """A rule about rows together. Its plain reference takes all rows; alone, a row passes."""

    def fails(self, row: Row) -> bool:
        """A row alone never fails."""
        return False

    @abstractmethod
    def fails_among(self, rows: list[Row]) -> list[bool]:
        """The plain reference over all rows, in order."""


def is_unreadable(row: Row, element: str) -> bool:
    """Whether the row's text for the element could not be read (rows of `conformance` know; others hold None)."""
    return element in getattr(row, "unreadable", ())


def is_absent(row: Row, element: str) -> bool:
    """Whether the row holds nothing for the element, readable or not."""
    return row[element] is None and not is_unreadable(row, element)


def today_of(row: Row) -> date:
    """The day on which the row is judged."""
    today = getattr(row, "today", None)
    return today if isinstance(today, date) else date.today()


def holds_one_of(row: Row, element: str, values: tuple[str, ...]) -> bool:
    """Whether the row's value, written plainly, is one of `values`; without values, whether there is any."""
    value = row[element]
    return value is not None and (not values or plainly(value) in values)


def rows_with_one_of(columns: Columns, element: str, values: tuple[str, ...]) -> Mask:
    """`holds_one_of` over columns."""
    if not values:
        return columns.present(element)
    coded = columns.distinct(element)
    return spread(coded, np.array([plainly(value) in values for value in coded.dictionary.to_pylist()], dtype=bool))


def plainly(value: object) -> str:
    """A value as a rule writes it: texts as they are, dates in ISO form, booleans in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
