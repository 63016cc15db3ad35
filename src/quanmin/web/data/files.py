"""Whole files at `/files/{sha256}.{ending}`: what their records allow, with ranges, checksums, and a name to keep them by."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from quanmin.opendata.access import Reader
from quanmin.opendata.holding import Holding, hold
from quanmin.opendata.storage.errors import UnknownFile
from quanmin.web.data.answer import fresh, routed
from quanmin.web.data.reader import reader
from quanmin.web.data.span import span
from quanmin.web.data.transfer import Transfer
from quanmin.web.place import Place

_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9.]{1,20})")
MEDIA: Mapping[str, str] = {
    "csv": "text/csv; charset=utf-8",
    "csv.gz": "application/gzip",
    "geojson": "application/geo+json",
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "json": "application/json",
    "jsonl": "application/jsonl",
    "mp3": "audio/mpeg",
    "mp4": "video/mp4",
    "ogg": "audio/ogg",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "tsv": "text/tab-separated-values; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "wav": "audio/wav",
    "webm": "video/webm",
    "webp": "image/webp",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "xml": "application/xml",
    "zip": "application/zip",
}
"""Media types by ending; everything else is bytes. Nothing is ever sent as a page, nor opened as one (`attachment`)."""
FOREVER = "public, max-age=31536000, immutable"
OWN = "private, no-cache"


def routes(place: Place) -> list[BaseRoute]:
    """The addresses of files."""

    async def file(request: Request) -> Response:
        """A file, or a part of it; for HEAD what it would be."""
        name = _NAME.fullmatch(request.path_params["name"])
        if name is None:
            raise UnknownFile(sha256="?")
        held, _who = await place.run(lambda: _held(place, request, name[1]))
        if held.distribution.download_url != f"/files/{name[0]}":
            raise UnknownFile(sha256=name[1])
        open_to_all = held.record.access.code == "public"
        title = f"{held.record.name}.{name[2]}" if held.current else f"{held.record.name}-{name[1][:8]}.{name[2]}"
        return sent(request, held, name[2], title, FOREVER if open_to_all else OWN)

    return [routed("/files/{name}", get=file)]


def _held(place: Place, request: Request, sha256: str) -> tuple[Holding, Reader]:
    who = reader(place, request)
    return hold(place.portal, sha256, who), who


def sent(request: Request, held: Holding, ending: str, title: str, caching: str) -> Response:
    """The answer that carries a file."""
    size, tag = held.path.stat().st_size, f'"{held.sha256}"'
    headers = headers_of(held.sha256, ending, title, caching)
    if fresh(request, tag):
        return Response(status_code=304, headers=headers)
    wanted = request.headers.get("range")
    if request.headers.get("if-range", tag) != tag:
        wanted = None
    part = span(wanted, size)
    if part is None:
        return Transfer(held.path, 0, size, 200, headers)
    headers["content-range"] = f"bytes {part[0]}-{part[1] - 1}/{size}"
    return Transfer(held.path, part[0], part[1], 206, headers)


def headers_of(sha256: str, ending: str, title: str, caching: str) -> dict[str, str]:
    """What is said of a file besides its bytes; digests of RFC 9530 and of the older RFC 3230."""
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    return {
        "content-type": MEDIA.get(ending, "application/octet-stream"),
        "content-disposition": f"attachment; filename=\"{title}\"; filename*=UTF-8''{quote(title)}",
        "content-security-policy": "default-src 'none'; sandbox",
        "accept-ranges": "bytes",
        "cache-control": caching,
        "etag": f'"{sha256}"',
        "repr-digest": f"sha-256=:{digest}:",
        "digest": f"sha-256={digest}",
    }
