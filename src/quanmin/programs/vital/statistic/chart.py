"""The year of a region in charts, each made of one of its tables, so that it shows no more than the table tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from quanmin.charts import (
    COUNT,
    HIDDEN,
    NUMBER,
    PROVINCES,
    SHARE,
    Band,
    Bar,
    BarChart,
    Chart,
    Figure,
    HeatTable,
    LineChart,
    PyramidChart,
    Series,
    TileMap,
    Unit,
    exact,
    same,
)
from quanmin.programs.vital.statistic.scalar import SEX_TITLES
from quanmin.programs.vital.statistic.tables import TITLES
from quanmin.programs.vital.statistic.year import VitalYear, named
from quanmin.standards.region import NATION
from quanmin.text import Text

_AGE, _YEAR, _MONTH = Text("年龄", "age"), Text("年份", "year"), Text("月份", "month")
_RATE = Unit("number", 2, 2)
_POINTS, _LINE = Text("各年龄", "ages"), Text("拟合线", "fitted line")
_DEATH_RATE = Text("该年龄以上死亡率", "death rate above the age")
Row = Mapping[str, Any]


def charts(found: VitalYear) -> dict[str, Chart]:
    """Every chart that has something to draw, by name, in the order in which they are shown."""
    made = {name: draw(found) for name, draw in CHARTS.items()}
    return {name: chart for name, chart in made.items() if chart is not None and not chart.bare}


def _rows(found: VitalYear, name: str) -> list[dict[str, Any]]:
    return found.tables.get(name) or []


def _figure(row: Row, name: str) -> Figure:
    """A cell; hidden where the row says that something is not told."""
    value = row[name]
    return HIDDEN if value is None and row.get("suppressed") else value


def _about(found: VitalYear, name: str) -> Text:
    where, when = found.name, found.basis.period
    return Text(f"{where.zh} {when}：{TITLES[name].zh}", f"{TITLES[name].en}, {where.en}, {when}")


def pyramid(found: VitalYear) -> Chart:
    """People by age and sex at the end of the period."""
    rows = _rows(found, "pyramid")
    bands = tuple(Band(same(row["age"]), _figure(row, "male"), _figure(row, "female")) for row in rows)
    return PyramidChart(_about(found, "pyramid"), bands)


def survival(found: VitalYear) -> Chart:
    """Survivors of 100 births by exact age."""
    lines: dict[str, list[tuple[int, Figure]]] = {}
    for row in _rows(found, "life_tables"):
        lines.setdefault(row["sex"], []).append((row["age"], row["lx"] / 1_000))
    series = tuple(Series(SEX_TITLES[sex], tuple(lines[sex])) for sex in SEX_TITLES if sex in lines)
    where, when = found.name, found.basis.period
    title = Text(f"{where.zh} {when}：生存曲线（每百名出生者）", f"Survivors of 100 births, {where.en}, {when}")
    return LineChart(title, series, NUMBER, _AGE)


def heat(found: VitalYear) -> Chart:
    """Death rates by age and year."""
    rows = _rows(found, "ages_by_year")
    ages, years = (list(dict.fromkeys(row[name] for row in rows)) for name in ("age", "year"))
    by = {(row["age"], row["year"]): row["rate"] for row in rows}
    cells = tuple(tuple(by.get((age, year)) for year in years) for age in ages)
    where = found.name
    title = Text(f"{where.zh}：年龄别死亡率（‰）", f"Death rates by age and year (per 1,000), {where.en}")
    return HeatTable(title, tuple(map(same, ages)), tuple(map(same, years)), cells, _RATE, _AGE)


def leading(found: VitalYear) -> Chart:
    """Leading causes by deaths, with their shares."""
    rows = [row for row in _rows(found, "leading_causes") if row["rank"] is not None]
    bars = tuple(Bar(row["title"], row["deaths"], same(f"{row['share']:.1%}")) for row in rows)
    return BarChart(_about(found, "leading_causes"), bars, COUNT, Text("死因", "cause"), Text("死亡数", "deaths"))


def months(found: VitalYear) -> Chart:
    """Births by month."""
    rows = _rows(found, "births_by_month")
    series = Series(Text("出生", "births"), tuple((row["month"], _figure(row, "births")) for row in rows))
    return LineChart(_about(found, "births_by_month"), (series,), COUNT, _MONTH)


def fertility(found: VitalYear) -> Chart:
    """Births per 1,000 women by age."""
    rows = _rows(found, "births_by_mother")
    series = Series(Text("‰", "per 1,000 women"), tuple((same(row["age"]), _figure(row, "rate")) for row in rows))
    return LineChart(_about(found, "births_by_mother"), (series,), NUMBER, _AGE)


def orders(found: VitalYear) -> Chart:
    """Shares of births by order."""
    rows = [row for row in _rows(found, "births_by_order") if row["order"] is not None]
    most = max((row["order"] for row in rows), default=0)
    bars = tuple(
        Bar(_order(row["order"], most), HIDDEN if row["suppressed"] else row["share"], _births(row)) for row in rows
    )
    whole = Text("占已知孩次", "share of those known")
    return BarChart(_about(found, "births_by_order"), bars, SHARE, Text("孩次", "order"), whole, 1.0)


def _births(row: Row) -> Text:
    return same("" if row["births"] is None else exact(row["births"]))


def _order(order: int, most: int) -> Text:
    more = ("及以上", " and higher") if order == most else ("", "")
    return Text(f"{order} 孩{more[0]}", f"{order}{more[1]}")


def balance(found: VitalYear) -> Chart:
    """The growth balance line with its points."""
    rows = _rows(found, "growth_balance")
    points = Series(_POINTS, tuple((round(row["x"], 5), row["y"]) for row in rows if row["used"]))
    line = Series(_LINE, tuple((round(row["x"], 5), row["line"]) for row in rows if row["used"]))
    return LineChart(
        _about(found, "growth_balance"), (points, line), Unit("number", 4), _DEATH_RATE, zero=False, note=_BALANCE
    )


_BALANCE = Text(
    "纵轴：进入率减增长率。点在线上则登记完整性各年龄一致",
    "Upwards: entries less growth. Where points lie on the line, registration is as complete at all ages",
)


def map_of(found: VitalYear) -> Chart:
    """Crude death rates of the divisions below: on tiles for the nation, else beside birth rates and life expectancy."""
    rows = _rows(found, "areas")
    title = _about(found, "areas")
    if found.basis.region == NATION:
        known = {one.code for one in PROVINCES.values()}
        tiles = tuple((row["region"], _figure(row, "death_rate")) for row in rows if row["region"][:2] in known)
        return TileMap(title, tiles, NUMBER, Text("粗死亡率（‰）", "crude death rate (per 1,000)"))
    names = tuple(named(row["region"], _day(found)) for row in rows)
    cells = tuple(tuple(_figure(row, one) for one in _AREA) for row in rows)
    return HeatTable(title, names, tuple(_AREA.values()), cells, _RATE, Text("区划", "division"))


_AREA = {
    "birth_rate": Text("出生率 ‰", "births per 1,000"),
    "death_rate": Text("死亡率 ‰", "deaths per 1,000"),
    "e0": Text("预期寿命", "life expectancy"),
}


def _day(found: VitalYear) -> date:
    return date(found.last, 12, 31)


def ahead(found: VitalYear) -> Chart:
    """The population in the years ahead by broad ages."""
    rows = _rows(found, "projection")
    parts = {
        "young": Text("0-14 岁", "0-14"),
        "working": Text("15-59 岁", "15-59"),
        "old": Text("60 岁及以上", "60 and older"),
    }
    series = tuple(
        Series(title, tuple((row["year"], row[part]) for row in rows if row["total"])) for part, title in parts.items()
    )
    note = Text("假定生育和死亡不变、无迁移", "Fertility and mortality stay as they are, nobody moves")
    return LineChart(_about(found, "projection"), series, COUNT, _YEAR, note=note)


CHARTS: dict[str, Callable[[VitalYear], Chart | None]] = {
    "pyramid": pyramid,
    "survival": survival,
    "leading": leading,
    "heat": heat,
    "areas": map_of,
    "months": months,
    "fertility": fertility,
    "orders": orders,
    "balance": balance,
    "ahead": ahead,
}
