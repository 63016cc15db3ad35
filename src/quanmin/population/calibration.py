"""Calibration: are items that are said to be right with probability p right as often as that?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from quanmin.charts import Calibrated, CalibrationChart, same
from quanmin.text import Text

EDGES = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
"""Golden items are sorted into these intervals by their probability; nearly all lie close to 1."""

TITLE = Text("概率校准", "calibration of the probabilities")
SCHEMA = pa.schema(
    {"low": pa.float64(), "high": pa.float64(), "items": pa.int64()} | {"said": pa.float64(), "right": pa.float64()}
)


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


def chart(bins: Sequence[Bin]) -> CalibrationChart:
    """The reliability diagram: what was said across, what is right upwards; a circle's area goes by its items."""
    points = tuple(Calibrated(same(f"{one.low:g} - {one.high:g}"), one.said, one.right, one.items) for one in bins)
    return CalibrationChart(TITLE, points)


def table(bins: Sequence[Bin]) -> pa.Table:
    """The bins as a table."""
    return pa.table({name: [getattr(each, name) for each in bins] for name in Bin._fields}, schema=SCHEMA)
