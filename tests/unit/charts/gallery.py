"""One chart of every kind, plain and hard: what the tests of charts draw, and a page of all of them to look at.

`python tests/unit/charts/gallery.py FILE` writes the page.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
from pathlib import Path

from quanmin.charts import (
    COUNT,
    HIDDEN,
    NUMBER,
    PROVINCES,
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
    Figure,
    FlowChart,
    HeatTable,
    LineChart,
    PyramidChart,
    Series,
    StackChart,
    Stacked,
    Step,
    TileMap,
    Unit,
    WaterfallChart,
    same,
    stages,
)
from quanmin.flow import STAGES
from quanmin.text import Text

LONG = Text(
    "国家卫生健康委员会全员人口信息登记系统（含流动人口、跨省异地居住登记及历史迁移记录）季度汇总口径",
    "Whole-population registration of the national health commission with floating people and moves, by quarter",
)
SHORT = [Text(f"第{n}区", f"District {n}") for n in range(1, 21)]
DAYS = [dt.date(2026, month, 1) for month in range(1, 13)]
SOURCES = [Text("户籍登记", "Household registration"), Text("全员人口", "Whole population"), Text("出生", "Birth")]


def ordinary() -> dict[str, Chart]:
    """A chart of every kind over plausible figures, with something hidden and something that lacks."""
    dice = random.Random(5)
    people = [1_250_000 // (n + 1) for n in range(8)]
    walk = [[round(3 + s + dice.random() * (2 - s * 0.4), 2) for _ in DAYS] for s in range(3)]
    gap: list[Figure] = [*walk[1][:4], HIDDEN, None, *walk[1][6:]]
    lines = (
        Series(SOURCES[0], tuple(zip(DAYS, walk[0], strict=True))),
        Series(SOURCES[1], tuple(zip(DAYS, gap, strict=True))),
        Series(SOURCES[2], tuple(zip(DAYS, walk[2], strict=True))),
    )
    ages = [max(2, round((1600 - abs(n - 9) * 140) * (0.9 + dice.random() / 5))) for n in range(21)]
    bands = tuple(
        Band(same(f"{5 * n}-{5 * n + 4}"), a if n < 20 else HIDDEN, round(a * (0.92 + n / 70)))
        for n, a in enumerate(ages)
    )
    return {
        "bar": BarChart(
            Text("各区人口", "People by district"),
            (*map(Bar, SHORT, people), Bar(SHORT[9], HIDDEN), Bar(SHORT[10], None)),
        ),
        "share": BarChart(
            Text("各来源覆盖的人口", "People covered by each source"),
            (
                Bar(SOURCES[0], 1.0, same("1,250,000")),
                Bar(SOURCES[1], 0.874, same("1,092,500")),
                Bar(SOURCES[2], HIDDEN),
            ),
            SHARE,
            whole=1.0,
        ),
        "line": LineChart(
            Text("各来源每百条记录的错误", "Errors in a hundred records of each source"),
            lines,
            up=Text("每百条", "in a hundred"),
            note=Text("来源：采集回执", "Source: receipts of collection"),
        ),
        "area": AreaChart(Text("年末人口", "People at the end of the year"), _years(), COUNT),
        "stack": StackChart(
            Text("记录的去向", "What became of the records"),
            (
                Text("接收", "accepted"),
                Text("隔离", "quarantined"),
                Text("撤回", "withdrawn"),
                Text("更正", "corrected"),
            ),
            tuple(
                Stacked(s, (90_000 // (n + 1), 7_000 * n + 900, HIDDEN if n == 1 else 4_000, 2_500))
                for n, s in enumerate([*SOURCES, Text("死亡", "Death")])
            ),
        ),
        "pyramid": PyramidChart(Text("人口金字塔", "Population pyramid"), bands),
        "heat": HeatTable(
            Text("来源两两一致率", "Agreement by pair of sources"),
            tuple(SOURCES),
            (*SOURCES, Text("城乡居民基本医疗保险参保登记", "Urban and rural residents' basic medical insurance")),
            ((None, 0.973, 0.951, 0.4), (0.973, None, HIDDEN, 0.62), (0.951, HIDDEN, None, 0.81)),
            Unit("number", 4, 3),
        ),
        "years": HeatTable(
            Text("每千人门诊次数", "Outpatient visits in a thousand"),
            tuple(SHORT[:6]),
            tuple(same(year) for year in range(2017, 2027)),
            tuple(tuple(dice.randrange(800, 6000) for _ in range(10)) for _ in range(6)),
            COUNT,
        ),
        "tile": TileMap(
            Text("各省级地区每千人口医师数", "Physicians per thousand people by province"),
            (
                *((code + "0000", round(1.8 + dice.random() * 3, 2)) for code in [*PROVINCES][:31] if code != "54"),
                ("540000", HIDDEN),
            ),
            NUMBER,
        ),
        "flow": stages(Text("数据之路", "The way of the data"), STAGES),
        "counts": FlowChart(
            Text("从收到到人口库", "From what was received to the base"),
            (
                Box("in", Text("收到的记录", "records received"), (), 1_204_332),
                Box("clean", Text("接收", "accepted"), (), 1_180_020),
                Box("linked", Text("挂接到本人", "attached to a person"), (), 1_101_400),
                Box("base", Text("金记录", "golden records"), (), 903_211),
                Box(
                    "out",
                    Text("退回报送单位", "back to the source"),
                    (Text("带地址与期限", "with address and due date"),),
                ),
            ),
            (
                Arrow("in", "clean", Text("通过校验", "passed"), 1_180_020),
                Arrow("in", "out", Text("隔离", "quarantined"), 24_312),
                Arrow("clean", "linked", Text("按号码", "by number"), 1_101_400),
                Arrow("clean", "out", Text("搁置", "set aside"), HIDDEN),
                Arrow("linked", "base", Text("裁定", "settled"), 903_211),
                Arrow("base", "linked", Text("更正", "corrections"), 3_100),
                Arrow("out", "in", Text("重新报送", "sent again"), 9_004),
            ),
        ),
        "waterfall": WaterfallChart(
            Text("匹配权重（log2 几率）", "Match weight (log2 of the odds)"),
            (
                Step(Text("起点：全库中任一人", "the start: anybody of the base"), -21.4),
                Step(Text("姓名 · 相同", "name · the same"), 11.2),
                Step(Text("姓名的常见程度", "how common the name is"), -2.6),
                Step(Text("出生日期 · 相同", "birth date · the same"), 13.4),
                Step(Text("住址 · 未提供", "address · not stated"), 0),
            ),
            bound=(Text("挂接界限", "bound to attach"), 5.0),
            unit=Unit("number", 1),
        ),
        "calibration": CalibrationChart(
            Text("概率校准", "calibration of the probabilities"),
            tuple(
                Calibrated(same(label), said, right, count)
                for label, said, right, count in (
                    ("0 - 0.5", 0.41, 0.47, 31),
                    ("0.5 - 0.7", 0.62, 0.55, 120),
                    ("0.7 - 0.9", 0.83, 0.85, 900),
                    ("0.9 - 0.99", 0.962, 0.958, 15_000),
                    ("0.99 - 1", 0.9981, 0.9983, 1_200_000),
                )
            ),
        ),
    }


def _years() -> tuple[Series, ...]:
    town = [(year, round(5.2e8 + (year - 2000) * 1.6e7)) for year in range(2000, 2026)]
    land = [(year, round(8.1e8 - (year - 2000) * 1.3e7)) for year in range(2000, 2026)]
    return Series(Text("城镇", "urban"), tuple(town)), Series(Text("乡村", "rural"), tuple(land))


def empty() -> dict[str, Chart]:
    """Every kind over nothing."""
    title = Text("空", "empty")
    return {
        "bar": BarChart(title, ()),
        "line": LineChart(title, ()),
        "bare": LineChart(title, (Series(SHORT[0], ()),)),
        "area": AreaChart(title, ()),
        "stack": StackChart(title, (), ()),
        "pyramid": PyramidChart(title, ()),
        "heat": HeatTable(title, (), (), ()),
        "tile": TileMap(title, ()),
        "flow": FlowChart(title, (), ()),
        "waterfall": WaterfallChart(title, ()),
        "calibration": CalibrationChart(title, ()),
    }


def of(labels: list[Text], figures: list[Figure], title: Text = LONG) -> dict[str, Chart]:
    """Every kind over the same labels and figures."""
    other = [*figures[1:], *figures[:1]]
    points = tuple(zip(labels, figures, strict=True))
    return {
        "bar": BarChart(title, tuple(map(Bar, labels, figures)), note=title),
        "share": BarChart(title, tuple(map(Bar, labels, figures)), SHARE, whole=1.0),
        "line": LineChart(title, (Series(title, points), Series(labels[0], points[::-1])), up=title),
        "near": LineChart(title, (Series(title, points),), COUNT, zero=False),
        "area": AreaChart(title, (Series(title, tuple(enumerate(figures))),)),
        "stack": StackChart(title, tuple(labels[:12]), tuple(Stacked(label, tuple(figures[:12])) for label in labels)),
        "pyramid": PyramidChart(title, tuple(map(Band, labels, figures, other))),
        "heat": HeatTable(title, tuple(labels), tuple(labels[:12]), tuple(tuple(figures[:12]) for _ in labels)),
        "tile": TileMap(title, tuple(zip([*PROVINCES, "99"], figures, strict=False))),
        "flow": FlowChart(
            title,
            tuple(Box(str(n), label, (label,), figure) for n, (label, figure) in enumerate(points)),
            tuple(
                Arrow(str(n), str(n * 7 % 11 if n < 12 else n + 1), label, figure)
                for n, (label, figure) in enumerate(points)
            ),
        ),
        "waterfall": WaterfallChart(title, tuple(map(Step, labels, figures)), bound=(title, 3.0)),
        "calibration": CalibrationChart(
            title, tuple(Calibrated(label, figure, figure, figure) for label, figure in points), up=title, across=title
        ),
    }


HARD: dict[str, tuple[list[Text], list[Figure]]] = {
    "one row": (SHORT[:1], [7]),
    "long labels": ([LONG, *SHORT[:3], same("一" * 90), same("W" * 90)], [5, 3, 8, 2, 1, 9]),
    "negative": (SHORT[:6], [-3, 5, -8.5, 0, -0.001, 2]),
    "all negative": (SHORT[:3], [-3, -5, -1e6]),
    "huge": (SHORT[:6], [1e300, -1e300, 1e18, 10**400, 12, 1.7e308]),
    "tiny": (SHORT[:4], [1e-300, 5e-324, 1e-9, -1e-12]),
    "none": (SHORT[:6], [None, float("nan"), float("inf"), HIDDEN, float("-inf"), None]),
    "hidden": (SHORT[:3], [HIDDEN, HIDDEN, HIDDEN]),
    "equal": (SHORT[:4], [4, 4, 4, 4]),
    "zeros": (SHORT[:3], [0, 0.0, -0.0]),
    "200 rows": (
        [Text(f"第{n}号地区", f"Region number {n}") for n in range(200)],
        [float(n * n % 997) for n in range(200)],
    ),
    "same labels": ([SHORT[0]] * 4, [1, 2, HIDDEN, None]),
    "hostile": ([same("<script>alert(1)</script>"), same("\"&\x00\x1a\ud800'>"), same("")], [1, 2, 3]),
}


def page() -> str:
    """Every ordinary chart in both languages, the hard ones in Chinese."""
    cells = [
        f"<h2>{name}</h2><table><tr>"
        + "".join(f"<td>{chart.html(language)}</td>" for language in ("zh", "en"))
        + "</tr></table>"
        for name, chart in ordinary().items()
    ]
    return '<!doctype html><meta charset="utf-8"><title>gallery</title>' + "".join(cells)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(page(), "utf-8")
