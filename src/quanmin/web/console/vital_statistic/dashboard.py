"""The year of a region: its figures with what they are made of, its charts with their tables, and the divisions below it."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Annotated, Any

from fastapi import Path

from quanmin.charts import exact
from quanmin.programs.vital.statistic.chart import charts
from quanmin.programs.vital.statistic.figure import MARKS, Counted
from quanmin.programs.vital.statistic.scalar import SEX_TITLES
from quanmin.programs.vital.statistic.tables import TITLES
from quanmin.programs.vital.statistic.year import VitalYear, named
from quanmin.text import Text
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.console.vital_statistic.area import SPAN_WORDS, SUB, Code, Span, Word, Year, chosen, read, way
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.view import Answer, Download, View

TITLE = Text("生命统计", "Vital statistics")
FIGURES = "figures"


def install(face: Face) -> None:
    """Register the page and its files."""

    @face.page("/vital/statistics", "console/vital_statistic/dashboard.html")
    def dashboard(ask: Ask, region: Code = "", year: Year = 0, span: Span = 1, purpose: Word = "") -> Answer:
        """The year of a region in figures and charts."""
        choice = chosen(ask, region, year, span, purpose)
        found = read(ask, choice)
        drawn = [(name, chart.html(ask.language, name=name)) for name, chart in charts(found).items()]
        more: dict[str, Any] = {
            "sub": SUB,
            "choice": choice,
            "purposes": PURPOSES,
            "spans": SPAN_WORDS,
            "charts": drawn,
            "figures": found.figures,
            "marks": MARKS,
            "titles": {FIGURES: Text("全部数字", "all figures"), **TITLES},
            "way": way(choice.region, choice.last),
            "below": [(row["region"], named(row["region"], _end(found))) for row in found.tables["areas"]],
            "name": found.name,
            "exact": exact,
            "sexes": SEX_TITLES,
        }
        return View(TITLE, found.to_dict(), more)

    @face.file("/vital/statistics/{table}.csv", ["text/csv"])
    def file(
        ask: Ask,
        table: Annotated[str, Path(max_length=40, pattern=r"^[a-z_]+$")],
        region: Code = "",
        year: Year = 0,
        span: Span = 1,
        purpose: Word = "",
    ) -> Answer:
        """A table of the year as CSV."""
        choice = chosen(ask, region, year, span, purpose)
        found = read(ask, choice)
        if table != FIGURES and table not in found.tables:
            raise NoSuchPage()
        rows = [_flat(one) for one in found.figures] if table == FIGURES else found.tables[table]
        name = f"{choice.region}-{found.basis.period}-{table}.csv"
        return Download(name, "text/csv; charset=utf-8", [written(rows, ask)])


def _end(found: VitalYear) -> date:
    return date(found.last, 12, 31)


def _flat(one: Counted) -> dict[str, Any]:
    """A figure on one line."""
    told = one.to_dict()
    return {**told, "sources": " ".join(one.sources), "marks": " ".join(one.marks), "notes": _notes(one.notes)}


def _notes(notes: tuple[Text, ...]) -> Text:
    return Text("；".join(one.zh for one in notes), "; ".join(one.en for one in notes))


def written(rows: list[dict[str, Any]], ask: Ask) -> bytes:
    """Rows as CSV (UTF-8 with BOM); `*` for a count that is not told, nothing where there is none."""
    out = io.StringIO()
    file = csv.writer(out, lineterminator="\r\n")
    names = [name for name in (rows[0] if rows else {}) if name != "suppressed"]
    file.writerow(names)
    for row in rows:
        file.writerow([_cell(row[name], bool(row.get("suppressed")), ask) for name in names])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(value: Any, suppressed: bool, ask: Ask) -> str:
    if isinstance(value, Text):
        return value.get(ask.language)
    if value is None:
        return "*" if suppressed else ""
    return str(value)
