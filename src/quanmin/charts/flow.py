"""Flows: boxes below each other in their order, arrows between them, as thick as what goes through.

An arrow to the next box goes straight down; any other runs in a lane beside the boxes: at the right if it goes on, at the
left and dashed if it goes back. Arrows that do not meet share a lane.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import ClassVar, NamedTuple, Protocol

from quanmin.charts.breadth import BOLD, LINE, broadest, wrap
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import COUNT, Figure, Unit, known
from quanmin.charts.rows import Lines, stand
from quanmin.charts.sentence import NONE, NOTHING, joined, number, said, same, unsaid
from quanmin.charts.table import Column, Table, told
from quanmin.text import Language, Text

FROM, TO, WHAT, AMOUNT = Text("从", "from"), Text("到", "to"), Text("内容", "what"), Text("数量", "count")
READS, WRITES = Text("读：{tables}", "reads {tables}"), Text("写：{tables}", "writes {tables}")
_MOST, _LABEL, _GAP, _PORT, _TOLD = 330, 150, 30, 16, 12


@dataclass(frozen=True)
class Box:
    """A step: the name that arrows use, its title, lines below it, and a count (None where there is none to tell)."""

    name: str
    title: Text
    lines: tuple[Text, ...] = ()
    count: Figure = None


@dataclass(frozen=True)
class Arrow:
    """What goes from a box to another, and how much of it (None where that is not said)."""

    start: str
    end: str
    label: Text = NONE
    count: Figure = None


class Stage(Protocol):
    """A stage of the map, as `quanmin.flow` has it."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def title(self) -> Text:
        """What it does."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The tables that it reads; `*` stands for any rest."""

    @property
    def writes(self) -> tuple[str, ...]:
        """The tables that it writes."""


class Placed(NamedTuple):
    """A box on the sheet: from where, how high, its title and its lines."""

    y: int
    high: int
    title: Lines
    lines: Lines


class Drawn(NamedTuple):
    """An arrow on the sheet: its path, its head, and its label on a ground of its own."""

    path: str
    head: str
    thick: float
    back: bool
    ground: str
    label_x: float
    label: Lines
    tip: str


class Lane(NamedTuple):
    """An arrow that runs beside the boxes: its place in the list, between which boxes, in which lane, its label."""

    place: int
    start: int
    end: int
    lane: int
    words: list[str]


@dataclass(frozen=True, kw_only=True)
class FlowPlan(Plan):
    """Boxes of one breadth, and the arrows."""

    x: int
    wide: int
    middle: float
    boxes: tuple[Placed, ...]
    arrows: tuple[Drawn, ...]


@dataclass(frozen=True)
class FlowChart(Chart):
    """Boxes and arrows; an arrow from or to a box that is not there stands in the table only."""

    title: Text
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    unit: Unit = COUNT
    note: Text = NONE
    kind: ClassVar[str] = "flow"

    def figures(self) -> Iterable[Figure]:
        return (one.count for some in (self.boxes, self.arrows) for one in some)

    def table(self) -> Table:
        titles = {box.name: box.title for box in self.boxes}
        rows = [
            (titles.get(a.start, same(a.start)), titles.get(a.end, same(a.end)), a.label, told(a.count))
            for a in self.arrows
        ]
        joined_boxes = {name for arrow in self.arrows for name in (arrow.start, arrow.end)}
        alone = [(box.title, NONE, NONE, told(box.count)) for box in self.boxes if box.name not in joined_boxes]
        counted = any(known(arrow.count) is not None for arrow in self.arrows) or self.hides or bool(alone)
        columns = (Column(FROM), Column(TO), Column(WHAT), Column(AMOUNT, self.unit))[: 4 if counted else 3]
        return Table(columns, tuple(row[: len(columns)] for row in (*rows, *alone)))

    def sentence(self, language: Language) -> str:
        if not self.boxes:
            return NOTHING.get(language)
        titles = {box.name: said(box.title, language).split("：")[0].split(":")[0] for box in self.boxes}
        count = number(len(self.boxes), "个步骤", "box", "boxes", language)
        arrows = number(len(self.arrows), "个箭头", "arrow", "arrows", language)
        ways = [f"{titles.get(a.start, a.start)} → {titles.get(a.end, a.end)}" for a in self.arrows[:_TOLD]]
        comma = "，" if language == "zh" else ", "
        return joined([count + comma + arrows, comma.join(ways), unsaid(self.figures(), language)], language)

    @property
    def bare(self) -> bool:
        return not self.boxes

    def plan(self, language: Language) -> FlowPlan:
        order = {box.name: place for place, box in enumerate(self.boxes)}
        ends = [(order[a.start], order[a.end]) if a.start in order and a.end in order else None for a in self.arrows]
        words = [self._label(arrow, language) for arrow in self.arrows]
        straight = {pair: place for place, pair in reversed(list(enumerate(ends))) if pair and pair[1] == pair[0] + 1}
        beside = [(n, *pair) for n, pair in enumerate(ends) if pair and straight.get(pair) != n]
        on = _lanes([one for one in beside if one[2] > one[1]], words)
        back = _lanes([one for one in beside if one[2] <= one[1]], words)
        text = [(wrap(said(b.title, language), _MOST), self._lines(b, language)) for b in self.boxes]
        wide = round(max([160.0, *(max(broadest(title) * BOLD, broadest(lines)) for title, lines in text)])) + 28
        after = [len(words[straight[p, p + 1]]) if (p, p + 1) in straight else 0 for p in range(len(text))]
        ports = [max(_ports(on, place), _ports(back, place)) for place in range(len(text))]
        boxes = _placed(text, ports, after)
        west, x = _columns(back)
        east, right = _columns(on)
        most = max((v for a in self.arrows if (v := known(a.count)) is not None), default=0.0)
        thick = [_thick(arrow.count, most) for arrow in self.arrows]
        tips = [self._tip(arrow, language) for arrow in self.arrows]
        middle = x + wide / 2
        drawn = [_straight(boxes, pair[0], middle, words[n], thick[n], tips[n]) for pair, n in straight.items()]
        drawn += [_beside(boxes, one, on, x + wide, east, thick[one.place], tips[one.place], 1) for one in on]
        drawn += [_beside(boxes, one, back, x, west, thick[one.place], tips[one.place], -1) for one in back]
        return FlowPlan(
            width=x + wide + right,
            height=(boxes[-1].y + boxes[-1].high if boxes else 0) + 12,
            x=x,
            wide=wide,
            middle=middle,
            boxes=tuple(boxes),
            arrows=tuple(drawn),
        )

    def _label(self, arrow: Arrow, language: Language) -> list[str]:
        lines = wrap(said(arrow.label, language), _LABEL) if arrow.label != NONE else []
        return lines if arrow.count is None else [*lines, self.unit.short(arrow.count, language)]

    def _lines(self, box: Box, language: Language) -> list[str]:
        lines = [line for text in box.lines for line in wrap(said(text, language), _MOST)]
        return lines if box.count is None else [*lines, self.unit.short(box.count, language)]

    def _tip(self, arrow: Arrow, language: Language) -> str:
        what = said(arrow.label, language)
        count = "" if arrow.count is None else self.unit.exact(arrow.count, language)
        return f"{arrow.start} → {arrow.end}" + "".join(f": {part}" for part in (what, count) if part)


def stages(title: Text, steps: Iterable[Stage]) -> FlowChart:
    """The stages of a map: an arrow wherever one reads what another writes."""
    every = tuple(steps)
    boxes = [
        Box(
            step.name,
            Text(step.title.zh, f"{step.name}: {step.title.en}"),
            tuple(
                t.format(tables=", ".join(names)) for t, names in ((READS, step.reads), (WRITES, step.writes)) if names
            ),
        )
        for step in every
    ]
    arrows = []
    for giver in every:
        for taker in every:
            shared = [read for read in taker.reads if any(_meet(read, wrote) for wrote in giver.writes)]
            if shared and giver.name != taker.name:
                arrows.append(Arrow(giver.name, taker.name, same(", ".join(shared))))
    return FlowChart(title, tuple(boxes), tuple(arrows))


def _meet(one: str, other: str) -> bool:
    return fnmatchcase(one, other) or fnmatchcase(other, one)


def _lanes(beside: Sequence[tuple[int, int, int]], words: Sequence[list[str]]) -> list[Lane]:
    """A lane for each arrow, short ones nearest to the boxes; those that do not meet share one."""
    taken: list[list[tuple[int, int]]] = []
    found = []
    for place, start, end in sorted(beside, key=lambda one: (abs(one[2] - one[1]), one[1])):
        low, high = min(start, end), max(start, end)
        lane = next((n for n, held in enumerate(taken) if all(high < a or b < low for a, b in held)), len(taken))
        taken += [[]] if lane == len(taken) else []
        taken[lane].append((low, high))
        found.append(Lane(place, start, end, lane, words[place]))
    return found


def _columns(lanes: Sequence[Lane]) -> tuple[list[float], int]:
    """How far each lane lies from the boxes, and the room that all need."""
    at, far = [], 16.0
    for lane in range(max((one.lane for one in lanes), default=-1) + 1):
        broad = max(20.0, *(broadest(one.words) + 12 for one in lanes if one.lane == lane))
        at.append(round(far + broad / 2, 1))
        far += broad + 6
    return at, round(far) + (12 if at else 0)


def _ports(lanes: Sequence[Lane], box: int) -> int:
    return sum((one.start == box) + (one.end == box) for one in lanes)


def _placed(text: Sequence[tuple[list[str], list[str]]], ports: Sequence[int], after: Sequence[int]) -> list[Placed]:
    """Boxes below each other, high enough for their words and their arrows."""
    found, y = [], 6
    for (title, lines), count, below in zip(text, ports, after, strict=True):
        high = max(LINE * (len(title) + len(lines)) + 18, _PORT * count + 12)
        middle = y + high // 2
        every = stand([*title, *lines], middle)
        found.append(Placed(y, high, every[: len(title)], every[len(title) :]))
        y += high + max(_GAP, LINE * below + 20)
    return found


def _thick(count: Figure, most: float) -> float:
    value = known(count)
    return 1.6 if value is None or most <= 0 else round(1.6 + 5 * min(max(value / most, 0.0), 1.0), 1)


def _straight(boxes: Sequence[Placed], box: int, middle: float, words: list[str], thick: float, tip: str) -> Drawn:
    """An arrow down to the next box, its label at its right."""
    top, end = boxes[box].y + boxes[box].high, boxes[box + 1].y
    label = stand(words, (top + end) // 2 - 2) if words else ()
    x = round(middle + broadest(words) / 2 + 12, 1)
    return Drawn(f"M{middle} {top}V{end - 7}", _head(middle, end, 0, 1, thick), thick, False, "", x, label, tip)


def _beside(
    boxes: Sequence[Placed],
    one: Lane,
    lanes: Sequence[Lane],
    edge: float,
    at: Sequence[float],
    thick: float,
    tip: str,
    side: int,
) -> Drawn:
    """An arrow in a lane, its label on the lane at its middle."""
    x = round(edge + side * at[one.lane], 1)
    start = _port(boxes[one.start], one.start, one, lanes, leaving=True)
    end = _port(boxes[one.end], one.end, one, lanes, leaving=False)
    path = f"M{edge} {start}H{x}V{end}H{edge + side * 7}"
    middle = (start + end) // 2
    broad, high = broadest(one.words) + 8, LINE * len(one.words)
    ground = f"M{x - broad / 2:.1f} {middle - high // 2 - 1}h{broad:.1f}v{high + 3}h-{broad:.1f}z" if one.words else ""
    label = stand(one.words, middle) if one.words else ()
    return Drawn(path, _head(edge, end, -side, 0, thick), thick, side < 0, ground, x, label, tip)


def _port(box: Placed, place: int, one: Lane, lanes: Sequence[Lane], leaving: bool) -> int:
    """The height at which an arrow leaves or reaches a box: those from above come above those that go on below."""
    every = sorted(
        (other - place, lane.lane, lane.place, leaves)
        for lane in lanes
        for other, here, leaves in ((lane.end, lane.start, True), (lane.start, lane.end, False))
        if here == place
    )
    mine = next(n for n, (*_, number, leaves) in enumerate(every) if number == one.place and leaves == leaving)
    return round(box.y + box.high * (mine + 1) / (len(every) + 1))


def _head(x: float, y: float, across: int, down: int, thick: float) -> str:
    """The head of an arrow that points across (1 right, -1 left) or down, its tip at (x, y)."""
    half = round(4 + thick / 2, 1)
    if down:
        return f"M{x} {y}l-{half} -8h{2 * half:g}z"
    return f"M{x} {y}l{-8 * across} -{half}v{2 * half:g}z"
