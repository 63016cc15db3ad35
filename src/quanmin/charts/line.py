"""Lines and areas: series over days, numbers or names, told apart by dash and mark."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, NamedTuple

from quanmin.charts.breadth import LINE, breadth, broadest, wrap
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import NUMBER, Figure, Hidden, Unit, known
from quanmin.charts.legend import Key, legend
from quanmin.charts.palette import Style, mark_path, patterns, style
from quanmin.charts.sentence import NONE, NOTHING, course, extremes, joined, number, said, same, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.charts.ticks import Scale, Ticks, ticks
from quanmin.text import Language, Text

WIDE, HIGH = 520, 260
ACROSS = Text("位置", "place")
_MANY = 60
"""Points of a line up to which each has a mark; of a longer line about so many have one."""

At = Text | dt.date | int | float
"""Where a point stands: a day, a number (a year), or a name."""


class Series(NamedTuple):
    """A line: its name and its points."""

    name: Text
    points: tuple[tuple[At, Figure], ...]


class Point(NamedTuple):
    """A marked point: where, the outline of its mark (none for a circle), what is told there."""

    x: float
    y: float
    path: str
    tip: str


class Drawn(NamedTuple):
    """A series on the sheet: its line, the field below it, its points, and where something is hidden."""

    style: Style
    path: str
    field: str
    points: tuple[Point, ...]
    hidden: tuple[tuple[float, int, str], ...]


@dataclass(frozen=True, kw_only=True)
class LinePlan(Plan):
    """The axes, the lines and the legend."""

    left: float
    right: float
    top: int
    bottom: int
    zero: float
    up: str
    grid: tuple[tuple[float, str], ...]
    stops: tuple[tuple[float, tuple[tuple[int, str], ...]], ...]
    drawn: tuple[Drawn, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True)
class LineChart(Chart):
    """Lines from zero upwards, or from near the lowest with `zero=False`; a line breaks where a figure lacks or is hidden."""

    title: Text
    series: tuple[Series, ...]
    unit: Unit = NUMBER
    across: Text = ACROSS
    up: Text = NONE
    zero: bool = True
    note: Text = NONE
    kind: ClassVar[str] = "line"
    signs: ClassVar[bool] = True
    filled: ClassVar[bool] = False

    def figures(self) -> Iterable[Figure]:
        return (figure for one in self.series for _, figure in one.points)

    def table(self) -> Table:
        columns = (Column(self.across), *(Column(one.name, self.unit) for one in self.series))
        held = [dict(one.points) for one in self.series]
        rows = (tuple([_label(stop), *(told(points.get(stop)) for points in held)]) for stop in self._stops())
        return Table(columns, tuple(rows))

    def sentence(self, language: Language) -> str:
        order = {stop: rank for rank, stop in enumerate(self._stops())}
        points = [
            (one, sorted([(at, v) for at, f in one.points if (v := known(f)) is not None], key=lambda p: order[p[0]]))
            for one in self.series
        ]
        if not any(there for _, there in points):
            return joined([NOTHING.get(language)[:-1], unsaid(self.figures(), language)], language)
        courses = [
            course(said(one.name, language), [(said(_label(at), language), v) for at, v in there], self.unit, language)
            for one, there in points
        ]
        parts = courses if len(courses) <= 3 else self._summary(points, language)
        every = [
            (Text(f"{one.name.zh}在 {_label(at).zh}", f"{one.name.en} at {_label(at).en}"), value)
            for one, there in points
            for at, value in there
        ]
        return joined([*parts, extremes(every, self.unit, language), unsaid(self.figures(), language)], language)

    def _summary(self, points: Sequence[tuple[Series, Sequence[tuple[At, float]]]], language: Language) -> list[str]:
        """How many series rise, fall and stay."""
        steps = [there[-1][1] - there[0][1] for _, there in points if there]
        rise, fall = sum(step > 0 for step in steps), sum(step < 0 for step in steps)
        stay = len(steps) - rise - fall
        count = number(len(self.series), "条线", "line", "lines", language)
        return [
            count,
            f"{rise} 升，{fall} 降，{stay} 平" if language == "zh" else f"{rise} rise, {fall} fall, {stay} stay",
        ]

    def _stops(self) -> list[At]:
        """Every place of the axis: days and numbers in their order, names as they come."""
        stops = list(dict.fromkeys(at for one in self.series for at, _ in one.points))
        days = [stop for stop in stops if isinstance(stop, dt.date)]
        numbers = [stop for stop in stops if isinstance(stop, int | float)]
        if len(days) == len(stops):
            return list(sorted(days))
        if len(numbers) == len(stops) and all(known(stop) is not None for stop in numbers):
            return list(sorted(numbers))
        return stops

    def plan(self, language: Language) -> LinePlan:
        stops = self._stops()
        labels = [wrap(said(_label(stop), language), 110) for stop in stops]
        axis = ticks([v for f in self.figures() if (v := known(f)) is not None], zero=self.zero or self.filled)
        marks = [self.unit.tick(at, language) for at in axis.at]
        ends = [broadest(lines) / 2 for lines in (labels[:1] + labels[-1:])] or [0.0]
        left, up = round(max(broadest(marks) + 20, ends[0] + 4)), said(self.up, language)
        top = 26 if up else 10
        place, across = axis.scale(top + HIGH, top), _across(stops, left)
        shown = _few([across[stop] for stop in stops], labels)
        deep = max((len(labels[one]) for one in shown), default=1)
        right = left + WIDE + max(round(ends[-1]) + 4, 16)
        names = [said(one.name, language) for one in self.series]
        key = legend(names, left, right, top + HIGH + LINE * deep + 16)
        return LinePlan(
            width=max(right, breadth(up) + 24),
            height=key.bottom + 6,
            patterns=patterns(len(self.series) if self.filled else 0, False),
            left=left,
            right=left + WIDE,
            top=top,
            bottom=top + HIGH,
            zero=place(min(max(0.0, axis.low), axis.high)),
            up=up,
            grid=tuple((place(at), mark) for at, mark in zip(axis.at, marks, strict=True)),
            stops=tuple((across[stops[one]], _below(labels[one], top + HIGH)) for one in shown),
            drawn=_above(
                [self._drawn(n, names[n], across, place, axis, language) for n in range(len(self.series))], top
            ),
            keys=key.keys,
        )

    def _drawn(
        self, number: int, name: str, across: Mapping[At, float], place: Scale, axis: Ticks, language: Language
    ) -> Drawn:
        look, points = style(number), self.series[number].points
        order = {stop: rank for rank, stop in enumerate(across)}
        seen = [(across[at], known(figure), at, figure) for at, figure in sorted(points, key=lambda one: order[one[0]])]
        runs = [[(x, place(v)) for x, v, _, _ in run if v is not None] for there, run in _runs(seen) if there]
        every = max(1, round(len(seen) / _MANY))
        marked = tuple(
            Point(
                x,
                y := place(v),
                "" if look.mark == "circle" else mark_path(look.mark, x, y),
                self._tip(name, at, f, language),
            )
            for rank, (x, v, at, f) in enumerate(seen)
            if v is not None and (rank % every == 0 or rank == len(seen) - 1)
        )
        zero = place(min(max(0.0, axis.low), axis.high))
        lines = "".join("M" + "L".join(f"{x} {y}" for x, y in run) for run in runs if len(run) > 1)
        fields = "".join(
            f"M{run[0][0]} {zero}L" + "L".join(f"{x} {y}" for x, y in run) + f"V{zero}z" for run in runs if len(run) > 1
        )
        hidden = tuple((x, 0, self._tip(name, at, f, language)) for x, _, at, f in seen if isinstance(f, Hidden))
        return Drawn(look, lines, fields if self.filled else "", marked, hidden)

    def _tip(self, name: str, at: At, figure: Figure, language: Language) -> str:
        return f"{name} · {said(_label(at), language)}: {self.unit.exact(figure, language)}"


@dataclass(frozen=True)
class AreaChart(LineChart):
    """Lines with the field down to zero filled, pale and by pattern, so that one is seen through another."""

    filled: ClassVar[bool] = True


def _runs(
    seen: Sequence[tuple[float, float | None, At, Figure]],
) -> Iterable[tuple[bool, Iterable[tuple[float, float | None, At, Figure]]]]:
    """Points in a row that are known, and those that are not."""
    return groupby(seen, key=lambda one: one[1] is not None)


def _above(drawn: Sequence[Drawn], top: int) -> tuple[Drawn, ...]:
    """The series with their stars above each other where several are hidden at one place."""
    seen: Counter[float] = Counter()
    found = []
    for one in drawn:
        stars = [(x, max(top + HIGH - 2 - 14 * seen[x], top + 14), tip) for x, _, tip in one.hidden]
        seen.update(x for x, *_ in stars)
        found.append(one._replace(hidden=tuple(stars)))
    return tuple(found)


def _label(at: At) -> Text:
    if isinstance(at, Text):
        return at
    return same(at.isoformat() if isinstance(at, dt.date) else at)


def _across(stops: Sequence[At], left: int) -> dict[At, float]:
    """Where each place stands: days and numbers by their distance, names evenly."""
    days = [stop.toordinal() for stop in stops if isinstance(stop, dt.date)]
    numbers = [v for stop in stops if isinstance(stop, int | float) and (v := known(stop)) is not None]
    every: Sequence[float] = next((found for found in (days, numbers) if len(found) == len(stops)), range(len(stops)))
    if len(set(every)) < 2:
        return dict.fromkeys(stops, left + WIDE / 2)
    scale = Scale(min(every), max(every), left, left + WIDE)
    return {stop: scale(at) for stop, at in zip(stops, every, strict=True)}


def _few(places: Sequence[float], labels: Sequence[Sequence[str]]) -> list[int]:
    """The places that are named: the first, the last, and those between that have room, at most a dozen."""
    if not places:
        return []
    last = len(places) - 1
    most = min(12, max(2, int(WIDE / (broadest([line for lines in labels for line in lines]) + 14)) + 1))
    wanted = dict.fromkeys([0, last, *range(0, last, max(-(-last // (most - 1)), 1))])
    shown: list[int] = []
    for one in wanted:
        half = broadest(labels[one]) / 2 + 5
        if all(abs(places[one] - places[two]) >= half + broadest(labels[two]) / 2 + 5 for two in shown):
            shown.append(one)
    return sorted(shown)


def _below(lines: Sequence[str], bottom: int) -> tuple[tuple[int, str], ...]:
    return tuple((bottom + 18 + LINE * down, line) for down, line in enumerate(lines))
