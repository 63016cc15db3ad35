"""The waterfall: steps from zero to their sum, each beginning where the one before ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from quanmin.charts.bar import ITEM
from quanmin.charts.breadth import LINE, breadth, broadest, wrap
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import HIDDEN, NUMBER, Figure, Unit, known
from quanmin.charts.palette import LOSS, WHITE, Pattern, patterns
from quanmin.charts.rows import Lines, rows
from quanmin.charts.sentence import NONE, NOTHING, joined, number, said, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.charts.ticks import Scale, ticks
from quanmin.text import Language, Text

WIDE = 420
_STUB = 16.0
TOTAL, CHANGE = Text("合计", "sum"), Text("变化", "change")


class Step(NamedTuple):
    """A step: its label and what it adds."""

    label: Text
    change: Figure


class Drawn(NamedTuple):
    """A step on the sheet; `kind` is gain, loss, sum, hidden or none (there is no bar)."""

    label: Lines
    x: float
    y: int
    wide: float
    kind: str
    words: str
    words_x: float
    words_y: int
    link: str


class Mark(NamedTuple):
    """A line across the steps, at zero or at the bound, and its name below it."""

    x: float
    dash: str
    words_x: float
    words: Lines


@dataclass(frozen=True, kw_only=True)
class WaterfallPlan(Plan):
    """The steps, the sum, and the lines of zero and of the bound."""

    left: int
    bars: tuple[Drawn, ...]
    marks: tuple[Mark, ...]
    bottom: int


@dataclass(frozen=True)
class WaterfallChart(Chart):
    """Steps and their sum, with a bound to compare it with; gains are plain, losses striped, the sum is dark.

    Where a step is hidden the sum is, too: what is known of it says nothing.
    """

    title: Text
    steps: tuple[Step, ...]
    total: Text = TOTAL
    bound: tuple[Text, float] | None = None
    unit: Unit = NUMBER
    item: Text = ITEM
    note: Text = NONE
    kind: ClassVar[str] = "waterfall"
    signs: ClassVar[bool] = True

    def figures(self) -> Iterable[Figure]:
        return (step.change for step in self.steps)

    def table(self) -> Table:
        rows = [(step.label, told(step.change)) for step in self.steps]
        return Table((Column(self.item), Column(CHANGE, self.unit)), (*rows, (self.total, self._sum())))

    def sentence(self, language: Language) -> str:
        if not self.steps:
            return NOTHING.get(language)
        zh, there = language == "zh", [(s.label, v) for s in self.steps if (v := known(s.change)) is not None]
        count = number(len(self.steps), "步", "step", "steps", language)
        total, reached = (
            f"{said(self.total, language)}{'为' if zh else ' is'} {self.unit.short(self._sum(), language)}",
            known(self._sum()),
        )
        if self.bound is not None and reached is not None:
            name, least = said(self.bound[0], language), self.unit.short(self.bound[1], language)
            over = reached >= self.bound[1]
            zh_word, en_word = ("达到", "reaches") if over else ("低于", "is below")
            total += f"，{zh_word}{name} {least}" if zh else f", which {en_word} the {name} of {least}"
        ends = [(max, "增加最多的是", "adds most"), (min, "减少最多的是", "takes most away")]
        told_ends = []
        for choose, before, after in ends:
            label, value = choose(there, key=lambda pair: pair[1], default=(NONE, 0.0))
            if (value > 0) if choose is max else (value < 0):
                name, at = said(label, language), _signed(self.unit.short(value, language), value)
                told_ends.append(f"{before}{name}（{at}）" if zh else f"{name} {after} ({at})")
        return joined([count, total, *told_ends, unsaid(self.figures(), language)], language)

    def plan(self, language: Language) -> WaterfallPlan:
        labels = [said(label, language) for label in (*(step.label for step in self.steps), self.total)]
        ends, at = [], 0.0
        for step in self.steps:
            ends.append((at, at + (known(step.change) or 0.0)))
            at = ends[-1][1]
        ends.append((0.0, at))
        figures: list[Figure] = [*(step.change for step in self.steps), self._sum()]
        words = [_signed(self.unit.short(figure, language), known(figure) or 0.0) for figure in figures]
        bound = [] if self.bound is None else [self.bound[1]]
        axis, placed = ticks([*(end for pair in ends for end in pair), *bound]), rows(labels, 8, 26)
        left = placed.left
        place = axis.scale(left, left + WIDE)
        bars = []
        for rank, ((start, end), figure, one, row) in enumerate(zip(ends, figures, words, placed.rows, strict=True)):
            low, high = sorted((place(start), place(end)))
            last = rank == len(ends) - 1
            kind, wide = _kind(figure, last), max(round(high - low, 1), 1)
            wide = {"hidden": _STUB, "none": 0.0}.get(kind, wide)
            link = "" if last else f"M{place(end)} {row.middle + 7}V{placed.rows[rank + 1].middle - 7}"
            bars.append(
                Drawn(row.label, low, row.middle - 7, wide, kind, one, round(low + wide + 5, 1), row.middle + 4, link)
            )
        marks = self._marks(place, placed.bottom, language)
        right = max([left + WIDE, *(bar.words_x + breadth(bar.words) for bar in bars), *map(_end, marks)])
        return WaterfallPlan(
            width=right + 14,
            height=placed.bottom + 14 + LINE * max(len(mark.words) for mark in marks),
            patterns=(*patterns(0, self.hides), _LOSS),
            left=left - 10,
            bars=tuple(bars),
            marks=marks,
            bottom=placed.bottom,
        )

    def _marks(self, place: Scale, bottom: int, language: Language) -> tuple[Mark, ...]:
        """The lines of zero and of the bound; where their names would meet, zero goes without one."""
        zero = Mark(place(0), "none", place(0), _below(["0"], bottom))
        if self.bound is None:
            return (zero,)
        words, x = wrap(said(self.bound[0], language), 220), place(self.bound[1])
        bound = Mark(x, "5 4", max(x, broadest(words) / 2 + 8), _below(words, bottom))
        meet = abs(bound.words_x - zero.x) < broadest(words) / 2 + 12
        return (zero._replace(words=()) if meet else zero, bound)

    def _sum(self) -> Figure:
        return HIDDEN if self.hides else sum(known(step.change) or 0.0 for step in self.steps)


_LOSS = Pattern("loss", 2, LOSS, WHITE, 8, "M-1 1L1 -1M0 8L8 0M7 9L9 7")


def _kind(figure: Figure, last: bool) -> str:
    value = known(figure)
    if value is None:
        return "hidden" if figure is HIDDEN else "none"
    return "sum" if last else "gain" if value >= 0 else "loss"


def _signed(words: str, value: float) -> str:
    return f"+{words}" if value > 0 else words


def _below(lines: list[str], bottom: int) -> Lines:
    return tuple((bottom + 18 + LINE * place, line) for place, line in enumerate(lines))


def _end(mark: Mark) -> float:
    """How far the name of a line reaches."""
    return mark.words_x + broadest([line for _, line in mark.words]) / 2
