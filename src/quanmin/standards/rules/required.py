"""required: the element holds something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule, is_absent
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class Required(Rule):
    """The element must not be missing. A text that cannot be read is there: `type` speaks about it."""

    kind: ClassVar[str] = "required"
    default_code: ClassVar[str | None] = "E12"

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        return Text(f"{label.zh}必填", f"{label.en} is required")

    def mask(self, columns: Columns) -> Mask:
        """Rows without a value."""
        return columns.absent(self.element)

    def fails(self, row: Row) -> bool:
        """Whether the row has no value."""
        return is_absent(row, self.element)
