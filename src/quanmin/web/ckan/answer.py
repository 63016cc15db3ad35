"""Answers as CKAN's clients read them: the envelope, and errors in it."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.responses import JSONResponse, Response

from quanmin.errors import QuanminError, Unavailable
from quanmin.opendata import ckan
from quanmin.opendata.ckan.errors import ActionUnknown, CallUnreadable
from quanmin.opendata.keys.errors import QuotaSpent
from quanmin.text import Language
from quanmin.web import language
from quanmin.web.errors import TooMany
from quanmin.web.place import Place


class Json(JSONResponse):
    """JSON whose halves of characters, which no client could read, are told by escapes."""

    def render(self, content: Any) -> bytes:
        """The body."""
        return text(content).encode("utf-8", "backslashreplace")


def text(content: Any) -> str:
    """JSON without blanks."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def help_of(place: Place, name: str) -> str:
    """Where an action is described."""
    shown = name if re.fullmatch(r"[a-z_]{1,60}", name) else ""
    return f"{place.settings.origin.rstrip('/')}/api/3/action/help_show?name={shown}"


def tongue_of(said: str | None, place: Place) -> Language:
    """The language of messages, by `Accept-Language`, else the installation's."""
    return language.chosen(said) if said and said != "*" else place.settings.language


def refused(error: QuanminError, name: str, tongue: Language, place: Place) -> Response:
    """An error as CKAN tells it: unknown actions and unreadable calls as a text, everything else in the envelope."""
    if isinstance(error, ActionUnknown):
        return Json(f"Bad request: Action name not known: {error.fields['name']}", 400)
    if isinstance(error, CallUnreadable):
        return Json(f"Bad request - JSON Error: {error.message(tongue)}", 400)
    status, told = ckan.told(error, tongue)
    made = Json({"help": help_of(place, name), "success": False, "error": told}, status)
    if "seconds" in error.fields and isinstance(error, Unavailable):
        made.headers["retry-after"] = str(error.fields["seconds"])
    if isinstance(error, TooMany | QuotaSpent):
        made.status_code = 429
    return made
