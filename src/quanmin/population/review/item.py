"""An item of the queue as a document: what it may be about, its life, and what was answered so far."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import Connection

from quanmin.ledger import Action, Document, Ledger, Workflow, WorkingDays, register, workflow
from quanmin.ledger.errors import UnknownDocument
from quanmin.ledger.ledger import Permit
from quanmin.ledger.workflow import Step
from quanmin.population.review.errors import NoSuchReview
from quanmin.text import Text

About = Literal["link", "contested", "double"]
Answer = Literal["same", "different", "unsure"]

ABOUT: dict[About, Text] = {
    "link": Text("记录与人员是否同一人", "is the record about this person"),
    "contested": Text("重号：一号是否两人", "one number: are there two people"),
    "double": Text("一人两号：两人是否同一人", "two numbers: is it one person"),
}
ANSWERS: dict[Answer, Text] = {
    "same": Text("同一人", "same"),
    "different": Text("不同人", "different"),
    "unsure": Text("无法判断", "unsure"),
}
STATES: dict[str, Text] = {
    "open": Text("待审核", "open"),
    "decided": Text("待复核", "waits for a second opinion"),
    "confirmed": Text("已复核", "confirmed"),
    "disputed": Text("有分歧，待裁定", "disputed, waits for a third"),
    "closed": Text("已办结", "closed"),
    "lapsed": Text("已失效", "lapsed"),
}
REVIEWER, ARBITER = "reviewer", "arbiter"
WAITING = ("open", "decided", "disputed")
"""States in which somebody has to do something."""
SAMPLE = 10
"""One item in so many gets a second opinion."""
_SAID = ("answer", "reason")
_DECIDING = ("decide", "confirm", "dispute", "settle")


def _workflow(about: About) -> Workflow:
    return Workflow(
        f"review_{about}",
        start="open",
        actions=[
            Action("decide", "open", "decided", by=REVIEWER, needs=_SAID, due=WorkingDays(10)),
            Action("confirm", "decided", "confirmed", by=REVIEWER, needs=_SAID, due=WorkingDays(10)),
            Action("dispute", "decided", "disputed", by=REVIEWER, needs=_SAID),
            Action("settle", "disputed", "confirmed", by=ARBITER, needs=_SAID, due=WorkingDays(5)),
            Action("close", ("decided", "confirmed"), "closed", needs=["answer"]),
            Action("undo", "closed", "open", by=ARBITER, needs=["reason"]),
            Action("lapse", WAITING, "lapsed", needs=["why"]),
        ],
        sealed=("people", "keep", "reason"),
    )


KINDS: dict[About, Workflow] = {about: register(_workflow(about)) for about in get_args(About)}


class Opinion(NamedTuple):
    """What one reviewer said; `keep` is the number to survive, where that was said."""

    actor: str
    answer: Answer
    reason: str
    keep: int | None = None


def get(ledger: Ledger, review: int, connection: Connection | None = None) -> Document:
    """The item with this number; NoSuchReview."""
    try:
        return ledger.get(review, connection, kinds={workflow.kind for workflow in KINDS.values()})
    except UnknownDocument:
        raise NoSuchReview(review=review) from None


def about(document: Document) -> About:
    """What the item asks."""
    return next(one for one, workflow in KINDS.items() if workflow.kind == document.kind)


def people(data: Mapping[str, Any]) -> list[int]:
    """The keys of the people whom an item concerns."""
    return [int(key) for key in data.get("people", [])]


def round_of(document: Document) -> Sequence[Step]:
    """The actions since the item was made or its last decision undone."""
    undone = [place for place, step in enumerate(document.actions) if step.name == "undo"]
    return document.actions[undone[-1] + 1 :] if undone else document.actions


def opinions(document: Document) -> list[Opinion]:
    """What was said since then, the first reviewer first."""
    said = [step for step in round_of(document) if step.name in _DECIDING]
    return [Opinion(s.actor, s.data["answer"], s.data["reason"], s.data.get("keep")) for s in said]


def settled(document: Document) -> Answer | None:
    """The answer that holds; None unless the item is closed."""
    said = opinions(document)
    return said[-1].answer if document.state == "closed" and said else None


def waits_for(document: Document, permit: Permit, actor: str) -> bool:
    """Whether the next opinion on an item may be an actor's: by role, and not a second one of the same reviewer."""
    allowed = workflow(document.kind).allowed(document.state)
    mine = any(one.name in _DECIDING and all(map(permit.holds, one.roles)) for one in allowed)
    return mine and actor not in {opinion.actor for opinion in opinions(document)}


def undoable(document: Document, permit: Permit) -> bool:
    """Whether an actor may take the decision back."""
    found = workflow(document.kind).action(document.state, "undo")
    return found is not None and all(map(permit.holds, found.roles))


def sampled(document: Document) -> bool:
    """Whether the item gets a second opinion: one in ten, by its reference, which no reviewer can foresee."""
    digest = hashlib.sha256(f"{document.kind} {document.ref}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % SAMPLE == 0
