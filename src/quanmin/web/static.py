"""The built files, from memory: their names hold their digests, so that a browser asks once for each."""

from __future__ import annotations

import gzip
from functools import cache
from typing import NamedTuple

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from quanmin.web import assets

TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
FOREVER = b"public, max-age=31536000, immutable"


class File(NamedTuple):
    """A file: its type, its bytes, and the same packed."""

    kind: bytes
    plain: bytes
    packed: bytes


@cache
def _file(name: str) -> File | None:
    """A file by its built name; None where there is none (only names that were built are looked for)."""
    if name not in assets.built():
        return None
    content = (assets.FOLDER / name).read_bytes()
    kind = TYPES["." + name.rsplit(".", 1)[-1]].encode()
    return File(kind, content, gzip.compress(content, 9, mtime=0))


async def static(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer `/static/NAME`."""
    name = scope["path"].rsplit("/", 1)[-1]
    found = _file(name) if name in assets.built() else None
    if found is None or scope["method"] not in ("GET", "HEAD"):
        await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})
        return
    packed = "gzip" in Headers(scope=scope).get("accept-encoding", "")
    body = found.packed if packed else found.plain
    headers = [(b"content-type", found.kind), (b"cache-control", FOREVER), (b"vary", b"accept-encoding")]
    headers += [(b"content-length", str(len(body)).encode())] + ([(b"content-encoding", b"gzip")] if packed else [])
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
