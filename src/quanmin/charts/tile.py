"""The tile map: a square for each of the 34 provinces, about where it lies; no boundary is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from quanmin.charts.breadth import LINE, broadest, wrap
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import COUNT, HIDDEN, NO_DATA, Figure, Unit, known
from quanmin.charts.heat import ground, patch
from quanmin.charts.palette import HIDDEN_FILL, patterns
from quanmin.charts.province import COLUMNS, PROVINCES, ROWS, Province, of
from quanmin.charts.rows import Lines, stand
from quanmin.charts.sentence import NONE, NOTHING, extremes, joined, number, said, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.text import Language, Text

PROVINCE, VALUE = Text("省级地区", "province"), Text("数值", "value")
SCHEMATIC = Text("示意图：每格一个省级地区，不表示边界", "A schematic: a tile each province; it shows no boundary")
_TILE, _MARGIN, _STEPS = 62, 12, 5


class Tile(NamedTuple):
    """A province on the sheet: its ground, its name and figure in lines around the middle."""

    x: int
    y: int
    fill: str
    ink: str
    middle: float
    words: Lines
    under: str
    tip: str


class Sample(NamedTuple):
    """A field of the legend, and the words below it."""

    x: int
    fill: str
    words: str


@dataclass(frozen=True, kw_only=True)
class TilePlan(Plan):
    """The tiles, and the legend below them."""

    side: int
    tall: int
    tiles: tuple[Tile, ...]
    samples: tuple[Sample, ...]
    sample: int
    under: int


@dataclass(frozen=True)
class TileMap(Chart):
    """Figures by GB/T 2260 code (two digits or more); a code of no province stands in the table and the sentence only."""

    title: Text
    rows: tuple[tuple[str, Figure], ...]
    unit: Unit = COUNT
    value: Text = VALUE
    note: Text = NONE
    kind: ClassVar[str] = "tile"

    def figures(self) -> Iterable[Figure]:
        return (figure for _, figure in self.rows)

    def table(self) -> Table:
        columns = (Column(PROVINCE), Column(self.value, self.unit))
        return Table(columns, tuple((_name(code), told(figure)) for code, figure in self.rows))

    def sentence(self, language: Language) -> str:
        there = [(_name(code), value) for code, figure in self.rows if (value := known(figure)) is not None]
        if not self.rows:
            return NOTHING.get(language)
        strange = sum(of(code) is None for code, _ in self.rows)
        count = number(len(self.rows), "个地区", "region", "regions", language)
        off = (
            "" if not strange else number(strange, "个代码没有格子", "code has no tile", "codes have no tile", language)
        )
        return joined([count, extremes(there, self.unit, language), unsaid(self.figures(), language), off], language)

    def plan(self, language: Language) -> TilePlan:
        held = {one.code: figure for code, figure in self.rows if (one := of(code)) is not None}
        values = [v for figure in held.values() if (v := known(figure)) is not None]
        low, high = min(values, default=0.0), max(values, default=0.0)
        names = {code: _lines(said(one.name, language)) for code, one in PROVINCES.items()}
        words = {code: [*names[code], self._words(held.get(code), code in held, language)] for code in PROVINCES}
        side = round(max(_TILE, broadest([line for lines in words.values() for line in lines]) + 8))
        tiles = [
            self._tile(one, held.get(code), words[code], ground(held.get(code), low, high), side, language)
            for code, one in PROVINCES.items()
        ]
        high_of = max(LINE * max(map(len, words.values())) + 8, 50)
        bottom = ROWS * (high_of + 4) + 4
        samples, broad = self._samples(values, low, high, language)
        return TilePlan(
            width=max(2 * _MARGIN + COLUMNS * (side + 4), _MARGIN + broad * len(samples)),
            height=bottom + 50,
            patterns=patterns(0, self.hides),
            side=side,
            tall=high_of,
            tiles=tuple(_down(tile, high_of) for tile in tiles),
            samples=tuple(samples),
            sample=broad - 2,
            under=bottom + 6,
        )

    def _notes(self) -> list[Text]:
        return [SCHEMATIC, *super()._notes()]

    def _words(self, figure: Figure, given: bool, language: Language) -> str:
        return (
            "–" if not given or (known(figure) is None and figure is not HIDDEN) else self.unit.short(figure, language)
        )

    def _tile(
        self, one: Province, figure: Figure, words: list[str], look: tuple[str, str], side: int, language: Language
    ) -> Tile:
        x = _MARGIN + one.column * (side + 4)
        tip = f"{one.code} {said(one.name, language)}: {self.unit.exact(figure, language)}"
        return Tile(x, one.row, *look, x + side / 2, tuple((0, line) for line in words), "", tip)

    def _samples(self, values: list[float], low: float, high: float, language: Language) -> tuple[list[Sample], int]:
        """Five steps of the colours from low to high, and what is hidden or lacks."""
        steps = [low + (high - low) * place / (_STEPS - 1) for place in range(_STEPS)] if high > low else values[:1]
        kinds: list[tuple[Figure, str]] = [(step, self.unit.short(step, language)) for step in steps]
        kinds += [(HIDDEN, self.unit.short(HIDDEN, language))] if self.hides else []
        kinds += [(None, f"– {NO_DATA.get(language)}")]
        broad = round(max(64, broadest([words for _, words in kinds]) + 12))
        return [
            Sample(_MARGIN + place * broad, ground(kind, low, high)[0], words)
            for place, (kind, words) in enumerate(kinds)
        ], broad


def _name(code: str) -> Text:
    one = of(code)
    return one.name if one is not None else Text(code, code)


def _lines(name: str) -> list[str]:
    """A name with a word a line."""
    return name.split(" ") if " " in name else wrap(name, _TILE * 2)


def _down(tile: Tile, high: int) -> Tile:
    """The tile at its height, its words around its middle; on hatching they have a ground of their own."""
    y = 4 + tile.y * (high + 4)
    words = stand([line for _, line in tile.words], y + high // 2)
    under = "".join(patch(line, tile.middle, at - 4) for at, line in words) if tile.fill == HIDDEN_FILL else ""
    return tile._replace(y=y, words=words, under=under)
