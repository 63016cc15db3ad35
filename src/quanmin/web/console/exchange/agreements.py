"""All agreements: those that wait for the viewer, clocks that ran out, and every one in its newest version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from quanmin.exchange.agreement.office import Part
from quanmin.exchange.agreement.workflow import AGREEMENT, STATES
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.exchange.area import (
    AGREEMENTS,
    ROLES,
    PageNumber,
    State,
    acts,
    clock,
    late,
    mine,
    paged,
    shown,
)
from quanmin.web.face import Face
from quanmin.web.view import Answer

HAND = ("request", "review", "answer", "refuse", "withdraw", "suspend", "resume", "revoke")
"""What can be done by hand on a page; drafting and signing need a document or a key."""


def versions(ask: Ask, agreement: str | None = None) -> list[Document]:
    """The versions of agreements (or of one) that the viewer may see, the oldest first."""
    found = ask.lake.ledger.find(AGREEMENTS, ref=agreement)
    return [one for one in found if "terms" in one.data and mine(ask, sides(one))]


def sides(document: Document) -> tuple[str, str, str]:
    """The members that take part in an agreement."""
    terms = document.data["terms"]
    return terms["provider"], terms["consumer"], terms["authority"]


def may(ask: Ask, document: Document) -> list[str]:
    """What the viewer can do with a version now."""
    if not acts(ask) or document.kind != AGREEMENT.kind:
        return []
    part = Part(ask.settings.member, Terms.read(document.data["terms"]))
    found = [
        one.name
        for one in AGREEMENT.allowed(document.state)
        if one.roles and any(part.holds(role) for role in one.roles)
    ]
    if document.state == "suspended" and document.data.get("suspended_by") != ask.settings.member:
        found.remove("resume") if "resume" in found else None
    return [name for name in HAND if name in found]


def waits(ask: Ask, document: Document) -> bool:
    """Whether a version waits for the viewer: a step with a deadline is his, or his side has not signed."""
    if not acts(ask) or document.kind != AGREEMENT.kind:
        return False
    part = Part(ask.settings.member, Terms.read(document.data["terms"]))
    for one in AGREEMENT.allowed(document.state):
        own = {role for role in one.roles if part.holds(role)}
        if one.due is not None and own - document.waiting.get(one.name, frozenset()):
            return True
    return False


def line(document: Document, now: datetime) -> dict[str, Any]:
    """A version as a line of a list."""
    terms = document.data["terms"]
    names = ("id", "version", "item", "provider", "consumer", "dataset", "mode", "initiative", "frequency", "until")
    told = {name: terms[name] for name in names}
    told["until"] = date.fromisoformat(terms["until"])
    told |= {"title": Text(terms["title_zh"], terms["title_en"]), "state": document.state, "since": document.since}
    due = clock(document)
    return {**told, "clock": due, "late": late(due, now)}


def newest(found: Sequence[Document]) -> list[Document]:
    """The newest version of each agreement, the newest agreement first."""
    last: dict[str, Document] = {}
    for one in sorted(found, key=lambda each: int(each.data["terms"]["version"])):
        last[str(one.ref)] = one
    return sorted(last.values(), key=lambda one: (one.since, one.id), reverse=True)


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/exchange", "console/exchange/agreements.html", roles=ROLES)
    def agreements(ask: Ask, state: State = "", page: PageNumber = 1) -> Answer:
        """The agreements: what waits for the viewer, and all, the newest first."""
        now = ask.lake.ledger.now()
        every = versions(ask)
        last = newest(every)
        lines = [line(one, now) for one in last if not state or one.state == state]
        data: dict[str, Any] = {
            "waiting": [line(one, now) for one in every if waits(ask, one)],
            "overdue": sum(line(one, now)["late"] for one in every),
            "counts": {name: sum(one.state == name for one in last) for name in STATES},
            "state": state,
            **paged(lines, page),
        }
        return shown(Text("共享协议", "Sharing agreements"), data, ask)
