"""Indicators to explore: one figure by year, or by the divisions below, or a table of one year, with its definition."""

from __future__ import annotations

from typing import Any

from quanmin.charts import HIDDEN, NUMBER, Bar, BarChart, Chart, LineChart, Series, same
from quanmin.programs.vital.statistic.explore import BYS, INDICATORS, Explored, explore
from quanmin.text import Text
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.console.vital_statistic.area import SUB, Code, Word, Year, chosen, rows_of, way
from quanmin.web.console.vital_statistic.dashboard import written
from quanmin.web.face import Face
from quanmin.web.view import Answer, Download, View

TITLE = Text("指标浏览", "Indicators")


def install(face: Face) -> None:
    """Register the page and its file."""

    @face.page("/vital/indicators", "console/vital_statistic/explorer.html")
    def indicators(
        ask: Ask,
        indicator: Word = "",
        by: Word = "",
        region: Code = "",
        year: Year = 0,
        purpose: Word = "",
    ) -> Answer:
        """An indicator of a region by year or by the divisions below it."""
        choice = chosen(ask, region, year, 1, purpose)
        found = explore(ask.lake, choice.decision, choice.region, choice.last, indicator, by)
        chart = drawn(found)
        more: dict[str, Any] = {
            "sub": SUB,
            "choice": choice,
            "purposes": PURPOSES,
            "indicators": INDICATORS,
            "bys": BYS,
            "found": found,
            "way": way(choice.region, choice.last),
            "chart": chart.html(ask.language, name="indicator"),
        }
        return View(TITLE, {**found.to_dict(), "chart": rows_of(chart)}, more)

    @face.file("/vital/indicators.csv", ["text/csv"])
    def file(
        ask: Ask,
        indicator: Word = "",
        by: Word = "",
        region: Code = "",
        year: Year = 0,
        purpose: Word = "",
    ) -> Answer:
        """The same as CSV: value, numerator, denominator and limits on each line."""
        choice = chosen(ask, region, year, 1, purpose)
        found = explore(ask.lake, choice.decision, choice.region, choice.last, indicator, by)
        name = f"{choice.region}-{found.indicator}-{found.by}.csv"
        return Download(name, "text/csv; charset=utf-8", [written(found.rows, ask)])


def drawn(found: Explored) -> Chart:
    """A line over years, bars over divisions."""
    title = Text(f"{found.name.zh}：{found.title.zh}", f"{found.title.en}, {found.name.en}")
    points = [(row["label"], HIDDEN if row["suppressed"] else row["value"]) for row in found.rows]
    unit = found.unit if found.unit.zh else Text("数值", "value")
    if found.by == "year":
        series = Series(unit, tuple((same(label), value) for label, value in points))
        return LineChart(title, (series,), NUMBER, Text("年份", "year"), zero=False)
    bars = tuple(Bar(label, value) for label, value in points)
    return BarChart(title, bars, NUMBER, Text("区划", "division"), unit)
