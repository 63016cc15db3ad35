"""Every public address of the portal for search engines (sitemaps.org 0.9): an index, and parts of 50,000 addresses at most.

Each page is listed in both languages, and each names the other. `robots.txt` names the index, and keeps engines out of searches,
which have no end.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from quanmin.text import LANGUAGES
from quanmin.web.place import Place

MOST = 50_000
EACH = MOST // len(LANGUAGES)
PAGES = ("/", "/datasets", "/organisations", "/themes", "/tags", "/statistics", "/statistics/map", "/about")
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
_KEEP = {"cache-control": "public, max-age=3600"}


def routes(place: Place) -> list[BaseRoute]:
    """The index, its parts, and what engines may ask for."""
    origin = place.settings.origin

    async def index(_request: Request) -> Response:
        total = await place.run(lambda: place.portal.catalogue.totals()["records"])
        return Response(_index(origin, 1 + -(-total // EACH)), media_type="application/xml", headers=_KEEP)

    async def part(request: Request) -> Response:
        number = request.path_params["number"]
        total = await place.run(lambda: place.portal.catalogue.totals()["records"])
        if number > -(-total // EACH):
            return PlainTextResponse("not found", 404)
        return StreamingResponse(_part(place, number), media_type="application/xml", headers=_KEEP)

    return [
        Route("/sitemap.xml", index),
        Route("/sitemaps/{number:int}.xml", part),
        Route("/robots.txt", lambda _request: PlainTextResponse(robots(origin))),
    ]


def robots(origin: str) -> str:
    """What engines may ask for."""
    closed = [
        "/console/",
        *(f"/{one}/{path}" for path in ("my-record", "datasets?", "suggestions") for one in LANGUAGES),
    ]
    lines = ["User-agent: *", *(f"Disallow: {one}" for one in closed), "", f"Sitemap: {origin}/sitemap.xml"]
    return "\n".join(lines) + "\n"


def _index(origin: str, parts: int) -> str:
    listed = "".join(f"<sitemap><loc>{escape(origin)}/sitemaps/{one}.xml</loc></sitemap>\n" for one in range(parts))
    return f'{_HEAD}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</sitemapindex>\n'


def _part(place: Place, number: int) -> Iterator[str]:
    """Part 0 are the pages that are always there; the others are datasets, by id."""
    origin = escape(place.settings.origin)
    yield _HEAD + _SET
    if number == 0:
        yield from (_url(origin, path, None) for path in PAGES)
    else:
        for name, day in place.portal.catalogue.days((number - 1) * EACH, EACH):
            yield _url(origin, f"/datasets/{name}", day)
    yield "</urlset>\n"


def _url(origin: str, path: str, day: str | None) -> str:
    others = "".join(f'<xhtml:link rel="alternate" hreflang="{one}" href="{origin}/{one}{path}"/>' for one in LANGUAGES)
    changed = f"<lastmod>{day}</lastmod>" if day else ""
    return "".join(f"<url><loc>{origin}/{one}{path}</loc>{changed}{others}</url>\n" for one in LANGUAGES)
