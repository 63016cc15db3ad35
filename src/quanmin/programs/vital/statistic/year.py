"""The year of a region in figures and tables, from its counts: pure arithmetic over `Counts`, nothing is read here.

Methods are those of `demography`; what a table cannot give (nobody in a group, nobody died) is left out, and marked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from quanmin import standards, trust
from quanmin.errors import Invalid
from quanmin.lake import Lake
from quanmin.programs.vital.statistic import tables
from quanmin.programs.vital.statistic.errors import PeriodWrong
from quanmin.programs.vital.statistic.figure import Basis, Counted
from quanmin.programs.vital.statistic.gate import Counts, counts
from quanmin.programs.vital.statistic.scalar import figures
from quanmin.programs.vital.statistic.tally import Tally
from quanmin.standards.region import NATION
from quanmin.text import Text

SPANS = (1, 3, 5)
BASE = Text(
    "人口基础信息库：按出生、死亡和现居住地推算的常住人口",
    "population base: residents by birth, death and present residence",
)
Row = dict[str, Any]


@dataclass(frozen=True)
class VitalYear:
    """`figures` each with its parts; `tables` by name, rows as dictionaries in which a hidden count is None and `suppressed`."""

    basis: Basis
    name: Text
    years: tuple[int, ...]
    span: int
    last: int
    figures: tuple[Counted, ...]
    tables: dict[str, list[Row]]

    def __getitem__(self, name: str) -> Counted:
        """A figure by its id; KeyError."""
        found = next((one for one in self.figures if one.id == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        about = self.basis
        head = {"region": about.region, "name": self.name, "period": about.period, "snapshot": about.snapshot}
        head |= {"minimum": about.minimum, "population_base": about.base, "years": list(self.years)}
        return {**head, "figures": [one.to_dict() for one in self.figures], "tables": self.tables}


def year(lake: Lake, decision: trust.Decision, region: str, last: int, span: int = 1) -> VitalYear:
    """The figures of a region for a year, or for `span` years to it. Ages, regions and rules are those of the last day.

    Raises PeriodWrong, RegionUnknown, NotMeasured, NotReadable, NotBuilt.
    """
    if span not in SPANS or not 1900 <= last <= 2199:
        raise PeriodWrong(last=last, years=span)
    found = counts(lake, decision, region, date(last, 12, 31))
    return made(found, last, span, provisional=last >= lake.ledger.now().year)


def made(found: Counts, last: int, span: int = 1, *, provisional: bool = False) -> VitalYear:
    """The same of counts; `provisional` is a year that is not over. Raises PeriodWrong where a year has no certificates."""
    wanted = range(last - span + 1, last + 1)
    block = found.minimum == 0 or last % span == 0
    if span not in SPANS or not block or not set(wanted) <= set(found.years):
        raise PeriodWrong(last=last, years=span)
    tally = Tally.of(found, wanted[0], last)
    period = str(last) if span == 1 else f"{wanted[0]}-{last}"
    basis = Basis(found.region, period, BASE, found.snapshot, found.minimum, provisional)
    told = {name: rows for name, make in tables.TABLES.items() if (rows := tried(make, tally)) is not None}
    told["areas"] = tables.areas(found, wanted[0], last)
    told["ages_by_year"] = tables.ages_by_year(found)
    return VitalYear(basis, named(found.region, found.day), found.years, span, last, figures(tally, basis), told)


Made = TypeVar("Made")


def tried(make: Callable[[Tally], Made], tally: Tally) -> Made | None:
    """What is made, or None where the counts do not allow it."""
    try:
        return make(tally)
    except Invalid:
        return None


def named(region: str, day: date) -> Text:
    """What a region is called."""
    if region == NATION:
        return Text("全国", "the nation")
    name = standards.catalogue().regions.name(region, day) or region
    return Text(name, name)
