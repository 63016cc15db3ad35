"""Reading a call: its parameters from an address, JSON, or a form with or without a file."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

from quanmin.opendata.ckan import Action, Caller, Upload
from quanmin.opendata.ckan.caller import editor
from quanmin.opendata.ckan.errors import CallUnreadable, FileRefused, ValuesWrong
from quanmin.opendata.ckan.given import several
from quanmin.text import Text
from quanmin.web.ckan.inbound import Inbound
from quanmin.web.errors import TooLarge
from quanmin.web.guard import BODY

_SLACK = 1 << 20  # of a multipart body around its file
_FIELDS = 1_000


async def values(
    request: Request, inbound: Inbound, action: Action, caller: Caller, until: AsyncExitStack, most: int
) -> dict[str, Any]:
    """The parameters of a call, a file in a folder of its own `until` the call is over.

    CallUnreadable, ValuesWrong, TooLarge; NotEditor before a file of anybody else is read.
    """
    if request.method == "GET":
        return several(request.query_params.multi_items())
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data" and action.uploads:
        editor(caller)
        inbound.limit = most + _SLACK
        return await _multipart(request, until, most)
    if kind in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return _form((await _parsed(request, until)).multi_items())
    body = await request.body()
    return _object(body) if body.strip() else several(request.query_params.multi_items())


def _object(body: bytes) -> dict[str, Any]:
    """The one object of a JSON text."""
    try:
        found = json.loads(body)
    except RecursionError:
        raise CallUnreadable(reason=Text("JSON 嵌套过深", "the JSON is nested too deep")) from None
    except ValueError:
        raise CallUnreadable(reason=Text("不是有效的 JSON", "it is not valid JSON")) from None
    if not isinstance(found, dict):
        raise CallUnreadable(reason=Text("须为 JSON 对象", "it is not a JSON object"))
    return found


async def _parsed(request: Request, until: AsyncExitStack, files: int = 0) -> Any:
    try:
        form = await request.form(max_files=files, max_fields=_FIELDS, max_part_size=BODY)
    except HTTPException:
        raise CallUnreadable(reason=Text("表单有误", "the form is malformed")) from None
    until.push_async_callback(form.close)
    return form


def _form(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """A form; or JSON in the place of one, as some clients send it (the whole text as the name of its only field)."""
    if len(items) == 1 and items[0][1] in ("", "1") and items[0][0].lstrip()[:1] == "{":
        return _object(items[0][0].encode("utf-8", "replace"))
    return several(items)


async def _multipart(request: Request, until: AsyncExitStack, most: int) -> dict[str, Any]:
    """A form with a file, which goes to the disk."""
    try:
        form = await _parsed(request, until, files=1)
    except TooLarge:
        raise FileRefused(reason=Text(f"超过 {most} 字节", f"it is larger than {most} bytes")) from None
    found = several([(key, value) for key, value in form.multi_items() if not isinstance(value, UploadFile)])
    for key, value in form.multi_items():
        if isinstance(value, UploadFile):
            if key != "upload":
                raise ValuesWrong.at(key[:40], "文件的字段名须为 upload", "The field of the file is upload")
            found[key] = await _laid(value, until)
    return found


async def _laid(sent: UploadFile, until: AsyncExitStack) -> Upload:
    """A file in a folder of its own until the call is over."""
    folder = until.enter_context(TemporaryDirectory(prefix="quanmin-ckan-"))
    file = Path(folder) / "file"

    def copy() -> None:
        with file.open("wb") as out:
            while block := sent.file.read(1 << 20):
                out.write(block)

    await run_in_threadpool(copy)
    return Upload(file, sent.filename or "")
