"""Discussions on a dataset: a question and what is said to it; its publisher is told, and answers within ten working days.

A post is one action on the document, so that none is ever lost; one that is hidden leaves its place with the reason.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from quanmin.ledger import Action, Document, Workflow, WorkingDays, register
from quanmin.ledger.errors import IllegalAction
from quanmin.opendata.participation import dataset, name, notice, owner, paper, words
from quanmin.opendata.participation.errors import NotYours, UnknownPaper
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.opendata.portal import Portal
from quanmin.text import Text
from quanmin.trust import Actor

REPLY = WorkingDays(10)
MANY = 200
"""Posts that a discussion may have."""
_OPEN = ("open", "answered")
SHOWN = (*_OPEN, "closed")

KIND = register(
    Workflow(
        "discussion",
        start="open",
        actions=[
            Action("post", _OPEN, "open", needs=("text",)),
            Action("answer", "open", "answered", by=PUBLISHER, needs=("text",), due=REPLY),
            Action("answer", "answered", "answered", by=PUBLISHER, needs=("text",)),
            Action("close", _OPEN, "closed"),
            Action("reopen", "closed", "open"),
            *[Action("hide_post", one, one, by=MODERATOR, needs=("post", "reason")) for one in SHOWN],
            Action("hide", SHOWN, "hidden", by=MODERATOR, needs=("reason",)),
        ],
    )
)
STATES: dict[str, Text] = {
    "open": Text("待回复", "waits for an answer"),
    "answered": Text("机构已回复", "answered by the publisher"),
    "closed": Text("已关闭", "closed"),
    "hidden": Text("已屏蔽", "hidden"),
}
TITLE, POST, WHY = Text("标题", "Title"), Text("内容", "Text"), Text("理由", "Reason")


class Post(NamedTuple):
    """What somebody said; of a hidden one `text` is None and `reason` says why. `official`: by the publisher."""

    number: int
    author: str
    official: bool
    at: datetime
    text: str | None
    reason: str | None


def begin(portal: Portal, actor: Actor, record: str, title: str, text: str) -> Document:
    """Begin a discussion on a dataset (its name); its publisher is told. NoSuchDataset."""
    owner.person(actor)
    about = dataset.named(portal, record)
    data = {
        "title": words.checked(title, TITLE, words.TITLE, lines=False),
        "text": words.checked(text, POST, words.LONG),
    }
    filing = paper.Filing(about.publisher.id, None, (about.id,))
    with portal.ledger.writing() as connection:
        made = paper.hand_in(portal.ledger, KIND.kind, actor, data, filing, about.id, connection)
        notice.tell(connection, portal.ledger.now(), "publisher", about.publisher.id, made.id, "create")
    return made


def get(portal: Portal, document: int) -> Document:
    """One of them; UnknownPaper."""
    return paper.get(portal.ledger, KIND.kind, document)


def posts(one: Document) -> list[Post]:
    """What was said, the oldest first."""
    hidden = {step.data["post"]: step.data["reason"] for step in one.actions if step.name == "hide_post"}
    return [
        Post(
            step.sequence,
            step.actor,
            step.name == "answer",
            step.at,
            None if step.sequence in hidden or one.state == "hidden" else step.data["text"],
            hidden.get(step.sequence, one.data["reason"] if one.state == "hidden" else None),
        )
        for step in one.actions
        if step.name in ("create", "post", "answer")
    ]


def post(portal: Portal, actor: Actor, document: int, text: str) -> Document:
    """Say something. Author, publisher and whoever said something before are told, except oneself. IllegalAction."""
    owner.person(actor)
    ledger, found = portal.ledger, paper.filing(portal.ledger, document)
    official = (
        found.publisher is not None and actor.id != found.author and owner.answers(ledger, actor, found.publisher)
    )
    said = words.checked(text, POST, words.LONG)
    step, role = ("answer", PUBLISHER) if official else ("post", None)
    with ledger.writing() as connection:
        one = paper.get(ledger, KIND.kind, document, connection)
        if len(posts(one)) >= MANY:
            raise IllegalAction(document=document, state=one.state, action=step, allowed="-")
        if not official:
            name.needed(connection, actor.id)
        done = paper.act(ledger, actor, one, step, {"text": said}, role, connection)
        for account in sorted({before.author for before in posts(one) if not before.official} - {actor.id}):
            notice.tell(connection, ledger.now(), "account", account, document, step)
        if not official:
            notice.tell(connection, ledger.now(), "publisher", found.publisher, document, step)
    return done


def settle(portal: Portal, actor: Actor, document: int, step: str) -> Document:
    """Close it, or open it again: whoever began it, its publisher, a moderator. NotYours, IllegalAction."""
    ledger, found = portal.ledger, paper.filing(portal.ledger, document)
    mine = owner.person(actor).id == found.author
    if not (mine or owner.moderates(actor) or owner.answers(ledger, actor, found.publisher)):
        raise NotYours()
    if step not in ("close", "reopen"):
        raise UnknownPaper()
    with ledger.writing() as connection:
        done = paper.act(
            ledger, actor, paper.get(ledger, KIND.kind, document, connection), step, None, None, connection
        )
        paper.tell_author(ledger, connection, document, step, actor.id)
    return done


def hide(portal: Portal, actor: Actor, document: int, reason: str, number: int | None = None) -> Document:
    """Hide a post, or (without a number) the whole, and say why; a moderator's work.."""
    ledger = portal.ledger
    if not owner.moderates(actor):
        raise NotYours()
    given: dict[str, object] = {"reason": words.checked(reason, WHY, words.SHORT)}
    with ledger.writing() as connection:
        one = paper.get(ledger, KIND.kind, document, connection)
        if number is not None and number not in {known.number for known in posts(one) if known.text is not None}:
            raise UnknownPaper()
        step = "hide" if number is None else "hide_post"
        given |= {} if number is None else {"post": number}
        done = paper.act(ledger, actor, one, step, given, MODERATOR, connection)
        author = one.actions[0].actor if number is None else one.actions[number].actor
        notice.tell(connection, ledger.now(), "account", author, document, step)
    return done
