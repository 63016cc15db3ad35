"""The server: both faces, what stands before them, and what an operator's tools ask (health, figures)."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Callable

import uvicorn
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope

from quanmin.errors import QuanminError
from quanmin.jobs import Worker, leave
from quanmin.loading import loading
from quanmin.settings import Settings
from quanmin.version import __version__
from quanmin.web import ckan, data, exchange_metrics, faces, feed, language, log, refusal, session, sitemap
from quanmin.web.cache import PublicPages
from quanmin.web.console import console
from quanmin.web.errors import PortTaken
from quanmin.web.face import Face
from quanmin.web.guard import Guard
from quanmin.web.limit import Limit
from quanmin.web.metrics import Meter
from quanmin.web.place import Place
from quanmin.web.portal import portal
from quanmin.web.static import static
from quanmin.web.usage import Counted, counting

STOP_SECONDS = 20
CONSOLE = "/console"
OPEN = (ckan, data, faces, feed, sitemap)  # what is served without a language, beside the portal


def application(settings: Settings, face: str = "both") -> ASGIApp:
    """The whole server as an ASGI application; `face` is portal, console or both."""
    place = Place(settings)
    made = [one for one in (portal(place, ""), console(place, CONSOLE)) if face in ("both", one.name)]
    for one in made:
        refusal.install(one)
    cookies = tuple(session.name(one.name) for one in made)
    refuse = _refusing(made, place)
    meter: Meter

    async def figures(request: Request) -> Response:
        here = request.client is not None and request.client.host in ("127.0.0.1", "::1")
        if not here:
            return Response(status_code=404)
        told = meter.text() + await place.run(lambda: _exchanged(place))
        return Response(told, media_type="text/plain; version=0.0.4")

    app = Starlette(
        routes=[
            Route("/health/live", _live),
            Route("/health/ready", _ready(place)),
            Route("/metrics", figures),
            Route("/", _first(made[0])),
            *(_open(place) if face in ("both", "portal") else [Route("/robots.txt", _closed)]),
            Mount("/static", static),
            *_mounts(made),
        ],
        lifespan=_life(place),
    )
    limited = Limit(app, settings.web_rate, settings.web_burst, refuse)
    meter = Meter(Counted(Guard(PublicPages(limited, place, cookies), settings, refuse), place))
    return meter


def _exchanged(place: Place) -> bytes:
    """The exchange's figures; none while the store is away, which says so itself."""
    try:
        return exchange_metrics.text(place.lake.ledger)
    except (QuanminError, SQLAlchemyError):
        return b""


def _open(place: Place) -> list[BaseRoute]:
    """What the portal answers beside its pages, without a language."""
    return [route for one in OPEN for route in one.routes(place)]


def _mounts(made: list[Face]) -> list[Mount]:
    """The console first: its addresses begin with its own word."""
    return [Mount(one.base, one.app, name=one.name) for one in sorted(made, key=lambda one: -len(one.base))]


def _refusing(made: list[Face], place: Place) -> Callable[[Scope, Receive, QuanminError], ASGIApp]:
    def refuse(scope: Scope, receive: Receive, error: QuanminError) -> ASGIApp:
        if ckan.own(scope["path"]):
            return ckan.refusing(place, scope, error)
        face = next((one for one in made if one.base and scope["path"].startswith(one.base)), made[0])
        return refusal.answer(face, Request(scope, receive), error)

    return refuse


def _life(place: Place) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        worker = Worker(place)
        worker.start()
        async with counting(place):
            yield
        worker.stop()
        place.close()

    return life


def _first(face: Face) -> Callable[[Request], Response]:
    def first(request: Request) -> Response:
        tongue = language.chosen(request.headers.get("accept-language"))
        return RedirectResponse(f"{face.base}/{tongue}/", 303, headers={"vary": "accept-language"})

    return first


def _live(_request: Request) -> Response:
    return JSONResponse({"state": "live", "version": __version__})


def _ready(place: Place) -> Callable[[Request], Response]:
    def ready(_request: Request) -> Response:
        try:
            return JSONResponse({"state": "ready", "snapshot": place.lake.snapshot().id})
        except Exception as error:
            return JSONResponse({"state": "away", "kind": type(error).__name__}, 503)

    return ready


def _closed(_request: Request) -> Response:
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


def serve(
    settings: Settings, host: str, port: int, face: str = "both", told: Callable[[], None] = lambda: None
) -> None:
    """Answer requests until told to stop; requests under way are answered first. PortTaken."""
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise PortTaken(host=host, port=port, reason=error.strerror or "in use") from error
    log.begin(settings.log_level)
    with loading():
        made = application(settings, face)
    config = uvicorn.Config(
        made,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
        timeout_keep_alive=30,
        h11_max_incomplete_event_size=64 << 10,
    )
    told()
    try:
        uvicorn.Server(config).run(sockets=[listening])
    finally:
        leave()
