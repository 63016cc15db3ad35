"""Errors as pages and documents: one shape, whatever went wrong, in the language of the address."""

from __future__ import annotations

import logging
import secrets
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from jinja2 import TemplateNotFound
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from quanmin.errors import QuanminError, Unavailable, http_status
from quanmin.text import LANGUAGES, Language, Text
from quanmin.trust.identity.errors import SessionOver
from quanmin.web import answers, entry, language, render, session
from quanmin.web.ask import MODES, Ask
from quanmin.web.errors import BadFields, Broken, NoSuchPage, StoreAway, TooLarge, TooMany, UnknownHost, WrongMethod
from quanmin.web.guard import BODY
from quanmin.web.view import View

if TYPE_CHECKING:
    from quanmin.web.face import Face

LOG = logging.getLogger("quanmin.web")
TITLES = {
    "invalid": Text("请求有误", "Something is wrong with what was sent"),
    "not_found": Text("没有找到", "Not found"),
    "conflict": Text("状态已变", "Things changed meanwhile"),
    "denied": Text("不允许", "Not allowed"),
    "unavailable": Text("暂时不可用", "Not available at the moment"),
    "incomplete": Text("没有完成", "Not completed"),
}


def install(face: Face) -> None:
    """Answer every error of a face with its own page."""
    handled: dict[Any, Any] = {
        QuanminError: _quanmin,
        RequestValidationError: _fields,
        ClientDisconnect: _cut,
        HTTPException: _http,
        SQLAlchemyError: _store,
        OSError: _store,
        TemplateNotFound: _broken,  # an OSError, too
        Exception: _broken,
    }
    for kind, handler in handled.items():
        face.app.add_exception_handler(kind, _bound(face, handler))


def _bound(face: Face, handler: Any) -> Any:
    async def handle(request: Request, error: Exception) -> Response:
        return cast(Response, await handler(face, request, error))

    return handle


async def _quanmin(face: Face, request: Request, error: QuanminError) -> Response:
    if isinstance(error, SessionOver) and not _wants_json(request):
        if request.method == "GET":
            back = quote(str(request.url.path) + (f"?{request.url.query}" if request.url.query else ""), safe="/")
            return RedirectResponse(f"{face.base}/{_language(request)}/sign-in?next={back}", 303)
        return await entry.interrupted(face, _ask(face, request), error)
    return answer(face, request, error)


async def _fields(face: Face, request: Request, error: RequestValidationError) -> Response:
    places = [one["loc"] for one in error.errors()]
    if any(place[:2] == ("path", "language") for place in places):
        return answer(face, request, NoSuchPage())
    if any(place[0] == "path" for place in places):
        return answer(face, request, NoSuchPage())
    return answer(face, request, BadFields(names=", ".join(sorted({str(place[-1])[:40] for place in places}))))


async def _cut(face: Face, request: Request, _error: Exception) -> Response:
    """A body that did not say how long it is was ended at the limit; a browser that is gone reads nothing of this."""
    return answer(face, request, TooLarge(limit=BODY))


async def _http(face: Face, request: Request, error: HTTPException) -> Response:
    if error.status_code == 404:
        return answer(face, request, NoSuchPage())
    if error.status_code == 405 and request.method == "GET" and not _wants_json(request):
        return RedirectResponse(_above(face, request), 303)
    if error.status_code == 405:
        made = answer(face, request, WrongMethod(), 405)
        made.headers.update(error.headers or {})
        return made
    return answer(face, request, BadFields(names="form"), error.status_code)


def _above(face: Face, request: Request) -> str:
    """The page that a form belongs to, for whoever comes to the form's own address by a link or by the history."""
    place = request.url.path.rpartition("/")[0]
    return place if place.count("/") > face.base.count("/") + 1 else f"{place}/"


async def _store(face: Face, request: Request, error: Exception) -> Response:
    LOG.error("store away", extra={"kind": type(error).__name__})
    return answer(face, request, StoreAway())


async def _broken(face: Face, request: Request, error: Exception) -> Response:
    incident = secrets.token_hex(4)
    places = [f"{one.name}:{one.lineno}" for one in _frames(error)][-6:]
    LOG.error("failed", extra={"incident": incident, "kind": type(error).__name__, "places": places})
    return answer(face, request, Broken(incident=incident))


def _frames(error: Exception) -> list[Any]:
    import traceback

    return list(traceback.extract_tb(error.__traceback__))


_STATUS: dict[type[QuanminError], int] = {TooLarge: 413, TooMany: 429, UnknownHost: 400}


def answer(face: Face, request: Request, error: QuanminError, status: int | None = None) -> Response:
    """The page or document of an error. How a store is set up is told on the console only."""
    if isinstance(error, Unavailable) and not isinstance(error, TooMany) and face.name == "portal":
        LOG.error("store away", extra={"code": error.code})
        error = StoreAway()
    code = status or _STATUS.get(type(error)) or http_status(error.category)
    if _wants_json(request):
        made = answers.twin(error.to_dict(), code)
    else:
        view = View(TITLES[error.category], error.to_dict(), {"refused": error})
        made = HTMLResponse(render.page(face, _ask(face, request), "shell/error.html", view, None), code)
    if isinstance(error, Unavailable):
        made.headers["retry-after"] = str(error.fields.get("seconds", 5))
    return made


def _ask(face: Face, request: Request) -> Ask:
    """The request, as far as it got."""
    known = request.scope.get("quanmin")
    if known is not None:
        return cast(Ask, known[1])
    modes = frozenset(request.cookies.get(session.MODE, "").split(".")) & frozenset(MODES)
    return Ask(face.place, request, _language(request), None, None, modes, face.base)


def _language(request: Request) -> Language:
    """The language of the address, else the one that the browser prefers."""
    for part in request.url.path.split("/")[1:3]:
        if part in LANGUAGES:
            return part
    return language.chosen(request.headers.get("accept-language"))


def _wants_json(request: Request) -> bool:
    if request.url.path.endswith(".json"):
        return True
    accepted = request.headers.get("accept", "")
    return "application/json" in accepted and "text/html" not in accepted
