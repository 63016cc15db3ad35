"""Counts what is looked at and downloaded: which dataset, and nothing of whoever did.

Only what was answered counts, and only once a download, however many ranges it is fetched in. Programs that visit everything are
left out by what they say of themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import AsyncIterator

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from quanmin.opendata.usage import Kind, gather, is_robot
from quanmin.web.place import Place

LOG = logging.getLogger("quanmin.web")
WRITE, GATHER, RENEW = 5.0, 600.0, 86_400.0
"""Seconds between two writes of what was counted, between two sums of it, and between two new indexes."""
_PAGE = re.compile(r"/(?:zh|en)/datasets/([a-z0-9_-]{2,100})")
_FILE = re.compile(r"/files/([0-9a-f]{64})\.[a-z0-9]{1,10}")
_ROWS = re.compile(r"/data/v1/datasets/([a-z0-9_-]{2,100})/rows\.(?:csv|parquet|xlsx|json)")


class Counted:
    """The layer that counts."""

    def __init__(self, app: ASGIApp, place: Place) -> None:
        self._app, self._place = app, place

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        seen = wanted(scope) if scope["type"] == "http" and scope["method"] == "GET" else None
        if seen is None:
            await self._app(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 206, 304):
                self._place.portal.tally.add(*seen)
            await send(message)

        await self._app(scope, receive, counted)


def wanted(scope: Scope) -> tuple[Kind, str] | None:
    """What a request would count as; None for what is not counted."""
    path, headers = scope["path"], Headers(scope=scope)
    if page := _PAGE.fullmatch(path):
        seen: tuple[Kind, str] = ("views", page[1])
    elif file := _FILE.fullmatch(path) or _ROWS.fullmatch(path):
        seen = ("downloads", file[1])
    else:
        return None
    ahead = headers.get("sec-purpose") or headers.get("purpose")
    part = headers.get("range", "bytes=0-")
    if ahead or not part.startswith("bytes=0-") or is_robot(headers.get("user-agent", "")):
        return None
    return seen


@contextlib.asynccontextmanager
async def counting(place: Place) -> AsyncIterator[None]:
    """While it lasts what was counted is written every few seconds and added up every few minutes."""
    task = asyncio.create_task(_write(place))
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
    await _once(place, False)


async def _write(place: Place) -> None:
    gathered = renewed = time.monotonic()
    while True:
        await asyncio.sleep(WRITE)
        now = time.monotonic()
        due, stale = now - gathered >= GATHER, now - renewed >= RENEW
        await _once(place, due, stale)
        gathered, renewed = now if due else gathered, now if stale else renewed


async def _once(place: Place, due: bool, stale: bool = False) -> None:
    """Write, and do what is due; what fails is tried again at its next turn, and nothing is lost by it."""
    if not place.has_portal:
        return
    try:
        await place.run(place.portal.tally.write)
        if due:
            await place.run(lambda: gather(place.portal.catalogue, place.portal.usage))
        if stale:
            await place.run(place.portal.catalogue.rebuild)
    except Exception as error:
        LOG.error("not counted", extra={"kind": type(error).__name__})
