"""a(x): the years that those who die in an age group lived in it, on average (separation factors).

Under five the Coale-Demeny regularities hold. Where only m(0) is known, the form of Preston, Heuveline & Guillot (2001),
table 3.3 (region West) is taken, as the United Nations do; where the infant death probability is known, or another region
asked for, the form in q(0) (Coale & Demeny 1983; United Nations, Manual X, 1983). For both sexes together the mean of the
two is taken. From 15 on, groups of five years follow Greville (1977): a = 2.5 - 25/12 (m - k), k = ln(m[x+5]/m[x-5])/10.
The last closed group takes the k of the one before it, as the tables of the United Nations (1982, page 34) and MORTPAK do:
the open group's rate is no rate of five years.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np

from quanmin.programs.vital.demography.age import AgeGroups
from quanmin.programs.vital.demography.number import Floats

Sex = Literal["male", "female", "both"]
Region = Literal["west", "north", "east", "south"]
Rule = Literal["greville", "midpoint"]
"""How a(x) is found in groups of five years: as the United Nations do, or the middle of the group."""

HIGH_M0, HIGH_Q0 = 0.107, 0.1
"""From here on a(0) and a(1) stay the same."""


class Line(NamedTuple):
    """a = intercept + slope · m(0) (or q(0)), and the constant where mortality is high."""

    intercept: float
    slope: float
    high: float


_BY_M0: dict[str, tuple[Line, Line]] = {
    "male": (Line(0.045, 2.684, 0.330), Line(1.651, -2.816, 1.352)),
    "female": (Line(0.053, 2.800, 0.350), Line(1.522, -1.518, 1.361)),
}
_BY_Q0: dict[tuple[Region, str], tuple[Line, Line]] = {
    ("west", "male"): (Line(0.0425, 2.875, 0.33), Line(1.653, -3.013, 1.352)),
    ("west", "female"): (Line(0.0500, 3.000, 0.35), Line(1.524, -1.627, 1.361)),
    ("north", "male"): (Line(0.0425, 2.875, 0.33), Line(1.859, -3.013, 1.558)),
    ("north", "female"): (Line(0.0500, 3.000, 0.35), Line(1.733, -1.627, 1.570)),
    ("east", "male"): (Line(0.0025, 2.875, 0.29), Line(1.614, -3.013, 1.313)),
    ("east", "female"): (Line(0.0100, 3.000, 0.31), Line(1.487, -1.627, 1.324)),
    ("south", "male"): (Line(0.0425, 2.875, 0.33), Line(1.541, -3.013, 1.240)),
    ("south", "female"): (Line(0.0500, 3.000, 0.35), Line(1.402, -1.627, 1.239)),
}


def separation(
    m: Floats,
    ages: AgeGroups,
    sexes: Sequence[Sex],
    rule: Rule = "greville",
    region: Region = "west",
    infant: Floats | None = None,
) -> Floats:
    """a(x) of tables [tables, ages]; `sexes` one for each table, `infant` q(0) of each table where it is known.

    In the open group a = 1/m. Greville's a is kept inside of its group; where a neighbour's rate is 0 it is the middle.
    """
    a = np.broadcast_to(ages.widths / 2, m.shape).copy()
    if ages.kind == "abridged" and rule == "greville":
        _greville(a, m, ages)
    under_five = np.array([_child(m[row, 0], sex, region, infant, row) for row, sex in enumerate(sexes)])
    closed = len(ages) - 1
    if closed:
        a[:, 0] = under_five[:, 0]
    if closed > 1 and ages.kind == "abridged":
        a[:, 1] = under_five[:, 1]
    with np.errstate(divide="ignore"):
        a[:, -1] = 1 / m[:, -1]
    return a


def _greville(a: Floats, m: Floats, ages: AgeGroups) -> None:
    """Write a(x) of the closed groups from 15 on."""
    first, end = 4, len(ages) - 1
    if end <= first:
        return
    places = np.arange(first, end)
    centre = np.append(places[:-1], end - 2)
    before, here, after = m[:, centre - 1], m[:, places], m[:, centre + 1]
    known = (before > 0) & (after > 0)
    ratio = np.divide(after, before, out=np.ones_like(here), where=known)
    found = 2.5 - 25 / 12 * (here - np.log(ratio) / 10)
    a[:, places] = np.where(known & (found > 0) & (found < 5), found, 2.5)


def _child(m0: float, sex: Sex, region: Region, infant: Floats | None, row: int) -> tuple[float, float]:
    """a(0) and the a of 1-4."""
    if sex == "both":
        male, female = (_child(m0, one, region, infant, row) for one in _SEXES)
        return (male[0] + female[0]) / 2, (male[1] + female[1]) / 2
    if infant is None and region == "west":
        zero, one = _BY_M0[sex]
        return _on(zero, m0, m0 >= HIGH_M0), _on(one, m0, m0 >= HIGH_M0)
    zero, one = _BY_Q0[region, sex]
    q0 = float(infant[row]) if infant is not None else _infant(m0, zero)
    return _on(zero, q0, q0 > HIGH_Q0), _on(one, q0, q0 > HIGH_Q0)


_SEXES: tuple[Sex, Sex] = ("male", "female")


def _on(line: Line, x: float, high: bool) -> float:
    return line.high if high else line.intercept + line.slope * x


def _infant(m0: float, line: Line) -> float:
    """q(0) where q = m/(1 + (1 - a) m) and a = intercept + slope · q: the smaller root of a square equation."""
    b = 1 + (1 - line.intercept) * m0
    inside = b * b - 4 * line.slope * m0 * m0
    q0 = 2 * m0 / (b + inside**0.5) if inside > 0 else 1.0
    return q0 if q0 <= HIGH_Q0 else max(HIGH_Q0 * (1 + 1e-9), m0 / (1 + (1 - line.high) * m0))
