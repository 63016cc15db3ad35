"""A chart of ours as a Vega-Lite specification: data that a browser draws, and that anybody may take and change.

No expression, no address of anything: it stands in pages whose policy allows neither.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from quanmin.charts import HIDDEN, Chart, HeatTable, LineChart, PyramidChart
from quanmin.charts.figure import known
from quanmin.charts.palette import COLOURS
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
        "config": {
            "font": _FONT,
            "axis": {"labelLimit": 260},
            "legend": {"labelLimit": 260},
            "range": {"category": list(COLOURS)},
        },
    }
    labels = _scale(_label(row[0], language) for row in table.rows)
    return {**head, **_drawn(chart, labels, _scale(heads[place] for place in parts), FORMS[unit])}


def _scale(labels: Iterable[str]) -> dict[str, Any]:
    """The order of labels as they stand in the table; one of which nothing is told keeps its place."""
    order = list(dict.fromkeys(labels))
    return {"type": "nominal", "sort": order, "title": None, "scale": {"domain": order}}


def _numeric(chart: Chart, place: int) -> bool:
    """Whether a column has a figure anywhere."""
    return any(not isinstance(row[place], Text) for row in chart.table().rows)


def _label(cell: Any, language: Language) -> str:
    return cell.get(language) if isinstance(cell, Text) else str(cell)


def _drawn(chart: Chart, labels: dict[str, Any], parts: dict[str, Any], form: str) -> dict[str, Any]:
    """Marks and what they stand for, by the kind of the chart."""
    label, part = {"field": "at", **labels}, {"field": "part", **parts}
    figure = {"field": "value", "type": "quantitative", "title": None, "axis": {"format": form}}
    if isinstance(chart, HeatTable):
        colour = {"field": "value", "type": "quantitative", "title": None, "legend": {"format": ".2f"}}
        return {"mark": "rect", "encoding": {"y": label, "x": {**part, "axis": {"labelAngle": -40}}, "color": colour}}
    pick = [{"name": "pick", "select": {"type": "point", "fields": ["part"]}, "bind": "legend"}]
    faded = {"condition": {"param": "pick", "value": 1}, "value": 0.15}
    if isinstance(chart, LineChart):
        zoom = {"name": "zoom", "select": {"type": "interval", "encodings": ["x"]}, "bind": "scales"}
        across = {"field": "at", "type": "temporal", "title": None}
        encoding = {"x": across, "y": figure, "color": part, "shape": part, "opacity": faded}
        return {"height": 320, "params": [*pick, zoom], "mark": {"type": "line", "point": True}, "encoding": encoding}
    if isinstance(chart, PyramidChart):
        up = {**label, "scale": {**label["scale"], "reverse": True}}
        encoding = {"y": up, "x": figure, "color": part, "opacity": faded, "yOffset": part}
        return {"params": pick, "mark": "bar", "encoding": encoding}
    if len(parts["sort"]) > 1:
        return {"params": pick, "mark": "bar", "encoding": {"y": label, "x": figure, "color": part, "opacity": faded}}
    return {"mark": "bar", "encoding": {"y": label, "x": figure}}
