"""Charts of the base: who covers whom, what is filled, who agrees with whom, how errors go, how far a source is believed.

Each is made of a table of `statistics` or of `believed`, so that it shows no more than the table tells.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pyarrow as pa

from quanmin import standards
from quanmin.charts import (
    HIDDEN,
    NUMBER,
    SHARE,
    Bar,
    BarChart,
    Figure,
    HeatTable,
    LineChart,
    Series,
    Unit,
    exact,
    same,
)
from quanmin.text import Text

COVERAGE = Text("各来源覆盖的人口（占库中人数）", "people covered by each source (share of the base)")
COMPLETENESS = Text("各项完整率（占库中人数）", "golden records in which an item is filled (share of the base)")
AGREEMENT = Text("来源两两一致率 · {of}", "agreement by pair of sources · {of}")
TREND = Text(
    "各来源每百条记录的错误（按采集日）", "errors in a hundred records of each source, by the day they were collected"
)
RELIABILITY = Text("各来源可信度：所述正确的估计概率", "how often a source is right about an item, as estimated")
ALL = Text("全部项目", "all items")
SOURCE, ITEM, DAY, PEOPLE = Text("来源", "source"), Text("项目", "item"), Text("采集日", "day"), Text("占比", "share")
_RATE = Unit("number", 4, 3)


def coverage(table: pa.Table) -> BarChart:
    """A bar a source, from the table `coverage`."""
    rows = tuple(_bar(_dataset(row["dataset"]), row, "people_share", "people") for row in table.to_pylist())
    return BarChart(COVERAGE, rows, SHARE, SOURCE, PEOPLE, whole=1.0)


def completeness(table: pa.Table) -> BarChart:
    """A bar an item, from the table `completeness`."""
    rows = tuple(_bar(_item(row["item"]), row, "filled_share", "filled") for row in table.to_pylist())
    return BarChart(COMPLETENESS, rows, SHARE, ITEM, PEOPLE, whole=1.0)


def agreement(table: pa.Table, item: str | None = None) -> HeatTable:
    """A cell a pair of sources, from the table `agreement`: of one item, or of all of them by people.

    A source of which no pair is told does not stand in it.
    """
    both: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    cells: dict[tuple[str, str], Figure] = {}
    for row in table.to_pylist():
        if item not in (None, row["item"]):
            continue
        for pair in ((row["first"], row["second"]), (row["second"], row["first"])):
            if row["agree"] is None:
                cells[pair] = HIDDEN
            else:
                both[pair][0] += row["agree"]
                both[pair][1] += row["both"]
    cells |= {pair: agree / people for pair, (agree, people) in both.items() if people}
    sources = _datasets({first for first, _ in both})
    return _heat(AGREEMENT.format(of=ALL if item is None else _item(item)), SOURCE, sources, sources, cells)


def reliability(rows: Iterable[Mapping[str, Any]]) -> HeatTable:
    """A cell an item and source, from `believed`: the strata of people by their statements."""
    sums: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for row in rows:
        sums[row["item"], row["dataset"]][0] += row["right"] * row["claims"]
        sums[row["item"], row["dataset"]][1] += row["claims"]
    cells: dict[tuple[str, str], Figure] = {place: right / claims for place, (right, claims) in sums.items() if claims}
    items = {one.id: _item(one.id) for one in standards.catalogue().items if any(one.id == item for item, _ in cells)}
    return _heat(RELIABILITY, ITEM, items, _datasets({dataset for _, dataset in cells}), cells)


def trend(table: pa.Table) -> LineChart:
    """A line a dataset, from the table `trend`: errors in a hundred records, day by day.

    A day of which no count is told is hidden; of another the counts that are told are added up.
    """
    found: dict[str, dict[dt.date, list[int | None]]] = defaultdict(lambda: defaultdict(list))
    records: dict[tuple[str, dt.date], int] = defaultdict(int)
    for row in table.to_pylist():
        found[row["dataset"]][row["day"]].append(row["errors"])
        records[row["dataset"], row["day"]] = max(records[row["dataset"], row["day"]], row["records"] or 0)
    series = tuple(
        Series(
            _dataset(dataset),
            tuple((day, _rate(errors, records[dataset, day])) for day, errors in sorted(days.items())),
        )
        for dataset, days in sorted(found.items())
    )
    return LineChart(TREND, series, NUMBER, DAY)


def _rate(errors: Iterable[int | None], records: int) -> Figure:
    """Errors in a hundred records of a day."""
    told = [count for count in errors if count is not None]
    if not told:
        return HIDDEN
    return 100 * sum(told) / records if records else None


def _bar(label: Text, row: Mapping[str, Any], share: str, count: str) -> Bar:
    """A share and its count; hidden where the count is not told."""
    if row[share] is None:
        return Bar(label, HIDDEN if row[count] is None else None)
    return Bar(label, row[share], same(exact(row[count])))


def _heat(
    title: Text,
    row: Text,
    rows: Mapping[str, Text],
    columns: Mapping[str, Text],
    cells: Mapping[tuple[str, str], Figure],
) -> HeatTable:
    """A cell for every row and column that has a figure."""
    figures = tuple(tuple(cells.get((down, across)) for across in columns) for down in rows)
    return HeatTable(title, tuple(rows.values()), tuple(columns.values()), figures, _RATE, row)


def _datasets(names: Collection[str]) -> dict[str, Text]:
    """The titles of some datasets, in the order of the catalogue."""
    return {name: _dataset(name) for name in standards.catalogue().datasets if name in names}


def _dataset(name: str) -> Text:
    """The title of a dataset."""
    known = standards.catalogue().datasets
    return known[name].title if name in known else same(name)


def _item(name: str) -> Text:
    """The title of an item."""
    return next((one.title for one in standards.catalogue().items if one.id == name), same(name))
