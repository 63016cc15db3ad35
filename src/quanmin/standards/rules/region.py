"""region: the code of an administrative division was valid, ever or on the day of another element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from quanmin.standards.columns import Columns, Mask
from quanmin.standards.region import RegionTable
from quanmin.standards.rules.rule import Row, Rule
from quanmin.standards.value import day_of
from quanmin.text import Text

PERMITS = ("810000", "820000", "830000")
"""Regions of residence permits; the table may know 830000 only as 710000."""


@dataclass(frozen=True, kw_only=True)
class RegionRule(Rule):
    """The six-digit code is in `regions` on any day, or on the day that `on` holds (without that day it passes).

    A citizen number is judged by its first six digits; numbers of foreigners and residence permits pass.
    """

    kind: ClassVar[str] = "region"
    default_code: ClassVar[str | None] = "E10"

    regions: RegionTable
    on: str | None = None

    @property
    def reads(self) -> tuple[str, ...]:
        """The element, and the one that dates it."""
        return self.elements if self.on is None else (*self.elements, self.on)

    def statement(self) -> Text:
        """The rule in words."""
        label = self.labels[0]
        if self.on is None:
            return Text(f"{label.zh}是现行或曾用的行政区划代码", f"{label.en} is or was a region code")
        return Text(f"{label.zh}在 {self.on} 当日有效", f"{label.en} was a valid region code on {self.on}")

    def mask(self, columns: Columns) -> Mask:
        """Rows whose code was not valid."""
        if self.on is None:
            return columns.where(self.element, lambda text: not self._ever(text))
        coded = columns.distinct(self.element)
        numbers = np.array([_number(text) for text in coded.dictionary.to_pylist()] or [0], dtype=np.int64)
        places = np.flatnonzero(columns.present(self.element) & columns.present(self.on))
        failing = columns.none()
        codes = numbers[coded.indices.take(places).to_numpy()]
        days = columns.numeric(self.on)[places].astype("datetime64[D]")
        failing[places] = (codes >= 0) & ~self.regions.valid_on_mask(codes, days)
        return failing

    def fails(self, row: Row) -> bool:
        """Whether the row's code was not valid."""
        text = row[self.element]
        if text is None or (self.on is not None and row[self.on] is None):
            return False
        if self.on is None:
            return not self._ever(text)
        day, number = day_of(row[self.on]), _number(text)
        return number >= 0 and not (day is not None and self.regions.valid_on(f"{number:06d}", day))

    def _ever(self, text: str) -> bool:
        number = _number(text)
        return number < 0 or self.regions.ever_valid(f"{number:06d}")


def _number(text: str) -> int:
    """The six digits as an integer: 0 if there are none, -1 if nothing is to be judged."""
    if len(text) == 18 and text[:17].isdecimal():
        if text[0] == "9" or text[:6] in PERMITS:
            return -1
        text = text[:6]
    return int(text) if len(text) == 6 and text.isascii() and text.isdecimal() else 0
