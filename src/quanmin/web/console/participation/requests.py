"""A request for data as a publisher or moderator sees it: answered, given to an organisation, hidden."""

from __future__ import annotations

from quanmin.opendata.participation import dataset, owner, paper, request, words
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.participation.desk import ROLES, sub
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import Number, more
from quanmin.web.portal.participation.requests import sight
from quanmin.web.view import Answer, Redirect, View

PAGE = "console/participation/request.html"
STEPS = {
    "answer": Text("答复", "Answer"),
    "plan": Text("列入计划", "Plan it"),
    "publish": Text("已发布数据集", "A dataset is published"),
    "decline": Text("不予提供", "Decline"),
}
ANSWER = (
    Field("step", Text("处理", "Decision"), "choice", choices=list(STEPS.items())),
    Field("words", Text("答复（公开）", "Answer (public)"), "words", limit=words.LONG),
    Field("day", Text("计划日期", "Planned for"), "day", needed=False),
    Field("dataset", Text("数据集名称", "Name of the dataset"), needed=False, limit=100),
)
HIDE = (Field("reason", Text("屏蔽理由（公开）", "Why it is hidden (public)"), limit=words.TITLE),)


def route_fields(ask: Ask) -> list[Field]:
    """The organisations that a request can be given to."""
    choices = [(one, Text(zh, en)) for one, zh, en in dataset.publishers(ask.place.portal)]
    return [Field("publisher", Text("机构", "Organisation"), "choice", choices=choices)]


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/participation/requests/{document}", PAGE, roles=ROLES)
    def one(ask: Ask, document: Number) -> Answer:
        """A request to answer."""
        found, ledger = request.get(ask.place.portal, document), ask.lake.ledger
        filing = paper.filing(ledger, document)
        told = {**sight(ask, found), "title": found.data["title"], "publisher": filing.publisher}
        told |= {"purpose": found.data["purpose"], "fields": found.data["fields"]}
        mine = owner.answers(ledger, ask.who, filing.publisher)
        forms = {"answer": ANSWER, "route": route_fields(ask), "hide": HIDE}
        title = Text(f"数据需求 {document}", f"Request {document}")
        return View(title, told, more(forms=forms, answers=mine, moderates=owner.moderates(ask.who), sub=sub(ask)))

    @face.form("/participation/requests/{document}/answer", ANSWER, page=one, template=PAGE, roles=ROLES)
    def answer(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Answer it, in public."""
        reply = request.Reply(posted["step"], posted["words"], posted["day"], posted["dataset"])
        request.answer(ask.place.portal, ask.who, document, reply)
        return Redirect(f"/participation/requests/{document}", Text("已答复", "Answered"))

    @face.form("/participation/requests/{document}/route", route_fields, page=one, template=PAGE, roles=ROLES)
    def route(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Give it to an organisation."""
        request.route(ask.place.portal, ask.who, document, posted["publisher"])
        return Redirect(f"/participation/requests/{document}", Text("已转交", "Given to it"))

    @face.form("/participation/requests/{document}/hide", HIDE, page=one, template=PAGE, roles=ROLES)
    def hide(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Take it from view."""
        request.hide(ask.place.portal, ask.who, document, posted["reason"])
        return Redirect(f"/participation/requests/{document}", Text("已屏蔽", "Hidden"))
