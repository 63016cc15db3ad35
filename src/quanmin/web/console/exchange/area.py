"""What the pages of the area share: whose they are, whose matters they show, the links between them, and words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query

from quanmin import standards
from quanmin.exchange.agreement.workflow import STATES
from quanmin.exchange.delivery.workflow import DELIVERY
from quanmin.exchange.role import OPERATOR
from quanmin.exchange.statistic.deliveries import SENT, TAKEN
from quanmin.exchange.template.template import FREQUENCY_WORDS, MODE_WORDS
from quanmin.ledger import Document, workflow
from quanmin.ledger.listing import SIZE, place
from quanmin.text import Text
from quanmin.trust.agreed import COPY, COURSE
from quanmin.web.ask import Ask
from quanmin.web.console.areas import EXCHANGERS
from quanmin.web.view import View

OPERATORS = (OPERATOR,)
ROLES = EXCHANGERS
"""Who sees the area: whoever operates the exchange, and the audit administrator, who acts on nothing."""
AGREEMENTS = (COURSE, COPY)
Name = Annotated[str, Path(max_length=100, pattern=r"^[A-Za-z0-9._~-]+$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
PageNumber = Annotated[int, Query(ge=1, le=100_000)]
State = Annotated[str, Query(max_length=20, pattern=r"^[a-z_]*$")]

SUB = (
    ("/exchange", Text("协议", "Agreements")),
    ("/exchange/deliveries", Text("推送", "Deliveries")),
    ("/exchange/reconciliation", Text("对账", "Reconciliation")),
    ("/exchange/traffic", Text("流量与服务水平", "Traffic and service levels")),
    ("/exchange/members", Text("成员", "Members")),
)
TONES = {
    "in_force": "ok",
    "requested": "wait",
    "reviewed": "wait",
    "answered": "wait",
    "suspended": "bad",
    "refused": "bad",
    "revoked": "bad",
    "parked": "bad",
    "stopped": "bad",
    "acknowledged": "ok",
    "accepted": "ok",
    "sending": "wait",
    "sent": "wait",
    "recalling": "wait",
    "received": "wait",
    "agrees": "ok",
    "settled": "ok",
    "differs": "bad",
}
CONTENT_WORDS = {
    "full": Text("全量", "whole"),
    "change": Text("变更", "changes"),
    "file": Text("文件", "file"),
    "feedback": Text("错误反馈", "errors fed back"),
    "correction": Text("更正", "correction"),
}
ORIGIN_WORDS = {
    "consumer": Text("请求方", "whoever asked"),
    "platform": Text("平台", "the platform"),
    "provider": Text("提供方", "the provider"),
}


def scope(ask: Ask) -> str | None:
    """The member whose matters alone are shown: that of the viewer's organisation. None for the people of this installation.

    An organisation is a member's if it is called like it; names of organisations have a hyphen where agencies have a low line.
    """
    own = (ask.who.organisation or "").replace("-", "_")
    return own if standards.catalogue().body(own) is not None and own != ask.settings.member else None


def acts(ask: Ask) -> bool:
    """Whether the viewer may act: an operator of this installation's own member."""
    return ask.holds(*OPERATORS) and scope(ask) is None


def shown(title: Text, data: Mapping[str, Any], ask: Ask, **more: Any) -> View:
    """A page of the area."""
    words = {"states": STATES, "sent_states": SENT, "taken_states": TAKEN, "tones": TONES, "origins": ORIGIN_WORDS}
    words |= {
        "modes": MODE_WORDS,
        "frequencies": FREQUENCY_WORDS,
        "contents": CONTENT_WORDS,
        "agency": agency,
        "own_member": ask.settings.member,
    }
    return View(title, data, {"sub": SUB, "scope": scope(ask), "acts": acts(ask), **words, **more})


def agency(member: str) -> Text:
    """What a member is called: as the catalogue calls the agency, in its division, else by its name."""
    return standards.catalogue().called(member)


def mine(ask: Ask, sides: Iterable[str]) -> bool:
    """Whether something between these members is shown to the viewer."""
    own = scope(ask)
    return own is None or own in sides


def clock(document: Document) -> dict[str, Any] | None:
    """What a document waits for, and until when: the earliest of its deadlines."""
    owed = [one for one in workflow(document.kind).allowed(document.state) if one.due is not None]
    found = [{"due": one.due.after(document.since), "step": one.name} for one in owed if one.due is not None]
    return min(found, key=lambda one: str(one["due"]), default=None)


def late(due: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether a clock has run out."""
    return due is not None and due["due"] < now


def paged(rows: Sequence[Any], page: int) -> dict[str, Any]:
    """A page of a list, and where it is."""
    at = place(page, len(rows))
    return {"rows": list(rows[at.skip : at.skip + SIZE]), "page": at.page, "pages": at.pages, "total": len(rows)}


def outgoing(document: Document) -> bool:
    """Whether a delivery was sent from here."""
    return document.kind == DELIVERY.kind
