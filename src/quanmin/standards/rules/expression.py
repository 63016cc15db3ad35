"""expression: a small formula over the row is not false."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules import formula_columns, formula_row
from quanmin.standards.rules.formula import Node, parse_formula
from quanmin.standards.rules.rule import Row, Rule, today_of
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class Expression(Rule):
    """The formula (`rules.formula`) over `elements` is true or unknown: a row fails only where it is surely false."""

    kind: ClassVar[str] = "expression"
    arity: ClassVar[tuple[int, int]] = (1, 64)

    expression: str

    def __post_init__(self) -> None:
        try:
            names = set(self.formula.names())
        except ValueError as error:
            raise ValueError(f"rule {self.id}: {error}") from None
        others = names - set(self.elements)
        if others:
            raise ValueError(f"rule {self.id}: {', '.join(sorted(others))} is not among its elements")
        super().__post_init__()

    @cached_property
    def formula(self) -> Node:
        """The parsed formula."""
        return parse_formula(self.expression)

    def statement(self) -> Text:
        """The rule in words."""
        return Text(self.expression, self.expression)

    def mask(self, columns: Columns) -> Mask:
        """Rows where the formula is false."""
        vector = formula_columns.evaluate(self.formula, columns)
        return vector.known & ~vector.values if vector.kind == "boolean" else columns.none()

    def fails(self, row: Row) -> bool:
        """Whether the formula is false in this row."""
        return formula_row.evaluate(self.formula, row, today_of(row)) is False
