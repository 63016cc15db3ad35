"""What the portal shows of the base: each sight is a measure by something, as a chart, a table, a CSV and a Vega-Lite picture."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from quanmin import standards
from quanmin.charts import (
    COUNT,
    HIDDEN,
    SHARE,
    Band,
    Bar,
    BarChart,
    Chart,
    Figure,
    PyramidChart,
    StackChart,
    Stacked,
    TileMap,
    same,
)
from quanmin.charts.province import of as province
from quanmin.charts.pyramid import FEMALE, MALE
from quanmin.population import plots
from quanmin.population.published import Published, Shelf
from quanmin.text import Language, Text
from quanmin.web.place import Place

DIVISION = Text(
    "按号码签发地（居民身份号码前六位），不是居住地", "by the division that gave the number, not where people live"
)
PYRAMID = Text("在世人口的年龄与性别", "living people by age and sex")
PROVINCES, CITIES = (
    Text("在世人口 · 省级", "living people by province"),
    Text("在世人口 · 地级", "living people by city"),
)
CODES, SENDERS = (
    Text("各类错误的记录数", "records with an error, by kind"),
    Text("各来源的错误记录数", "records with an error, by source"),
)
PLACE, KIND, SOURCE, RECORDS = (
    Text("地区", "division"),
    Text("错误", "error"),
    Text("来源", "source"),
    Text("记录", "records"),
)
PEOPLE, UNKNOWN = Text("人数", "people"), Text("不详", "unknown")

_shelves: WeakKeyDictionary[Place, Shelf] = WeakKeyDictionary()


def figures_of(place: Place) -> Published:
    """What is published of the base of a place, made once a build for all pages. NotBuilt."""
    return _shelves.setdefault(place, Shelf(lambda: place.lake)).figures()


@dataclass(frozen=True)
class Sight:
    """A measure by something; `draw` makes its chart, `about` says how it is counted."""

    measure: str
    by: str
    title: Text
    draw: Callable[[Published], Chart]
    about: Text

    @property
    def name(self) -> str:
        """Its name in addresses."""
        return f"{self.measure}-{self.by}"


MEASURES: dict[str, Text] = {
    "people": PEOPLE,
    "coverage": Text("覆盖", "coverage"),
    "completeness": Text("完整率", "completeness"),
    "agreement": Text("一致率", "agreement"),
    "errors": Text("错误", "errors"),
}
BYS: dict[str, Text] = {
    "age": Text("年龄与性别", "age and sex"),
    "province": Text("省级地区", "province"),
    "city": Text("地级地区", "city"),
    "source": SOURCE,
    "item": Text("项目", "item"),
    "kind": Text("错误种类", "kind of error"),
    "day": Text("采集日", "day of collection"),
}


def _pyramid(found: Published) -> Chart:
    cells = defaultdict[tuple[int | None, int | None], dict[str, Figure]](dict)
    for row in found.structure.ages:
        cells[row["from"], row["to"]][row["sex"]] = _told(row)
    ordered = sorted(cells.items(), key=lambda one: -1 if one[0][0] is None else one[0][0])
    bands = tuple(Band(_age(*ages), sexes.get("1", 0), sexes.get("2", 0)) for ages, sexes in ordered)
    return PyramidChart(PYRAMID, bands)


def _age(first: int | None, last: int | None) -> Text:
    if first is None:
        return UNKNOWN
    return same(f"{first}-{last}") if last is not None else Text(f"{first} 岁及以上", f"{first} and over")


def _told(row: Mapping[str, Any]) -> Figure:
    return HIDDEN if row["suppressed"] else row["people"]


def divisions(found: Published, level: str) -> dict[str, dict[str, Figure]]:
    """Of each division of a level the living men and women."""
    cells: dict[str, dict[str, Figure]] = {}
    for row in found.structure.divisions:
        if row["level"] == level:
            cells.setdefault(row["region"], {"1": 0, "2": 0})[row["sex"]] = _told(row)
    return dict(sorted(cells.items()))


def totals(found: Published, level: str = "province") -> dict[str, Figure]:
    """Of each division of a level all living people; hidden where one of both sexes is."""
    return {code: _sum(sexes.values()) for code, sexes in divisions(found, level).items()}


def _sum(parts: Iterable[Figure]) -> Figure:
    counts = list(parts)
    return sum(one for one in counts if isinstance(one, int)) if HIDDEN not in counts else HIDDEN


def division_name(code: str) -> Text:
    """The name of a division; provinces have one in both languages."""
    known = province(code)
    if code.endswith("0000") and known is not None:
        return known.name
    name = standards.catalogue().regions.name(code) or code
    if known is not None and name in _UNNAMED:
        return Text(f"{known.name.zh}{name}", f"{known.name.en} {name}")
    return same(name)


_UNNAMED = ("市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划")
"""Names of second-level divisions that many provinces have."""


def _tiles(found: Published) -> Chart:
    return TileMap(PROVINCES, tuple(totals(found).items()), COUNT, PEOPLE, DIVISION)


def _cities(found: Published) -> Chart:
    rows = divisions(found, "city").items()
    stacked = tuple(Stacked(division_name(code), (sexes["1"], sexes["2"])) for code, sexes in rows)
    return StackChart(CITIES, (MALE, FEMALE), stacked, COUNT, PLACE, DIVISION)


def _agreeing(found: Published) -> Chart:
    """Of each item how often two sources that both state it agree, over the pairs of which it is told."""
    counts = defaultdict[str, list[int]](lambda: [0, 0])
    for row in found.statistics["agreement"].to_pylist():
        if row["agree"] is not None:
            counts[row["item"]][0] += row["agree"]
            counts[row["item"]][1] += row["both"]
    items = standards.catalogue().items
    bars = tuple(
        Bar(one.title, counts[one.id][0] / counts[one.id][1], same(f"{counts[one.id][1]:,}"))
        for one in items
        if counts[one.id][1]
    )
    return BarChart(
        Text("各项一致率（两个来源都有的人）", "agreement by item"), bars, SHARE, plots.ITEM, plots.PEOPLE, 1.0
    )


def _errors(found: Published, by: str, title: Text, head: Text, name: Callable[[str], Text]) -> Chart:
    """Records with an error; of what is hidden only that there is something is told."""
    counts = defaultdict[str, list[int | None]](list)
    for row in found.statistics["errors"].to_pylist():
        counts[row[by]].append(row["errors"])
    bars = []
    for key, told in sorted(counts.items()):
        seen = [one for one in told if one is not None]
        bars.append(Bar(name(key), sum(seen) if seen else HIDDEN))
    return BarChart(title, tuple(bars), COUNT, head, RECORDS)


def _code(code: str) -> Text:
    title = standards.catalogue().error_codes.get(code, same(""))
    return Text(f"{code} {title.zh}", f"{code} {title.en}")


def _source(dataset: str) -> Text:
    known = standards.catalogue().datasets.get(dataset)
    return known.title if known else same(dataset)


SIGHTS: dict[str, Sight] = {
    one.name: one
    for one in (
        Sight(
            "people",
            "age",
            PYRAMID,
            _pyramid,
            Text("在世者；周岁，截至统计日。", "The living, by completed years on the day."),
        ),
        Sight("people", "province", PROVINCES, _tiles, DIVISION),
        Sight("people", "city", CITIES, _cities, DIVISION),
        Sight(
            "coverage",
            "source",
            plots.COVERAGE,
            lambda found: plots.coverage(found.statistics["coverage"]),
            Text("库中多少人有该来源的记录。", "How many people of the base a source has a record of."),
        ),
        Sight(
            "completeness",
            "item",
            plots.COMPLETENESS,
            lambda found: plots.completeness(found.statistics["completeness"]),
            Text("库中多少人的这一项有值。", "For how many people of the base the item is known."),
        ),
        Sight(
            "agreement",
            "item",
            Text("各项一致率", "agreement by item"),
            _agreeing,
            Text(
                "两个来源都报了同一人的这一项时，内容相同的比例。",
                "Where two sources state the item of a person: how often the same.",
            ),
        ),
        Sight(
            "agreement",
            "source",
            Text("来源两两一致率", "agreement by pair of sources"),
            lambda found: plots.agreement(found.statistics["agreement"]),
            Text("全部项目合计。", "All items together."),
        ),
        Sight(
            "errors",
            "kind",
            CODES,
            lambda found: _errors(found, "code", CODES, KIND, _code),
            Text(
                "一条记录可有多种错误；过小的计数不计入。",
                "A record may have several kinds; small counts are left out.",
            ),
        ),
        Sight(
            "errors",
            "source",
            SENDERS,
            lambda found: _errors(found, "dataset", SENDERS, SOURCE, _source),
            Text(
                "一条记录可计入多次；过小的计数不计入。",
                "A record may count more than once; small counts are left out.",
            ),
        ),
        Sight(
            "errors",
            "day",
            plots.TREND,
            lambda found: plots.trend(found.statistics["trend"]),
            Text("按批次采集日。", "By the day on which the batch was collected."),
        ),
    )
}


def chosen(measure: str, by: str) -> Sight:
    """The sight of a measure by something; its first one where there is none such."""
    of = [one for one in SIGHTS.values() if one.measure == measure] or list(SIGHTS.values())
    return next((one for one in of if one.by == by), of[0])


def table_csv(chart: Chart, language: Language) -> bytes:
    """The table of a chart as CSV (UTF-8 with BOM): figures in full, `*` for what is not told, nothing where there is none."""
    table, out = chart.table(), io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(table.head(language))
    rows.writerows([_cell(cell, language) for cell in row] for row in table.rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _cell(cell: Text | Figure, language: Language) -> str:
    if isinstance(cell, Text):
        return cell.get(language)
    return "*" if cell is HIDDEN else "" if cell is None else repr(cell)


def rows_of(chart: Chart) -> dict[str, Any]:
    """The table of a chart for a twin: heads and rows, `*` for what is not told."""
    table = chart.table()
    cells = [["*" if cell is HIDDEN else cell for cell in row] for row in table.rows]
    return {"columns": list(table.headings), "rows": cells}
