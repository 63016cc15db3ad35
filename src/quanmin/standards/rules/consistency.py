"""consistency: an element holds what another element's value asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule, holds_one_of, is_absent, rows_with_one_of
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class Consistency(Rule):
    """`elements` are target and condition: where the condition holds one of `values`, the target is one of `allowed`.

    Without `values` the condition holds where it is there at all; without `allowed` the target must be absent.
    """

    kind: ClassVar[str] = "consistency"
    arity: ClassVar[tuple[int, int]] = (2, 2)

    values: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", tuple(self.values))
        object.__setattr__(self, "allowed", tuple(self.allowed))
        super().__post_init__()

    def statement(self) -> Text:
        """The rule in words."""
        target, when = self.labels[:2]
        values, allowed = ", ".join(self.values) or "*", ", ".join(self.allowed)
        zh = f"须为 {allowed}" if allowed else "须为空"
        en = f"is one of {allowed}" if allowed else "is absent"
        return Text(f"{when.zh}为 {values} 时{target.zh}{zh}", f"where {when.en} is {values}, {target.en} {en}")

    def mask(self, columns: Columns) -> Mask:
        """Rows that meet the condition and hold something else."""
        target, when = self.elements
        there = columns.present(target) if self.allowed else ~columns.absent(target)
        failing = there & rows_with_one_of(columns, when, self.values)
        return failing & ~rows_with_one_of(columns, target, self.allowed) if self.allowed and failing.any() else failing

    def fails(self, row: Row) -> bool:
        """Whether the row meets the condition and holds something else."""
        target, when = self.elements
        if not holds_one_of(row, when, self.values):
            return False
        if not self.allowed:
            return not is_absent(row, target)
        return row[target] is not None and not holds_one_of(row, target, self.allowed)
