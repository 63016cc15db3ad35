"""Figures: value, interval and marks from numerator and denominator, and the table in which they lie.

`measured.figure` is long: one row per indicator, period, division and categories. It is split by `bucket`, which is the period
(`Period.bucket`), so that a period is computed anew without touching the others.
"""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple, get_args

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.measures.interval import limits
from quanmin.standards.indicator import Indicator
from quanmin.text import Text

FIGURE = "measured.figure"

Mark = Literal["no_denominator", "small", "uncertain", "boundary", "provisional"]
MARKS: tuple[Mark, ...] = get_args(Mark)

MARK_TITLES: dict[Mark, Text] = {
    "no_denominator": Text("分母为零或缺失，不计算", "the denominator is 0 or missing: no value"),
    "small": Text("小数目，不显示", "small numbers: not told"),
    "uncertain": Text("事件数少，不稳定", "few events: uncertain"),
    "boundary": Text("期内区划有变动", "the division changed in or after the period"),
    "provisional": Text("尚未截止，暂定", "provisional"),
}
"""What the marks say. Only `provisional` depends on the day on which a figure is read, and is not stored."""

SCHEMA = pa.schema(
    [
        ("bucket", pa.int32()),
        ("indicator", pa.string()),
        ("version", pa.string()),
        ("period_kind", pa.string()),
        ("period", pa.string()),
        ("period_start", pa.date32()),
        ("period_end", pa.date32()),
        ("level", pa.string()),
        ("region", pa.string()),
        ("categories", pa.string()),
        ("numerator", pa.float64()),
        ("denominator", pa.float64()),
        ("value", pa.float64()),
        ("lower", pa.float64()),
        ("upper", pa.float64()),
        ("marks", pa.string()),
        ("settles_on", pa.date32()),
        ("definition", pa.string()),
        ("sources", pa.int64()),
        ("computed_at", pa.timestamp("us")),
    ]
)
"""`categories` is a JSON object of dimension and category, `marks` their names in the order of MARKS separated by a space,
`definition` the digest of what defined the figure, `sources` the snapshot whose tables it was computed from; times are UTC."""


class Computed(NamedTuple):
    """Columns of figures: nan stands for no value."""

    value: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    marks: NDArray[Any]


def computed(
    indicator: Indicator, above: NDArray[np.float64], below: NDArray[np.float64], moved: NDArray[np.bool_]
) -> Computed:
    """Value, interval and marks of figures with these numerators and denominators (nan where an indicator has none)."""
    alone = indicator.denominator is None
    base = np.ones_like(above) if alone else below
    none = ~(base > 0)
    with np.errstate(all="ignore"):
        value = np.where(none, math.nan, above / base * indicator.factor)
    low, high = limits(indicator.kind, above, base)
    return Computed(value, low * indicator.factor, high * indicator.factor, _marks(indicator, above, base, none, moved))


def _marks(
    indicator: Indicator,
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    none: NDArray[np.bool_],
    moved: NDArray[np.bool_],
) -> NDArray[Any]:
    """The marks of each figure, each combination of them written once."""
    small = _few(above, indicator.small) if indicator.kind != "mean" else np.zeros_like(none)
    if indicator.denominator is not None:
        small |= _few(below, indicator.small)
    if indicator.kind == "share":
        small |= _few(below - above, indicator.small)
    told = indicator.kind in ("rate", "share", "ratio")
    uncertain = ~none & (np.abs(above) < indicator.uncertain) if told else np.zeros_like(none)
    bits = none * 1 + small * 2 + uncertain * 4 + moved * 8
    words = [" ".join(mark for place, mark in enumerate(MARKS[:4]) if pattern >> place & 1) for pattern in range(16)]
    found: NDArray[Any] = np.array(words, dtype=object)[bits]
    return found


def _few(numbers: NDArray[np.float64], least: int) -> NDArray[np.bool_]:
    """Whether somebody stands behind a number, and too few."""
    found: NDArray[np.bool_] = (np.abs(numbers) > 0) & (np.abs(numbers) < least)
    return found
