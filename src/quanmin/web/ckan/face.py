"""The addresses of the actions and of dumps, who calls, and what becomes of whatever goes wrong."""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from quanmin import jobs
from quanmin.errors import QuanminError
from quanmin.jobs.opening import INDEX
from quanmin.opendata import Reader, ckan
from quanmin.opendata.ckan import Caller, Given, Site
from quanmin.opendata.ckan.errors import CallUnreadable
from quanmin.opendata.ckan.given import several
from quanmin.opendata.participation import granted
from quanmin.text import Language, Text
from quanmin.web.ckan.answer import Json, help_of, refused, text, tongue_of
from quanmin.web.ckan.call import values
from quanmin.web.ckan.inbound import Inbound
from quanmin.web.errors import Broken, StoreAway, TooLarge
from quanmin.web.guard import BODY
from quanmin.web.place import Place

LOG = logging.getLogger("quanmin.web")
PLACES, DUMP = ("/api/action/", "/api/3/action/"), "/datastore/dump/"
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.]{0,100}")
_OPEN = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}


def own(path: str) -> bool:
    """Whether an address is one of this face, so that errors are told in its way."""
    return path.startswith((*PLACES, DUMP))


def routes(place: Place) -> list[BaseRoute]:
    """The addresses of the actions, and of dumps."""
    face = Face(place)
    actions = [Route(f"{one}{{name:path}}", face.answer, methods=["GET", "POST"]) for one in PLACES]
    return [*actions, Route(f"{DUMP}{{name:path}}", face.dumped, methods=["GET"])]


class Face:
    """Answers calls."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._site: Site | None = None

    @property
    def site(self) -> Site:
        """What the actions work on."""
        if self._site is None:
            self._site = Site(self._place.portal, lambda: self._place.registry, self._ordered)
        return self._site

    def _ordered(self, table: str, account: str) -> None:
        """Have a large table indexed by a job."""
        jobs.order(self._place.lake, INDEX, {"table": table}, account)

    async def answer(self, request: Request) -> Response:
        """The answer of one call, whatever happens."""
        return await self._whatever(request, self._answer)

    async def dumped(self, request: Request) -> Response:
        """A table as a whole, in pieces."""
        return await self._whatever(request, self._dump)

    async def _whatever(
        self, request: Request, work: Callable[[Request, Inbound, str, Language], Awaitable[Response]]
    ) -> Response:
        tongue = tongue_of(request.headers.get("accept-language"), self._place)
        inbound, name = Inbound(request.receive), request.path_params["name"]
        try:
            return await work(Request(request.scope, inbound), inbound, name, tongue)
        except Exception as error:
            made = refused(_known(error), name, tongue, self._place)
        await inbound.drain()
        return made

    async def _answer(self, request: Request, inbound: Inbound, name: str, tongue: Language) -> Response:
        action = ckan.find(name)
        if action.writes and request.method != "POST":
            raise CallUnreadable(reason=Text("该操作须用 POST", "this action takes POST only"))
        callback = _callback(request)
        caller = await self._caller(request, tongue, anonymous=callback is not None)
        async with AsyncExitStack() as until:
            most = self._place.settings.open_upload_bytes
            given = await values(request, inbound, action, caller, until, most)
            given.pop("callback", None)
            result = await self._place.run(lambda: action.work(self.site, caller, Given(given)))
        body = {"help": help_of(self._place, name), "success": True, "result": result}
        headers = {} if action.writes else _OPEN
        if callback is None:
            return Json(body, headers=headers)
        said = f"/**/{callback}({text(body)});"
        return Response(said, media_type="application/javascript", headers=headers)

    async def _dump(self, request: Request, _inbound: Inbound, name: str, tongue: Language) -> Response:
        caller = await self._caller(request, tongue, anonymous=False)
        given = Given({**several(request.query_params.multi_items()), "resource_id": name})
        form, pieces = await self._place.run(lambda: ckan.dump(self.site, caller, given))
        plain = re.sub(r"[^A-Za-z0-9._-]", "-", name)[:100]
        headers = {**_OPEN, "content-disposition": f'attachment; filename="{plain}.{form}"'}
        encoded = (piece.encode("utf-8", "replace") for piece in pieces)
        return StreamingResponse(encoded, media_type=ckan.MEDIA[form], headers=headers)

    async def _caller(self, request: Request, tongue: Language, *, anonymous: bool) -> Caller:
        """Who calls, by the token that is sent; TokenWrong."""
        token = request.headers.get("authorization") or request.headers.get("x-ckan-api-key")
        if anonymous or not token:
            return Caller(tongue)
        if token.startswith("qm_"):
            account = await self._place.run(lambda: self._place.keys.accept(token))
            return Caller(tongue, reader=Reader(account, granted(self._place.lake.ledger, account)))
        actor = await self._place.run(lambda: ckan.actor_of(self._place.registry, token))
        return Caller(tongue, actor, token, Reader(actor.id, granted(self._place.lake.ledger, actor.id)))


def _callback(request: Request) -> str | None:
    """The function that JSONP calls: on GET, and only a plain name."""
    said = request.query_params.get("callback") if request.method == "GET" else None
    if said is not None and not _CALLBACK.fullmatch(said):
        raise CallUnreadable(reason=Text("callback 须为函数名", "callback is the name of a function"))
    return said


def _known(error: Exception) -> QuanminError:
    """The error that is told; of what nobody foresaw the number of an incident, and its place in the log."""
    if isinstance(error, QuanminError):
        return error
    if isinstance(error, ClientDisconnect):
        return TooLarge(limit=BODY)
    if isinstance(error, SQLAlchemyError | OSError):
        LOG.error("store away", extra={"kind": type(error).__name__})
        return StoreAway()
    incident = secrets.token_hex(4)
    places = [f"{one.name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)][-6:]
    LOG.error("failed", extra={"incident": incident, "kind": type(error).__name__, "places": places})
    return Broken(incident=incident)


def refusing(place: Place, scope: Scope, error: QuanminError) -> ASGIApp:
    """The answer to what is stopped before it comes here (too large, too many, another site's)."""
    tongue = tongue_of(Headers(scope=scope).get("accept-language"), place)
    made = refused(error, scope["path"].rpartition("/")[2], tongue, place)

    async def drained(scope: Scope, receive: Receive, send: Send) -> None:
        await Inbound(receive).drain()
        await made(scope, receive, send)

    return drained
