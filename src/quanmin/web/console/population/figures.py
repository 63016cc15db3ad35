"""The base in figures: who covers whom, what is filled, who agrees, how errors go; in charts with their tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import pyarrow as pa
from fastapi import Query

from quanmin.charts import Chart
from quanmin.population import plots
from quanmin.population.statistics import TITLES, Part, Statistics
from quanmin.text import Text
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.console.population.pages import pages
from quanmin.web.errors import NotYourPage
from quanmin.web.face import Face
from quanmin.web.view import Answer, View

CHARTS: dict[Part, Callable[[pa.Table], Chart]] = {
    "coverage": plots.coverage,
    "completeness": plots.completeness,
    "agreement": plots.agreement,
    "trend": plots.trend,
}


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/population/statistics", "console/population/statistics.html")
    def statistics(ask: Ask, purpose: Annotated[str, Query(max_length=40)] = "") -> Answer:
        """The base in figures, as a purpose counts it."""
        home = ask.home.population
        aims = home.aims()
        if not aims.counts:
            raise NotYourPage(roles="statistician")
        chosen = purpose if purpose in aims.counts else aims.counts[0]
        found = home.statistics(purpose=chosen)
        more = {"charts": _charts(found), "aims": aims.counts, "purposes": PURPOSES, "pages": pages(aims)}
        return View(Text("人口库统计", "The base in figures"), found.to_dict(), {**more, "titles": TITLES})


def _charts(found: Statistics) -> list[Chart]:
    """A chart for each table that has rows."""
    return [draw(found[part]) for part, draw in CHARTS.items() if found[part].num_rows]
