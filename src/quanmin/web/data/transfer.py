"""A file, or a part of it, sent in pieces: memory does not grow with it, and what the system has cached is not waited for."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

PIECE = 1 << 20
_NOWAIT = getattr(os, "RWF_NOWAIT", 0)


class Transfer(Response):
    """The bytes from `start` up to `end` of a file; for HEAD, none of them."""

    def __init__(self, path: Path, start: int, end: int, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(None, status, dict(headers))
        self._path, self._start, self._end = path, start, end
        self.headers["content-length"] = str(end - start)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it; a reader that went away ends it."""
        if scope["method"] == "HEAD":
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": b""})
            return
        handle = os.open(self._path, os.O_RDONLY)
        try:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await self._body(handle, send)
        finally:
            os.close(handle)

    async def _body(self, handle: int, send: Send) -> None:
        at = self._start
        while at < self._end:
            size = min(PIECE, self._end - at)
            piece = _cached(handle, size, at)
            if not piece:
                piece = await asyncio.get_running_loop().run_in_executor(None, os.pread, handle, size, at)
            if not piece:
                raise OSError("a file of the portal is shorter than it was")
            at += len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": at < self._end})
        if self._start == self._end:
            await send({"type": "http.response.body", "body": b""})


def _cached(handle: int, size: int, at: int) -> bytes | bytearray:
    """Bytes that need no disk; none where they are not in memory."""
    if not _NOWAIT:
        return b""
    piece = bytearray(size)
    try:
        count = os.preadv(handle, [piece], at, _NOWAIT)
    except OSError:  # not there, or a file system that cannot say
        return b""
    if count < size:
        del piece[count:]
    return piece
