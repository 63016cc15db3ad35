"""One figure of a region by year, or of the divisions right below it in one year."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from quanmin import trust
from quanmin.lake import Lake
from quanmin.programs.vital.statistic.errors import PeriodWrong
from quanmin.programs.vital.statistic.figure import Basis, Counted
from quanmin.programs.vital.statistic.gate import Counts, counts
from quanmin.programs.vital.statistic.hiding import hidden
from quanmin.programs.vital.statistic.scalar import figures
from quanmin.programs.vital.statistic.tally import Tally
from quanmin.programs.vital.statistic.year import BASE, named
from quanmin.standards.region import NATION
from quanmin.text import Text

BYS = {"year": Text("年份", "year"), "area": Text("下级区划", "divisions below")}
BY_AREA = ("crude_birth_rate", "crude_death_rate", "natural_increase", "births", "deaths")
"""What divisions are compared by: counts of which every small one is hidden, and another where it could be worked out."""


@dataclass(frozen=True)
class Explored:
    """`rows`: `label`, `value`, `numerator`, `denominator`, `low`, `high`, `marks`, `suppressed`."""

    indicator: str
    title: Text
    unit: Text
    by: str
    region: str
    name: Text
    sources: tuple[str, ...]
    notes: tuple[Text, ...]
    population_base: Text
    snapshot: int
    rows: list[dict[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self) | {
            name: getattr(self, name) for name in ("title", "unit", "name", "notes", "population_base")
        }


def explore(lake: Lake, decision: trust.Decision, region: str, year: int, indicator: str, by: str) -> Explored:
    """A figure by year or by division; what is not known is taken for the crude death rate by year.

    Raises what `year` raises.
    """
    found = counts(lake, decision, region, date(year, 12, 31))
    name = indicator if indicator in INDICATORS else "crude_death_rate"
    way = by if by in BYS and (by != "area" or name in BY_AREA) else "year"
    if not found.years:
        raise PeriodWrong(last=year, years=1)
    every = by_year(found, name) if way == "year" else by_area(found, year, name)
    about = _basis(found, found.years[-1])
    said = next(one for one in figures(Tally.of(found, found.years[-1], found.years[-1]), about) if one.id == name)
    return Explored(
        name,
        said.title,
        said.unit,
        way,
        region,
        named(region, found.day),
        said.sources,
        said.notes,
        BASE,
        found.snapshot,
        every,
    )


def _basis(found: Counts, year: int) -> Basis:
    return Basis(found.region, str(year), BASE, found.snapshot, found.minimum)


def by_year(found: Counts, name: str) -> list[dict[str, Any]]:
    """A row for each year with certificates."""
    rows = []
    for year in found.years:
        every = figures(Tally.of(found, year, year), _basis(found, year))
        rows.append(_row(str(year), next(one for one in every if one.id == name)))
    return rows


def by_area(found: Counts, year: int, name: str) -> list[dict[str, Any]]:
    """A row for each division right below. Raises PeriodWrong where the year has no certificates."""
    if year not in found.years:
        raise PeriodWrong(last=year, years=1)
    parts = {area: Tally.of(found.inside(area), year, year) for area in (*found.areas, found.region)}
    hide = [False] * len(parts)
    for counted in ([one.born for one in parts.values()], [one.died for one in parts.values()]):
        hide = [a or b for a, b in zip(hide, hidden(counted, found.minimum).tolist(), strict=True)]
    rows = []
    for (area, tally), off in zip(parts.items(), hide, strict=True):
        if area == found.region:  # who could be placed in none of them
            continue
        every = figures(tally, _basis(tally.counts, year))
        one = next(each for each in every if each.id == name)
        rows.append(_row(named(area, found.day), one, off))
    return rows


def _row(label: Any, one: Counted, hide: bool = False) -> dict[str, Any]:
    suppressed = hide or "small" in one.marks
    told = {
        key: None if suppressed else getattr(one, key) for key in ("value", "numerator", "denominator", "low", "high")
    }
    return {"label": label, **told, "marks": " ".join(one.marks), "suppressed": suppressed}


_NOTHING = Counts(NATION, date(2000, 12, 31), 0, 0, (), (), ())
INDICATORS: dict[str, Text] = {
    one.id: one.title for one in figures(Tally.of(_NOTHING, 2000, 2000), _basis(_NOTHING, 2000))
}
"""What can be asked for: every figure there is."""
