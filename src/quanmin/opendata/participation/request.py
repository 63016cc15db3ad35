"""Requests for data: what somebody would need and why, how many others do, and what the organisation that has it answers.

An answer is due within twenty working days, as that to an application for information of government is (《政府信息公开条例》,
Article 33). An answer is public; so is a refusal with its reason.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from quanmin.ledger import Action, Document, Either, Workflow, WorkingDays, register
from quanmin.opendata.participation import dataset, notice, owner, paper, words
from quanmin.opendata.participation.errors import BadPeriod, ChoiceUnknown
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.opendata.portal import Portal
from quanmin.text import Text
from quanmin.trust import Actor

ANSWER = WorkingDays(20)
_BY = Either(PUBLISHER, MODERATOR)
_GOING = ("open", "answered", "planned")
SHOWN = (*_GOING, "published", "declined")

KIND = register(
    Workflow(
        "data_request",
        start="open",
        actions=[
            Action("answer", "open", "answered", by=_BY, needs=("answer",), due=ANSWER),
            Action("answer", ("planned", "answered"), "answered", by=_BY, needs=("answer",)),
            Action("plan", _GOING, "planned", by=_BY, needs=("answer", "day")),
            Action("publish", _GOING, "published", by=_BY, needs=("answer", "record")),
            Action("decline", _GOING, "declined", by=_BY, needs=("reason",)),
            Action("route", "open", "open", by=MODERATOR, needs=("publisher",)),
            Action("withdraw", _GOING, "withdrawn"),
            Action("hide", SHOWN, "hidden", by=MODERATOR, needs=("reason",)),
        ],
    )
)
STATES: dict[str, Text] = {
    "open": Text("待答复", "open"),
    "answered": Text("已答复", "answered"),
    "planned": Text("已列入计划", "planned"),
    "published": Text("已发布数据集", "published"),
    "declined": Text("不予提供", "declined"),
    "withdrawn": Text("已撤回", "withdrawn"),
    "hidden": Text("已屏蔽", "hidden"),
}
TITLE, PURPOSE, FIELDS = Text("标题", "Title"), Text("用途", "Purpose"), Text("需要的数据项", "Fields wanted")
REPLY, WHY = Text("答复", "Answer"), Text("理由", "Reason")
STEPS = ("answer", "plan", "publish", "decline")
LATEST = 366 * 3
"""Days within which what is planned must come."""


class Wish(NamedTuple):
    """What is asked for; `dataset` is the name of a record that it is about, `publisher` who is thought to have it."""

    title: str
    purpose: str
    fields: str
    dataset: str | None = None
    publisher: str | None = None


class Reply(NamedTuple):
    """What is answered: `words` always; a day for what is planned, the name of a record for what is published."""

    step: str
    words: str
    day: date | None = None
    dataset: str | None = None


def ask(portal: Portal, actor: Actor, wish: Wish) -> Document:
    """Ask for data; its publisher, else the moderators, are told."""
    owner.person(actor)
    data: dict[str, Any] = {
        "title": words.checked(wish.title, TITLE, words.TITLE, lines=False),
        "purpose": words.checked(wish.purpose, PURPOSE, words.LONG),
        "fields": words.checked(wish.fields, FIELDS, words.LONG),
    }
    record = dataset.named(portal, wish.dataset) if wish.dataset else None
    if wish.publisher and wish.publisher not in {one for one, *_ in dataset.publishers(portal)}:
        raise ChoiceUnknown(field=Text("机构", "organisation"))
    publisher = record.publisher.id if record else wish.publisher or None
    filing = paper.Filing(publisher, None, (record.id,) if record else ())
    with portal.ledger.writing() as connection:
        made = paper.hand_in(portal.ledger, KIND.kind, actor, data, filing, None, connection)
        notice.tell(connection, portal.ledger.now(), "publisher", publisher, made.id, "create")
    return made


def get(portal: Portal, document: int) -> Document:
    """One of them; UnknownPaper."""
    return paper.get(portal.ledger, KIND.kind, document)


def answer(portal: Portal, actor: Actor, document: int, reply: Reply) -> Document:
    """Answer for the organisation that it is asked of. NotYours, OwnMatter, IllegalAction, BadPeriod, NoSuchDataset."""
    ledger, found = portal.ledger, paper.filing(portal.ledger, document)
    owner.decides(ledger, actor, found.publisher, found.author)
    if reply.step not in STEPS:
        raise ChoiceUnknown(field=Text("答复方式", "kind of answer"))
    field = WHY if reply.step == "decline" else REPLY
    said = words.checked(reply.words, field, words.LONG)
    given: dict[str, Any] = {"reason": said} if reply.step == "decline" else {"answer": said}
    if reply.step == "plan":
        today = ledger.now().date()
        if reply.day is None or not 0 < (reply.day - today).days <= LATEST:
            raise BadPeriod(days=LATEST)
        given["day"] = reply.day.isoformat()
    if reply.step == "publish":
        given["record"] = dataset.named(portal, reply.dataset or "").id
    role = PUBLISHER if found.publisher is not None else MODERATOR
    with ledger.writing() as connection:
        one = paper.get(ledger, KIND.kind, document, connection)
        done = paper.act(ledger, actor, one, reply.step, given, role, connection)
        if reply.step == "publish":
            paper.about(connection, document, (*found.about, given["record"]))
        paper.tell_author(ledger, connection, document, reply.step, actor.id)
    return done


def route(portal: Portal, actor: Actor, document: int, publisher: str) -> Document:
    """Give a request to the organisation that has such data; a moderator's work."""
    ledger, found = portal.ledger, paper.filing(portal.ledger, document)
    owner.moderator(ledger, actor, found.author)
    if publisher not in {one for one, *_ in dataset.publishers(portal)}:
        raise ChoiceUnknown(field=Text("机构", "organisation"))
    with ledger.writing() as connection:
        one = paper.get(ledger, KIND.kind, document, connection)
        done = paper.act(ledger, actor, one, "route", {"publisher": publisher}, MODERATOR, connection)
        paper.give(connection, document, publisher)
        notice.tell(connection, ledger.now(), "publisher", publisher, document, "route")
    return done


def withdraw(portal: Portal, actor: Actor, document: int) -> Document:
    """Take one's own back. NotYours."""
    paper.authored(portal.ledger, actor, document)
    return paper.act(portal.ledger, actor, get(portal, document), "withdraw")


def hide(portal: Portal, actor: Actor, document: int, reason: str) -> Document:
    """Take one from view and say why; a moderator's work. Its tombstone stays."""
    ledger = portal.ledger
    owner.moderator(ledger, actor, paper.filing(ledger, document).author)
    given = {"reason": words.checked(reason, WHY, words.SHORT)}
    with ledger.writing() as connection:
        one = paper.get(ledger, KIND.kind, document, connection)
        done = paper.act(ledger, actor, one, "hide", given, MODERATOR, connection)
        paper.tell_author(ledger, connection, document, "hide", actor.id)
    return done


def vote(portal: Portal, actor: Actor, document: int, given: bool) -> int:
    """Need the same data, or not any more; how many do. What is over takes no votes."""
    one = get(portal, document)
    if given and one.state not in _GOING:
        raise ChoiceUnknown(field=Text("状态", "state"))
    return paper.vote(portal.ledger, actor, document, given)
