"""What is particular to a kind of chart: what it says, where things stand, and what becomes of odd rows."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys

import pytest

from quanmin import standards
from quanmin.charts import (
    COUNT,
    HIDDEN,
    NUMBER,
    PROVINCES,
    SHARE,
    Arrow,
    Band,
    Bar,
    BarChart,
    Box,
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
    stages,
)
from quanmin.charts.province import COLUMNS, ROWS, of
from quanmin.charts.render import template
from quanmin.flow import STAGES
from quanmin.text import Text

TITLE = Text("标题", "title")
A, B, C = Text("甲", "alpha"), Text("乙", "beta"), Text("丙", "gamma")


def test_bars_say_the_highest_the_lowest_and_what_is_hidden() -> None:
    chart = BarChart(TITLE, (Bar(A, 12_000), Bar(B, 3), Bar(C, HIDDEN)))
    assert chart.description == (
        "3 项；甲最高，为 1.2万；乙最低，为 3；1 项因计数过小不公布。",
        "3 rows; alpha is highest at 12,000, beta lowest at 3; 1 is not told, as the count is small.",
    )
    assert BarChart(TITLE, (Bar(A, 2), Bar(B, 2))).description.en == "2 rows; all are 2."
    assert BarChart(TITLE, (Bar(A, 0.5),), SHARE).description.zh == "1 项；甲为 50.0%。"


def test_bars_are_as_long_as_their_figures() -> None:
    plan = BarChart(TITLE, (Bar(A, 100), Bar(B, 50), Bar(C, -25))).plan("en")
    lengths = [bar.wide for bar in plan.bars]
    assert lengths[0] == pytest.approx(2 * lengths[1], abs=0.2) and lengths[1] == pytest.approx(2 * lengths[2], abs=0.2)
    assert plan.bars[2].x + plan.bars[2].wide == pytest.approx(plan.zero, abs=0.1) and plan.bars[2].before


def test_lines_say_how_each_goes_and_break_where_nothing_is_told() -> None:
    days = [dt.date(2026, month, 1) for month in (1, 2, 3, 4, 5)]
    one = Series(A, tuple(zip(days, (1.0, 2.0, HIDDEN, 3.0, 4.0), strict=True)))
    two = Series(B, ((days[4], 1.0), (days[0], 5.0)))
    chart = LineChart(TITLE, (one, two))
    assert chart.description.en == (
        "Alpha rises from 1.00 at 2026-01-01 to 4.00 at 2026-05-01; beta falls from 5.00 at 2026-01-01 to 1.00 at "
        "2026-05-01; beta at 2026-01-01 is highest at 5.00, alpha at 2026-01-01 lowest at 1.00; "
        "1 is not told, as the count is small."
    )
    drawn = chart.plan("en").drawn
    assert drawn[0].path.count("M") == 2 and len(drawn[0].points) == 4 and len(drawn[0].hidden) == 1
    assert drawn[1].points[0].x < drawn[1].points[1].x, "points are drawn in the order of the axis"
    assert [row[1:] for row in chart.table().rows][:2] == [(1.0, 5.0), (2.0, None)]


def test_days_stand_by_their_distance_and_names_evenly() -> None:
    days = (dt.date(2026, 1, 1), dt.date(2026, 1, 2), dt.date(2026, 1, 11))
    by_day = LineChart(TITLE, (Series(A, tuple((day, 1) for day in days)),)).plan("en").drawn[0].points
    assert (by_day[1].x - by_day[0].x) * 9 == pytest.approx(by_day[2].x - by_day[1].x, abs=1)
    by_name = LineChart(TITLE, (Series(A, ((A, 1), (B, 1), (C, 1))),)).plan("en").drawn[0].points
    assert by_name[1].x - by_name[0].x == pytest.approx(by_name[2].x - by_name[1].x, abs=0.2)


def test_many_lines_are_said_in_sum() -> None:
    series = tuple(Series(same(n), ((1, 1), (2, n))) for n in range(6))
    assert LineChart(TITLE, series).description.zh.startswith("6 条线；4 升，1 降，1 平；")


def test_parts_of_a_stack_stand_one_after_the_other_and_a_hidden_one_has_no_size() -> None:
    chart = StackChart(TITLE, (A, B, C), (Stacked(same("x"), (10, 20, HIDDEN)), Stacked(same("y"), (-5, 1))))
    first, second = chart.plan("en").drawn
    assert first.pieces[1].x == pytest.approx(first.pieces[0].x + first.pieces[0].wide, abs=0.2)
    assert first.words == "30 + *" and "not told" in first.pieces[2].tip
    assert second.pieces[0].x + second.pieces[0].wide == pytest.approx(second.pieces[1].x, abs=0.2)
    assert chart.table().rows[1] == (same("y"), -5, 1, None)
    assert "the largest part is beta, 21 in all" in chart.description.en


def test_a_pyramid_has_the_youngest_at_the_bottom_and_one_scale_for_both_sides() -> None:
    chart = PyramidChart(TITLE, (Band(same("0-4"), 50, 100), Band(same("5-9"), 100, HIDDEN)))
    young_left, young_right, old_left, hidden = chart.plan("zh").drawn
    assert young_left.y > old_left.y and young_right.wide == old_left.wide == pytest.approx(2 * young_left.wide)
    assert hidden.hidden and hidden.wide == 16
    assert "每百名女对应 150.0 名男" in chart.description.zh


def test_a_heat_table_is_filled_up_where_rows_are_short_and_headings_turn_where_they_are_long() -> None:
    short = HeatTable(TITLE, (A, B), (A, B), ((1.0,), (2.0, 3.0, 9.0)))
    assert [row[1:] for row in short.table().rows] == [(1.0, None), (2.0, 3.0)] and not short.plan("zh").turned
    assert short.description.en == "2 rows by 2 columns; beta · beta is highest at 3.00, alpha · alpha lowest at 1.00."
    long = HeatTable(TITLE, (A,), (Text("城乡居民基本医疗保险参保登记汇总情况", "incomprehensibilities"),), ((1,),))
    assert long.plan("zh").turned and long.plan("en").turned


def test_the_tiles_are_the_34_provinces_of_the_standard_each_in_its_place() -> None:
    regions = {
        region.code[:2]: region.name
        for region in standards.catalogue().regions.rows
        if region.code.endswith("0000") and region.code != "830000"
    }
    assert set(regions) == set(PROVINCES) and len(PROVINCES) == 34
    assert all(regions[code].startswith(one.name.zh) for code, one in PROVINCES.items())
    places = {(one.column, one.row) for one in PROVINCES.values()}
    assert len(places) == 34 and all(0 <= x < COLUMNS and 0 <= y < ROWS for x, y in places)
    assert of("830000") is PROVINCES["71"] is of("710000") and of("99") is None and of("") is None


def test_provinces_lie_about_as_on_the_ground() -> None:
    at = {one.name.en: (one.column, one.row) for one in PROVINCES.values()}
    north_to_south = [
        "Heilongjiang",
        "Jilin",
        "Liaoning",
        "Shandong",
        "Jiangsu",
        "Zhejiang",
        "Fujian",
        "Guangdong",
        "Hainan",
    ]
    assert [at[name][1] for name in north_to_south] == sorted(at[name][1] for name in north_to_south)
    west_to_east = ["Xizang", "Sichuan", "Chongqing", "Hubei", "Anhui", "Zhejiang", "Taiwan"]
    assert [at[name][0] for name in west_to_east] == sorted(at[name][0] for name in west_to_east)


def test_a_tile_map_says_what_has_no_tile_and_draws_what_is_hidden_as_hidden() -> None:
    chart = TileMap(TITLE, (("110000", 5), ("99", 7), ("440000", HIDDEN), ("12", None)), NUMBER)
    assert chart.description.en == (
        "4 regions; 99 is highest at 7.00, Beijing lowest at 5.00; 1 is not told, as the count is small; 1 code has no tile."
    )
    words = {tile.tip.split(":")[0]: [line for _, line in tile.words] for tile in chart.plan("zh").tiles}
    assert (
        words["44 广东"] == ["广东", "不公布"]
        and words["12 天津"] == ["天津", "–"]
        and words["71 台湾"] == ["台湾", "–"]
    )


def test_the_map_is_drawn_with_an_arrow_wherever_one_reads_what_another_writes() -> None:
    chart = stages(TITLE, STAGES)
    ways = {(arrow.start, arrow.end): arrow.label.en for arrow in chart.arrows}
    assert ways[("collect", "population")] == "clean.*" and ways[("linkage", "population")] == "linked.adopted"
    assert ways[("population", "feedback")] == "linked.discrepancy" and ("feedback", "collect") not in ways
    back = [arrow.tip for arrow in chart.plan("en").arrows if arrow.back]
    assert back == ["linkage → population: linked.adopted"]


def test_arrows_of_a_flow_are_as_thick_as_what_goes_through_and_share_lanes_where_they_can() -> None:
    boxes = tuple(Box(name, same(name)) for name in "abcdef")
    arrows = (
        *(Arrow("a", "b", count=1000), Arrow("b", "c", count=10), Arrow("a", "c", A), Arrow("d", "f", B)),
        *(Arrow("c", "a"), Arrow("e", "e"), Arrow("a", "nowhere", count=5)),
    )
    chart = FlowChart(TITLE, boxes, arrows)
    drawn = {arrow.tip.split(":")[0]: arrow for arrow in chart.plan("en").arrows}
    assert set(drawn) == {"a → b", "b → c", "a → c", "d → f", "c → a", "e → e"}
    assert drawn["a → b"].thick > 4 * drawn["b → c"].thick / 2 and drawn["c → a"].back and drawn["e → e"].back
    assert drawn["a → c"].label_x == drawn["d → f"].label_x, "arrows that do not meet share a lane"
    assert len(chart.table().rows) == len(arrows), "the arrow to nowhere stands in the table"


def test_a_waterfall_ends_at_its_sum_and_says_on_which_side_of_the_bound() -> None:
    chart = WaterfallChart(TITLE, (Step(A, 5), Step(B, -3), Step(C, 1)), bound=(Text("界限", "bound"), 4.0))
    first, second, third, last = chart.plan("en").bars
    assert second.x + second.wide == pytest.approx(first.x + first.wide, abs=0.2) and third.x == second.x
    assert last.wide == pytest.approx(first.wide * 3 / 5, abs=0.5) and last.kind == "sum"
    assert "sum is 3.00, which is below the bound of 4.00" in chart.description.en
    assert "beta takes most away (-3.00)" in chart.description.en


def test_the_sum_of_a_waterfall_is_hidden_where_a_step_is() -> None:
    chart = WaterfallChart(TITLE, (Step(A, 5), Step(B, HIDDEN), Step(C, None)))
    assert [bar.kind for bar in chart.plan("zh").bars] == ["gain", "hidden", "none", "hidden"]
    assert chart.table().rows[-1][1] is HIDDEN and "合计为 不公布" in chart.description.zh


def test_a_template_is_compiled_once() -> None:
    before = template("bar")
    for place in range(3):
        BarChart(TITLE, (Bar(A, place),)).svg("zh")
    assert template("bar") is before


def test_a_heading_is_not_drawn_where_the_caption_has_it() -> None:
    chart = BarChart(TITLE, (Bar(A, 1),), COUNT)
    assert "chart-heading" in chart.svg("zh") and "chart-heading" not in chart.html("zh")
    figure = chart.html("zh")
    assert re.search(r'<figcaption class="chart-caption"><strong class="chart-title">标题</strong>', figure)
    assert f'<span class="chart-description">{chart.description.zh}</span>' in figure


def test_jinja_is_not_loaded_before_something_is_drawn() -> None:
    script = "import sys, quanmin.charts; print('jinja2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "False\n"
