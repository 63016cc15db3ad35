"""The way of a file's bytes: the core of tus 1.0 (create, ask for the offset, append at it, give up), straight to the disk.

Whatever the size of a file, one block of it is in memory. A body that breaks off leaves what came, and the next goes on there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

from fastapi import Path
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from quanmin.collect.errors import BadFileName, BadSize, FileTooLarge, MoreThanDeclared
from quanmin.collect.upload import Upload, Uploads
from quanmin.web import refusal
from quanmin.web.ask import Ask
from quanmin.web.errors import NotYourPage
from quanmin.web.face import Face

VERSION = "1.0.0"
BODY = "application/offset+octet-stream"
BLOCK = 1 << 20
"""Bytes of a file that are in memory at once."""
Handle = Annotated[str, Path(max_length=100)]


def install(face: Face, at: str, back: str, roles: Sequence[str] = ()) -> None:
    """Register the addresses below `at`, for those who hold one of `roles`; `back` is the page that they belong to."""

    @face.stream(at, "POST", back=back, roles=roles)
    async def create(ask: Ask) -> Response:
        """Say a file's name and size; `Location` is where its bytes go."""
        if ask.who.kind == "patient":
            raise NotYourPage(roles="staff")
        if _other_version(ask):
            return _speak()
        name, size = _name(ask.request), _number(ask.request, "upload-length")
        try:
            made = await run_in_threadpool(Uploads(ask.settings).begin, ask.who.id, name, size)
        except FileTooLarge as error:
            return refusal.answer(face, ask.request, error, 413)
        return _told(made, 201, location=ask.url(at + made.id))

    @face.stream(at + "{upload}", "HEAD", back=back, roles=roles)
    async def offset(ask: Ask, upload: Handle) -> Response:
        """How many bytes of a file are there."""
        return _told(await run_in_threadpool(Uploads(ask.settings).get, ask.who.id, upload), 200)

    @face.stream(at + "{upload}", "PATCH", back=back, roles=roles)
    async def append(ask: Ask, upload: Handle) -> Response:
        """Bytes of a file from an offset on, which must be where it stopped."""
        if _other_version(ask):
            return _speak()
        if ask.request.headers.get("content-type", "") != BODY:
            return Response(status_code=415)
        return _told(await _append(ask, upload), 204)

    @face.stream(at + "{upload}", "DELETE", back=back, roles=roles)
    async def give_up(ask: Ask, upload: Handle) -> Response:
        """Take a file away that is not collected yet."""
        await run_in_threadpool(Uploads(ask.settings).remove, ask.who.id, upload)
        return Response(status_code=204, headers={"tus-resumable": VERSION})

    @face.stream(at, "OPTIONS", back=back, roles=roles)
    async def abilities(ask: Ask) -> Response:
        """What of the protocol is spoken, and how large a file may be."""
        more = {"tus-version": VERSION, "tus-extension": "creation,termination"}
        most = {"tus-max-size": str(ask.settings.upload_bytes)}
        return Response(status_code=204, headers={"tus-resumable": VERSION, **more, **most})


async def _append(ask: Ask, upload: str) -> Upload:
    """Write the body block by block; what came before it broke off stays."""
    uploads, at = Uploads(ask.settings), _number(ask.request, "upload-offset")
    known = await run_in_threadpool(uploads.get, ask.who.id, upload)
    length = ask.request.headers.get("content-length", "")
    if length.isdigit() and at + int(length) > known.size:
        raise MoreThanDeclared(size=known.size)
    writing = await run_in_threadpool(uploads.go_on, ask.who.id, upload, at)
    try:
        async for block in _blocks(ask.request):
            await run_in_threadpool(writing.write, block)
    finally:
        await run_in_threadpool(writing.end)
    return writing.upload


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    """The body in blocks; it ends where the connection breaks, too."""
    waiting = bytearray()
    try:
        async for part in request.stream():
            waiting += part
            if len(waiting) >= BLOCK:
                yield bytes(waiting)
                waiting.clear()
    except ClientDisconnect:
        pass
    if waiting:
        yield bytes(waiting)


def _told(upload: Upload, status: int, **more: str) -> Response:
    offset, size = str(upload.offset), str(upload.size)
    headers = {"tus-resumable": VERSION, "upload-offset": offset, "upload-length": size, **more}
    return Response(status_code=status, headers=headers)


def _other_version(ask: Ask) -> bool:
    return ask.request.headers.get("tus-resumable", VERSION) != VERSION


def _speak() -> Response:
    return Response(status_code=412, headers={"tus-version": VERSION})


def _number(request: Request, header: str) -> int:
    """A header that says how many bytes. BadSize."""
    text = request.headers.get(header, "")
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadSize()
    return int(text)


def _name(request: Request) -> str:
    """The file's name, of the metadata. BadFileName."""
    for pair in request.headers.get("upload-metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "filename":
            try:
                return base64.b64decode(value, validate=True).decode("utf-8")
            except (binascii.Error, ValueError):
                raise BadFileName() from None
    raise BadFileName()
