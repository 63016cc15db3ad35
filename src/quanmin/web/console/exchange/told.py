"""The errors of a delivery on its page: what was told of it and where that stands, and the lines of a feedback that came."""

from __future__ import annotations

from typing import Any

from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.exchange.intake import case, correction, kept
from quanmin.ledger import Document
from quanmin.ledger.listing import SIZE, place
from quanmin.text import Text
from quanmin.web.ask import Ask

STATES = {"open": Text("待更正", "to be corrected"), "closed": Text("已办结", "closed")}
"""Of a line of a feedback."""
WORDS = {"case_states": case.STATES, "line_states": STATES}


def errors(ask: Ask, document: Document, page: int) -> dict[str, Any]:
    """`cases` that this side told about a delivery that came in, `came`: feedback about one that was sent, and `lines` of one."""
    manifest = document.data["manifest"]
    if document.kind == DELIVERY.kind:
        return {"came": _came(ask, str(document.ref)), "cases": [], "lines": None}
    cases = [one.to_dict() for one in correction.progress(ask.lake, answers=str(document.ref))]
    shown = document.kind == INTAKE.kind and document.state == "accepted" and manifest["content"] == "feedback"
    return {"came": [], "cases": cases, "lines": _lines(ask, document, page) if shown else None}


def _came(ask: Ask, delivery: str) -> list[dict[str, Any]]:
    """Feedback about a delivery of this member, the oldest first."""
    names = ("delivery", "at", "told", "closed", "more", "due_on")
    return [{name: getattr(one, name) for name in names} for one in kept.listing(ask.lake) if one.answers == delivery]


def _lines(ask: Ask, document: Document, page: int) -> dict[str, Any]:
    """A page of the lines of a feedback."""
    total = int(document.data["manifest"]["rows"] or 0)
    at = place(page, total)
    found, lines = kept.some(ask.lake, str(document.ref), at.skip, SIZE)
    rows = [
        {
            "state": line["state"],
            "row": line["row"],
            "key": line["key"],
            "element": line["element"],
            "code": line["code"],
            "title": Text(line["title_zh"], line["title_en"]),
            "expected": Text(line["expected_zh"], line["expected_en"]),
        }
        for line in lines
    ]
    told = {"told": found.told, "closed": found.closed, "more": found.more, "due_on": found.due_on}
    return {**told, "rows": rows, "page": at.page, "pages": at.pages, "total": total}
