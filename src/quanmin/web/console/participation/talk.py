"""Discussions and error reports as a publisher or moderator sees them."""

from __future__ import annotations

from quanmin.opendata.participation import discussion, owner, paper, report, words
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.participation.desk import ROLES, sub
from quanmin.web.console.participation.requests import HIDE
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation import discussions, reports
from quanmin.web.portal.participation.common import Number, more
from quanmin.web.view import Answer, Redirect, View

TALK, REPORT = "console/participation/discussion.html", "console/participation/report.html"
POST = (Field("number", Text("发言编号", "Number of the post"), "number", limit=5), *HIDE)
STEPS = {
    "confirm": Text("确认有误", "It is an error"),
    "correct": Text("已更正", "It is corrected"),
    "reject": Text("核实无误", "It is no error"),
}
DECIDE = (
    Field("step", Text("处理", "Decision"), "choice", choices=list(STEPS.items())),
    Field(
        "said",
        Text("更正所在版本，或无误的理由（公开）", "Version with the correction, or why it is no error (public)"),
        "words",
        needed=False,
        limit=words.SHORT,
    ),
)


def install(face: Face) -> None:
    """Register the pages."""
    _discussions(face)
    _reports(face)


def _discussions(face: Face) -> None:
    @face.page("/participation/discussions/{document}", TALK, roles=ROLES)
    def one(ask: Ask, document: Number) -> Answer:
        """A discussion to answer."""
        found = discussion.get(ask.place.portal, document)
        mine = owner.answers(ask.lake.ledger, ask.who, paper.filing(ask.lake.ledger, document).publisher)
        forms = {"post": discussions.POST, "hide_post": POST, "hide": HIDE}
        title = Text(f"讨论 {document}", f"Discussion {document}")
        words_ = more(forms=forms, answers=mine, moderates=owner.moderates(ask.who), sub=sub(ask))
        return View(title, discussions.sight(ask, found), words_)

    @face.form("/participation/discussions/{document}/post", discussions.POST, page=one, template=TALK, roles=ROLES)
    def post(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Answer for the publisher."""
        discussion.post(ask.place.portal, ask.who, document, posted["text"])
        return Redirect(f"/participation/discussions/{document}", Text("已回复", "Answered"))

    @face.form("/participation/discussions/{document}/hide_post", POST, page=one, template=TALK, roles=ROLES)
    def hide_post(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Hide a post."""
        discussion.hide(ask.place.portal, ask.who, document, posted["reason"], posted["number"])
        return Redirect(f"/participation/discussions/{document}", Text("发言已屏蔽", "The post is hidden"))

    @face.form("/participation/discussions/{document}/hide", HIDE, page=one, template=TALK, roles=ROLES)
    def hide(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Hide the whole."""
        discussion.hide(ask.place.portal, ask.who, document, posted["reason"])
        return Redirect(f"/participation/discussions/{document}", Text("讨论已屏蔽", "The discussion is hidden"))

    @face.form("/participation/discussions/{document}/close", (), page=one, template=TALK, roles=ROLES)
    def close(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Close it."""
        discussion.settle(ask.place.portal, ask.who, document, "close")
        return Redirect(f"/participation/discussions/{document}", Text("已关闭", "Closed"))

    @face.form("/participation/discussions/{document}/reopen", (), page=one, template=TALK, roles=ROLES)
    def reopen(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Open it again."""
        discussion.settle(ask.place.portal, ask.who, document, "reopen")
        return Redirect(f"/participation/discussions/{document}", Text("已重新打开", "Opened again"))


def _reports(face: Face) -> None:
    @face.page("/participation/reports/{document}", REPORT, roles=ROLES)
    def one(ask: Ask, document: Number) -> Answer:
        """An error report to look into."""
        found = report.get(ask.place.portal, document)
        told = reports.sight(ask, found) | {
            key: found.data[key] for key in ("field", "row", "code", "words", "sources")
        }
        mine = owner.answers(ask.lake.ledger, ask.who, paper.filing(ask.lake.ledger, document).publisher)
        forms = {"decide": DECIDE, "hide": HIDE}
        title = Text(f"错误报告 {document}", f"Error report {document}")
        return View(title, told, more(forms=forms, answers=mine, moderates=owner.moderates(ask.who), sub=sub(ask)))

    @face.form("/participation/reports/{document}/decide", DECIDE, page=one, template=REPORT, roles=ROLES)
    def decide(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Say what becomes of it, in public."""
        report.answer(ask.place.portal, ask.who, document, posted["step"], posted["said"])
        return Redirect(f"/participation/reports/{document}", Text("已办理", "Done"))

    @face.form("/participation/reports/{document}/hide", HIDE, page=one, template=REPORT, roles=ROLES)
    def hide(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Take it from view."""
        report.hide(ask.place.portal, ask.who, document, posted["reason"])
        return Redirect(f"/participation/reports/{document}", Text("已屏蔽", "Hidden"))
