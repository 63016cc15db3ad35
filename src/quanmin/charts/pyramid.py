"""The population pyramid: two sides by age, the youngest at the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from quanmin.charts.breadth import LINE, breadth, broadest
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import COUNT, Figure, Hidden, Unit, known
from quanmin.charts.palette import HIDDEN_FILL, patterns, style
from quanmin.charts.rows import Lines, rows
from quanmin.charts.sentence import NONE, NOTHING, extremes, joined, number, said, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.charts.ticks import ticks
from quanmin.text import Language, Text

MALE, FEMALE, AGE = Text("男", "male"), Text("女", "female"), Text("年龄", "age")
SIDE = 230
_BAR, _HIGH = 20.0, 540
"""Pixels of a bar, and of all rows where there are so many that bars are thin."""


class Band(NamedTuple):
    """An age or a group of ages, and the figures of both sides."""

    label: Text
    left: Figure
    right: Figure


class Drawn(NamedTuple):
    """A side of a band on the sheet; `side` is 0 at the left."""

    x: float
    y: float
    wide: float
    high: float
    fill: str
    side: int
    hidden: bool
    tip: str


@dataclass(frozen=True, kw_only=True)
class PyramidPlan(Plan):
    """Both sides from the middle outwards, the names of bands between them."""

    drawn: tuple[Drawn, ...]
    labels: Lines
    middle: float
    sides: tuple[tuple[float, float], tuple[float, float]]
    heads: tuple[tuple[float, str, str, str], tuple[float, str, str, str]]
    grid: tuple[tuple[float, str], ...]
    top: int
    bottom: int


@dataclass(frozen=True)
class PyramidChart(Chart):
    """Bands from the youngest upwards; both sides have one scale. A figure below zero is no count and is drawn as nothing."""

    title: Text
    bands: tuple[Band, ...]
    left: Text = MALE
    right: Text = FEMALE
    band: Text = AGE
    unit: Unit = COUNT
    note: Text = NONE
    kind: ClassVar[str] = "pyramid"
    signs: ClassVar[bool] = True

    def figures(self) -> Iterable[Figure]:
        return (figure for band in self.bands for figure in band[1:])

    def table(self) -> Table:
        columns = (Column(self.band), Column(self.left, self.unit), Column(self.right, self.unit))
        return Table(columns, tuple((band.label, told(band.left), told(band.right)) for band in self.bands))

    def sentence(self, language: Language) -> str:
        zh = language == "zh"
        sums = [
            sum(known(figure) or 0.0 for figure in side)
            for side in ([b.left for b in self.bands], [b.right for b in self.bands])
        ]
        both = [(b.label, (known(b.left) or 0) + (known(b.right) or 0)) for b in self.bands if _told(b)]
        if not both:
            return joined([NOTHING.get(language)[:-1], unsaid(self.figures(), language)], language)
        names = [
            f"{said(n, language)} {self.unit.short(s, language)}"
            for n, s in zip((self.left, self.right), sums, strict=True)
        ]
        ratio = f"{100 * sums[0] / sums[1]:.1f}" if sums[1] > 0 and self.unit.kind == "count" else ""
        one, other = said(self.left, language), said(self.right, language)
        against = ratio and (f"每百名{other}对应 {ratio} 名{one}" if zh else f"{ratio} {one} to 100 {other}")
        count = number(len(self.bands), "个年龄组", "band", "bands", language)
        ends = extremes(both, self.unit, language)
        return joined(
            [count, ("，" if zh else ", ").join(names), against, ends, unsaid(self.figures(), language)], language
        )

    def plan(self, language: Language) -> PyramidPlan:
        axis = ticks(
            [max(v, 0.0) for f in self.figures() if (v := known(f)) is not None], 3, whole=self.unit.kind == "count"
        )
        names = [said(band.label, language) for band in self.bands]
        marks = [self.unit.tick(at, language) for at in axis.at]
        placed = _bands(names, 26)
        centre = broadest([words for _, words in placed.labels]) + 20
        edge = round(max(breadth(marks[-1]) / 2 + 8, 16))
        west = edge + SIDE
        east = round(west + centre)
        scale = axis.scale(0, SIDE)
        steps = [scale(at) for at in axis.at]
        grid = [(round(west - x, 1), m) for x, m in zip(steps, marks, strict=True)]
        grid += [(round(east + x, 1), m) for x, m in zip(steps, marks, strict=True)]
        drawn = []
        for (y, high), name, band in zip(placed.rows, names, self.bands, strict=True):
            for side, (title, figure) in enumerate(((self.left, band.left), (self.right, band.right))):
                hidden, wide = isinstance(figure, Hidden), scale(known(figure) or 0.0)
                wide = 16.0 if hidden else wide
                x = east if side else round(west - wide, 1)
                tip = f"{name} · {said(title, language)}: {self.unit.exact(figure, language)}"
                fill = HIDDEN_FILL if hidden else style(side).fill
                drawn.append(Drawn(x, y, wide, high, fill, side, hidden, tip))
        return PyramidPlan(
            width=east + SIDE + edge,
            height=placed.bottom + 28,
            patterns=patterns(2, self.hides),
            drawn=tuple(drawn),
            labels=placed.labels,
            middle=round((west + east) / 2, 1),
            sides=((edge, west), (east, east + SIDE)),
            heads=(
                (west - 8, "end", said(self.left, language), style(0).fill),
                (east + 8, "start", said(self.right, language), style(1).fill),
            ),
            grid=tuple(grid),
            top=26,
            bottom=placed.bottom,
        )


class Bands(NamedTuple):
    """Where bands lie, the youngest first: from where and how high the bars are, and the lines of their names."""

    rows: tuple[tuple[float, float], ...]
    labels: Lines
    bottom: int


def _bands(names: Sequence[str], top: int) -> Bands:
    """Bands with their names in full; where there are many thin ones that have the names for which there is room."""
    if len(names) * 23 <= _HIGH:
        placed = rows(names[::-1], top, 18, 170)
        found = placed.rows[::-1]
        labels = tuple(line for row in found for line in row.label)
        bars = tuple((row.middle - _BAR / 2, _BAR) for row in found)
        return Bands(bars, labels, placed.bottom)
    high = max(4, _HIGH // len(names))
    bottom, every = top + high * len(names), -(-LINE // high)
    labels = tuple((bottom - high * n - high // 2 + 4, name) for n, name in enumerate(names) if n % every == 0)
    return Bands(tuple((bottom - high * (n + 1), high - 0.5) for n in range(len(names))), labels, bottom)


def _told(band: Band) -> bool:
    return known(band.left) is not None or known(band.right) is not None
