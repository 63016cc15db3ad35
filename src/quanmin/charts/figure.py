"""Figures of charts: what is known, hidden or lacking, and how it is written in each language.

Chinese scales by 万 (10^4), 亿 (10^8) and 万亿 (10^12), English by M (10^6), B (10^9) and T (10^12).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from math import isfinite
from typing import Final, Literal

from quanmin.text import Language, Text


class Hidden(Enum):
    """The kind of a figure that exists and is not told, because the count is small."""

    HIDDEN = "hidden"


HIDDEN: Final = Hidden.HIDDEN
Figure = int | float | Hidden | None
"""A number; HIDDEN where it is not told; None (or NaN) where there is none."""

NOT_TOLD = Text("不公布", "not told")
NO_DATA = Text("无数据", "no data")

_SCALES: dict[Language, tuple[tuple[float, str], ...]] = {
    "zh": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
    "en": ((1e12, "T"), (1e9, "B"), (1e6, "M")),
}
_ENDLESS = 1e16
"""From here on figures are written with a power of ten, as doubles hold no more digits."""


def known(figure: Figure) -> float | None:
    """The number, or None for what is hidden, lacking, not a number or beyond a double."""
    if type(figure) is float:
        return figure if isfinite(figure) else None
    if figure is None or isinstance(figure, Hidden):
        return None
    try:
        number = float(figure)
    except OverflowError:
        return None
    return number if isfinite(number) else None


def scaled(value: float, language: Language, digits: int = 4) -> str:
    """A number in `digits` significant digits with the scale of the language: 14.12亿, 1.412B; small ones whole: 9,999."""
    if abs(value) >= _ENDLESS:
        return f"{value:.3g}"
    scales = _SCALES[language]
    if abs(value) < scales[-1][0]:
        return exact(value)
    nearly = 1 - 0.5 * 10**-digits  # what rounds up to the next scale is written in it
    for size, sign in scales[:-1]:
        if abs(value) >= size * nearly:
            return f"{value / size:.{digits}g}{sign}"
    size, sign = scales[-1]
    return f"{value / size:.{digits}g}{sign}"


def exact(value: float) -> str:
    """A number with thousands separators and no digits that say nothing: 12,345 or 2.25 or 0.625."""
    if abs(value) >= _ENDLESS or 0 < abs(value) < 1:
        return f"{value:.3g}"
    if value == (whole := int(value)):
        return f"{whole:,}"
    return _plain(f"{value:,.2f}".rstrip("0").rstrip("."))


@dataclass(frozen=True)
class Unit:
    """What figures are: counts, shares of 1, or other numbers; `decimals` in tables and tips, `brief` beside marks."""

    kind: Literal["count", "share", "number"] = "count"
    decimals: int = 2
    brief: int | None = None

    def exact(self, figure: Figure, language: Language) -> str:
        """The figure in full; what is hidden or lacking in words."""
        return self._written(figure, language, self.decimals, full=True)

    def short(self, figure: Figure, language: Language) -> str:
        """The figure as it stands beside a mark: large ones scaled."""
        return self._written(figure, language, self.decimals if self.brief is None else self.brief, full=False)

    def tick(self, value: float, language: Language) -> str:
        """A round number on an axis."""
        if self.kind == "share" and abs(value) < 1e4:
            return _all(value * 100) + "%"
        return _all(value) if abs(value) < 1e4 else scaled(value, language, 9)

    def _written(self, figure: Figure, language: Language, decimals: int, full: bool) -> str:
        value = known(figure)
        if self.kind == "count" and value is not None:
            return exact(value) if full else scaled(value, language)
        if value is None:
            return (NOT_TOLD if isinstance(figure, Hidden) else NO_DATA).get(language)
        if self.kind == "share" and abs(value) < 1e4:
            return _plain(f"{value:.{decimals}%}")
        if self.kind == "number" and (abs(value) < 1e4 or (full and abs(value) < _ENDLESS)):
            return _plain(f"{value:,.{decimals}f}")
        return exact(value) if full else scaled(value, language)


def _all(value: float) -> str:
    """A round number with every decimal that it has."""
    if 0 < abs(value) < 1e-3:
        return f"{value:.4g}"
    return _plain(f"{value:,.8f}".rstrip("0").rstrip("."))


def _plain(written: str) -> str:
    """Without the sign of a zero."""
    return written[1:] if written.startswith("-") and not written.strip("-0.,%") else written


COUNT = Unit("count")
SHARE = Unit("share", 1)
NUMBER = Unit("number", 2)
