"""How the portal is used, in charts, each with its table."""

from __future__ import annotations

from quanmin.charts import COUNT, HIDDEN, NUMBER, Bar, BarChart, same
from quanmin.opendata.catalogue import vocabulary
from quanmin.opendata.participation import dataset, statistics
from quanmin.opendata.participation.statistics import MEASURES, Row
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.view import Answer, View

TITLE = Text("门户统计", "Statistics of the portal")
ITEMS = {
    "views": Text("浏览", "views"),
    "downloads": Text("下载", "downloads"),
    "reuses": Text("应用成果", "reuses"),
    "requests": Text("数据需求", "requests"),
    "discussions": Text("讨论", "discussions"),
    "reports": Text("错误报告", "error reports"),
    "applications": Text("数据申请", "applications"),
    "accounts": Text("账号", "accounts"),
}
MOST = 30
"""Bars of a chart; of months the newest."""


def chart(ask: Ask, measure: str, rows: list[Row]) -> BarChart:
    """A measure as bars."""
    codes = {**vocabulary("access").terms, **vocabulary("file_type").terms}
    names = {one: Text(zh, en) for one, zh, en in dataset.publishers(ask.place.portal)}

    def label(row: Row) -> Text:
        known = ITEMS.get(row.item) or names.get(row.item)
        said = known or (codes[row.item].title if row.item in codes else same(row.item))
        if not row.month:
            return said
        return Text(f"{row.month} {said.zh}", f"{row.month} {said.en}")

    shown = sorted(rows, key=lambda one: (one.month, -(one.value or 0)))[-MOST:]
    bars = tuple(Bar(label(one), HIDDEN if one.value is None else one.value) for one in shown)
    return BarChart(MEASURES[measure], bars, NUMBER if measure == "answer_days" else COUNT)


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/statistics/portal", "portal/participation/figures.html", signed=False)
    def figures(ask: Ask) -> Answer:
        """How the portal is used."""
        rows = statistics.counted(ask.place.portal)
        told = [one for one in MEASURES if any(row.measure == one for row in rows)]
        charts = {one: chart(ask, one, [row for row in rows if row.measure == one]) for one in told}
        published = dataset.held(ask.place.portal, statistics.NAME)
        data = {
            "rows": [one._asdict() for one in rows],
            "least": statistics.LEAST,
            "dataset": published and published.name,
        }
        return View(TITLE, data, {"charts": [one.html(ask.language, name=name) for name, one in charts.items()]})
