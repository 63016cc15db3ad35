"""Charts of tables: only where every place has one figure; nothing is added up."""

from __future__ import annotations

import pytest

from quanmin.charts import HIDDEN, LineChart, TileMap
from quanmin.opendata.preview import Rows, figure
from quanmin.text import Text

TITLE = Text("表", "table")


def rows(head: str, *lines: str) -> Rows:
    return Rows(tuple(head.split(",")), tuple(tuple(one.split(",")) for one in lines), False)


def test_years_make_a_line_with_what_is_hidden_shown_so() -> None:
    chart = figure(rows("year,beds", "2019,5", "2020,*", "2021,7"), {"beds": Text("床位", "beds")}, TITLE)
    assert isinstance(chart, LineChart)
    assert chart.series == ((Text("床位", "beds"), ((2019, 5.0), (2020, HIDDEN), (2021, 7.0))),)


def test_a_further_column_tells_lines_apart_and_provinces_have_names() -> None:
    chart = figure(rows("y,sex,n", "2019,1,5", "2019,2,6", "2020,1,7", "2020,2,8"), {}, TITLE)
    assert chart is None  # sex and n are both numbers: which is meant is not known, so year alone does not tell
    chart = figure(rows("y,place,n", "2019,110000,5", "2019,420000,6", "2020,110000,7", "2020,420000,8"), {}, TITLE)
    assert isinstance(chart, LineChart) and [one.name.en for one in chart.series] == ["Beijing", "Hubei"]


def test_provinces_alone_make_tiles() -> None:
    chart = figure(rows("code,rate", "110000,0.5", "420000,1.25"), {}, TITLE)
    assert isinstance(chart, TileMap) and chart.rows == (("11", 0.5), ("42", 1.25))


@pytest.mark.parametrize(
    "table",
    [
        rows("year,beds", "2019,5", "2019,6", "2020,7"),  # two figures for one year
        rows("code,rate", "110000,1", "110000,2", "420000,3"),
        rows("name,rate", "a,1", "b,2"),
        rows("year,name", "2019,a", "2020,b"),
        rows("day,n", "2019-02-30,1", "2019-03-01,2"),
        rows("year,code", "2019,010", "2020,011"),  # codes are no figures
        rows("year,n"),
        Rows(("year", "n"), (("2019", "1"), ("2020", "2")), True),  # not the whole table
    ],
)
def test_where_it_is_not_plain_there_is_no_chart(table: Rows) -> None:
    assert figure(table, {}, TITLE) is None
