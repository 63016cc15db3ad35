"""The page of patterns: every part that pages are made of, and every kind of chart, once each. On both faces."""

from __future__ import annotations

import datetime as dt

from quanmin.charts import (
    COUNT,
    HIDDEN,
    SHARE,
    AreaChart,
    Arrow,
    Band,
    Bar,
    BarChart,
    Box,
    Calibrated,
    CalibrationChart,
    Chart,
    FlowChart,
    HeatTable,
    LineChart,
    PyramidChart,
    Series,
    StackChart,
    Stacked,
    Step,
    TileMap,
    WaterfallChart,
    same,
)
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, View

TITLE = Text("页面组件", "Patterns")
CHOICES = [("a", Text("甲", "first")), ("b", Text("乙", "second"))]
FIELDS = (
    Field("word", Text("文本", "Text"), hint=Text("一行文字", "a line of words")),
    Field("words", Text("说明", "Words"), "words", needed=False, limit=500),
    Field("secret", Text("口令", "Password"), "secret"),
    Field("number", Text("数目", "Number"), "number"),
    Field("day", Text("日期", "Day"), "day"),
    Field("choice", Text("选项", "Choice"), "choice", choices=CHOICES),
    Field("yes", Text("是否", "Yes or no"), "yes"),
    Field("code", Text("验证码", "Code"), "code", limit=12),
)
WRONG = Posted({}, {"number": "1x"}, {"number": Text("数目须为整数", "Number must be a whole number")})
ONE, TWO, THREE = Text("甲", "first"), Text("乙", "second"), Text("丙", "third")


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/patterns", "shell/patterns.html", signed=False, public=True)
    def patterns(ask: Ask) -> Answer:
        """Every part that pages are made of."""
        made = charts()
        drawn = [chart.html(ask.language, name=f"pattern-{name}") for name, chart in made.items()]
        more = {"fields": FIELDS, "wrong": WRONG, "refused_error": NoSuchPage(), "charts": drawn}
        return View(TITLE, {"charts": list(made), "parts": list(PARTS)}, more)


PARTS = ("refused", "problems", "badge", "field", "form", "table", "facts", "sub", "pager")
"""The parts of `shell/parts.html`."""


def charts() -> dict[str, Chart]:
    """One of every kind, over figures that are nobody's."""
    days = [dt.date(2026, month, 1) for month in range(1, 7)]
    line = Series(ONE, tuple(zip(days, (3, 4, HIDDEN, 5, 4, 6), strict=True)))
    other = Series(TWO, tuple(zip(days, (2, 2, 3, None, 3, 1), strict=True)))
    return {
        "bar": BarChart(Text("条形图", "Bars"), (Bar(ONE, 120), Bar(TWO, 45), Bar(THREE, HIDDEN))),
        "share": BarChart(Text("占比", "Shares"), (Bar(ONE, 0.92), Bar(TWO, 0.4)), SHARE, whole=1.0),
        "line": LineChart(Text("折线图", "Lines"), (line, other)),
        "area": AreaChart(Text("面积图", "Areas"), (Series(ONE, tuple(enumerate((3, 5, 4, 8)))),)),
        "stack": StackChart(
            Text("堆叠图", "Stacked bars"), (ONE, TWO), (Stacked(THREE, (30, 12)), Stacked(ONE, (18, HIDDEN)))
        ),
        "pyramid": PyramidChart(
            Text("人口金字塔", "Pyramid"),
            (Band(same("0-4"), 50, 48), Band(same("5-9"), 44, 45), Band(same("10+"), 30, HIDDEN)),
        ),
        "heat": HeatTable(Text("热力表", "Heat table"), (ONE, TWO), (ONE, TWO), ((None, 0.9), (0.9, HIDDEN))),
        "tile": TileMap(Text("省级格图", "Tile map"), (("110000", 21), ("370000", 100), ("540000", HIDDEN)), COUNT),
        "flow": FlowChart(
            Text("流程图", "Flow"), (Box("a", ONE, (), 100), Box("b", TWO, (), 90)), (Arrow("a", "b", THREE, 90),)
        ),
        "waterfall": WaterfallChart(Text("瀑布图", "Waterfall"), (Step(ONE, -4.0), Step(TWO, 9.5), Step(THREE, -1.5))),
        "calibration": CalibrationChart(
            Text("校准图", "Calibration"),
            (Calibrated(same("0.5-0.9"), 0.7, 0.72, 90), Calibrated(same("0.9-1"), 0.97, 0.96, 800)),
        ),
    }
