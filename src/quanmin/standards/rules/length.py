"""length: the text has at least and at most so many characters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import pyarrow.compute as pc

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.kernels import strings, to_numpy
from quanmin.standards.rules.rule import Row, Rule
from quanmin.text import Text


@dataclass(frozen=True, kw_only=True)
class Length(Rule):
    """The text has `least` to `most` characters (code points); `most` None is without limit."""

    kind: ClassVar[str] = "length"

    least: int = 0
    most: int | None = None

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        if self.most is None:
            return Text(f"{label.zh}至少 {self.least} 个字符", f"{label.en} has at least {self.least} characters")
        span = f"{self.least}-{self.most}" if self.least else str(self.most)
        limit = (
            Text(f"为 {span} 个字符", f"has {span}")
            if self.least
            else Text(f"至多 {span} 个字符", f"has at most {span}")
        )
        return Text(f"{label.zh}{limit.zh}", f"{label.en} {limit.en} characters")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose text is too short or too long."""
        array = columns[self.element]
        octets = strings(array).lengths
        if self._settled(
            int(octets.min(initial=0)), int(octets.max(initial=0)), bool(columns.present(self.element).all())
        ):
            return columns.none()
        lengths = to_numpy(pc.utf8_length(array).fill_null(self.least))
        failing = lengths < self.least
        if self.most is not None:
            failing |= lengths > self.most
        return failing & columns.present(self.element)

    def _settled(self, fewest: int, most: int, all_present: bool) -> bool:
        """Whether the counts of bytes alone (a character takes one to four) show that no row fails."""
        short = self.least == 0 or (all_present and fewest >= 4 * self.least)
        return short and (self.most is None or most <= self.most)

    def fails(self, row: Row) -> bool:
        """Whether the row's text is too short or too long."""
        text = row[self.element]
        return text is not None and (len(text) < self.least or (self.most is not None and len(text) > self.most))
