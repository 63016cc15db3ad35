"""The catalogue: a search with facets, orders and pages that follow one another; and what a text that is typed may become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query

from quanmin.errors import QuanminError
from quanmin.opendata.catalogue.errors import QueryInvalid
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.portal.datasets import wanted as asking
from quanmin.web.portal.datasets.row import shown
from quanmin.web.portal.datasets.wanted import Wanted
from quanmin.web.view import Answer, View

TITLE, SUGGESTIONS = Text("数据目录", "Data catalogue"), Text("检索建议", "Suggestions")
TEMPLATE = "portal/datasets/listing.html"
SUGGESTED = 10
PAGES = [
    ("/datasets", TITLE),
    ("/organisations", Text("机构", "Organisations")),
    ("/themes", Text("主题与领域", "Themes and areas")),
    ("/tags", Text("标签", "Tags")),
]

Words = Annotated[str, Query()]
Token = Annotated[str, Query(max_length=2_000)]
Code = Annotated[str, Query(max_length=200)]
Codes = Annotated[list[Code] | None, Query(max_length=100)]
Formats = Annotated[list[Code] | None, Query(max_length=100, alias="format")]


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/datasets", TEMPLATE, signed=False, public=True)
    def datasets(
        ask: Ask,
        q: Words = "",
        organisation: Codes = None,
        theme: Codes = None,
        area: Codes = None,
        tag: Codes = None,
        format_: Formats = None,
        licence: Codes = None,
        access: Codes = None,
        region: Codes = None,
        year: Codes = None,
        series: Codes = None,
        sort: Code = "relevance",
        wide: Code = "",
        after: Token = "",
    ) -> Answer:
        """Datasets that a text and chosen facets find."""
        codes = (organisation, theme, area, tag, format_, licence, access, region, year, series)
        chosen = {facet: tuple(dict.fromkeys(some)) for facet, some in zip(asking.TITLES, codes, strict=True) if some}
        return listed(ask, Wanted(q.strip(), chosen, sort, after or None, wide), TITLE)

    @face.page("/suggestions", "portal/datasets/suggestions.html", signed=False, public=True)
    def suggestions(ask: Ask, q: Words = "") -> Answer:
        """What a text that is being typed may become: organisations, themes, tags and titles."""
        found = ask.place.portal.catalogue.suggest(q.strip(), ask.language, SUGGESTED) if q.strip() else []
        told = [{**one, "title": Text(**one["title"]), "path": _path(one)} for one in found]
        return View(SUGGESTIONS, {"text": q.strip(), "suggestions": told}, {"pages": PAGES})


def _path(one: Mapping[str, Any]) -> str:
    """Where a suggestion leads."""
    if one["kind"] == "record":
        return f"/datasets/{one['value']}"
    return "/datasets" + Wanted(chosen={one["kind"]: (one["value"],)}).address()


def listed(ask: Ask, wanted: Wanted, title: Text, about: Mapping[str, Any] | None = None) -> Answer:
    """The page of a search; what is wrong with the search is told on it."""
    catalogue = ask.place.portal.catalogue
    common: dict[str, Any] = {"wanted": wanted, "pages": PAGES, "about": about or {}}
    try:
        if wanted.sort not in asking.SORTED:
            raise QueryInvalid(part="sort", allowed=", ".join(asking.SORTED))
        found = catalogue.search(wanted.query(ask.language, values=asking.MOST))
        counted = asking.facets(catalogue, wanted, found, ask.language)
    except QuanminError as error:
        empty: dict[str, Any] = {"facets": [], "sorts": [], "rows": [], "next": None, "error": error}
        kept = Wanted(wanted.text[:300], fixed=wanted.fixed)
        return View(title, error.to_dict(), {**common, **empty, "wanted": kept}, 422, TEMPLATE)
    data = {**dict(about or {}), "text": wanted.text, "chosen": wanted.chosen, "sort": wanted.sort, **found.document()}
    more: dict[str, Any] = {"facets": counted, "sorts": asking.sorts(wanted), "rows": shown(found.rows)}
    more["next"] = wanted.on(found.next) if found.next else None
    return View(title, data, {**common, **more}, template=TEMPLATE)
