"""The first page of the console: what came in, what waits, what is near its deadline, how large the store is, what rang."""

from __future__ import annotations

from typing import Any

from quanmin import jobs, standards
from quanmin.installation.overview import Overview, overview
from quanmin.ledger.due import Due
from quanmin.population.review import item
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.operations.area import ROLES
from quanmin.web.face import Face
from quanmin.web.view import Answer, View

OWED: dict[str, tuple[Text, str]] = {
    **{kind.kind: (item.ABOUT[about], "/review/{document}") for about, kind in item.KINDS.items()},
    "correction_request": (Text("更正申请", "correction asked for"), "/feedback/claims"),
    "feedback_letter": (Text("反馈函", "letter of feedback"), "/feedback/letters/{document}"),
    "emergency_access": (Text("紧急访问待复核", "emergency access to review"), "/trust/emergency"),
    "portal_reuse": (Text("应用成果待审核", "reuse to review"), "/participation"),
    "data_request": (Text("数据需求待答复", "request for data"), "/participation/requests/{document}"),
    "discussion": (Text("讨论待回复", "discussion to answer"), "/participation/discussions/{document}"),
    "error_report": (Text("错误报告待处理", "error report"), "/participation/reports/{document}"),
    "data_application": (Text("数据申请待审批", "application for data"), "/participation/applications/{document}"),
    "exchange_case": (Text("交付错误待更正", "errors of a delivery to be corrected"), "/exchange/deliveries"),
    "exchange_dispute": (Text("对错误的异议待裁定", "dispute of an error to decide"), "/exchange/deliveries"),
    "exchange_recall": (Text("召回待确认", "recall to be confirmed"), "/exchange/deliveries"),
    "exchange_reconciliation": (Text("对账不一致", "a day that differs"), "/exchange/reconciliation/{document}"),
    "reidentification": (Text("假名还原待批准", "re-identification to approve"), "/trust/reidentification"),
}
"""What a document with a deadline is called, and where it is dealt with."""


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/", "console/overview.html")
    def first(ask: Ask) -> Answer:
        """What there is to do today."""
        found = overview(ask.lake, ask.registry, ask.who)
        data = {**found.to_dict(), "jobs": _jobs(ask), "snapshot": ask.place.snapshot()}
        plain = all(data[name] is None for name in ("today", "review", "approvals", "releases", "jobs", "alarms"))
        more = {"holds": ask.holds, "abouts": item.ABOUT, "plain": plain, "tones": {}}
        return View(Text("总览", "Overview"), data, {**more, "urgent": _urgent(ask, found), "sources": _sources(found)})


def _jobs(ask: Ask) -> dict[str, int] | None:
    """How many wait or go on, and how many ended badly."""
    if not ask.holds(*ROLES):
        return None
    counts = jobs.counts(ask.lake)
    sums = {"open": jobs.OPEN, "bad": ("failed", "interrupted")}
    return {name: sum(counts.get(one, 0) for one in states) for name, states in sums.items()}


def _urgent(ask: Ask, found: Overview) -> list[dict[str, Any]]:
    now = ask.lake.ledger.now()
    return [_due(one) | {"late": one.due < now} for one in found.owed.first] if found.owed else []


def _due(one: Due) -> dict[str, Any]:
    title, path = OWED.get(one.kind, (Text(one.kind, one.kind), ""))
    return {"title": title, "path": path.format(document=one.document), "document": one.document, "due": one.due}


def _sources(found: Overview) -> list[dict[str, Any]]:
    """The lines with the titles of agency and dataset."""
    known = standards.catalogue()
    datasets = {name: one.title for name, one in known.datasets.items()}
    return [
        {
            "line": one,
            "agency": known.called(one.source),
            "title": datasets.get(one.dataset, one.dataset),
        }
        for one in found.sources or ()
    ]
