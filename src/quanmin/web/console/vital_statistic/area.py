"""What the pages share: the purposes somebody may count for, the region and the years that are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import Query

from quanmin import standards, trust
from quanmin.charts import HIDDEN, Chart
from quanmin.population import PERSON_COLUMNS
from quanmin.population.tables import PERSON
from quanmin.programs.vital import statistic
from quanmin.programs.vital.statistic.errors import NotMeasured
from quanmin.programs.vital.statistic.year import SPANS, VitalYear, named
from quanmin.standards.region import NATION
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import NotYourPage

SUB = (
    ("/vital/statistics", Text("年度统计", "The year")),
    ("/vital/indicators", Text("指标浏览", "Indicators")),
    ("/vital/certifiers", Text("死因填报质量", "Quality of certifiers")),
)
SPAN_WORDS = {span: Text(f"{span} 年合计", f"{span} years") for span in SPANS} | {1: Text("单年", "one year")}
Code = Annotated[str, Query(max_length=6, pattern=r"^([0-9]{6})?$")]
Year = Annotated[int, Query(ge=0, le=2199)]
Span = Annotated[int, Query(ge=1, le=5)]
Word = Annotated[str, Query(max_length=40, pattern=r"^[a-z0-9_]*$")]


@dataclass(frozen=True)
class Choice:
    """What was asked for, with what stands where nothing was: the newest year, the region of the viewer or the first there is."""

    decision: trust.Decision
    purpose: str
    purposes: tuple[str, ...]
    region: str
    last: int
    span: int
    years: tuple[int, ...]

    @property
    def query(self) -> str:
        """The same as the query of an address."""
        return f"region={self.region}&year={self.last}&span={self.span}&purpose={self.purpose}"


def chosen(ask: Ask, region: str, year: int, span: int, purpose: str) -> Choice:
    """What is shown. NotYourPage for those who may not count, NotMeasured where nothing was counted."""
    aims = ask.home.population.aims()
    if not aims.counts:
        raise NotYourPage(roles="statistician")
    aim = purpose if purpose in aims.counts else aims.counts[0]
    decision = ask.home.decide(aim, PERSON, PERSON_COLUMNS)
    years = statistic.years(ask.lake, decision)
    if not years:
        raise NotMeasured()
    own = ask.who.region or ""
    return Choice(decision, aim, aims.counts, region or own or NATION, year or years[-1], span, years)


def read(ask: Ask, choice: Choice) -> VitalYear:
    """The figures that were asked for. Raises what `statistic.year` raises."""
    return statistic.year(ask.lake, choice.decision, choice.region, choice.last, choice.span)


def above(region: str) -> str | None:
    """The region one level up; None of the nation."""
    if region == NATION:
        return None
    return standards.catalogue().regions.parent(region) or NATION


def way(region: str, last: int) -> list[tuple[str, Text]]:
    """The regions above, from the nation down to the region itself."""
    found: list[str] = []
    at: str | None = region
    while at is not None:
        found.insert(0, at)
        at = above(at)
    return [(code, named(code, date(last, 12, 31))) for code in found]


def rows_of(chart: Chart) -> dict[str, object]:
    """The table of a chart for a twin: heads and rows, `*` for what is not told."""
    table = chart.table()
    cells = [["*" if cell is HIDDEN else cell for cell in row] for row in table.rows]
    return {"columns": list(table.headings), "rows": cells}
