"""Calibration: are items that are said to be right with probability p right as often as that?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from quanmin.population.drawing import BLUE, PALE, Drawing, Sheet, breadth
from quanmin.text import Language, Text

EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
"""Golden items are sorted into these intervals by their probability; nearly all lie close to 1."""

TITLE = Text("概率校准", "calibration of the probabilities")
SAID = Text("给出的概率", "probability stated")
RIGHT = Text("实际正确的比例", "share that is right")
LEGEND = Text("区间：项数 · 给出 · 正确", "interval: items · stated · right")
SCHEMA = pa.schema(
    {"low": pa.float64(), "high": pa.float64(), "items": pa.int64()} | {"said": pa.float64(), "right": pa.float64()}
)
_LEFT, _TOP, _SIDE = 76, 40, 320


class Bin(NamedTuple):
    """Golden items whose probability lies from `low` to `high`: how many, the mean probability, the share that is right."""

    low: float
    high: float
    items: int
    said: float
    right: float


def error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: the mean distance of what was said from what is right, by items (Naeini 2015, AAAI)."""
    items = sum(each.items for each in bins)
    return sum(each.items * abs(each.said - each.right) for each in bins) / items if items else 0.0


def plot(bins: Sequence[Bin], language: Language) -> Drawing:
    """The reliability diagram: what was said across, what is right upwards; a circle's area goes by its items."""
    most = max((each.items for each in bins), default=1)
    head = LEGEND.get(language)
    sheet = Sheet(TITLE.get(language), _LEFT + _SIDE + 40 + max(breadth(head), 240), _TOP + _SIDE + 56)
    sheet.box(_LEFT, _TOP, _SIDE, _SIDE, "none", stroke=PALE)
    sheet.line([(_x(0), _y(0)), (_x(1), _y(1))], dash="4 4")
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        sheet.text(_x(tick), _TOP + _SIDE + 18, f"{tick:g}", "middle", PALE)
        sheet.text(_LEFT - 8, _y(tick) + 4, f"{tick:g}", "end", PALE)
    for each in bins:
        tip = f"{each.items:,}: {each.said:.4f} / {each.right:.4f}"
        sheet.dot(_x(each.said), _y(each.right), 3 + 12 * (each.items / most) ** 0.5, BLUE, tip)
    sheet.text(_LEFT + _SIDE / 2, _TOP + _SIDE + 40, SAID.get(language), "middle")
    sheet.text(24, _TOP + _SIDE / 2, RIGHT.get(language), "middle", turn=-90)
    sheet.text(_LEFT + _SIDE + 24, _TOP + 12, head)
    for place, each in enumerate(bins):
        told = f"{each.low:g} - {each.high:g}: {each.items:,} · {each.said:.4f} · {each.right:.4f}"
        sheet.text(_LEFT + _SIDE + 24, _TOP + 34 + 18 * place, told)
    return sheet.done()


def table(bins: Sequence[Bin]) -> pa.Table:
    """The bins as a table."""
    return pa.table({name: [getattr(each, name) for each in bins] for name in Bin._fields}, schema=SCHEMA)


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)
