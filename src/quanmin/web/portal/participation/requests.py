"""Requests for data: listed by votes or time, made, voted for, answered."""

from __future__ import annotations

from typing import Any

from quanmin.ledger import Document
from quanmin.opendata.participation import dataset, paper, request, words
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import PLAIN, Number, PageNumber, Word, author, lines, more, records
from quanmin.web.portal.participation.reuses import ORDERS
from quanmin.web.view import Answer, Redirect, View

TITLE, NEW = Text("数据需求", "Requests for data"), Text("提出数据需求", "Ask for data")
LIST, PAGE, FORM = (f"portal/participation/{one}.html" for one in ("requests", "request", "request_form"))
STEPS = {
    "create": Text("提出", "asked"),
    "answer": Text("答复", "answered"),
    "plan": Text("列入计划", "planned"),
    "publish": Text("发布数据集", "published"),
    "decline": Text("不予提供", "declined"),
    "route": Text("转有关机构", "given to an organisation"),
    "withdraw": Text("撤回", "taken back"),
    "hide": Text("屏蔽", "hidden"),
}


def fields(ask: Ask) -> list[Field]:
    """What is asked of a request."""
    choices = [(one, Text(zh, en)) for one, zh, en in dataset.publishers(ask.place.portal)]
    return [
        Field("title", Text("标题", "Title"), limit=words.TITLE),
        Field("purpose", Text("用途", "What for"), "words", limit=words.LONG, hint=PLAIN),
        Field("fields", Text("需要的数据项", "Fields that you need"), "words", limit=words.LONG),
        Field(
            "dataset",
            Text("相关数据集", "Dataset that it is about"),
            needed=False,
            limit=100,
            hint=Text("其网址的最后一段", "the last part of its address"),
            value=ask.request.query_params.get("dataset", "")[:100] or None,
        ),
        Field(
            "publisher",
            Text("可能持有数据的机构", "Organisation that may have it"),
            "choice",
            needed=False,
            choices=choices,
        ),
    ]


def sight(ask: Ask, one: Document) -> dict[str, Any]:
    """A request as it is told; nothing of its account. Of a hidden one only why remains."""
    by, mine = author(ask, one.id)
    hidden = one.state in ("hidden", "withdrawn")
    answers = [
        {
            "step": STEPS[step.name],
            "at": step.at,
            "text": step.data.get("answer") or step.data.get("reason"),
            "day": step.data.get("day"),
        }
        for step in one.actions
        if step.name in ("answer", "plan", "publish", "decline") or (step.name == "hide")
    ]
    about = [each for each in paper.filing(ask.lake.ledger, one.id).about]
    due = next((action.due for action in request.KIND.allowed(one.state) if action.due is not None), None)
    return {
        "document": one.id,
        "title": one.data["title"] if not hidden else None,
        "purpose": one.data["purpose"] if not hidden else None,
        "fields": one.data["fields"] if not hidden else None,
        "state": one.state,
        "state_title": request.STATES[one.state],
        "at": one.at,
        "by": by,
        "mine": mine,
        "due": due.after(one.since) if due else None,
        "answers": answers,
        "datasets": records(ask, about),
        "votes": paper.votes(ask.lake.ledger, [one.id]).get(one.id, 0),
        "voted": paper.voted(ask.lake.ledger, ask.actor, one.id),
        "going": one.state in ("open", "answered", "planned"),
    }


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/requests", LIST, signed=False)
    def requests(ask: Ask, order: Word = "latest", state: Word = "", page: PageNumber = 1) -> Answer:
        """What data are asked for, the latest first or those that most need."""
        chosen = (state,) if state in request.SHOWN else request.SHOWN
        hot = order == "hottest"
        found = paper.page(
            ask.lake.ledger, (request.KIND.kind,), chosen, order="hottest" if hot else "latest", number=page
        )
        asked = {"order": "hottest" if hot else "latest", "state": state if state in request.SHOWN else ""}
        states = {one: request.STATES[one] for one in request.SHOWN}
        return View(TITLE, {**lines(ask, found, request.STATES), **asked}, more(states=states, orders=ORDERS))

    @face.page("/requests/new", FORM)
    def new(ask: Ask) -> Answer:
        """Ask for data."""
        return View(NEW, {}, more(fields=fields(ask)))

    @face.form("/requests/new/add", fields, page=new, template=FORM)
    def add(ask: Ask, posted: Posted) -> Answer:
        """Ask for it, in public."""
        wish = request.Wish(**{name: posted[name] for name in request.Wish._fields})
        made = request.ask(ask.place.portal, ask.who, wish)
        return Redirect(f"/requests/{made.id}", Text("需求已提出", "Asked"))

    @face.page("/requests/{document}", PAGE, signed=False)
    def one(ask: Ask, document: Number) -> Answer:
        """A request with its answers."""
        found = request.get(ask.place.portal, document)
        return View(Text(f"数据需求 {document}", f"Request {document}"), sight(ask, found), more())

    @face.form("/requests/{document}/vote", (), page=one, template=PAGE)
    def vote(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Need the same."""
        request.vote(ask.place.portal, ask.who, document, True)
        return Redirect(f"/requests/{document}")

    @face.form("/requests/{document}/unvote", (), page=one, template=PAGE)
    def unvote(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Need it no more."""
        request.vote(ask.place.portal, ask.who, document, False)
        return Redirect(f"/requests/{document}")

    @face.form("/requests/{document}/withdraw", (), page=one, template=PAGE)
    def withdraw(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Take one's own back."""
        request.withdraw(ask.place.portal, ask.who, document)
        return Redirect(f"/requests/{document}", Text("已撤回", "Taken back"))
