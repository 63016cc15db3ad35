"""pattern: the whole text matches an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class Pattern(Rule):
    """The whole text matches `pattern`: Python's syntax, character classes in ASCII."""

    kind: ClassVar[str] = "pattern"

    pattern: str

    def __post_init__(self) -> None:
        try:
            _ = self.expression
        except re.error as error:
            raise ValueError(f"rule {self.id}: {error}") from None
        super().__post_init__()

    @cached_property
    def expression(self) -> re.Pattern[str]:
        """The compiled pattern."""
        return re.compile(self.pattern, re.ASCII)

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        return Text(f"{label.zh}须符合格式 {self.pattern}", f"{label.en} has the form {self.pattern}")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose text does not match."""
        return columns.where(self.element, lambda text: self.expression.fullmatch(text) is None)

    def fails(self, row: Row) -> bool:
        """Whether the row's text does not match."""
        text = row[self.element]
        return text is not None and self.expression.fullmatch(text) is None
