"""How well deaths are certified, by institution: causes that say too little, and certificates that came late."""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital.death import quality
from quanmin.programs.vital.statistic.certifier import FEW, certifiers
from quanmin.programs.vital.statistic.cube import CERTIFIED_WITHIN
from quanmin.text import Text
from quanmin.trust.purpose import PURPOSES
from quanmin.web.ask import Ask
from quanmin.web.console.vital_statistic.area import SUB, Code, Word, Year, chosen, way
from quanmin.web.console.vital_statistic.dashboard import written
from quanmin.web.face import Face
from quanmin.web.view import Answer, Download, View

TITLE = Text("死因填报质量", "Quality of certifiers")
SHOWN = 200
"""Institutions on the page; the file has all of them."""


def install(face: Face) -> None:
    """Register the page and its file."""

    @face.page("/vital/certifiers", "console/vital_statistic/certifier.html")
    def page(ask: Ask, region: Code = "", year: Year = 0, purpose: Word = "") -> Answer:
        """Institutions with the shares of unusable causes and of late certificates."""
        choice = chosen(ask, region, year, 1, purpose)
        rows = certifiers(ask.lake, choice.decision, choice.region, choice.last)
        data: dict[str, Any] = {"region": choice.region, "year": choice.last, "rows": rows}
        titles = {one.id: one.title for one in quality.classes()}
        more: dict[str, Any] = {
            "sub": SUB,
            "choice": choice,
            "purposes": PURPOSES,
            "way": way(choice.region, choice.last),
            "rows": rows[:SHOWN],
            "total": len(rows),
            "classes": {**titles, quality.UNCODED: quality.title(quality.UNCODED)},
            "within": CERTIFIED_WITHIN,
            "few": FEW,
        }
        return View(TITLE, data, more)

    @face.file("/vital/certifiers.csv", ["text/csv"])
    def file(ask: Ask, region: Code = "", year: Year = 0, purpose: Word = "") -> Answer:
        """The same as CSV, every institution."""
        choice = chosen(ask, region, year, 1, purpose)
        rows = certifiers(ask.lake, choice.decision, choice.region, choice.last)
        flat = [{**{k: v for k, v in one.items() if k != "classes"}, **(one["classes"] or {})} for one in rows]
        name = f"{choice.region}-{choice.last}-certifiers.csv"
        return Download(name, "text/csv; charset=utf-8", [written(flat, ask)])
