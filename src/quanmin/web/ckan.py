"""The CKAN Action API at `/api/action` and `/api/3/action`: calls in, envelopes out. `opendata.ckan` does what they say.

Whoever calls is known by a token in a header and by nothing else: cookies are not looked at, so that no other site can make a
browser write. Nothing is ever redirected.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quanmin import jobs
from quanmin.errors import QuanminError, Unavailable
from quanmin.jobs.opening import INDEX
from quanmin.opendata import Reader, ckan
from quanmin.opendata.ckan import Action, Caller, Given, Site, Upload
from quanmin.opendata.ckan.errors import ActionUnknown, CallUnreadable, FileRefused, ValuesWrong
from quanmin.opendata.ckan.given import several
from quanmin.opendata.keys.errors import QuotaSpent
from quanmin.text import Language, Text
from quanmin.web import language
from quanmin.web.data.reader import granted
from quanmin.web.errors import Broken, StoreAway, TooLarge, TooMany
from quanmin.web.guard import BODY
from quanmin.web.place import Place

LOG = logging.getLogger("quanmin.web")
PLACES = ("/api/action/", "/api/3/action/")
DUMP = "/datastore/dump/"
DRAINED = 64 << 20
"""Bytes of a refused call that are read and thrown away, so that its sender gets to read the answer."""
_CALLBACK = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.]{0,100}")
_OPEN = {"access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin"}
_SLACK = 1 << 20  # of a multipart body around its file
_FIELDS = 1_000


def own(path: str) -> bool:
    """Whether an address is one of this face, so that errors are told in its way."""
    return path.startswith((*PLACES, DUMP))


def routes(place: Place) -> list[BaseRoute]:
    """The addresses of the actions."""
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
        self, request: Request, work: Callable[[Request, str, Language], Awaitable[Response]]
    ) -> Response:
        tongue, name = _language(request, self._place), request.path_params["name"]
        try:
            return await work(request, name, tongue)
        except QuanminError as error:
            return refused(error, name, tongue, self._place)
        except ClientDisconnect:
            return refused(TooLarge(limit=BODY), name, tongue, self._place)
        except (SQLAlchemyError, OSError) as error:
            LOG.error("store away", extra={"kind": type(error).__name__})
            return refused(StoreAway(), name, tongue, self._place)
        except Exception as error:
            incident = secrets.token_hex(4)
            places = _places(error)
            LOG.error("failed", extra={"incident": incident, "kind": type(error).__name__, "places": places})
            return refused(Broken(incident=incident), name, tongue, self._place)

    async def _answer(self, request: Request, name: str, tongue: Language) -> Response:
        action = ckan.find(name)
        if action.writes and request.method != "POST":
            raise CallUnreadable(reason=Text("该操作须用 POST", "this action takes POST only"))
        callback = _callback(request)
        caller = await self._caller(request, tongue, anonymous=callback is not None)
        async with AsyncExitStack() as until:
            values = await _values(request, action, caller, until, self._place.settings.open_upload_bytes)
            values.pop("callback", None)
            result = await self._place.run(lambda: action.work(self.site, caller, Given(values)))
        body = {"help": _help(self._place, name), "success": True, "result": result}
        headers = {} if action.writes else _OPEN
        if callback is None:
            return Json(body, headers=headers)
        said = f"/**/{callback}({_text(body)});"
        return Response(said, media_type="application/javascript", headers=headers)

    async def _dump(self, request: Request, name: str, tongue: Language) -> Response:
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
            return Caller(tongue, reader=Reader(account, granted(self._place, account)))
        actor = await self._place.run(lambda: ckan.actor_of(self._place.registry, token))
        return Caller(tongue, actor, token, Reader(actor.id, granted(self._place, actor.id)))


class Json(JSONResponse):
    """JSON whose halves of characters, which no client could read, are told by escapes."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return _text(content).encode("utf-8", "backslashreplace")


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def _callback(request: Request) -> str | None:
    """The function that JSONP calls: on GET, and only a plain name."""
    said = request.query_params.get("callback") if request.method == "GET" else None
    if said is not None and not _CALLBACK.fullmatch(said):
        raise CallUnreadable(reason=Text("callback 须为函数名", "callback is the name of a function"))
    return said


async def _values(request: Request, action: Action, caller: Caller, until: AsyncExitStack, most: int) -> dict[str, Any]:
    """The parameters of a call. CallUnreadable, ValuesWrong, TooLarge."""
    if request.method == "GET":
        return several(request.query_params.multi_items())
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        if action.uploads:
            return await _multipart(request, until, most if caller.edits else 0)
        return _form((await _parsed(request, until)).multi_items())
    if kind == "application/x-www-form-urlencoded":
        return _form((await _parsed(request, until)).multi_items())
    body = await _body(request)
    return _object(body) if body.strip() else several(request.query_params.multi_items())


async def _body(request: Request) -> bytes:
    """The body, which the guard bounds except where a file may come."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY:
            raise TooLarge(limit=BODY)
        parts.append(part)
    return b"".join(parts)


def _object(body: bytes) -> dict[str, Any]:
    """The one object of a JSON text."""
    try:
        found = json.loads(body)
    except RecursionError:
        raise CallUnreadable(reason=Text("JSON 嵌套过深", "the JSON is nested too deep")) from None
    except ValueError:
        raise CallUnreadable(reason=Text("不是有效的 JSON", "it is not valid JSON")) from None
    if not isinstance(found, dict):
        raise CallUnreadable(reason=Text("须为 JSON 对象", "it is not a JSON object"))
    return found


async def _parsed(request: Request, until: AsyncExitStack, files: int = 0) -> Any:
    try:
        form = await request.form(max_files=files, max_fields=_FIELDS, max_part_size=BODY)
    except HTTPException:
        raise CallUnreadable(reason=Text("表单有误", "the form is malformed")) from None
    until.push_async_callback(form.close)
    return form


def _form(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """A form; or JSON in the place of one, as some clients send it (the whole text as the name of its only field)."""
    if len(items) == 1 and items[0][1] in ("", "1") and items[0][0].lstrip()[:1] == "{":
        return _object(items[0][0].encode("utf-8", "replace"))
    return several(items)


async def _multipart(request: Request, until: AsyncExitStack, most: int) -> dict[str, Any]:
    """A form with a file, which goes to the disk; no more is read than may be kept."""
    limit, seen, receive = most + _SLACK, 0, request.receive

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise FileRefused(reason=Text(f"超过 {most} 字节", f"it is larger than {most} bytes"))
        return message

    form = await _parsed(Request(request.scope, bounded), until, files=1)
    values = several([(key, value) for key, value in form.multi_items() if not isinstance(value, UploadFile)])
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            if key != "upload":
                raise ValuesWrong.at(key[:40], "文件的字段名须为 upload", "The field of the file is upload")
            values[key] = await _laid(value, until)
    return values


async def _laid(sent: UploadFile, until: AsyncExitStack) -> Upload:
    """A file in a folder of its own until the call is over."""
    folder = until.enter_context(TemporaryDirectory(prefix="quanmin-ckan-"))
    file = Path(folder) / "file"

    def copy() -> None:
        with file.open("wb") as out:
            while block := sent.file.read(1 << 20):
                out.write(block)

    await run_in_threadpool(copy)
    return Upload(file, sent.filename or "")


def _help(place: Place, name: str) -> str:
    shown = name if re.fullmatch(r"[a-z_]{1,60}", name) else ""
    return f"{place.settings.origin.rstrip('/')}/api/3/action/help_show?name={shown}"


def _language(request: Request, place: Place) -> Language:
    said = request.headers.get("accept-language")
    return language.chosen(said) if said and said != "*" else place.settings.language


def refused(error: QuanminError, name: str, tongue: Language, place: Place) -> Response:
    """An error as CKAN tells it: unknown actions and unreadable calls as a text, everything else in the envelope."""
    if isinstance(error, ActionUnknown):
        return Json(f"Bad request: Action name not known: {error.fields['name']}", 400)
    if isinstance(error, CallUnreadable):
        return Json(f"Bad request - JSON Error: {error.message(tongue)}", 400)
    status, told = ckan.told(error, tongue)
    made = Json({"help": _help(place, name), "success": False, "error": told}, status)
    if "seconds" in error.fields and isinstance(error, Unavailable):
        made.headers["retry-after"] = str(error.fields["seconds"])
    if isinstance(error, TooMany | QuotaSpent):
        made.status_code = 429
    return made


def refusing(place: Place, scope: Scope, receive: Receive, error: QuanminError) -> ASGIApp:
    """The answer to what is stopped before it comes here (too large, too many, another site's)."""
    del receive
    headers: Mapping[str, str] = {key.decode("latin-1"): value.decode("latin-1") for key, value in scope["headers"]}
    said = headers.get("accept-language")
    tongue = language.chosen(said) if said and said != "*" else place.settings.language
    made = refused(error, scope["path"].rpartition("/")[2], tongue, place)

    async def drained(scope: Scope, receive: Receive, send: Send) -> None:
        seen = 0
        while seen < DRAINED:
            message = await receive()
            seen += len(message.get("body", b""))
            if message["type"] == "http.disconnect" or not message.get("more_body"):
                break
        await made(scope, receive, send)

    return drained


def _places(error: Exception) -> list[str]:
    import traceback

    return [f"{one.name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)][-6:]
