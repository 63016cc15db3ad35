"""Bars: a row each, with its figure beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from quanmin.charts.breadth import breadth, broadest
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import COUNT, HIDDEN, Figure, Unit, known
from quanmin.charts.palette import patterns
from quanmin.charts.rows import Lines, Row, rows
from quanmin.charts.sentence import NONE, NOTHING, extremes, joined, number, said, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.charts.ticks import LARGEST, Ticks, ticks
from quanmin.text import Language, Text

WIDE = 360
ITEM, VALUE, NOTE = Text("项目", "item"), Text("数值", "value"), Text("备注", "note")


class Bar(NamedTuple):
    """A row: its label, its figure, and what is told beside the figure."""

    label: Text
    figure: Figure
    note: Text = NONE


class Drawn(NamedTuple):
    """A bar on the sheet; without a figure its breadth is None; the tip is there if the words do not say it in full."""

    label: Lines
    x: float
    y: int
    wide: float | None
    hidden: bool
    words: str
    words_x: float
    words_y: int
    before: bool
    tip: str


class Ends(NamedTuple):
    """How many pixels 1 has, where zero stands, and where the whole does if there is one."""

    slope: float
    zero: float
    whole: float | None


@dataclass(frozen=True, kw_only=True)
class BarPlan(Plan):
    """The bars; with a whole a track behind each, else ticks below them."""

    left: int
    bars: tuple[Drawn, ...]
    track: tuple[float, float] | None
    grid: tuple[tuple[float, str], ...]
    zero: float
    bottom: int


@dataclass(frozen=True)
class BarChart(Chart):
    """Bars from zero; with `whole` they are parts of that much, shown as a track, and there is no axis."""

    title: Text
    rows: tuple[Bar, ...]
    unit: Unit = COUNT
    item: Text = ITEM
    value: Text = VALUE
    whole: float | None = None
    note: Text = NONE
    kind: ClassVar[str] = "bar"

    def figures(self) -> Iterable[Figure]:
        return (row.figure for row in self.rows)

    def table(self) -> Table:
        noted = any(row.note != NONE for row in self.rows)
        columns = (Column(self.item), Column(self.value, self.unit), Column(NOTE))[: 3 if noted else 2]
        return Table(columns, tuple((row.label, told(row.figure), row.note)[: len(columns)] for row in self.rows))

    def sentence(self, language: Language) -> str:
        if not self.rows:
            return NOTHING.get(language)
        pairs = [(row.label, at) for row in self.rows if (at := known(row.figure)) is not None]
        count = number(len(self.rows), "项", "row", "rows", language)
        return joined([count, extremes(pairs, self.unit, language), unsaid(self.figures(), language)], language)

    def plan(self, language: Language) -> BarPlan:
        values = [known(row.figure) for row in self.rows]
        words = [self._words(row, value, language) for row, value in zip(self.rows, values, strict=True)]
        axis = self._axis([value for value in values if value is not None])
        marks = [self.unit.tick(at, language) for at in axis.at]
        before = broadest([one for one, value in zip(words, values, strict=True) if value is not None and value < 0])
        placed = rows([said(row.label, language) for row in self.rows], 4)
        left = max(placed.left + (before + 8 if before else 0), round(breadth(marks[0]) / 2 + 4))
        place = axis.scale(left, left + WIDE)
        ends = Ends(WIDE / (axis.high - axis.low), place(0), None if self.whole is None else place(self.whole))
        drawn = zip(self.rows, values, words, placed.rows, strict=True)
        return BarPlan(
            width=left + WIDE + max(broadest(words) + 14, breadth(marks[-1]) / 2) + 8,
            height=placed.bottom + (6 if self.whole is not None else 26),
            patterns=patterns(0, self.hides),
            left=placed.left - 10,
            bars=tuple([self._drawn(*parts, ends, language) for parts in drawn]),
            track=None if ends.whole is None else (ends.zero, round(ends.whole - ends.zero, 1)),
            grid=() if self.whole is not None else tuple(zip([place(at) for at in axis.at], marks, strict=True)),
            zero=ends.zero,
            bottom=placed.bottom,
        )

    def _axis(self, there: list[float]) -> Ticks:
        if self.whole is None:
            return ticks(there, 4, whole=self.unit.kind == "count")
        low, high = min([0.0, *there]), max([self.whole, *there])
        return Ticks(low, high, (low, high))

    def _words(self, row: Bar, value: float | None, language: Language) -> str:
        """What stands beside a bar: the figure, and its note if there is one."""
        figure = self.unit.short(row.figure, language)
        return figure if row.note == NONE or value is None else f"{figure} · {said(row.note, language)}"

    def _drawn(self, row: Bar, value: float | None, words: str, at: Row, ends: Ends, language: Language) -> Drawn:
        slope, zero, whole = ends
        label, y = at.label, at.middle - 7
        if value is None:
            hidden = row.figure is HIDDEN
            beside = (30 if hidden else 6) + zero if whole is None else whole + 8
            return Drawn(label, zero, y, None, hidden, words, round(beside, 1), y + 11, False, "")
        tip = self.unit.exact(value, language)
        tip = "" if words.startswith(tip) else tip
        wide = round(abs(min(max(value, -LARGEST), LARGEST)) * slope, 1)
        if value < 0:
            end = round(zero - wide, 1)
            return Drawn(label, end, y, wide, False, words, round(end - 6, 1), y + 11, True, tip)
        end = zero + wide if whole is None else max(whole, zero + wide) + 2
        return Drawn(label, zero, y, wide, False, words, round(end + 6, 1), y + 11, False, tip)
