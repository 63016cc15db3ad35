"""Whoever signed in to see the own record: the number typed once a session, the ward acted for, and the reads of oneself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.text import Text
from quanmin.trust import identity
from quanmin.trust.identity import person
from quanmin.web.ask import Ask
from quanmin.web.form import Field
from quanmin.web.view import View

ROLES = ("patient", "guardian")
PURPOSE = "own_record"
COOKIE = "quanmin_person"
RECORD, LOOKED = Text("我的记录", "My record"), Text("谁看过", "Who looked")
CORRECTIONS, CONSENT = Text("更正", "Corrections"), Text("同意与撤回", "Consent")
PAGES = [
    ("/my-record", RECORD),
    ("/my-record/looked", LOOKED),
    ("/my-record/corrections", CORRECTIONS),
    ("/my-record/consent", CONSENT),
]
NUMBER = (
    Field(
        "number",
        Text("公民身份号码", "Citizen number"),
        limit=40,
        hint=Text("只用于核对，不出现在网址和日志中", "only to check it; it is in no address and no log"),
    ),
)


def number_of(ask: Ask) -> str | None:
    """The number of the person whose record it is, if it was typed in this session."""
    return person.number_of(ask.registry, ask.who, ask.request.cookies.get(COOKIE))


def wards(ask: Ask) -> list[dict[str, Any]]:
    """The guardianships of whoever signed in."""
    return person.guardianships(ask.registry, ask.who)


def asking(ask: Ask, title: Text, more: Mapping[str, Any] | None = None) -> View:
    """The page that asks for the number first."""
    data = {"known": False, "acting": ask.who.acting_for is not None, "wards": wards(ask)}
    return View(title, data, {"pages": PAGES, "number": NUMBER, **(more or {})}, template="portal/number.html")


def act_for(ask: Ask, document: int | None) -> None:
    """Act for a ward from now on, or for oneself again."""
    if ask.token is not None:
        identity.act_for(ask.registry, ask.token, document)
