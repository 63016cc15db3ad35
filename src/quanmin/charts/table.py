"""The data of a chart as a table: what a reader of the page, a screen reader and the JSON twin get."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from quanmin.charts.figure import COUNT, Figure, Hidden, Unit, known
from quanmin.charts.sentence import said
from quanmin.text import Language, Text

Cell = Text | Figure


class Column(NamedTuple):
    """A heading, and the unit of the figures below it."""

    heading: Text
    unit: Unit = COUNT


@dataclass(frozen=True)
class Table:
    """Columns and rows; a cell is a label or a figure, and what is not finite is None."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def headings(self) -> tuple[Text, ...]:
        """The headings of the columns."""
        return tuple(column.heading for column in self.columns)

    def head(self, language: Language) -> list[str]:
        """The headings in a language; one without words is a dash, so that it is heard."""
        return [said(heading, language) or "–" for heading in self.headings]

    def body(self, language: Language) -> list[list[str]]:
        """The cells as they are written in a language; the first of a row is its heading."""
        rows = [
            [self._written(cell, column.unit, language) for column, cell in zip(self.columns, row, strict=False)]
            for row in self.rows
        ]
        return [[row[0] or "–", *row[1:]] for row in rows]

    def _written(self, cell: Cell, unit: Unit, language: Language) -> str:
        return said(cell, language) if isinstance(cell, Text) else unit.exact(cell, language)


def told(figure: Figure) -> Figure:
    """The figure as a table holds it: a number that is none becomes None."""
    return figure if isinstance(figure, Hidden) or known(figure) is not None else None
