"""The tables of a region and period, rows as dictionaries; a count that is not told is None and `suppressed`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from quanmin.programs.vital.demography import cause as without
from quanmin.programs.vital.demography import fertility, lost_years
from quanmin.programs.vital.demography.separation import Sex
from quanmin.programs.vital.demography.uncertainty import interval
from quanmin.programs.vital.statistic import cause, standard
from quanmin.programs.vital.statistic.future import ahead
from quanmin.programs.vital.statistic.gate import MOST_ORDER, Birth, Counts, Death
from quanmin.programs.vital.statistic.hiding import FINEST, LEVELS, Mask, hidden_together, summed
from quanmin.programs.vital.statistic.population import grouped
from quanmin.programs.vital.statistic.scalar import balance
from quanmin.programs.vital.statistic.tally import FIVE, GROUPS, MOTHERS, Tally
from quanmin.text import Text

Row = dict[str, Any]
_OPEN = 85
RANKED = 10
"""Leading causes that are ranked."""


def _label(age: int, width: int = 5) -> str:
    return f"{age}+" if age >= _OPEN else f"{age}-{age + width - 1}"


def _by_year(
    tally: Tally, rows: Iterable[Birth] | Iterable[Death], key: Callable[[Any], Hashable], cells: list[Any]
) -> list[list[float]]:
    """Counts of each year of the period [years, cells]."""
    found: dict[int, Counter[Hashable]] = {year: Counter() for year in range(tally.first, tally.last + 1)}
    for one in rows:
        found[one.year][key(one)] += one[-1]
    return [[float(each[cell]) for cell in cells] for each in found.values()]


def _told(value: float, hide: bool) -> float | int | None:
    """A count as it is told."""
    if hide:
        return None
    return int(value) if float(value).is_integer() else round(float(value), 1)


def pyramid(tally: Tally) -> list[Row]:
    """People at the end of the period by five-year group and sex: `age`, `male`, `female`."""
    sides = {}
    for name, code in (("male", "1"), ("female", "2")):
        counts = grouped(tally.end.of(code), FIVE)
        sides[name] = counts, hidden_together([counts.tolist()], tally.minimum)
    rows = []
    for place, age in enumerate(FIVE):
        male, female = (_told(counts[place], bool(hide[place])) for counts, hide in sides.values())
        rows.append({"age": _label(age), "male": male, "female": female, "suppressed": None in (male, female)})
    return rows


def births_by_month(tally: Tally) -> list[Row]:
    """`month`, `births`."""
    months = list(range(1, 13))
    return _listed(tally, _by_year(tally, tally.births, lambda one: one.month, months), "month", months, "births")


def births_by_sex(tally: Tally) -> list[Row]:
    """`sex`, `births`."""
    return _listed(tally, _by_year(tally, tally.births, lambda one: one.sex, ["1", "2"]), "sex", ["1", "2"], "births")


def births_by_order(tally: Tally) -> list[Row]:
    """`order` (1, 2 and so on, the last with all higher ones, None: unknown), `births`, `share` of the known."""
    orders: list[int | None] = [*range(1, MOST_ORDER + 1), None]
    rows = _listed(tally, _by_year(tally, tally.births, lambda one: one.order, orders), "order", orders, "births")
    known = sum(one.births for one in tally.births if one.order is not None)
    for row in rows:
        row["share"] = (
            row["births"] / known if known and row["births"] is not None and row["order"] is not None else None
        )
    return rows


def births_by_mother(tally: Tally) -> list[Row]:
    """`age` of the mother, `births`, `women` (person-years), `rate` per 1,000. Raises NoExposure."""
    found = fertility.fertility(tally.mothers(), tally.women())
    rows = _listed(
        tally, _by_year(tally, tally.births, lambda one: one.mother, list(MOTHERS)), "age", list(MOTHERS), "births"
    )
    for row, women, each in zip(rows, found.women, found.rates, strict=True):
        row["age"] = f"{row['age']}-{row['age'] + 4}"
        row |= {"women": women, "rate": None if row["suppressed"] else 1_000 * each}
    return rows


def _groups(starts: tuple[int, ...]) -> list[str]:
    """What age groups are called."""
    ends = [*(age - 1 for age in starts[1:]), None]
    return [
        f"{first}+" if last is None else str(first) if first == last else f"{first}-{last}"
        for first, last in zip(starts, ends, strict=True)
    ]


def deaths_by_age(tally: Tally) -> list[Row]:
    """`age`, and of each sex deaths, person-years and rate per 1,000: `male`, `male_years`, `male_rate` and so on.

    Ages are joined until no count is small.
    """
    starts = tally.level
    if not starts:
        return []
    counts = summed(tally.by_age.sum(axis=0), starts)
    lived = {"male": summed(tally.lived("male"), starts), "female": summed(tally.lived("female"), starts)}
    rows: list[Row] = [{"age": name, "suppressed": False} for name in _groups(starts)]
    for place, (sex, years) in enumerate(lived.items()):
        for row, count, one in zip(rows, counts[place].tolist(), years.tolist(), strict=True):
            one = one if one == 0 or one >= tally.minimum else None
            row |= {sex: int(count), f"{sex}_years": one, f"{sex}_rate": 1_000 * count / one if one else None}
    return rows


def _causes(tally: Tally, classes: tuple[cause.Class, ...], key: Callable[[Death], str]) -> list[Row]:
    """A row a class: `cause`, `title`, `deaths`, `share`, `rate` per 100,000; the most frequent first, those without last."""
    every = [*classes, cause.UNKNOWN]
    rows = _listed(
        tally,
        _by_year(tally, tally.deaths, key, [one.id for one in every]),
        "cause",
        [one.id for one in every],
        "deaths",
    )
    lived, died = tally.exposure.total, tally.died
    for row, one in zip(rows, every, strict=True):
        count = row["deaths"]
        row |= {"title": one.title, "share": count / died if count is not None and died else None}
        row["rate"] = 100_000 * count / lived if count is not None and lived else None
    return sorted((row for row in rows if row["deaths"] != 0), key=lambda row: -(row["deaths"] or 0))


def deaths_by_chapter(tally: Tally) -> list[Row]:
    """By chapter of ICD-10."""
    return _causes(tally, cause.CHAPTERS, lambda one: one.chapter)


def leading_causes(tally: Tally) -> list[Row]:
    """The leading list, ranked: with `rank`, `gain` in e(0) without the cause, and `years_lost`.

    What is ill-defined or unknown has no rank, nor has what is not told.
    """
    rows, rank = _causes(tally, cause.LEADING, lambda one: one.cause), 0
    table, died = tally.tables.get("both"), tally.dead()
    for row in rows:
        ranked = row["deaths"] is not None and row["cause"] not in ("undefined", cause.UNKNOWN.id) and rank < RANKED
        rank += ranked
        of_cause = np.minimum(tally.dead(cause=row["cause"]), died)
        told = row["deaths"] is not None
        lost = lost_years.lost_years(GROUPS, of_cause, standard.AGES, standard.YEARS).value
        remains = table is not None and of_cause[-1] < died[-1]
        row |= {
            "rank": rank if ranked else None,
            "gain": without.gain(table, died, of_cause) if told and table is not None and remains else None,
            "years_lost": lost if told else None,
        }
    return rows


def life_tables(tally: Tally) -> list[Row]:
    """The life table of each sex; age groups are joined as those of `deaths_by_age`, its ages stay exact.

    `sex`, `age`, `width` (None: open), `deaths`, `qx`, `lx`, `dx`, `Lx`, `Tx`, `ex`, `low`, `high`.
    """
    rows: list[Row] = []
    starts = [FINEST.index(age) for age in tally.level]
    for sex, table in tally.tables.items() if starts else ():
        died = tally.dead(sex)
        low, high = interval(table, died)
        for at, after in zip(starts, [*starts[1:], None], strict=True):
            left = float(table.lx[after]) if after is not None else 0.0
            above = float(table.Tx[after]) if after is not None else 0.0
            rows.append(
                {"sex": sex, "age": FINEST[at], "width": FINEST[after] - FINEST[at] if after is not None else None}
                | {"deaths": round(float(died[at:after].sum()), 1), "qx": 1 - left / float(table.lx[at])}
                | {"lx": float(table.lx[at]), "dx": float(table.lx[at]) - left, "Lx": float(table.Tx[at]) - above}
                | {"Tx": float(table.Tx[at]), "ex": float(table.ex[at]), "low": float(low[at]), "high": float(high[at])}
            )
    return rows


def growth_balance(tally: Tally) -> list[Row]:
    """The points of the line and its height there: `age`, `x`, `y`, `line`, `used`. Raises NoLine.

    Its points are sums of deaths above each age: they are told only where ages need not be joined.
    """
    found = balance(tally)
    if tally.level != FINEST:
        return []
    return [
        {"age": one.age, "x": one.x, "y": one.y, "line": found.line(one.x), "used": one.used} for one in found.points
    ]


def projection(tally: Tally) -> list[Row]:
    """The next 20 years if rates stay as they are and nobody moves: `year`, `total`, `young`, `working`, `old`, shares."""
    return ahead(tally)


def _listed(tally: Tally, by: list[list[float]], name: str, cells: list[Any], count: str) -> list[Row]:
    """A row a cell, small counts hidden."""
    hide: Mask = hidden_together(by, tally.minimum)
    sums = np.array(by).sum(axis=0)
    return [
        {name: cell, count: _told(one, bool(off)), "suppressed": bool(off)}
        for cell, one, off in zip(cells, sums.tolist(), hide.tolist(), strict=True)
    ]


def areas(found: Counts, first: int, last: int) -> list[Row]:
    """The divisions right below: `region`, `people` (person-years), `births`, `deaths` and crude rates, `e0` where it is sure.

    Who could be placed in none of them is no row, yet a cell that a small count could be worked out of: it hides as others do.
    """
    parts = {area: Tally.of(found.inside(area), first, last) for area in (*found.areas, found.region)}
    codes, tally = list(parts), Tally.of(found, first, last)
    births = _listed(tally, _by_year(tally, tally.births, lambda one: one.area, codes), "region", codes, "births")
    deaths = _listed(tally, _by_year(tally, tally.deaths, lambda one: one.area, codes), "region", codes, "deaths")
    people = _listed(tally, [[parts[code].end.total for code in codes]], "region", codes, "people")
    rows = []
    for born, died, living in zip(births, deaths, people, strict=True):
        one = parts[born["region"]]
        if born["region"] == found.region:
            continue
        lived = one.exposure.total
        row = {**living, **born, **died, "person_years": lived if living["people"] is not None else None}
        row["suppressed"] = any(each["suppressed"] for each in (born, died, living))
        told = row["person_years"]
        for name, count in (("birth_rate", born["births"]), ("death_rate", died["deaths"])):
            row[name] = 1_000 * count / told if told and count is not None else None
        table = one.tables.get("both") if told and lived >= 5_000 else None
        rows.append({**row, "e0": table.e0 if table is not None and died["deaths"] is not None else None})
    return rows


def ages_by_year(found: Counts) -> list[Row]:
    """Deaths per 1,000 by age group and year, of every year there is: `age`, `year`, `deaths`, `rate`.

    All years have the groups of the coarsest; a year with deaths too few for groups stands in it only where all are so.
    """
    every = [Tally.of(found, year, year) for year in found.years]
    told = [one for one in every if one.level]
    tallies = [one for one in told if one.level != LEVELS[-1]] or told
    starts = min((one.level for one in tallies), key=len, default=FINEST)
    rows: list[Row] = []
    for tally in tallies:
        counts, lived = (summed(one, starts).tolist() for one in (tally.by_age.sum(axis=(0, 1)), tally.lived()))
        for age, count, years in zip(_groups(starts), counts, lived, strict=True):
            rate = 1_000 * count / years if years else None
            rows.append({"age": age, "year": tally.first, "deaths": int(count), "rate": rate})
    return rows


TABLES: Mapping[str, Callable[[Tally], list[Row]]] = {
    "pyramid": pyramid,
    "births_by_month": births_by_month,
    "births_by_sex": births_by_sex,
    "births_by_mother": births_by_mother,
    "births_by_order": births_by_order,
    "deaths_by_age": deaths_by_age,
    "deaths_by_chapter": deaths_by_chapter,
    "leading_causes": leading_causes,
    "life_tables": life_tables,
    "growth_balance": growth_balance,
    "projection": projection,
}
SEXES: tuple[Sex, ...] = ("male", "female", "both")
TITLES: dict[str, Text] = {
    "pyramid": Text("分年龄、性别人口", "population by age and sex"),
    "births_by_month": Text("分月出生", "births by month"),
    "births_by_sex": Text("分性别出生", "births by sex"),
    "births_by_mother": Text("分母亲年龄出生与年龄别生育率", "births and fertility by mother's age"),
    "births_by_order": Text("分孩次出生", "births by order"),
    "deaths_by_age": Text("分年龄、性别死亡", "deaths by age and sex"),
    "deaths_by_chapter": Text("分 ICD-10 章死亡", "deaths by chapter of ICD-10"),
    "leading_causes": Text("死因顺位", "leading causes of death"),
    "life_tables": Text("简略寿命表", "abridged life tables"),
    "growth_balance": Text("增长平衡线", "growth balance line"),
    "projection": Text("未来 20 年人口", "population in the next 20 years"),
    "areas": Text("下级区划", "divisions below"),
    "ages_by_year": Text("分年份年龄别死亡率", "death rates by age and year"),
}
