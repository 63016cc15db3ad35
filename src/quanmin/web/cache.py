"""Public pages are made once for each state of lake and catalogue: kept by address and look, answered without the pages' code.

An answer is kept only if its page said that it is public, and asked only for somebody who is not signed in. The entity tag is of
the content, so that a browser that has it gets no body.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
from collections import OrderedDict
from typing import NamedTuple

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quanmin.web import session
from quanmin.web.answers import PUBLIC
from quanmin.web.place import Mark, Place

MOST = 64 << 20
"""Bytes that are kept at most; what was asked for longest ago goes first."""
LASTS = "public, max-age=60"
SMALL = 512


class Kept(NamedTuple):
    """An answer: headers without length and encoding, and the body, plain and packed."""

    headers: list[tuple[bytes, bytes]]
    tag: bytes
    plain: bytes
    packed: bytes


class PublicPages:
    """The layer that keeps them."""

    def __init__(self, app: ASGIApp, place: Place, cookies: tuple[str, ...]) -> None:
        self._app, self._place = app, place
        self._signed = tuple(f"{one}=" for one in (*cookies, session.NOTICE))
        self._kept: OrderedDict[tuple[object, ...], Kept] = OrderedDict()
        self._size = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            return
        cookie = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie"), "")
        if cookie and any(one in cookie for one in self._signed):
            await self._app(scope, receive, _unmarked(send))
            return
        key = (scope["path"], scope["query_string"], _look(cookie), await self._mark())
        kept = self._kept.get(key)
        if kept is None:
            await self._make(key, scope, receive, send)
        else:
            self._kept.move_to_end(key)
            await _answer(kept, scope, send)

    async def _mark(self) -> Mark | None:
        fresh = self._place.fresh_mark()
        if fresh is not None:
            return fresh
        try:
            return await self._place.run(self._place.mark)
        except Exception:
            return None  # the store is away: the page says so itself

    async def _make(self, key: tuple[object, ...], scope: Scope, receive: Receive, send: Send) -> None:
        start: Message | None = None
        parts: list[bytes] = []
        public = False

        async def seen(message: Message) -> None:
            nonlocal start, public
            if message["type"] == "http.response.start":
                public = any(name == PUBLIC.encode() for name, _ in message["headers"])
                start = message
                if public:
                    return
            elif public:
                parts.append(message.get("body", b""))
                return
            await send(message)

        await self._app(scope, receive, seen)
        if public and start is not None:
            kept = await asyncio.get_running_loop().run_in_executor(None, _keep, start, b"".join(parts))
            if key[-1] is not None:
                self._remember(key, kept)
            await _answer(kept, scope, send)

    def _remember(self, key: tuple[object, ...], kept: Kept) -> None:
        self._kept[key] = kept
        self._size += len(kept.plain) + len(kept.packed)
        while self._size > MOST:
            _, old = self._kept.popitem(last=False)
            self._size -= len(old.plain) + len(old.packed)


def _look(cookie: str) -> str:
    """The look that a page is asked in, of the cookie."""
    if session.MODE not in cookie:
        return ""
    return next((one.strip() for one in cookie.split(";") if one.strip().startswith(session.MODE)), "")[:60]


def _keep(start: Message, body: bytes) -> Kept:
    drop = (PUBLIC.encode(), b"content-length", b"set-cookie")
    headers = [(name, value) for name, value in start["headers"] if name not in drop]
    tag = f'"{hashlib.sha256(body).hexdigest()[:24]}"'.encode()
    headers += [(b"etag", tag), (b"cache-control", LASTS.encode()), (b"vary", b"accept-encoding, cookie")]
    return Kept(headers, tag, body, gzip.compress(body, 6, mtime=0) if len(body) > SMALL else b"")


async def _answer(kept: Kept, scope: Scope, send: Send) -> None:
    asked = Headers(scope=scope)
    if kept.tag.decode() in asked.get("if-none-match", ""):
        await send({"type": "http.response.start", "status": 304, "headers": kept.headers})
        await send({"type": "http.response.body", "body": b""})
        return
    packed = bool(kept.packed) and "gzip" in asked.get("accept-encoding", "")
    body = kept.packed if packed else kept.plain
    headers = [*kept.headers, (b"content-length", str(len(body)).encode())]
    headers += [(b"content-encoding", b"gzip")] if packed else []
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})


def _unmarked(send: Send) -> Send:
    async def unmarked(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if PUBLIC in headers:
                del headers[PUBLIC]
        await send(message)

    return unmarked
