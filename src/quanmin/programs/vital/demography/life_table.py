"""Life tables, complete and abridged, one or thousands at once.

    q = n m / (1 + (n - a) m)      l[x+n] = l (1 - q)      d = l q      L = n l - (n - a) d      T = sum of L      e = T / l

(Chiang 1984; Preston, Heuveline & Guillot 2001, box 3.1). a(x) is in `separation.py`. In the open group q = 1 and e = 1/m:
who is that old dies at a constant rate. Where a·m is above 1 nobody would be left before the group is over: q is 1 there, and a
is lowered to 1/m, so that d = m L holds in every group. e is found from the oldest group down, so it also exists where l is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from quanmin.programs.vital.demography.age import AgeGroups, Kind
from quanmin.programs.vital.demography.errors import NoExposure, NotANumber, OpenAgeWithoutDeaths, OtherShape
from quanmin.programs.vital.demography.number import Floats, counts, table
from quanmin.programs.vital.demography.separation import Region, Rule, Sex, separation

RADIX = 100_000.0


@dataclass(frozen=True, eq=False)
class LifeTables:
    """Columns of tables, each an array [tables, ages]; `n` is infinite in the open group."""

    ages: AgeGroups
    sexes: tuple[Sex, ...]
    ax: Floats
    mx: Floats
    qx: Floats
    lx: Floats
    dx: Floats
    Lx: Floats
    Tx: Floats
    ex: Floats

    def __len__(self) -> int:
        return len(self.mx)

    @property
    def e0(self) -> Floats:
        """Life expectancy at birth of each table, years."""
        return self.ex[:, 0]

    @classmethod
    def of(cls, one: LifeTable) -> LifeTables:
        """A single table as tables."""
        columns = (one.ax, one.mx, one.qx, one.lx, one.dx, one.Lx, one.Tx, one.ex)
        return cls(one.ages, (one.sex,), *(column[None, :] for column in columns))

    def __getitem__(self, place: int) -> LifeTable:
        columns = (self.ax, self.mx, self.qx, self.lx, self.dx, self.Lx, self.Tx, self.ex)
        return LifeTable(self.ages, self.sexes[place], *(column[place] for column in columns))


@dataclass(frozen=True)
class Row:
    """One age group of a life table. `n` is None in the open group; years in `ax`, `Lx`, `Tx` and `ex`."""

    age: int
    n: int | None
    ax: float
    mx: float
    qx: float
    lx: float
    dx: float
    Lx: float
    Tx: float
    ex: float


@dataclass(frozen=True, eq=False)
class LifeTable:
    """One table, each column an array [ages]."""

    ages: AgeGroups
    sex: Sex
    ax: Floats
    mx: Floats
    qx: Floats
    lx: Floats
    dx: Floats
    Lx: Floats
    Tx: Floats
    ex: Floats

    @property
    def e0(self) -> float:
        """Life expectancy at birth, years."""
        return float(self.ex[0])

    @property
    def kind(self) -> Kind:
        """`complete` or `abridged`."""
        return self.ages.kind

    @property
    def rows(self) -> tuple[Row, ...]:
        """The table age by age."""
        widths = [*(int(one) for one in self.ages.widths[:-1]), None]
        columns = (self.ax, self.mx, self.qx, self.lx, self.dx, self.Lx, self.Tx, self.ex)
        values = zip(*(column.tolist() for column in columns), strict=True)
        return tuple(Row(age, n, *rest) for age, n, rest in zip(self.ages.starts, widths, values, strict=True))


def life_table(
    ages: AgeGroups,
    mx: Any,
    sex: Sex = "both",
    *,
    rule: Rule = "greville",
    region: Region = "west",
    infant: float | None = None,
    ax: Any = None,
    rows: Sequence[int] | None = None,
) -> LifeTable:
    """The table of death rates per person-year [ages]; see `life_tables`. `rows` are the addresses told in errors.

    Raises `OtherShape`, `NotANumber`, `NegativeNumber` or `OpenAgeWithoutDeaths`.
    """
    found = counts("mx", mx, len(ages), rows)
    if ax is None and not found[-1] > 0:
        raise OpenAgeWithoutDeaths(row=rows[-1] if rows is not None else len(found))
    known, own = None if infant is None else [infant], None if ax is None else counts("ax", ax, len(ages))[None, :]
    return life_tables(ages, found[None, :], [sex], rule=rule, region=region, infant=known, ax=own)[0]


def life_tables(
    ages: AgeGroups,
    mx: Any,
    sexes: Sex | Sequence[Sex] = "both",
    *,
    rule: Rule = "greville",
    region: Region = "west",
    infant: Any = None,
    ax: Any = None,
) -> LifeTables:
    """Tables of death rates per person-year, `mx` [tables, ages]; `sexes` for all, or one for each table.

    `infant` is q(0) of each table where it is known from elsewhere (infant deaths by births); it then stands in the table,
    and `mx` at age 0 with it. `ax` [tables, ages] stands for all separation factors, that of the open group for its e(x); it is
    not above the width of a group. Which tables can be closed without it `closable` says.
    Raises `OtherShape`, `NotANumber`, `NegativeNumber` or `OpenAgeWithoutDeaths`, with the number of the table as the row.
    """
    m = table("mx", mx, len(ages))
    every: tuple[Sex, ...] = (sexes,) * len(m) if isinstance(sexes, str) else tuple(sexes)
    if len(every) != len(m):
        raise OtherShape(name="sexes", expected=len(m), found=len(every))
    if ax is None and not closable(m).all():
        raise OpenAgeWithoutDeaths(row=int(np.flatnonzero(~closable(m))[0]) + 1)
    known = None if infant is None else counts("infant", infant, len(m))
    if known is not None and (known > 1).any():
        raise NotANumber(row=int(np.flatnonzero(known > 1)[0]) + 1, column="infant")
    if ax is None:
        return _columns(ages, every, m, separation(m, ages, every, rule, region, known), known)
    return _columns(ages, every, m, _own(ax, ages, len(m)), known)


def rates(deaths: Any, exposure: Any, rows: Sequence[int] | None = None) -> Floats:
    """Deaths by person-years [ages]; raises `NoExposure` where nobody lived, and what `counts` raises."""
    lived = counts("exposure", exposure, None, rows)
    died = counts("deaths", deaths, len(lived), rows)
    if not (lived > 0).all():
        place = int(np.flatnonzero(lived == 0)[0])
        raise NoExposure(row=rows[place] if rows is not None else place + 1)
    return died / lived


def closable(mx: Floats) -> NDArray[np.bool_]:
    """Which tables of rates [tables, ages] have deaths in their open group, so that they can be closed."""
    return mx[:, -1] > 0


def _own(ax: Any, ages: AgeGroups, tables: int) -> Floats:
    """Separation factors of the caller, as an array of our own."""
    found = table("ax", ax, len(ages)).copy()
    if len(found) != tables:
        raise OtherShape(name="ax", expected=tables, found=len(found))
    wrong = (found > ages.widths).any(axis=1) | (found[:, -1] <= 0)
    if wrong.any():
        raise NotANumber(row=int(np.flatnonzero(wrong)[0]) + 1, column="ax")
    return found


def _columns(ages: AgeGroups, sexes: tuple[Sex, ...], m: Floats, a: Floats, infant: Floats | None) -> LifeTables:
    """All columns, from rates and separation factors."""
    n, closed = ages.widths[:-1], np.s_[:, :-1]
    q = np.ones_like(m)
    over = a[closed] * m[closed] > 1
    a[closed] = np.where(over, 1 / np.where(over, m[closed], 1), a[closed])
    q[closed] = np.where(over, 1.0, n * m[closed] / (1 + (n - a[closed]) * m[closed]))
    if infant is not None:
        q[:, 0] = infant
    return assembled(ages, sexes, a, q)


def assembled(ages: AgeGroups, sexes: tuple[Sex, ...], a: Floats, q: Floats) -> LifeTables:
    """All columns, from separation factors and probabilities of dying (1 in the open group), both [tables, ages]."""
    n, closed = ages.widths[:-1], np.s_[:, :-1]
    m = np.empty_like(q)
    m[closed] = q[closed] / (n - (n - a[closed]) * q[closed])
    m[:, -1] = 1 / a[:, -1]
    lx = RADIX * np.cumprod(np.concatenate([np.ones((len(q), 1)), 1 - q[closed]], axis=1), axis=1)
    dx = lx * q
    lived = np.empty_like(q)
    lived[closed] = n * lx[closed] - (n - a[closed]) * dx[closed]
    lived[:, -1] = lx[:, -1] * a[:, -1]
    above = np.cumsum(lived[:, ::-1], axis=1)[:, ::-1]
    return LifeTables(ages, sexes, a, m, q, lx, dx, lived, above, expectation(ages, a, q))


def expectation(ages: AgeGroups, a: Floats, q: Floats) -> Floats:
    """e(x) [tables, ages] from the oldest group down: e = a q + (n + e[x+n]) (1 - q)."""
    n, e = ages.widths, np.empty_like(q)
    e[:, -1] = a[:, -1]
    for place in range(len(ages) - 2, -1, -1):
        e[:, place] = a[:, place] * q[:, place] + (n[place] + e[:, place + 1]) * (1 - q[:, place])
    return e
