"""Ways into the catalogue that need no words: by organisation, theme, business area, tag and series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Path, Query

from quanmin.opendata.catalogue import read, vocabulary
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.opendata.catalogue.folding import fold
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.portal.datasets.listing import PAGES, Code, Token, Words, listed
from quanmin.web.portal.datasets.wanted import Wanted
from quanmin.web.view import Answer, View

ORGANISATIONS, TAGS, THEMES = (
    Text("机构", "Organisations"),
    Text("标签", "Tags"),
    Text("主题与领域", "Themes and areas"),
)
MANY = 100
Named = Annotated[str, Path(max_length=200)]
Number = Annotated[int, Query(ge=1, le=100_000)]
TEMPLATE, VALUES = "portal/datasets/listing.html", "portal/datasets/values.html"


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/organisations", VALUES, signed=False, public=True)
    def organisations(ask: Ask, q: Words = "", page: Number = 1) -> Answer:
        """The organisations that publish, with how much."""
        return _values(ask, "organisation", ORGANISATIONS, q, page)

    @face.page("/tags", VALUES, signed=False, public=True)
    def tags(ask: Ask, q: Words = "", page: Number = 1) -> Answer:
        """The tags of datasets, with how many have each."""
        return _values(ask, "tag", TAGS, q, page)

    @face.page("/themes", "portal/datasets/themes.html", signed=False, public=True)
    def themes(ask: Ask) -> Answer:
        """Themes and the six business areas, with how many datasets are about each."""
        data = {facet: _terms(ask, facet) for facet in ("theme", "area")}
        return View(THEMES, {"themes": data["theme"], "areas": data["area"]}, {"pages": PAGES})

    for path, facet, view in (
        ("/organisations/{code}", "organisation", "The datasets of an organisation."),
        ("/themes/{code}", "theme", "The datasets about a theme."),
        ("/areas/{code}", "area", "The datasets of a business area."),
    ):
        face.page(path, TEMPLATE, signed=False, public=True)(_narrowed(facet, view))

    @face.page("/series/{name}", TEMPLATE, signed=False, public=True)
    def series(ask: Ask, name: Named, q: Words = "", sort: Code = "newest", after: Token = "") -> Answer:
        """The datasets of a series."""
        title, about = _series(ask, name)
        wanted = Wanted(q.strip(), sort=sort, after=after or None, fixed={"series": about["known"]})
        return listed(ask, wanted, title, about)


def _narrowed(facet: str, words: str) -> Any:
    def view(ask: Ask, code: Named, q: Words = "", sort: Code = "relevance", after: Token = "") -> Answer:
        term = next((one for one in ask.place.portal.catalogue.values(facet) if one["value"] == code), None)
        known = vocabulary(facet).terms.get(code) if facet != "organisation" else None
        if term is None and known is None:
            raise NoSuchPage()
        title = Text(**term["title"]) if term else known.title if known else Text(code, code)
        wanted = Wanted(q.strip(), sort=sort, after=after or None, fixed={facet: (code,)})
        about = {"facet": facet, "value": code, "title": title, "feed": f"/feeds/{facet}/{code}.atom"}
        return listed(ask, wanted, title, about)

    view.__doc__ = words
    return view


def _series(ask: Ask, name: str) -> tuple[Text, dict[str, Any]]:
    """What a series is called, by its record where it has one, and by what its members know it; NoSuchPage where it has none."""
    catalogue = ask.place.portal.catalogue
    about: dict[str, Any] = {"facet": "series", "value": name, "feed": None, "known": (name,)}
    try:
        standing = catalogue.get(name)
    except UnknownRecord:
        standing = None
    if standing is not None and standing.document is not None:
        record = read(standing.document)
        said = {"title": record.title, "record": record.name, "description": record.description}
        return record.title, {**about, **said, "known": tuple(dict.fromkeys((name, record.name, record.id)))}
    if all(one["value"] != name for one in catalogue.values("series")):
        raise NoSuchPage()
    return Text(f"系列 {name}", f"Series {name}"), {**about, "title": Text(name, name)}


def _values(ask: Ask, facet: str, title: Text, text: str, page: int) -> Answer:
    """A page of the values of a facet in which a text stands."""
    sought = fold(text[:300]).strip()
    every = ask.place.portal.catalogue.values(facet)
    fits = [one for one in every if not sought or any(sought in fold(name) for name in one["title"].values())]
    pages = max(1, -(-len(fits) // MANY))
    number = min(page, pages)
    some = [_told(facet, one) for one in fits[(number - 1) * MANY : number * MANY]]
    data = {"facet": facet, "text": text[:300], "total": len(fits), "page": number, "pages": pages, "values": some}
    return View(title, data, {"menu": PAGES})


def _terms(ask: Ask, facet: str) -> Sequence[dict[str, Any]]:
    """Every term of a value set, also those about which there is nothing yet."""
    counts = {one["value"]: one["count"] for one in ask.place.portal.catalogue.values(facet)}
    terms = vocabulary(facet).terms.values()
    made = [_told(facet, {"value": one.code, "title": one.title, "count": counts.get(one.code, 0)}) for one in terms]
    return sorted(made, key=lambda one: -one["count"])


def _told(facet: str, one: dict[str, Any]) -> dict[str, Any]:
    title = one["title"] if isinstance(one["title"], Text) else Text(**one["title"])
    path = {"organisation": "/organisations/", "theme": "/themes/", "area": "/areas/"}.get(facet)
    where = f"{path}{one['value']}" if path else "/datasets" + Wanted(chosen={facet: (one["value"],)}).address()
    return {"value": one["value"], "title": title, "count": one["count"], "path": where}
