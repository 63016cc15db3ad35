"""Discussions on a dataset: begun, gone on with, closed."""

from __future__ import annotations

from typing import Any

from quanmin.ledger import Document
from quanmin.opendata.participation import dataset, discussion, owner, paper, words
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.portal.participation.common import (
    PLAIN,
    Name,
    Number,
    PageNumber,
    author,
    called,
    lines,
    more,
    records,
    told,
)
from quanmin.web.view import Answer, Redirect, View

NEW, ALL = Text("发起讨论", "Begin a discussion"), Text("讨论", "Discussions")
PAGE, FORM, LIST = (f"portal/participation/{one}.html" for one in ("discussion", "discussion_form", "discussions"))
BEGIN = (
    Field("title", discussion.TITLE, limit=words.TITLE),
    Field("text", discussion.POST, "words", limit=words.LONG, hint=PLAIN),
)
POST = (Field("text", discussion.POST, "words", limit=words.LONG, hint=PLAIN),)


def sight(ask: Ask, one: Document) -> dict[str, Any]:
    """A discussion as it is told; of accounts only what they are called, of a hidden post only why."""
    found = discussion.posts(one)
    names = called(ask, [each.author for each in found])
    publisher = Text("数据发布机构", "the publisher")
    posts = [
        {
            "number": each.number,
            "by": publisher if each.official else names[each.author],
            "official": each.official,
            "at": each.at,
            "text": each.text,
            "reason": each.reason,
        }
        for each in found
    ]
    filing = paper.filing(ask.lake.ledger, one.id)
    may = ask.actor is not None and (
        ask.actor.id == filing.author
        or owner.moderates(ask.actor)
        or owner.answers(ask.lake.ledger, ask.actor, filing.publisher)
    )
    return {
        "document": one.id,
        "title": one.data["title"] if one.state != "hidden" else None,
        "state": one.state,
        "state_title": discussion.STATES[one.state],
        "posts": posts,
        "datasets": records(ask, filing.about),
        "settles": may,
        "mine": author(ask, one.id)[1],
    }


def install(face: Face) -> None:
    """Register the pages."""

    @face.page("/datasets/{name}/discussions", LIST, signed=False)
    def every(ask: Ask, name: Name, page: PageNumber = 1) -> Answer:
        """All discussions on a dataset."""
        record = dataset.named(ask.place.portal, name)
        found = paper.page(ask.lake.ledger, (discussion.KIND.kind,), discussion.SHOWN, record=record.id, number=page)
        return View(ALL, {"dataset": told(record), **lines(ask, found, discussion.STATES)}, more())

    @face.page("/datasets/{name}/discuss", FORM)
    def new(ask: Ask, name: Name) -> Answer:
        """Begin a discussion on a dataset."""
        return View(NEW, {"dataset": told(dataset.named(ask.place.portal, name))}, more(fields=BEGIN))

    @face.form("/datasets/{name}/discuss/add", BEGIN, page=new, template=FORM)
    def add(ask: Ask, posted: Posted, name: Name) -> Answer:
        """Begin it, in public."""
        made = discussion.begin(ask.place.portal, ask.who, name, posted["title"], posted["text"])
        return Redirect(f"/discussions/{made.id}", Text("讨论已发起", "The discussion has begun"))

    @face.page("/discussions/{document}", PAGE, signed=False)
    def one(ask: Ask, document: Number) -> Answer:
        """A discussion."""
        found = discussion.get(ask.place.portal, document)
        return View(Text(f"讨论 {document}", f"Discussion {document}"), sight(ask, found), more(fields=POST))

    @face.form("/discussions/{document}/post", POST, page=one, template=PAGE)
    def post(ask: Ask, posted: Posted, document: Number) -> Answer:
        """Say something."""
        discussion.post(ask.place.portal, ask.who, document, posted["text"])
        return Redirect(f"/discussions/{document}", Text("已发表", "Said"))

    @face.form("/discussions/{document}/close", (), page=one, template=PAGE)
    def close(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Close it."""
        discussion.settle(ask.place.portal, ask.who, document, "close")
        return Redirect(f"/discussions/{document}", Text("已关闭", "Closed"))

    @face.form("/discussions/{document}/reopen", (), page=one, template=PAGE)
    def reopen(ask: Ask, _posted: Posted, document: Number) -> Answer:
        """Open it again."""
        discussion.settle(ask.place.portal, ask.who, document, "reopen")
        return Redirect(f"/discussions/{document}", Text("已重新打开", "Opened again"))
