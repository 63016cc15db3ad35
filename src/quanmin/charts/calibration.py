"""The reliability diagram: what was said across, what is right upwards; on the diagonal the two agree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from quanmin.charts.breadth import LINE, broadest, wrap
from quanmin.charts.chart import Chart, Plan
from quanmin.charts.figure import COUNT, SHARE, Figure, Unit, known
from quanmin.charts.rows import Lines
from quanmin.charts.sentence import NONE, NOTHING, joined, number, said
from quanmin.charts.table import Column, Table, told
from quanmin.text import Language, Text

SAID, RIGHT = Text("给出的概率", "probability stated"), Text("实际正确的比例", "share that is right")
BIN, COUNTED = Text("区间", "interval"), Text("数量", "count")
_SIDE, _TOP, _EXACT = 320, 18, Unit("number", 4)


@dataclass(frozen=True)
class Calibrated:
    """An interval: how much was said of it (0 to 1), how much is right (0 to 1), and of how many."""

    label: Text
    said: Figure
    right: Figure
    count: Figure


class Circle(NamedTuple):
    """An interval on the sheet; its area goes by its count."""

    x: float
    y: float
    radius: float
    tip: str


@dataclass(frozen=True, kw_only=True)
class CalibrationPlan(Plan):
    """The square with its diagonal, the circles, and the list beside them."""

    left: int
    top: int
    side: int
    ticks: tuple[tuple[float, float, str], ...]
    circles: tuple[Circle, ...]
    across: Lines
    up: tuple[tuple[float, str], ...]
    list_x: int
    list: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class CalibrationChart(Chart):
    """Intervals of a stated probability against the share that is right."""

    title: Text
    points: tuple[Calibrated, ...]
    across: Text = SAID
    up: Text = RIGHT
    note: Text = NONE
    kind: ClassVar[str] = "calibration"

    def figures(self) -> Iterable[Figure]:
        return (figure for point in self.points for figure in (point.said, point.right, point.count))

    def table(self) -> Table:
        columns = (Column(BIN), Column(COUNTED, COUNT), Column(self.across, _EXACT), Column(self.up, _EXACT))
        return Table(columns, tuple((p.label, told(p.count), told(p.said), told(p.right)) for p in self.points))

    def sentence(self, language: Language) -> str:
        there = self._there()
        if not there:
            return NOTHING.get(language)
        weight = sum(count for *_, count in there)
        far = max(there, key=lambda one: abs(one[1] - one[2]))
        mean = sum(abs(stated - right) * count for _, stated, right, count in there) / weight if weight > 0 else 0.0
        count = number(len(there), "个区间", "interval", "intervals", language)
        zh, most = language == "zh", SHARE.exact(abs(far[1] - far[2]), language)
        parts = [
            f"给出的概率与实际相差平均 {mean:.4f}"
            if zh
            else f"what was stated and what is right differ by {mean:.4f} on average",
            f"相差最大的是 {said(far[0], language)}，{most}"
            if zh
            else f"they differ most in {said(far[0], language)}, by {most}",
        ]
        return joined([count, *parts], language)

    def plan(self, language: Language) -> CalibrationPlan:
        there = self._there()
        most = max(max((count for *_, count in there), default=0.0), 1.0)
        up = wrap(said(self.up, language), _SIDE)
        left = 50 + LINE * len(up)
        across = wrap(said(self.across, language), _SIDE)

        def x(share: float) -> float:
            return round(left + _SIDE * min(max(share, 0.0), 1.0), 1)

        def y(share: float) -> float:
            return round(_TOP + _SIDE * (1 - min(max(share, 0.0), 1.0)), 1)

        circles = [
            Circle(x(stated), y(right), round(3 + 12 * max(count / most, 0.0) ** 0.5, 1), tip)
            for label, stated, right, count in there
            for tip in [f"{said(label, language)}: {COUNT.exact(count, language)} · {stated:.4f} · {right:.4f}"]
        ]
        head = ("：" if language == "zh" else ": ").join(
            [said(BIN, language), " · ".join(said(one, language) for one in (COUNTED, self.across, self.up))]
        )
        broken = wrap(head, 300)
        rows = [line for p in self.points for line in wrap(f"{said(p.label, language)}: {self._row(p, language)}", 300)]
        listed = [(_TOP + 12 + 17 * place, words) for place, words in enumerate([*broken, *rows])]
        list_x = left + _SIDE + 26
        return CalibrationPlan(
            width=list_x + broadest([*broken, *rows]) + 14,
            height=max(_TOP + _SIDE + 38 + LINE * len(across), listed[-1][0] + 12),
            left=left,
            top=_TOP,
            side=_SIDE,
            ticks=tuple((x(at), y(at), f"{at:g}") for at in (0.0, 0.25, 0.5, 0.75, 1.0)),
            circles=tuple(circles),
            across=tuple((_TOP + _SIDE + 40 + LINE * place, line) for place, line in enumerate(across)),
            up=tuple((20 + LINE * place, line) for place, line in enumerate(up)),
            list_x=list_x,
            list=tuple(listed),
        )

    def _row(self, point: Calibrated, language: Language) -> str:
        stated, right = _EXACT.short(point.said, language), _EXACT.short(point.right, language)
        return f"{COUNT.exact(point.count, language)} · {stated} · {right}"

    def _there(self) -> list[tuple[Text, float, float, float]]:
        """The intervals that are known in both ways."""
        return [
            (point.label, stated, right, known(point.count) or 0.0)
            for point in self.points
            if (stated := known(point.said)) is not None and (right := known(point.right)) is not None
        ]
