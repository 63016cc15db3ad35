"""What the public has to say of one record, for its page."""

from __future__ import annotations

from typing import Any

from quanmin.opendata.catalogue import Record
from quanmin.opendata.participation import discussion, paper, report, request, reuse
from quanmin.opendata.portal import Portal

SHOWN = 5
"""Of each, on the page of a dataset."""


def about(portal: Portal, record: Record) -> dict[str, Any]:
    """Reuses, discussions, requests and error reports of a record: how many, and the newest of each; nothing of an account.

    `applies`: its data are given on application.
    """
    ledger = portal.ledger

    def some(kind: str, states: tuple[str, ...]) -> dict[str, Any]:
        found = paper.page(ledger, (kind,), states, record=record.id, size=SHOWN)
        return {"total": found.total, "rows": found.documents, "votes": found.votes}

    parts = {
        "reuses": (reuse.KIND.kind, (reuse.SHOWN,), reuse.STATES),
        "discussions": (discussion.KIND.kind, discussion.SHOWN, discussion.STATES),
        "requests": (request.KIND.kind, request.SHOWN, request.STATES),
        "reports": (report.KIND.kind, report.SHOWN, report.STATES),
    }
    told: dict[str, Any] = {"name": record.name, "applies": record.access.code == "application"}
    for name, (kind, states, titles) in parts.items():
        found = some(kind, states)
        rows = [_row(one, name, titles[one.state], found["votes"].get(one.id, 0)) for one in found["rows"]]
        told[name] = {"total": found["total"], "rows": rows}
    return told


def _row(one: Any, name: str, state: Any, votes: int) -> dict[str, Any]:
    path = one.data["name"] if name == "reuses" else str(one.id)
    title = one.data["title"] if name != "reports" else report.SORTS[one.data["sort"]]
    return {
        "path": f"/{name}/{path}",
        "title": title,
        "state": one.state,
        "state_title": state,
        "at": one.at,
        "votes": votes,
    }
