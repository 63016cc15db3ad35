"""pattern: the whole text matches an expression."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.kernels import to_numpy
from quanmin.standards.rules.rule import Row, Rule
from quanmin.text import Text

_ALIKE = re.compile(r"(?:\[\^?[0-9A-Za-z-]+\]|\{[0-9]+(?:,[0-9]*)?\}|\\[.d]|[0-9A-Za-z():?*+|-])*")
"""Patterns of classes, counts, groups and alternatives over ASCII: Python's `re` and RE2 agree on them."""


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

    @cached_property
    def automaton(self) -> str | None:
        """The same pattern for Arrow's RE2, if it is written in what both read alike; None otherwise."""
        if not _ALIKE.fullmatch(self.pattern):
            return None
        try:
            pc.match_substring_regex(pa.array([""]), anchored := rf"\A(?:{self.pattern})\z")
        except pa.ArrowInvalid:
            return None
        return anchored

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        return Text(f"{label.zh}须符合格式 {self.pattern}", f"{label.en} has the form {self.pattern}")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose text does not match."""
        if self.automaton is not None and not columns.repeats(self.element):
            matches = pc.match_substring_regex(columns[self.element], self.automaton)
            return ~to_numpy(matches.fill_null(True))
        return columns.where(self.element, lambda text: self.expression.fullmatch(text) is None)

    def fails(self, row: Row) -> bool:
        """Whether the row's text does not match."""
        text = row[self.element]
        return text is not None and self.expression.fullmatch(text) is None
