"""A file that comes as part of a form, to be looked at and kept: bounded, on the disk beyond a megabyte, gone afterwards."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message

from quanmin.errors import QuanminError
from quanmin.web import refusal
from quanmin.web.ask import Ask
from quanmin.web.face import Face

MORE = 1 << 20
"""Bytes that a form may have besides the file."""


@dataclass(frozen=True)
class Sent:
    """What came: the name of the file (empty: none came), its bytes, and the other fields."""

    name: str
    file: BinaryIO | None
    fields: Mapping[str, str]

    def read(self, most: int) -> bytes:
        """The bytes, at most so many."""
        return self.file.read(most) if self.file is not None else b""

    def copy(self, path: Path) -> int:
        """Write them to a file; how many."""
        if self.file is None:
            return 0
        with path.open("wb") as out:
            shutil.copyfileobj(self.file, out)
            return out.tell()


async def take(
    face: Face, ask: Ask, most: int, too_large: QuanminError, keep: Callable[[Sent], None]
) -> Response | None:
    """Do `keep` with what comes, on a thread for pages; None, or the answer where it is refused."""
    try:
        async with Request(ask.request.scope, _bounded(ask, most, too_large)).form(max_files=1, max_fields=20) as whole:
            fields = {key: value for key, value in whole.multi_items() if isinstance(value, str)}
            file = whole.get("file")
            named = isinstance(file, UploadFile) and bool(file.filename)
            sent = (
                Sent(file.filename or "", file.file, fields)
                if named and isinstance(file, UploadFile)
                else Sent("", None, fields)
            )
            await ask.place.run(lambda: keep(sent))
    except ClientDisconnect:
        return Response(status_code=400)  # nobody is there to read it
    except QuanminError as error:
        return refusal.answer(face, ask.request, error)
    return None


def _bounded(ask: Ask, most: int, too_large: QuanminError) -> Callable[[], Awaitable[Message]]:
    """The body, refused where it is longer than the largest file and its form."""
    length = ask.request.headers.get("content-length", "")
    seen = int(length) if length.isdigit() and len(length) < 16 else 0
    told = bool(seen)

    async def receive() -> Message:
        nonlocal seen
        message = await ask.request.receive()
        seen += 0 if told else len(message.get("body", b""))
        if seen > most + MORE:
            raise too_large
        return message

    return receive
