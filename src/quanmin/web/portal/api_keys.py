"""The keys of the data API of whoever signed in: made and shown once, given up, and how much each was used."""

from __future__ import annotations

from typing import Any

from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("我的接口密钥", "My API keys")
TEMPLATE, PLACE = "portal/api_keys.html", "/api-keys"
NAME = (
    Field(
        "name",
        Text("名称", "Name"),
        limit=60,
        hint=Text("例如使用密钥的程序", "for instance the program that uses the key"),
    ),
)
KEY = (Field("key", Text("编号", "Number"), "number", limit=12),)
DAYS = 7


def install(face: Face) -> None:
    """Register the page and its two forms."""

    @face.page(PLACE, TEMPLATE)
    def api_keys(ask: Ask) -> Answer:
        """The keys of the data API of whoever signed in, with their use and their quota."""
        return shown(ask)

    @face.form(f"{PLACE}/make", NAME, page=api_keys, template=TEMPLATE)
    def make(ask: Ask, posted: Posted) -> Answer:
        """Make a key; it is shown once."""
        key, text = ask.place.keys.make(ask.who.id, posted["name"])
        return shown(ask, {"key": key.id, "text": text})

    @face.form(f"{PLACE}/give-up", KEY, page=api_keys, template=TEMPLATE)
    def give_up(ask: Ask, posted: Posted) -> Answer:
        """Give up a key; no program can use it any more."""
        ask.place.keys.give_up(ask.who.id, posted["key"])
        return Redirect(PLACE, Text("密钥已停用", "The key is given up"))


def shown(ask: Ask, made: dict[str, Any] | None = None) -> View:
    """The page; `made` is a key that was made just now, with its text."""
    keys, today = ask.place.keys, ask.lake.ledger.now().date().isoformat()
    rows = [
        {
            "key": one.id,
            "name": one.name,
            "begins": one.begins,
            "at": one.at,
            "today": next((use.requests for use in one.use if use.day == today), 0),
            "use": [use._asdict() for use in one.use[:DAYS]],
        }
        for one in keys.of(ask.who.id)
    ]
    quota = {"day": keys.day_quota, "minute": keys.minute_quota}
    return View(TITLE, {"keys": rows, "quota": quota, "made": made}, {"fields": NAME})
