"""A chart of ours as a Vega-Lite specification: data that a browser draws, and that anybody may take and change.

No expression, no address of anything: it stands in pages whose policy allows neither.
"""

from __future__ import annotations

from typing import Any

from quanmin.charts import HIDDEN, Chart, HeatTable, LineChart, PyramidChart
from quanmin.charts.figure import known
from quanmin.text import Language, Text

SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json"
_FONT = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, sans-serif"
FORMS = {"share": ".0%", "count": ",.0f", "number": ",.2f"}


def spec(chart: Chart, language: Language) -> dict[str, Any]:
    """The specification, with its data in the words of a language."""
    table = chart.table()
    heads = table.head(language)
    parts = [place for place, column in enumerate(table.columns) if place and _numeric(chart, place)]
    values = [
        {"at": _label(row[0], language), "part": heads[place], "value": known(cell), "hidden": cell is HIDDEN}
        for row in table.rows
        for place in parts
        if not isinstance(cell := row[place], Text)
    ]
    unit = table.columns[parts[0]].unit.kind if parts else "count"
    head = {
        "$schema": SCHEMA,
        "title": chart.title.get(language),
        "description": chart.sentence(language),
        "width": 640,
        "data": {"values": values},
        "config": {"font": _FONT, "axis": {"labelLimit": 260}, "legend": {"labelLimit": 260}},
    }
    return {**head, **_drawn(chart, heads[0], len(parts), FORMS[unit])}


def _numeric(chart: Chart, place: int) -> bool:
    """Whether a column has a figure anywhere."""
    return any(not isinstance(row[place], Text) for row in chart.table().rows)


def _label(cell: Any, language: Language) -> str:
    return cell.get(language) if isinstance(cell, Text) else str(cell)


def _drawn(chart: Chart, head: str, parts: int, form: str) -> dict[str, Any]:
    """Marks and what they stand for, by the kind of the chart."""
    label = {"field": "at", "type": "nominal", "sort": None, "title": head}
    figure = {"field": "value", "type": "quantitative", "title": None, "axis": {"format": form}}
    part = {"field": "part", "type": "nominal", "sort": None, "title": None}
    if isinstance(chart, HeatTable):
        colour = {"field": "value", "type": "quantitative", "title": None, "legend": {"format": ".2f"}}
        return {"mark": "rect", "encoding": {"y": label, "x": {**part, "axis": {"labelAngle": -40}}, "color": colour}}
    pick = [{"name": "pick", "select": {"type": "point", "fields": ["part"]}, "bind": "legend"}]
    faded = {"condition": {"param": "pick", "value": 1}, "value": 0.15}
    if isinstance(chart, LineChart):
        zoom = {"name": "zoom", "select": {"type": "interval", "encodings": ["x"]}, "bind": "scales"}
        across = {"field": "at", "type": "temporal", "title": head}
        encoding = {"x": across, "y": figure, "color": part, "shape": part, "opacity": faded}
        return {"height": 320, "params": [*pick, zoom], "mark": {"type": "line", "point": True}, "encoding": encoding}
    if isinstance(chart, PyramidChart):
        up = {**label, "scale": {"reverse": True}}
        encoding = {"y": up, "x": figure, "color": part, "opacity": faded, "yOffset": part}
        return {"params": pick, "mark": "bar", "encoding": encoding}
    if parts > 1:
        return {"params": pick, "mark": "bar", "encoding": {"y": label, "x": figure, "color": part, "opacity": faded}}
    return {"mark": "bar", "encoding": {"y": label, "x": figure}}
