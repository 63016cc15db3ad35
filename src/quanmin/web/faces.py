"""The catalogue for machines: addresses without a language, in the form that their ending or the Accept header says.

Thin: what a form holds is made by `quanmin.opendata.faces`. Every answer has an entity tag of the newest action on the catalogue,
so that whoever has it already gets no body.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from quanmin.errors import QuanminError, http_status
from quanmin.opendata import faces
from quanmin.opendata.catalogue import Document, Listing, Standing, read
from quanmin.opendata.catalogue.errors import UnknownRecord
from quanmin.opendata.faces.errors import NoSuchPage
from quanmin.opendata.faces.rdf import FORMS, Form
from quanmin.text import LANGUAGES, Language
from quanmin.version import __version__
from quanmin.web import answers, language
from quanmin.web.place import Place

LASTS = "public, max-age=60"
_HTML = ("text/html", "application/xhtml+xml")
_MEDIA = {one.media: one for one in FORMS.values()} | {"application/json": FORMS["jsonld"]}
_OPEN = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
"""Open data may be read by the pages of anybody."""


def routes(place: Place) -> list[BaseRoute]:
    """The root routes of the portal's faces."""
    shown = _Faces(place)
    made = [Route(f"/catalog.{ending}", partial(shown.catalogue, ending=ending)) for ending in FORMS]
    made += [Route(f"/datasets/{{name}}.{ending}", partial(shown.dataset, ending=ending)) for ending in FORMS]
    made += [
        Route("/catalog", shown.catalogue_chosen),
        Route("/data.json", shown.data_json),
        *[Route(f"/catalog/core-metadata.{kind}", partial(shown.core_metadata, kind=kind)) for kind in _CORE],
        Route("/datasets/{name}/croissant.json", partial(shown.described, make=faces.croissant)),
        Route("/datasets/{name}/datapackage.json", partial(shown.described, make=faces.datapackage)),
        Route("/datasets/{name}", shown.chosen),
    ]
    return list(made)


_CORE = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class _Faces:
    place: Place
    _listings: list[Listing] = field(default_factory=list)

    @property
    def _issuer(self) -> faces.Issuer:
        return faces.Issuer.of(self.place.settings)

    async def catalogue(self, request: Request, ending: str) -> Response:
        """A page of the catalogue in a form of RDF."""
        return await self._answered(request, partial(self._page, request, FORMS[ending]))

    async def catalogue_chosen(self, request: Request) -> Response:
        """The catalogue by the Accept header: the page of the language, or a form of RDF."""
        form = preferred(request.headers.get("accept", ""))
        if form is None:
            return _see_other(f"/{_tongue(request)}/datasets")
        query = f"?{request.url.query}" if request.url.query else ""
        return _see_other(f"/catalog.{form.ending}{query}")

    async def dataset(self, request: Request, ending: str) -> Response:
        """A record in a form of RDF; of a withdrawn one what is left of it."""
        return await self._answered(request, partial(self._record, request, FORMS[ending]))

    async def chosen(self, request: Request) -> Response:
        """A record by the Accept header."""
        form = preferred(request.headers.get("accept", ""))
        if form is None:
            found = await self.place.run(partial(_or_error, partial(self._standing, request)))
            if isinstance(found, QuanminError):
                return refused(found)
            return _see_other(f"/{_tongue(request)}/datasets/{found.newest['quanmin:name']}")
        made = await self.dataset(request, form.ending)
        made.headers["vary"] = "accept, accept-language"
        made.headers["content-location"] = f"{request.url.path}.{form.ending}"
        return made

    async def described(
        self, request: Request, make: Callable[[Any, faces.Issuer, Language], dict[str, Any]]
    ) -> Response:
        """Croissant, or a Data Package."""

        def work() -> Response:
            standing = self._standing(request)
            if standing.document is None:
                return self._gone(standing, None)
            said = make(read(standing.document), self._issuer, _tongue(request))
            return _sent(answers.twin(said), _links(standing.document["quanmin:name"], self._issuer))

        return await self._answered(request, work)

    async def data_json(self, request: Request) -> Response:
        """DCAT-US 3."""

        def work() -> Response:
            pieces = faces.us.catalogue(self._documents(), self._issuer, _asked_language(request) or "en")
            return StreamingResponse(pieces, media_type="application/json")

        return await self._answered(request, work)

    async def core_metadata(self, request: Request, kind: str) -> Response:
        """The core metadata of Chinese government information resources."""

        def work() -> Response:
            documents, media = self._documents(), _CORE[kind]
            if kind == "xlsx":
                return Response(faces.core_metadata.as_workbook(documents, self._issuer), media_type=media)
            write = faces.core_metadata.as_json if kind == "json" else faces.core_metadata.as_csv
            return StreamingResponse(write(documents, self._issuer), media_type=media)

        return await self._answered(request, work)

    def _documents(self) -> Iterator[Document]:
        listing = self._listing()
        return listing.documents(listing.take().versions)

    def _listing(self) -> Listing:
        """One for all requests, made when it is first needed; two at once make two, of which one is kept."""
        if not self._listings:
            self._listings.append(Listing(self.place.portal.catalogue.store))
        return self._listings[0]

    def _page(self, request: Request, form: Form) -> Response:
        listing = self._listing()
        asked, versions = request.query_params.get("page", "1"), listing.take().versions
        total = len(versions)
        pages = faces.Paging(1, total, form.ending).last
        number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
        if not 1 <= number <= pages:
            raise NoSuchPage(page=number if number else "?", pages=pages)
        documents = listing.documents(versions[(number - 1) * faces.PAGE : number * faces.PAGE])
        graph = faces.catalogue(documents, self._issuer, faces.Paging(number, total, form.ending))
        return _sent(Response(faces.rdf.write(graph, form), media_type=form.media), [])

    def _record(self, request: Request, form: Form) -> Response:
        standing = self._standing(request)
        if standing.document is None:
            return self._gone(standing, form)
        graph = faces.dataset(standing.document, self._issuer)
        links = _links(standing.document["quanmin:name"], self._issuer)
        if not faces.missing(standing.document, self._issuer) and standing.document["@type"] == "dcat:Dataset":
            links.append(f'<{faces.PROFILE}>; rel="profile"')
        return _sent(Response(faces.rdf.write(graph, form), media_type=form.media), links)

    def _standing(self, request: Request) -> Standing:
        """A record that is or was published; a draft is nobody's business."""
        name = request.path_params["name"]
        standing = self.place.portal.catalogue.get(name)
        if standing.document is None and standing.reason is None:
            raise UnknownRecord(name=name)
        return standing

    def _gone(self, standing: Standing, form: Form | None) -> Response:
        name = standing.newest["quanmin:name"]
        if form is None:
            said = {"identifier": standing.record, "name": name, "state": "withdrawn", "reason": standing.reason}
            return answers.twin(said | {"since": standing.since.isoformat()}, 410)
        since = standing.since.isoformat()
        graph = faces.tombstone(standing.record, name, standing.reason or "", since, self._issuer)
        return Response(faces.rdf.write(graph, form), 410, media_type=form.media)

    async def _answered(self, request: Request, work: Callable[[], Response]) -> Response:
        """The answer, or that whoever asks has it already."""
        made = await self.place.run(partial(_or_error, partial(self._tagged, request, work)))
        if isinstance(made, QuanminError):
            return refused(made)
        answer: Response = made
        for name, value in _OPEN.items():
            answer.headers[name] = value
        return answer

    def _tagged(self, request: Request, work: Callable[[], Response]) -> Response:
        maker = hashlib.sha256(f"{__version__} {self._issuer}".encode()).hexdigest()[:8]
        tag = f'"{self.place.portal.catalogue.store.sequence()}-{_tongue(request)}-{maker}"'
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers={"etag": tag, "cache-control": LASTS})
        made = work()
        if made.status_code == 200:
            made.headers["etag"] = tag
            made.headers["cache-control"] = LASTS
            made.headers["vary"] = "accept-language"
        return made


def preferred(accept: str) -> Form | None:
    """The form of RDF that an Accept header prefers to a page; None for the page, which whoever accepts everything gets."""
    best: tuple[float, int] = (0.0, 0)
    found: Form | None = None
    for place, part in enumerate(accept.split(",")[:50]):
        media, _, rest = part.strip().partition(";")
        weight = _weight(rest)
        form = _MEDIA.get(media.strip().lower())
        known = form is not None or media.strip().lower() in (*_HTML, "*/*", "text/*")
        if known and weight > 0 and (weight, -place) > best:
            best, found = (weight, -place), form
    return found


def _weight(rest: str) -> float:
    for part in rest.split(";"):
        name, _, value = part.strip().partition("=")
        if name.strip() == "q":
            try:
                return min(1.0, max(0.0, float(value)))
            except ValueError:
                return 0.0
    return 1.0


def refused(error: QuanminError) -> Response:
    """The document of an error: whoever asks here is a program."""
    made = answers.twin(error.to_dict(), http_status(error.category))
    for name, value in _OPEN.items():
        made.headers[name] = value
    return made


def _or_error(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except QuanminError as error:
        return error


def _asked_language(request: Request) -> Language | None:
    asked = request.query_params.get("language")
    return next((one for one in LANGUAGES if one == asked), None)


def _tongue(request: Request) -> Language:
    return _asked_language(request) or language.chosen(request.headers.get("accept-language"))


def _see_other(path: str) -> Response:
    return RedirectResponse(path, 303, headers={"vary": "accept, accept-language"} | _OPEN)


def _links(name: str, issuer: faces.Issuer) -> list[str]:
    """Where the same record is in other forms (RFC 8288)."""
    at = issuer.page(name)
    said = [f'<{at}>; rel="canonical"', f'<{at}>; rel="alternate"; type="text/html"']
    said += [f'<{at}.{form.ending}>; rel="describedby"; type="{form.media}"' for form in FORMS.values()]
    return said


def _sent(made: Response, links: Iterable[str]) -> Response:
    joined = ", ".join(links)
    if joined:
        made.headers["link"] = joined
    return made
