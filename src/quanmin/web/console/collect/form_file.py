"""A file that comes as part of a form, from a browser without JavaScript: put among the uploads, and then all is as with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from quanmin.collect.errors import FileTooLarge
from quanmin.collect.upload import Upload, Uploads
from quanmin.errors import QuanminError
from quanmin.web.ask import Ask
from quanmin.web.console.collect.transfer import BLOCK
from quanmin.web.face import Face

MORE = 1 << 20
"""Bytes that a form may have besides the file."""
NAME = "file"
UPLOAD = "upload"


async def submit(face: Face, ask: Ask, form: str) -> Response:
    """Take the file of a form, then do what is done with `form` once its file is uploaded."""
    sent, refused = FormData(), None
    try:
        async with Request(ask.request.scope, _bounded(ask)).form(max_files=1, max_fields=20) as whole:
            sent = FormData([(key, value) for key, value in whole.multi_items() if isinstance(value, str)])
            file = whole.get(NAME)
            if isinstance(file, UploadFile) and file.filename:
                kept = await run_in_threadpool(_keep, ask, file.filename, file.size or 0, file.file)
                sent = FormData(
                    [*((key, value) for key, value in sent.multi_items() if key != UPLOAD), (UPLOAD, kept.id)]
                )
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except QuanminError as error:
        refused, sent = error, FormData([*sent.multi_items(), (UPLOAD, "-")])
    return await face.submit(form, ask, sent, refused)


def _keep(ask: Ask, name: str, size: int, file: BinaryIO) -> Upload:
    """Put the file among the account's uploads."""
    uploads = Uploads(ask.settings)
    upload = uploads.begin(ask.who.id, name, size)
    writing = uploads.go_on(ask.who.id, upload.id, 0)
    while block := file.read(BLOCK):
        writing.write(block)
    return writing.end()


def _bounded(ask: Ask) -> Callable[[], Awaitable[Message]]:
    """The body, refused where it is longer than the largest file and its form."""
    limit = ask.settings.upload_bytes
    length = ask.request.headers.get("content-length", "")
    seen = int(length) if length.isdigit() else 0

    async def receive() -> Message:
        nonlocal seen
        message = await ask.request.receive()
        seen += 0 if length.isdigit() else len(message.get("body", b""))
        if seen > limit + MORE:
            raise FileTooLarge(file="file", limit=limit)
        return message

    return receive
