"""From a view to bytes: a page, its twin, a redirect, a download; and what every address may answer, for its description."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from quanmin.text import Text, document
from quanmin.web import render, session
from quanmin.web.ask import Ask
from quanmin.web.form import Field
from quanmin.web.view import Answer, Download, Redirect

if TYPE_CHECKING:
    from quanmin.web.face import Face

PUBLIC = "x-quanmin-public"
"""Marks an answer that may be cached; taken off before it is sent."""


def respond(face: Face, ask: Ask, template: str | None, answer: Answer, public: bool = False) -> Response:
    """The response: without a template, the twin."""
    if isinstance(answer, Download):
        name = f"attachment; filename*=UTF-8''{quote(answer.name)}"
        return StreamingResponse(
            iter(answer.pieces), headers={"content-disposition": name}, media_type=answer.media_type
        )
    if isinstance(answer, Redirect):
        return _redirect(face, ask, answer)
    if template is None:
        made = twin(answer.data, answer.status)
    else:
        notice = _notice(ask.request)
        made = HTMLResponse(render.page(face, ask, answer.template or template, answer, notice), answer.status)
        _keep(face, ask, made, answer.cookies)
        if notice is not None:
            session.keep(made, ask.settings, session.NOTICE, None, face.base)
        public = public and notice is None
    if public and ask.actor is None and answer.status == 200 and not answer.fleeting:
        made.headers[PUBLIC] = "1"
    return made


def twin(data: Mapping[str, Any], status: int = 200) -> Response:
    """A JSON document, texts in both languages."""
    text = json.dumps(document(data), ensure_ascii=False, default=_plain)
    return Response(text.encode(), status, media_type="application/json")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _redirect(face: Face, ask: Ask, answer: Redirect) -> Response:
    response = RedirectResponse(ask.url(answer.to), answer.status)
    _keep(face, ask, response, answer.cookies)
    if answer.notice is not None:
        packed = base64.urlsafe_b64encode(json.dumps(answer.notice).encode()).decode()
        session.keep(response, ask.settings, session.NOTICE, packed, face.base)
    return response


def _keep(face: Face, ask: Ask, response: Response, cookies: Mapping[str, str | None]) -> None:
    for name, value in cookies.items():
        session.keep(response, ask.settings, name, value, face.base)


def _notice(request: Request) -> Text | None:
    """What was to be said on the next page; whatever else is in the cookie is passed over."""
    try:
        zh, en = json.loads(base64.urlsafe_b64decode(request.cookies.get(session.NOTICE, "")[:2000]))
        return Text(str(zh), str(en))
    except (ValueError, TypeError):
        return None


_PAGE = {"content": {"text/html": {"schema": {"type": "string"}}}}
_TWIN = {"content": {"application/json": {"schema": {"type": "object"}}}}
_ERROR = {
    "application/json": {
        "schema": {
            "type": "object",
            "required": ["code", "category", "message", "next_step"],
            "properties": {
                "code": {"type": "string", "pattern": "^QM-[A-Z]+-[0-9]{3}$"},
                "category": {"type": "string"},
                "message": {"type": "object"},
                "next_step": {"type": "object"},
                "address": {"type": "object"},
            },
        }
    },
    "text/html": {"schema": {"type": "string"}},
}
_WORDS = {
    303: "Where to go on, or to sign in",
    308: "It has another address for good",
    400: "The host or the form cannot be read",
    403: "The policy, the post or the session says no",
    404: "It is not there",
    405: "Another method",
    409: "Somebody else was first, or the state forbids it",
    410: "It was withdrawn; what stays of it",
    413: "Larger than any form",
    422: "Parameters or fields are wrong",
    429: "Too many requests",
    500: "The program failed",
    503: "The store is away",
}


def described(method: str, twin: bool, fields: Sequence[Field], kinds: Sequence[str] = ()) -> dict[str, Any]:
    """How FastAPI is told what an address takes and answers; `kinds` are the media types of a file that it gives."""
    found: dict[int | str, dict[str, Any]] = {
        status: {"description": words, **({} if status in (303, 308) else {"content": _ERROR})}
        for status, words in _WORDS.items()
    }
    found[200] = {"description": "The document" if twin else "The page", **(_TWIN if twin else _PAGE)}
    files = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    if method == "GET" and files:
        found[200] = {"description": "The file", "content": files}
    if method == "POST":  # what scripts of our pages ask for is answered with a document
        found[200]["content"] = {**_PAGE["content"], **_TWIN["content"], **files}
    else:
        return {"responses": found, "response_class": Response if twin else HTMLResponse}
    shape = {
        "type": "object",
        "required": [one.name for one in fields if one.needed],
        "properties": {one.name: one.schema() for one in fields},
    }
    body = {"content": {"application/x-www-form-urlencoded": {"schema": shape}}}
    return {"responses": found, "response_class": HTMLResponse, "openapi_extra": {"requestBody": body}}


def streamed() -> dict[str, Any]:
    """The same of what takes a body as it comes (the core of tus 1.0)."""
    more = {
        200: "How much is there, or the page after it",
        201: "Made; its address is in `Location`",
        204: "Done",
        412: "Another version of the protocol",
        415: "Another kind of body",
    }
    words: dict[int | str, dict[str, Any]] = {
        status: {"description": said, "content": _ERROR} for status, said in _WORDS.items()
    }
    return {"responses": words | {status: {"description": said} for status, said in more.items()}}
