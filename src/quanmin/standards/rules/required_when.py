"""required_when: the element holds something where another element holds one of some values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule, holds_one_of, is_absent, rows_with_one_of
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class RequiredWhen(Rule):
    """The element must not be missing where `when` holds one of `values` (no values: where `when` holds anything)."""

    kind: ClassVar[str] = "required_when"
    default_code: ClassVar[str | None] = "E12"

    when: str
    values: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        super().__post_init__()

    @property
    def reads(self) -> tuple[str, ...]:
        """The element and the condition's."""
        return (*self.elements, self.when)

    def statement(self) -> Text:
        """The rule in words."""
        label, values = self.labels[0], ", ".join(self.values)
        if not self.values:
            return Text(f"有 {self.when} 时{label.zh}必填", f"{label.en} is required where there is {self.when}")
        return Text(
            f"{self.when} 为 {values} 时{label.zh}必填", f"{label.en} is required where {self.when} is {values}"
        )

    def mask(self, columns: Columns) -> Mask:
        """Rows that meet the condition and hold nothing."""
        absent = columns.absent(self.element)
        return absent & rows_with_one_of(columns, self.when, self.values) if absent.any() else absent

    def fails(self, row: Row) -> bool:
        """Whether the row meets the condition and holds nothing."""
        return is_absent(row, self.element) and holds_one_of(row, self.when, self.values)
