"""Pictures are whole SVG in both languages, show what the tables tell and nothing that they hide, and run no script."""

from __future__ import annotations

import datetime as dt
import xml.etree.ElementTree as ET
from typing import Any

import pyarrow as pa
import pytest

from quanmin.charts import HIDDEN, Chart, Drawing
from quanmin.charts.breadth import breadth
from quanmin.population import calibration, plots
from quanmin.population.calibration import Bin
from quanmin.population.statistics import SCHEMAS, Part
from quanmin.text import Language

BENCH, WHOLE, BIRTH = "public_security.household_registration", "health.whole_population", "health.birth"
SHAPES = {"svg", "title", "desc", "defs", "pattern", "g", "rect", "text", "path", "circle"}
SVG = "{http://www.w3.org/2000/svg}"


def table(part: Part, *rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist([*rows], SCHEMAS[part])


COVERAGE = table(
    "coverage",
    {"dataset": BENCH, "base": 100, "people": 100, "people_share": 1.0},
    {"dataset": BIRTH, "base": 100, "people": 25, "people_share": 0.25},
    {"dataset": WHOLE, "base": 100, "people": None, "people_share": None, "suppressed": True},
)
COMPLETENESS = table("completeness", {"item": "name", "people": 100, "filled": 50, "filled_share": 0.5})
AGREEMENT = table(
    "agreement",
    {"item": "name", "first": BENCH, "second": WHOLE, "both": 100, "agree": 90, "agree_share": 0.9},
    {"item": "sex", "first": BENCH, "second": WHOLE, "both": 100, "agree": 100, "agree_share": 1.0},
    {"item": "sex", "first": BENCH, "second": BIRTH, "suppressed": True},
)
DAYS = [dt.date(2015, 1, 1), dt.date(2015, 3, 1)]
TREND = table(
    "trend",
    *(
        {"day": day, "dataset": WHOLE, "source": "health", "code": code, "records": 200, "errors": errors}
        for day, code, errors in ((DAYS[0], "E01", 2), (DAYS[0], "E03", 4), (DAYS[1], "E01", 1), (DAYS[1], "E03", None))
    ),
)
BELIEVED = [
    {"item": "sex", "first": BENCH, "dataset": BENCH, "right": 0.99, "claims": 300},
    {"item": "sex", "first": WHOLE, "dataset": BENCH, "right": 0.95, "claims": 100},
]
BINS = [Bin(0.5, 0.7, 10, 0.6, 0.5), Bin(0.99, 1.0, 1000, 0.998, 0.997)]


def drawn(language: Language) -> dict[str, Drawing]:
    charts: dict[str, Chart] = {
        "coverage": plots.coverage(COVERAGE),
        "completeness": plots.completeness(COMPLETENESS),
        "agreement": plots.agreement(AGREEMENT),
        "trend": plots.trend(TREND),
        "reliability": plots.reliability(BELIEVED),
        "calibration": calibration.chart(BINS),
    }
    return {name: chart.drawing(language) for name, chart in charts.items()}


def texts(drawing: Drawing) -> list[str]:
    return [str(one.text) for one in ET.fromstring(str(drawing)).iter(f"{SVG}text")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_picture_is_whole_svg_in_its_language_and_runs_nothing(language: Language) -> None:
    for name, picture in drawn(language).items():
        root = ET.fromstring(picture._repr_svg_())
        assert root.tag == f"{SVG}svg" and root.find(f"{SVG}title") is not None, name
        assert {one.tag.removeprefix(SVG) for one in root.iter()} <= SHAPES
        said = " ".join(texts(picture))
        assert any("\u4e00" <= sign <= "\u9fff" for sign in said) == (language == "zh"), name


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_words_leave_the_sheet(language: Language) -> None:
    for name, picture in drawn(language).items():
        root = ET.fromstring(str(picture))
        width = float(root.attrib["viewBox"].split()[2])
        for one in root.iter(f"{SVG}text"):
            if "transform" in one.attrib:
                continue
            x, broad = float(one.attrib["x"]), breadth(str(one.text))
            around = [group.attrib for group in root.iter(f"{SVG}g") if one in list(group)]
            anchor = next((held["text-anchor"] for held in [one.attrib, *around] if "text-anchor" in held), "start")
            left = {"end": x - broad, "middle": x - broad / 2}.get(anchor, x)
            assert left >= 0 and left + broad <= width, (name, one.text)


def test_bars_tell_shares_and_say_what_is_not_told() -> None:
    assert texts(plots.coverage(COVERAGE).drawing("en"))[1:] == [
        *("Household registration", "100.0% · 100"),
        *("Birth", "25.0% · 25"),
        *("Whole-population record", "not told"),
    ]
    assert "50.0% · 50" in texts(plots.completeness(COMPLETENESS).drawing("zh"))


def test_agreement_is_of_one_item_or_of_all_and_stands_on_both_sides() -> None:
    assert [one for one in texts(plots.agreement(AGREEMENT).drawing("en")) if one.startswith("0.")] == [
        "0.950",
        "0.950",
    ]
    assert [one for one in texts(plots.agreement(AGREEMENT, "name").drawing("en")) if one.startswith("0.")] == [
        "0.900"
    ] * 2
    assert "Birth" not in texts(plots.agreement(AGREEMENT).drawing("en")), "a pair that is not told is not drawn"


def test_the_reliability_of_all_strata_counts_by_statements() -> None:
    assert "0.980" in texts(plots.reliability(BELIEVED).drawing("en"))


def test_the_trend_adds_up_the_codes_of_a_day() -> None:
    tips = [str(one.text) for one in ET.fromstring(str(plots.trend(TREND).drawing("en"))).iter(f"{SVG}title")][1:]
    assert tips == ["Whole-population record · 2015-01-01: 3.00", "Whole-population record · 2015-03-01: 0.50"]


def test_a_pair_that_is_not_told_is_hidden_beside_those_that_are() -> None:
    told = {"item": "name", "first": BENCH, "second": BIRTH, "both": 50, "agree": 40, "agree_share": 0.8}
    chart = plots.agreement(table("agreement", *AGREEMENT.to_pylist(), told), "sex")
    assert [[cell for cell in row[1:]] for row in chart.table().rows] == [[None, 1.0], [1.0, None]]
    hidden = {"item": "name", "first": BIRTH, "second": WHOLE, "suppressed": True}
    chart = plots.agreement(table("agreement", *AGREEMENT.to_pylist(), told, hidden), "name")
    assert sorted(str(cell) for row in chart.table().rows for cell in row[1:]).count(str(HIDDEN)) == 2


def test_a_day_of_which_no_count_is_told_is_hidden_and_not_zero() -> None:
    rows = [
        {"day": DAYS[0], "dataset": WHOLE, "source": "health", "code": code, "records": 200, "suppressed": True}
        for code in ("E01", "E03")
    ]
    chart = plots.trend(table("trend", *rows, {**rows[0], "day": DAYS[1], "errors": 0, "suppressed": False}))
    assert [row[1] for row in chart.table().rows] == [HIDDEN, 0.0]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_is_drawn_of_nothing(language: Language) -> None:
    empty: list[Chart] = [
        plots.coverage(table("coverage")),
        plots.agreement(table("agreement")),
        plots.trend(table("trend")),
        plots.reliability([]),
        calibration.chart([]),
    ]
    nothing = {"zh": "没有可显示的数据。", "en": "There is nothing to show."}[language]
    assert all(nothing in texts(one.drawing(language)) for one in empty)
