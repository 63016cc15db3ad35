"""Exports: asked for with a POST, made by a job, told and fetched at an address that can be cited."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from quanmin import jobs
from quanmin.jobs.opening import EXPORT
from quanmin.opendata import exports
from quanmin.opendata.exports import Export
from quanmin.opendata.exports.errors import NotMade, UnknownExport
from quanmin.opendata.holding import published
from quanmin.opendata.rows.errors import TableNotReady
from quanmin.web.data.answer import fresh, routed, said
from quanmin.web.data.asked import only
from quanmin.web.data.errors import BadBody
from quanmin.web.data.files import OWN, headers_of
from quanmin.web.data.reader import reader
from quanmin.web.data.rows import opened
from quanmin.web.data.span import span
from quanmin.web.data.transfer import Transfer
from quanmin.web.place import Place

LARGEST = 1 << 20


def routes(place: Place) -> list[BaseRoute]:
    """Asking, and what became of it."""

    async def ask(request: Request) -> Response:
        body = _body(await request.body())
        return await place.run(lambda: _ask(place, request, body))

    async def one(request: Request) -> Response:
        return await place.run(lambda: _one(place, request))

    async def file(request: Request) -> Response:
        return await place.run(lambda: _file(place, request))

    return [
        routed("/data/v1/datasets/{name}/exports", post=ask),
        routed("/data/v1/exports/{number}", get=one),
        routed("/data/v1/exports/{number}/file", get=file),
    ]


def _body(sent: bytes) -> Mapping[str, Any]:
    try:
        if len(sent) > LARGEST:
            raise ValueError
        found = json.loads(sent.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise BadBody() from None
    if not isinstance(found, dict):
        raise BadBody()
    return found


def _refuse(_name: str) -> None:
    raise ValueError


def _ask(place: Place, request: Request, body: Mapping[str, Any]) -> Response:
    only(request, ())
    who = reader(place, request)
    record = published(place.portal, request.path_params["name"])
    query = {name: value for name, value in body.items() if name != "format"}
    try:
        made = exports.ask(place.portal, who, record, query, body.get("format", "csv"))
    except TableNotReady:
        opened(place, request)  # has the table made ready
        raise
    jobs.order(place.lake, EXPORT, {"export": made.number}, made.account)
    headers = {"location": f"/data/v1/exports/{made.number}", "retry-after": "2"}
    return said(made.to_dict(place.settings.origin), 202, headers)


def _found(place: Place, request: Request) -> Export:
    only(request, ())
    text, who = request.path_params["number"], reader(place, request)
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UnknownExport(export="?")
    return exports.get(place.portal, int(text), who)


def _one(place: Place, request: Request) -> Response:
    found = _found(place, request)
    headers = {"retry-after": "2"} if found.state == "queued" else {}
    return said(found.to_dict(place.settings.origin), headers={**headers, "cache-control": OWN})


def _file(place: Place, request: Request) -> Response:
    found = _found(place, request)
    if found.sha256 is None:
        raise NotMade(export=found.number)
    path = place.portal.storage.path(found.sha256)
    name = f"{found.name}-{found.number}.{found.format}"
    headers = headers_of(found.sha256, found.format, name, OWN)
    if fresh(request, headers["etag"]):
        return Response(status_code=304, headers=headers)
    size = path.stat().st_size
    wanted = (
        request.headers.get("range") if request.headers.get("if-range", headers["etag"]) == headers["etag"] else None
    )
    part = span(wanted, size)
    if part is not None:
        headers["content-range"] = f"bytes {part[0]}-{part[1] - 1}/{size}"
    return Transfer(path, *(part or (0, size)), 200 if part is None else 206, headers)
