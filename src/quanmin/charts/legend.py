"""The legend: a swatch and the name of each series, beside and below each other within the width of the sheet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from quanmin.charts.breadth import LINE, broadest, wrap
from quanmin.charts.palette import Style, mark_path, style
from quanmin.charts.rows import Lines

_SWATCH, _GAP = 34, 22


class Key(NamedTuple):
    """An entry: its swatch at (x, y) as a line with a mark or as a field, and its words at `words_x`."""

    x: float
    y: int
    words_x: float
    words: Lines
    style: Style
    mark: str


class Legend(NamedTuple):
    """The entries, and where the legend ends."""

    keys: tuple[Key, ...]
    bottom: int


def legend(names: Sequence[str], left: int, right: float, top: int) -> Legend:
    """The legend of some series in their order."""
    keys: list[Key] = []
    x, y, high = float(left), top, 0
    for place, name in enumerate(names):
        lines = wrap(name, right - left - _SWATCH)
        broad = _SWATCH + broadest(lines)
        if keys and x + broad > right:
            x, y, high = float(left), y + high, 0
        words = tuple((y + 12 + LINE * down, line) for down, line in enumerate(lines))
        one = style(place)
        mark = "" if one.mark == "circle" else mark_path(one.mark, x + 14, y + 8)
        keys.append(Key(round(x, 1), y + 8, round(x + _SWATCH, 1), words, one, mark))
        x, high = x + broad + _GAP, max(high, LINE * len(lines) + 5)
    return Legend(tuple(keys), y + high)
