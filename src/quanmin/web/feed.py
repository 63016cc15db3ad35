"""Feeds of the latest datasets (Atom, RFC 4287; pages by RFC 5005): of everything, of an organisation, theme or business area.

One feed for both languages: a title is told in both, and an entry leads to its page in either.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as Tree

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from quanmin.errors import QuanminError
from quanmin.opendata.catalogue import Catalogue, Found, Query, vocabulary
from quanmin.text import LANGUAGES
from quanmin.web.answers import PUBLIC
from quanmin.web.place import Place

ATOM = "http://www.w3.org/2005/Atom"
ENTRIES = 50
FACETS = ("organisation", "theme", "area")
TITLE = "全民健康数据：最新数据集 / Quanmin health data: latest datasets"
_NEVER = "1970-01-01"
_UNFIT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, production 2


def routes(place: Place) -> list[BaseRoute]:
    """The addresses of feeds."""

    async def latest(request: Request) -> Response:
        return await place.run(lambda: _feed(place, request, {}))

    async def narrowed(request: Request) -> Response:
        facet, code = request.path_params["facet"], request.path_params["code"]
        if facet not in FACETS:
            return PlainTextResponse("not found", 404)
        return await place.run(lambda: _feed(place, request, {facet: (code,)}))

    return [Route("/feeds/datasets.atom", latest), Route("/feeds/{facet}/{code}.atom", narrowed)]


def _feed(place: Place, request: Request, filters: Mapping[str, tuple[str, ...]]) -> Response:
    catalogue, after = place.portal.catalogue, request.query_params.get("after")
    try:
        found = catalogue.search(Query(filters=filters, sort="newest", rows=ENTRIES, after=after, facets=()))
    except QuanminError as error:
        return PlainTextResponse(str(error), 422)
    if not found.total and any(not _known(facet, code) for facet, (code,) in filters.items()):
        return PlainTextResponse("not found", 404)
    text = Tree.tostring(
        atom(place.settings.origin, request.url.path, _title(catalogue, filters), found), "utf-8", xml_declaration=True
    )
    return Response(text, media_type="application/atom+xml", headers={PUBLIC: "1"})


def _known(facet: str, code: str) -> bool:
    """Whether a code means something although nothing has it yet."""
    return facet != "organisation" and code in vocabulary(facet).terms


def _title(catalogue: Catalogue, filters: Mapping[str, tuple[str, ...]]) -> str:
    for facet, (code,) in filters.items():
        known = next((one["title"] for one in catalogue.values(facet) if one["value"] == code), None)
        if known:
            return " / ".join(dict.fromkeys(known.values()))
    return TITLE


def atom(origin: str, path: str, title: str, found: Found) -> Tree.Element:
    """The feed of what was found."""
    feed = Tree.Element("feed", {"xmlns": ATOM})
    _say(feed, "id", f"{origin}{path}")
    _say(feed, "title", title)
    _say(feed, "updated", f"{max((_day(row) for row in found.rows), default=_NEVER)}T00:00:00Z")
    Tree.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{origin}{quote(path)}"})
    if found.next:
        Tree.SubElement(feed, "link", {"rel": "next", "href": f"{origin}{quote(path)}?after={quote(found.next)}"})
    for row in found.rows:
        _entry(feed, origin, row)
    return feed


def _entry(feed: Tree.Element, origin: str, row: Mapping[str, Any]) -> None:
    entry = Tree.SubElement(feed, "entry")
    _say(entry, "id", f"{origin}/datasets/{row['name']}")
    _say(entry, "title", " / ".join(_both(row["title"])))
    _say(entry, "updated", f"{_day(row)}T00:00:00Z")
    if row["issued"]:
        _say(entry, "published", f"{row['issued']}T00:00:00Z")
    _say(Tree.SubElement(entry, "author"), "name", " / ".join(_both(row["organisation"]["title"])))
    for language in LANGUAGES:
        where = f"{origin}/{language}/datasets/{row['name']}"
        Tree.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "hreflang": language, "href": where})
    _say(entry, "summary", "\n\n".join(_both(row["summary"])))
    for theme in row["themes"]:
        Tree.SubElement(entry, "category", {"term": theme})


def _both(said: Mapping[str, str]) -> Iterator[str]:
    """A text in both languages, once where they are the same."""
    yield from dict.fromkeys(said[language] for language in LANGUAGES)


def _day(row: Mapping[str, Any]) -> str:
    return str(row["modified"] or row["issued"] or _NEVER)


def _say(parent: Tree.Element, tag: str, words: str) -> None:
    Tree.SubElement(parent, tag).text = _UNFIT.sub("", words)
