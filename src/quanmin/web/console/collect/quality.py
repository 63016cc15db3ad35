"""How good what each source sends is, and how that changed from batch to batch."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Path

from quanmin import charts, standards
from quanmin.collect.quality import Course, overview
from quanmin.collect.refused import titles
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.areas import OPERATOR
from quanmin.web.console.collect.sending import SUB
from quanmin.web.face import Face
from quanmin.web.view import Answer, View

Name = Annotated[str, Path(max_length=100)]


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/collect/quality", "console/collect/quality.html", roles=OPERATOR)
    def quality(ask: Ask) -> Answer:
        """Every source and dataset with its share of refused rows, the worst first."""
        lines = [asdict(one) | _names(one.source, one.dataset) for one in overview(ask.lake)]
        bars = [charts.Bar(_both(one["agency"], one["title"]), one["share"]) for one in lines]
        drawn = charts.BarChart(
            Text("各来源被隔离行的比例", "Share of refused rows by source"), tuple(bars), charts.SHARE
        )
        return View(Text("来源质量", "Quality of sources"), {"sources": lines}, {"sub": SUB, "chart": drawn})

    @face.page("/collect/quality/{source}/{dataset}", "console/collect/course.html", roles=OPERATOR)
    def course(ask: Ask, source: Name, dataset: Name) -> Answer:
        """The last batches that a source sent of a dataset, and the rules that rows broke."""
        found = ask.home.quality(source, dataset)
        words, names = titles(found.dataset), _names(found.source, found.dataset)
        rules = [asdict(one) | {"title": words.get(one.rule)} for one in found.rules]
        told: dict[str, Any] = found.to_dict() | names | {"rules": rules}
        title = _both(names["agency"], names["title"])
        return View(title, told, {"sub": SUB, "chart": _chart(found)})


def _chart(found: Course) -> charts.LineChart:
    """The shares of refused and of flagged rows, batch by batch."""
    stops = [Text(f"批次 {one.batch}", f"batch {one.batch}") for one in found.points]
    refused = tuple((at, one.share) for at, one in zip(stops, found.points, strict=True))
    return charts.LineChart(
        Text("被隔离行的比例，按批次", "Share of refused rows, batch by batch"),
        (charts.Series(Text("被隔离", "refused"), refused),),
        charts.SHARE,
        Text("批次", "batch"),
    )


def _names(source: str, dataset: str) -> dict[str, Text]:
    catalogue = standards.catalogue()
    known = catalogue.datasets.get(dataset)
    return {
        "agency": catalogue.called(source),
        "title": known.title if known else Text(dataset, dataset),
    }


def _both(agency: Text, title: Text) -> Text:
    return Text(f"{agency.zh} · {title.zh}", f"{agency.en} · {title.en}")
