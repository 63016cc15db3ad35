"""Emergency access: a clinician opens it with a reason and it rings; the audit administrator reviews it within a working day."""

from __future__ import annotations

from typing import Any

from quanmin.ledger.errors import UnknownDocument
from quanmin.text import Text
from quanmin.trust.identity import emergency
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import (
    ADMINISTRATORS,
    AUDIT,
    CLINICIANS,
    PERSON,
    Number,
    PageNumber,
    paged,
    shown,
)
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("紧急访问", "Emergency access")
FINDINGS = {"justified": Text("正当", "justified"), "unjustified": Text("不正当", "unjustified")}
REVIEW = (
    Field("finding", Text("结论", "Finding"), "choice", choices=list(FINDINGS.items())),
    Field("remark", Text("说明", "Remark"), "words", limit=400),
)
WHY = Field(
    "reason",
    Text("紧急情况", "What the emergency is"),
    "words",
    limit=400,
    hint=Text("至少 10 个字；会被复核", "10 characters at least; it will be reviewed"),
)
OPEN = (PERSON, WHY)


def install(face: Face) -> None:
    """Register the pages."""
    template, single = "console/trust/emergency.html", "console/trust/emergency_review.html"
    everybody = (*ADMINISTRATORS, *CLINICIANS)

    @face.page("/trust/emergency", template, roles=everybody)
    def accesses(ask: Ask, page: PageNumber = 1) -> Answer:
        """What was opened: every one for the administrators, one's own for a clinician."""
        rows = emergency.listing(ask.registry, ask.who)[::-1] if ask.holds(*ADMINISTRATORS) else None
        mine = emergency.own(ask.registry, ask.who) if ask.who.kind == "clinician" else []
        data: dict[str, Any] = {**paged(rows or [], page), "own": mine}
        more = {"fields": OPEN if ask.who.kind == "clinician" else (), "every": rows is not None}
        return shown(ask, TITLE, data, findings=FINDINGS, may=ask.holds(*AUDIT), **more)

    @face.form("/trust/emergency/open", OPEN, page=accesses, template=template, roles=everybody)
    def open_(ask: Ask, posted: Posted) -> Answer:
        """Open the record of one person for four hours; it alarms."""
        emergency.open_access(ask.registry, ask.who, posted["person"], posted["reason"])
        return Redirect(
            "/trust/emergency", Text("已开启四小时，已告警，待复核", "Open for four hours; it rang and is reviewed")
        )

    @face.page("/trust/emergency/{number}", single, roles=AUDIT)
    def one(ask: Ask, number: Number) -> Answer:
        """One access, and its review."""
        found = next((one for one in emergency.listing(ask.registry, ask.who) if one["document"] == number), None)
        if found is None:
            raise UnknownDocument(document=number)
        more = {"findings": FINDINGS, "review": REVIEW if found["state"] == "open" else ()}
        return shown(ask, Text(f"紧急访问 {number}", f"Emergency access {number}"), found, **more)

    @face.form("/trust/emergency/{number}/review", REVIEW, page=one, template=single, roles=AUDIT)
    def review(ask: Ask, posted: Posted, number: Number) -> Answer:
        """Say whether it was justified."""
        emergency.review(ask.registry, ask.who, number, posted["finding"], posted["remark"])
        return Redirect("/trust/emergency", Text("已复核", "Reviewed"))
