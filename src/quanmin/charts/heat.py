"""The heat table: a figure in each cell, on a ground that deepens with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from quanmin.charts.breadth import LINE, breadth, broadest, wrap
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import NUMBER, Figure, Hidden, Unit, known
from quanmin.charts.palette import HIDDEN_FILL, INK, WHITE, patterns, shade
from quanmin.charts.rows import Row, rows
from quanmin.charts.sentence import NONE, NOTHING, extremes, joined, number, said, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.text import Language, Text

ROW = Text("行", "row")
_CELL, _HIGH, _SLANT = 58, 26, 0.71
_PITCH = 18.4
"""Between lines that rise at 45 degrees, so that they are 13 apart."""
_HEADS = 3
"""Lines that a heading over a column may have."""


class Cell(NamedTuple):
    """A cell on the sheet; without a figure it has a dash in it."""

    x: int
    y: int
    high: int
    fill: str
    ink: str
    words: str
    words_x: float
    words_y: int
    under: str
    tip: str


class Head(NamedTuple):
    """A line of a heading over a column; it begins at its place if headings rise to the right, else its middle is there."""

    x: float
    y: int
    words: str


@dataclass(frozen=True, kw_only=True)
class HeatPlan(Plan):
    """The headings, the labels of rows, and the cells."""

    left: int
    top: int
    cell: int
    heads: tuple[Head, ...]
    turned: bool
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HeatTable(Chart):
    """Figures by row and column; colours are spread from the lowest to the highest, the figures tell."""

    title: Text
    rows: tuple[Text, ...]
    columns: tuple[Text, ...]
    cells: tuple[tuple[Figure, ...], ...]
    unit: Unit = NUMBER
    row: Text = ROW
    note: Text = NONE
    kind: ClassVar[str] = "heat"

    def figures(self) -> Iterable[Figure]:
        return (figure for row in self._cells() for figure in row)

    def table(self) -> Table:
        columns = (Column(self.row), *(Column(column, self.unit) for column in self.columns))
        return Table(columns, tuple((n, *map(told, row)) for n, row in zip(self.rows, self._cells(), strict=True)))

    def sentence(self, language: Language) -> str:
        there = [
            (Text(f"{row.zh} · {column.zh}", f"{row.en} · {column.en}"), value)
            for row, figures in zip(self.rows, self._cells(), strict=True)
            for column, figure in zip(self.columns, figures, strict=True)
            if (value := known(figure)) is not None
        ]
        if not there:
            return joined([NOTHING.get(language)[:-1], unsaid(self.figures(), language)], language)
        size = f"{len(self.rows)} 行 {len(self.columns)} 列" if language == "zh" else ""
        if language == "en":
            columns = number(len(self.columns), "", "column", "columns", "en")
            size = f"{number(len(self.rows), '', 'row', 'rows', 'en')} by {columns}"
        return joined([size, extremes(there, self.unit, language), unsaid(self.figures(), language)], language)

    def plan(self, language: Language) -> HeatPlan:
        written = [[self._words(figure, language) for figure in row] for row in self._cells()]
        names = [said(column, language) for column in self.columns]
        cell = round(max(_CELL, broadest([one for row in written for one in row]) + 14))
        heads = [_broken(name, cell) for name in names]
        turned = any(len(lines) > _HEADS for lines in heads)
        if turned:
            heads = [_few_lines(name) for name in names]
        top = _top(heads, turned)
        placed = rows([said(row, language) for row in self.rows], top, _HIGH)
        at = [placed.left + cell * place + cell / 2 for place in range(len(names))]
        over = [one for x, lines in zip(at, heads, strict=True) for one in _heads(x, lines, top, turned)]
        ends = [one.x + (breadth(one.words) + 6) * _SLANT for one in over if turned]
        return HeatPlan(
            width=max([placed.left + cell * len(names), *ends]) + 14,
            height=placed.bottom + 6,
            patterns=patterns(0, self.hides),
            left=placed.left - 10,
            top=top,
            cell=cell,
            heads=tuple(over),
            turned=turned,
            rows=placed.rows,
            cells=tuple(self._drawn(written, names, placed.rows, placed.left, cell, language)),
        )

    def _cells(self) -> list[tuple[Figure, ...]]:
        """The figures as a full table: what is not given lacks."""
        blank: tuple[Figure, ...] = (None,) * len(self.columns)
        given = [*self.cells, *[()] * max(len(self.rows) - len(self.cells), 0)]
        return [(*row, *blank)[: len(self.columns)] for row in given[: len(self.rows)]]

    def _words(self, figure: Figure, language: Language) -> str:
        return "–" if known(figure) is None and not isinstance(figure, Hidden) else self.unit.short(figure, language)

    def _drawn(
        self,
        written: list[list[str]],
        names: list[str],
        placed: tuple[Row, ...],
        left: int,
        cell: int,
        language: Language,
    ) -> Iterable[Cell]:
        values = [v for f in self.figures() if (v := known(f)) is not None]
        low, high = min(values, default=0.0), max(values, default=0.0)
        for row, at, figures, words in zip(self.rows, placed, self._cells(), written, strict=True):
            for across, (name, figure, one) in enumerate(zip(names, figures, words, strict=True)):
                fill, ink = ground(figure, low, high)
                x = left + cell * across
                under = patch(one, x + cell / 2 - 1, at.middle - 1) if isinstance(figure, Hidden) else ""
                tip = f"{said(row, language)} · {name}: {self.unit.exact(figure, language)}"
                yield Cell(x, at.y, at.height - 2, fill, ink, one, x + cell / 2 - 1, at.middle + 3, under, tip)


def ground(figure: Figure, low: float, high: float) -> tuple[str, str]:
    """The ground of a figure between the lowest and the highest, and the ink on it; hatched if hidden, white if it lacks."""
    value = known(figure)
    if value is None:
        return HIDDEN_FILL if isinstance(figure, Hidden) else WHITE, INK
    return shade((value / 2 - low / 2) / (high / 2 - low / 2) if high > low else 1.0)


def patch(words: str, x: float, y: int) -> str:
    """A plain ground around (x, y) for words that stand on hatching."""
    wide = round(breadth(words) + 4, 1)
    return f"M{x - wide / 2:.1f} {y - 8}h{wide}v16h-{wide}z"


def _broken(name: str, cell: int) -> list[str]:
    """A heading in lines as broad as its column; where a word is broken it has too many."""
    lines = wrap(name, cell - 6)
    whole = all(word in " ".join(lines).split() for word in name.split())
    return lines if whole else [*lines, *[""] * _HEADS]


def _few_lines(name: str) -> list[str]:
    """A heading in at most three lines, however long they are."""
    most = 150.0
    while (count := len(lines := wrap(name, most))) > _HEADS:
        most += 50
    even = wrap(name, breadth(name) / count + 14)
    return even if len(even) == count else lines


def _top(heads: list[list[str]], turned: bool) -> int:
    """Where the cells begin."""
    if not heads:
        return 8
    if turned:
        return round((max(map(broadest, heads)) + LINE) * _SLANT) + 10
    return LINE * max(map(len, heads)) + 10


def _heads(x: float, lines: list[str], top: int, turned: bool) -> list[Head]:
    """The lines of a heading: level below each other, or rising beside each other."""
    count = len(lines)
    if turned:
        first = x - _PITCH * (count - 1) / 2
        return [Head(round(first + _PITCH * place, 1), top - 8, line) for place, line in enumerate(lines)]
    return [Head(round(x - 1, 1), top - 8 - LINE * (count - 1 - place), line) for place, line in enumerate(lines)]
