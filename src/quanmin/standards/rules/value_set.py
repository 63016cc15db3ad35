"""value_set: the code is one of a value set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.rules.rule import Row, Rule
from quanmin.standards.value_set import ValueSet
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class ValueSetRule(Rule):
    """The code is one of `values`, a code system in one version. Known spellings became codes when the text was read."""

    kind: ClassVar[str] = "value_set"
    default_code: ClassVar[str | None] = "E11"

    values: ValueSet

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        return Text(f"{label.zh}须为 {self.values.name} 中的代码", f"{label.en} is a code of {self.values.name}")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose code is not in the set."""
        codes = self.values.codes
        return columns.where(self.element, lambda code: code not in codes)

    def fails(self, row: Row) -> bool:
        """Whether the row's code is not in the set."""
        code = row[self.element]
        return code is not None and code not in self.values.codes
