"""Statistics of the base in charts, each with its table and a file to keep; the map; and a page to explore the same measures."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import Path, Query

from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.portal import boundary
from quanmin.web.portal.sights import BYS, MEASURES, SIGHTS, Sight, chosen, figures_of, rows_of, table_csv, totals
from quanmin.web.portal.spec import spec
from quanmin.web.view import Answer, Download, View

TITLE, EXPLORE, MAP = Text("统计", "Statistics"), Text("自选图表", "Explore"), Text("地图", "Map")
PAGES = [("/statistics", TITLE), ("/explore", EXPLORE), ("/statistics/map", MAP)]
Word = Annotated[str, Query(max_length=40)]
_FIRST = ("people-age", "coverage-source", "completeness-item", "agreement-item", "errors-day")


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/statistics", "portal/statistics.html", signed=False, public=True)
    def statistics(ask: Ask) -> Answer:
        """The base in charts."""
        found = figures_of(face.place)
        drawn = [(sight, sight.draw(found)) for sight in SIGHTS.values()]
        drawn.sort(key=lambda one: one[0].name not in _FIRST)
        told = {"snapshot": found.snapshot, "at": found.at, "day": found.structure.day, "people": found.people}
        data = {**told, "minimum": found.statistics.minimum, "sights": [_told(*one) for one in drawn]}
        return View(TITLE, data, {"pages": PAGES, "charts": [_shown(*one, ask) for one in drawn]})

    @face.file("/statistics/{name}.csv", ["text/csv"], signed=False)
    def file(ask: Ask, name: Annotated[str, Path(max_length=60)]) -> Answer:
        """The table of a chart as CSV."""
        sight = SIGHTS.get(name)
        if sight is None:
            raise NoSuchPage()
        chart = sight.draw(figures_of(face.place))
        return Download(f"{name}.csv", "text/csv; charset=utf-8", [table_csv(chart, ask.language)])

    @face.page("/statistics/map", "portal/map.html", signed=False, public=True)
    def on_a_map(ask: Ask, kind: Word = "") -> Answer:
        """Living people of each province: on tiles, or on the operator's reviewed map."""
        found, sight = figures_of(face.place), SIGHTS["people-province"]
        tiles, given = sight.draw(found), boundary.of(face.place.settings)
        data: dict[str, Any] = {**_told(sight, tiles), "boundary": given.to_dict()}
        more: dict[str, Any] = {"pages": PAGES, "chart": tiles.html(ask.language), "given": given, "drawn": None}
        if kind == "boundary" and given.map is not None:
            more["drawn"] = boundary.draw(given.map, totals(found), totals(found, "city"), ask.language)
        return View(MAP, data, more)

    @face.page("/explore", "portal/explore.html", signed=False, public=True)
    def explore(ask: Ask, measure: Word = "people", by: Word = "age") -> Answer:
        """A measure by something of one's choice."""
        sight = chosen(measure, by)
        chart = sight.draw(figures_of(face.place))
        choice = {"measures": MEASURES, "bys": BYS, "sights": SIGHTS, "sight": sight, "pages": PAGES}
        return View(EXPLORE, _told(sight, chart), {**choice, "chart": chart.html(ask.language)})

    @face.page("/explore/spec", "portal/spec.html", signed=False, public=True)
    def specification(ask: Ask, measure: Word = "people", by: Word = "age") -> Answer:
        """The same as a Vega-Lite specification."""
        made = spec(chosen(measure, by).draw(figures_of(face.place)), ask.language)
        text = json.dumps(made, ensure_ascii=False, indent=1)
        return View(Text("Vega-Lite 规格", "Vega-Lite specification"), made, {"text": text, "pages": PAGES})


def _told(sight: Sight, chart: Any) -> dict[str, Any]:
    head = {"name": sight.name, "title": sight.title, "about": sight.about, "sentence": chart.description}
    return {**head, "file": f"/statistics/{sight.name}.csv", **rows_of(chart)}


def _shown(sight: Sight, chart: Any, ask: Ask) -> dict[str, Any]:
    return {"sight": sight, "html": chart.html(ask.language, name=sight.name)}
