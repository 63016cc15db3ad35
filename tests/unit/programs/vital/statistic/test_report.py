"""The yearly report and its charts: made of the tables, the same bytes each time, in both languages."""

from __future__ import annotations

from datetime import date

import pytest

from quanmin.charts import HIDDEN
from quanmin.programs.vital.document.section import Heading, Listing, Picture
from quanmin.programs.vital.statistic.chart import CHARTS, charts
from quanmin.programs.vital.statistic.report import CHAPTERS, report, sections
from quanmin.programs.vital.statistic.year import VitalYear, made
from quanmin.standards.region import NATION

from .conftest import counts


@pytest.fixture(scope="module")
def full() -> VitalYear:
    return made(counts(scale=20), 2015)


def test_every_chart_is_drawn_in_both_languages(full: VitalYear) -> None:
    drawn = charts(full)
    assert set(drawn) == set(CHARTS) == {name for _, names in CHAPTERS for name in names}
    for chart in drawn.values():
        assert "<svg" in chart.svg("zh") and "<svg" in chart.svg("en")


def test_a_chart_hides_what_its_table_hides() -> None:
    found = made(counts(minimum=400), 2015)
    hidden = [row["region"] for row in found.tables["areas"] if row["suppressed"]]
    cells = charts(found)["areas"].table().rows
    assert hidden and sum(HIDDEN in row for row in cells) == len(hidden)


def test_the_nation_is_told_on_tiles() -> None:
    nation = made(counts(scale=20, region=NATION), 2015)
    assert type(charts(nation)["areas"]).__name__ == "TileMap"


def test_the_report_has_its_chapters_figures_and_sources(full: VitalYear) -> None:
    made_of = list(sections(full))
    assert [one.text for one in made_of if isinstance(one, Heading)][1:-1] == [title for title, _ in CHAPTERS]
    assert sum(isinstance(one, Picture) for one in made_of) == len(CHARTS)
    listings = [one for one in made_of if isinstance(one, Listing)]
    assert len(listings[0].table.rows) == len(listings[-1].table.rows) == len(full.figures)


def test_the_same_figures_give_the_same_pdf(full: VitalYear) -> None:
    day = date(2016, 1, 31)
    once = report(full, "zh", day=day)
    assert once.startswith(b"%PDF") and once == report(full, "zh", day=day)
    assert report(full, "en", day=day) != once
