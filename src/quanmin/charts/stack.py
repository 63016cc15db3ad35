"""Stacked bars: a row each, its parts one after the other, told apart by pattern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from quanmin.charts.bar import ITEM, WIDE
from quanmin.charts.breadth import breadth
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import COUNT, NO_DATA, NOT_TOLD, Figure, Hidden, Unit, known
from quanmin.charts.legend import Key, legend
from quanmin.charts.palette import HIDDEN_FILL, Style, patterns, style
from quanmin.charts.rows import Lines, rows
from quanmin.charts.sentence import NONE, NOTHING, extremes, joined, number, said, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.charts.ticks import Scale, ticks
from quanmin.text import Language, Text

_STUB = 14
"""Pixels of a part that is hidden."""


class Stacked(NamedTuple):
    """A row: its label and a figure for each part."""

    label: Text
    figures: tuple[Figure, ...]


class Piece(NamedTuple):
    """A part on the sheet."""

    x: float
    wide: float
    fill: str
    style: Style | None
    tip: str


class Drawn(NamedTuple):
    """A row on the sheet: its label, its parts, and its sum in words."""

    label: Lines
    y: int
    pieces: tuple[Piece, ...]
    words: str
    words_x: float
    words_y: int


@dataclass(frozen=True, kw_only=True)
class StackPlan(Plan):
    """The rows over an axis, and the legend below it."""

    left: int
    drawn: tuple[Drawn, ...]
    grid: tuple[tuple[float, str], ...]
    zero: float
    bottom: int
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class StackChart(Chart):
    """Parts that add up: positive ones to the right of zero, negative ones to the left; what is hidden is a hatched stub."""

    title: Text
    parts: tuple[Text, ...]
    rows: tuple[Stacked, ...]
    unit: Unit = COUNT
    item: Text = ITEM
    note: Text = NONE
    kind: ClassVar[str] = "stack"
    signs: ClassVar[bool] = True

    def figures(self) -> Iterable[Figure]:
        return (figure for row in self.rows for figure in row.figures[: len(self.parts)])

    def table(self) -> Table:
        columns = (Column(self.item), *(Column(part, self.unit) for part in self.parts))
        blank = (None,) * len(self.parts)
        return Table(
            columns, tuple((row.label, *map(told, (*row.figures, *blank)[: len(self.parts)])) for row in self.rows)
        )

    def sentence(self, language: Language) -> str:
        sums = [(row.label, sum(_there(row))) for row in self.rows if _there(row)]
        if not sums:
            return joined([NOTHING.get(language)[:-1], unsaid(self.figures(), language)], language)
        by_part = [
            (part, sum(known(row.figures[place]) or 0.0 for row in self.rows if place < len(row.figures)))
            for place, part in enumerate(self.parts)
        ]
        count = number(len(self.rows), "项", "row", "rows", language)
        lead = "按合计，" if language == "zh" else "by sums, "
        most = max(by_part, key=lambda pair: pair[1])
        name, total = said(most[0], language), self.unit.short(most[1], language)
        part = f"最大的部分是{name}，共 {total}" if language == "zh" else f"the largest part is {name}, {total} in all"
        said_sums = lead + extremes(sums, self.unit, language)
        return joined([count, said_sums, part, unsaid(self.figures(), language)], language)

    def plan(self, language: Language) -> StackPlan:
        ends = [f(v for v in _there(row) if keep(v)) for row in self.rows for f, keep in ((sum, _up), (sum, _down))]
        axis = ticks(ends, 4, whole=self.unit.kind == "count")
        marks = [self.unit.tick(at, language) for at in axis.at]
        words = [self._words(row, language) for row in self.rows]
        placed = rows([said(row.label, language) for row in self.rows], 4)
        left = max(placed.left, round(breadth(marks[0]) / 2 + 4))
        place = axis.scale(left, left + WIDE)
        names = [said(part, language) for part in self.parts]
        drawn = []
        for row, at, one in zip(self.rows, placed.rows, words, strict=True):
            pieces, end = self._pieces(row, names, place, language)
            drawn.append(Drawn(at.label, at.middle - 8, pieces, one, round(end + 7, 1), at.middle + 4))
        right = max([left + WIDE + breadth(marks[-1]) / 2, *(one.words_x + breadth(one.words) for one in drawn)]) + 12
        key = legend(names, 12, right - 12, placed.bottom + 32)
        return StackPlan(
            width=right,
            height=key.bottom + 4,
            patterns=patterns(len(self.parts), self.hides),
            left=placed.left - 10,
            drawn=tuple(drawn),
            grid=tuple((place(at), mark) for at, mark in zip(axis.at, marks, strict=True)),
            zero=place(0),
            bottom=placed.bottom,
            keys=key.keys,
        )

    def _words(self, row: Stacked, language: Language) -> str:
        """The sum of a row; with a star where a part is hidden, so that it is at least that much."""
        there, hidden = _there(row), any(isinstance(figure, Hidden) for figure in row.figures)
        if not there:
            return (NOT_TOLD if hidden else NO_DATA).get(language)
        return self.unit.short(sum(there), language) + (" + *" if hidden else "")

    def _pieces(
        self, row: Stacked, names: list[str], place: Scale, language: Language
    ) -> tuple[tuple[Piece, ...], float]:
        up = down = 0.0
        pieces, hidden = [], []
        for rank, (name, figure) in enumerate(zip(names, row.figures, strict=False)):
            value, look = known(figure), style(rank)
            tip = f"{said(row.label, language)} · {name}: {self.unit.exact(figure, language)}"
            if value is None:
                hidden += [tip] if isinstance(figure, Hidden) else []
                continue
            start, stop = (up, up + value) if value >= 0 else (down + value, down)
            up, down = (stop, down) if value >= 0 else (up, start)
            pieces.append(Piece(place(start), round(place(stop) - place(start), 1), look.fill, look, tip))
        end = place(up)
        for tip in hidden:
            pieces.append(Piece(round(end + 1, 1), _STUB, HIDDEN_FILL, None, tip))
            end += _STUB + 2
        return tuple(pieces), end


def _there(row: Stacked) -> list[float]:
    return [value for figure in row.figures if (value := known(figure)) is not None]


def _up(value: float) -> bool:
    return value >= 0


def _down(value: float) -> bool:
    return value < 0
