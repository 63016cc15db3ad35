"""What waits: notices, and the documents that somebody has to decide, the oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query
from sqlalchemy import ColumnElement, true

from quanmin.ledger.forum import PaperRow
from quanmin.opendata.participation import application, discussion, notice, owner, paper, report, request, reuse
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.errors import NoSuchPage
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.portal.participation.common import TONES, more
from quanmin.web.portal.participation.mine import KINDS as portal_kinds
from quanmin.web.portal.participation.mine import SEEN, notices
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("开放门户", "Open portal")
ROLES = (MODERATOR, PUBLISHER)
DESK = "console/participation/desk.html"
WHOSE: tuple[notice.Whose, ...] = ("publisher", "moderators")
Kinds = Mapping[str, tuple[Text, str, tuple[str, ...], dict[str, Text]]]
KINDS: Kinds = {
    "reuses": (Text("待审核的应用成果", "Reuses to review"), reuse.KIND.kind, ("submitted",), reuse.STATES),
    "requests": (
        Text("待答复的数据需求", "Requests to answer"),
        request.KIND.kind,
        ("open", "planned"),
        request.STATES,
    ),
    "discussions": (Text("待回复的讨论", "Discussions to answer"), discussion.KIND.kind, ("open",), discussion.STATES),
    "reports": (Text("待处理的错误报告", "Error reports"), report.KIND.kind, ("received", "confirmed"), report.STATES),
    "applications": (
        Text("待审批的数据申请", "Applications to decide"),
        application.KIND.kind,
        ("submitted",),
        application.STATES,
    ),
}
PAGES = [
    ("/participation", TITLE),
    *[(f"/participation/all/{one}", portal_kinds[known[1]][0]) for one, known in KINDS.items()],
]


def sub(ask: Ask) -> list[tuple[str, Text]]:
    """The pages of the area that are somebody's."""
    return [one for one in PAGES if not one[0].endswith("/reuses") or owner.moderates(ask.who)]


def listed(ask: Ask, name: str, states: tuple[str, ...], number: int = 1, size: int = 10) -> dict[str, Any]:
    """A list of a kind that is somebody's to decide; moderators see all of what is public."""
    title, kind, _, titles = KINDS[name]
    where: ColumnElement[bool] = owner.own(ask.lake.ledger, ask.who, PaperRow.publisher)
    if owner.moderates(ask.who) and kind != application.KIND.kind:
        where = true()
    found = paper.page(ask.lake.ledger, (kind,), states, number=number, size=size, where=where)
    rows = []
    for one in found.documents:
        due = next((step.due for step in _flow(name).allowed(one.state) if step.due is not None), None)
        state = application.state(ask.lake.ledger, one) if kind == application.KIND.kind else one.state
        place = one.data["name"] if name == "reuses" else one.id
        rows.append(
            {
                "document": one.id,
                "path": f"/participation/{name}/{place}",
                "title": one.data.get("title") or (report.SORTS[one.data["sort"]] if name == "reports" else None),
                "state": state,
                "state_title": titles[state],
                "at": one.at,
                "due": due.after(one.since) if due else None,
                "late": bool(due and due.after(one.since) < ask.lake.ledger.now()),
            }
        )
    return {"name": name, "title": title, "rows": rows, "total": found.total, "page": found.page, "pages": found.pages}


def _flow(name: str) -> Any:
    modules = {
        "reuses": reuse,
        "requests": request,
        "discussions": discussion,
        "reports": report,
        "applications": application,
    }
    return modules[name].KIND


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/participation", DESK, roles=ROLES)
    def desk(ask: Ask) -> Answer:
        """Notices, and what waits."""
        names = [one for one in KINDS if one != "reuses" or owner.moderates(ask.who)]
        lists = [listed(ask, one, KINDS[one][2]) for one in names]
        data = {
            "notices": [{**one, "path": _path(one), "name": None} for one in notices(ask, WHOSE) if not one["seen"]],
            "lists": lists,
            "scanner": bool(ask.settings.scanner),
        }
        return View(TITLE, data, more(sub=sub(ask), moderates=owner.moderates(ask.who)))

    @face.form("/participation/seen", SEEN, page=desk, template=DESK, roles=ROLES)
    def seen(ask: Ask, posted: Posted) -> Answer:
        """Mark the notices as seen, for everybody whose they are."""
        upto = posted["upto"]
        notice.seen(ask.lake.ledger, ask.who, WHOSE, int(upto) if upto.isascii() and upto.isdigit() else 0)
        return Redirect("/participation")

    @face.form("/participation/rescan", (), page=desk, template=DESK, roles=(MODERATOR,))
    def rescan(ask: Ask, _posted: Posted) -> Answer:
        """Have the packages scanned that wait for the scanner."""
        found = reuse.rescan(ask.place.portal, ask.who)
        said = ", ".join(f"{state}: {count}" for state, count in sorted(found.items())) or "0"
        return Redirect("/participation", Text(f"已重新扫描（{said}）", f"Scanned again ({said})"))

    @face.page("/participation/all/{name}", "console/participation/list.html", roles=ROLES)
    def every(ask: Ask, name: str, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Answer:
        """Everything of a kind, whatever became of it."""
        if name not in KINDS or (name == "reuses" and not owner.moderates(ask.who)):
            raise NoSuchPage()
        data = listed(ask, name, (), page, 50)
        title = portal_kinds[KINDS[name][1]][0]
        return View(title, {**data, "title": title}, {"sub": sub(ask), "tones": TONES})


def _path(one: Mapping[str, Any]) -> str:
    """Where a notice leads in the console."""
    name = next(name for name, known in KINDS.items() if known[1] == one["kind"])
    return f"/participation/{name}/{one['name'] if name == 'reuses' else one['document']}"
