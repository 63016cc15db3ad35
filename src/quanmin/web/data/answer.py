"""How every address of the data API answers: JSON documents and errors of one shape, for pages of other sites as well.

`Access-Control-Allow-Origin: *` is safe here: browsers do not hand out an answer with `*` to a page of another site that asked
with cookies, so that such a page reads only what everybody may, or what the key that it was given itself opens.
"""

from __future__ import annotations

import gzip
import json
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from quanmin.errors import QuanminError, Unavailable, http_status
from quanmin.opendata.access import AccountNeeded
from quanmin.opendata.exports.errors import TooManyExports
from quanmin.opendata.holding import Withdrawn
from quanmin.opendata.keys.errors import KeyRefused, QuotaSpent
from quanmin.text import document
from quanmin.web.data.errors import MethodRefused, RangeRefused
from quanmin.web.errors import Broken, StoreAway, TooLarge

LOG = logging.getLogger("quanmin.web")
STATUS: Mapping[type[QuanminError], int] = {
    Withdrawn: 410,
    AccountNeeded: 401,
    KeyRefused: 401,
    QuotaSpent: 429,
    TooManyExports: 429,
    MethodRefused: 405,
    RangeRefused: 416,
    TooLarge: 413,
}
SMALL = 1_024
SHARED = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "Link, ETag, Content-Range, Accept-Ranges, Repr-Digest, Retry-After, Location",
    "cross-origin-resource-policy": "cross-origin",
}
Work = Callable[[Request], Awaitable[Response]]


def routed(path: str, **methods: Work) -> Route:
    """The route of an address: what it does for each method (`get` answers HEAD, too); any other is refused."""
    known = {name.upper(): work for name, work in methods.items()}
    if "GET" in known:
        known.setdefault("HEAD", known["GET"])
    allowed = ", ".join(sorted({*known, "OPTIONS"}))

    async def endpoint(request: Request) -> Response:
        if request.method == "OPTIONS":
            return _preflight(allowed)
        work = known.get(request.method)
        if work is None:
            made = failed(MethodRefused(methods=allowed))
            made.headers["allow"] = allowed
        else:
            made = await _guarded(work, request)
        for name, value in SHARED.items():
            made.headers.setdefault(name, value)
        return made

    every = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "QUERY"]
    return Route(path, endpoint, methods=every)


async def _guarded(work: Work, request: Request) -> Response:
    try:
        return await work(request)
    except QuanminError as error:
        return failed(error)
    except ClientDisconnect:
        return failed(TooLarge(limit=1 << 20))
    except (SQLAlchemyError, OSError) as error:
        LOG.error("store away", extra={"kind": type(error).__name__})
        return failed(StoreAway())
    except Exception as error:
        incident = secrets.token_hex(4)
        places = [f"{one.name}:{one.lineno}" for one in traceback.extract_tb(error.__traceback__)][-6:]
        LOG.error("failed", extra={"incident": incident, "kind": type(error).__name__, "places": places})
        return failed(Broken(incident=incident))


def failed(error: QuanminError) -> Response:
    """The document of an error, with its status."""
    status = STATUS.get(type(error)) or http_status(error.category)
    made = said(error.to_dict(), status)
    if isinstance(error, Unavailable):
        made.headers["retry-after"] = str(error.fields.get("seconds", 5))
    if status == 401:
        made.headers["www-authenticate"] = 'Bearer realm="data"'
    if isinstance(error, RangeRefused):
        made.headers["content-range"] = f"bytes */{error.fields['size']}"
    return made


def said(data: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON document."""
    body = json.dumps(document(data), ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, media_type="application/json", headers=dict(headers or {}))


def packed(request: Request, made: Response) -> Response:
    """The answer gzipped, where that pays and is understood."""
    made.headers["vary"] = "accept-encoding"
    body = bytes(made.body)
    if len(body) < SMALL or "gzip" not in request.headers.get("accept-encoding", ""):
        return made
    made.body = gzip.compress(body, 4, mtime=0)
    made.headers["content-length"] = str(len(made.body))
    made.headers["content-encoding"] = "gzip"
    return made


def fresh(request: Request, tag: str) -> bool:
    """Whether whoever asks has the answer of this entity tag already."""
    known = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag.removeprefix("W/") in known or "*" in known


def _preflight(allowed: str) -> Response:
    headers = {
        "access-control-allow-methods": allowed,
        "access-control-allow-headers": "Authorization, X-API-Key, Content-Type, Range, If-Range, If-None-Match",
        "access-control-max-age": "86400",
        "allow": allowed,
    }
    return Response(status_code=204, headers={**headers, **SHARED})
