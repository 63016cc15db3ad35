"""Rows with their labels at the left, broken into lines where they are long."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from quanmin.charts.breadth import LINE, breadth, broadest, wrap

MOST = 230
"""Pixels that a label may be broad."""

Lines = tuple[tuple[int, str], ...]
"""Lines of words with the height at which each stands."""


class Row(NamedTuple):
    """A row: from where, its middle, how high, and the lines of its label."""

    y: int
    middle: int
    height: int
    label: Lines


class Rows(NamedTuple):
    """All rows; marks begin at `left`, labels end 10 before it."""

    left: int
    rows: tuple[Row, ...]
    bottom: int


def rows(labels: Sequence[str], top: int = 0, least: int = 24, most: float = MOST) -> Rows:
    """Rows below each other, each as high as its label needs."""
    found, y, widest = [], top, 0.0
    for label in labels:
        broad = breadth(label)
        lines = [label] if broad <= most else wrap(label, most)
        widest = max(widest, broad if broad <= most else broadest(lines))
        height = max(least, LINE * len(lines) + 8)
        middle = y + height // 2
        found.append(Row(y, middle, height, stand(lines, middle)))
        y += height
    return Rows(round(widest + 24), tuple(found), y)


def stand(lines: Sequence[str], middle: int) -> Lines:
    """Lines around a height."""
    if len(lines) == 1:
        return ((middle + 4, lines[0]),)
    first = middle - LINE * (len(lines) - 1) // 2 + 4
    return tuple((first + LINE * place, line) for place, line in enumerate(lines))
