"""Deciding and undoing: who may say what, when an item is closed, and what follows from it.

A decision, its closing, a merge and the notes in the histories are one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, cast, get_args

from sqlalchemy import Connection

from quanmin import trust
from quanmin.lake import Lake
from quanmin.ledger import Document, database
from quanmin.population.review import item, journal, merge, split
from quanmin.population.review.errors import (
    ChangedMeanwhile,
    MergedMeanwhile,
    NothingToKeep,
    ReasonMissing,
    SameReviewer,
    UnknownAnswer,
)
from quanmin.population.review.item import About, Answer, Opinion

Keep = Literal["left", "right"]

_NOTED: dict[tuple[About, Answer], Sequence[str]] = {
    ("link", "same"): ("linked",),
    ("link", "different"): ("unlinked",),
    ("contested", "same"): ("uncontested",),
    ("contested", "different"): ("contested",),
    ("double", "different"): ("told_apart", "told_apart"),
}


def decide(
    lake: Lake,
    decision: trust.Decision,
    review: int,
    answer: str,
    reason: str,
    keep: Keep | None = None,
    seen: int | None = None,
) -> Document:
    """Give an opinion on an item as the actor of the decision; the item after it.

    The first opinion closes the item unless it is in the sample or unsure: then another reviewer must say the same, or a third
    one settles it. Of two numbers that are one person's the one with more records survives, unless `keep` says which.
    `seen` is how many steps the item had when the actor looked at it. Raises NoSuchReview, UnknownAnswer, ReasonMissing,
    ChangedMeanwhile, SameReviewer, MergedMeanwhile, NothingToKeep, IllegalAction, NotYours.
    """
    if answer not in get_args(Answer):
        raise UnknownAnswer(review=review, known=", ".join(get_args(Answer)))
    if not reason.strip():
        raise ReasonMissing(review=review)
    with lake.ledger.writing() as connection:
        database.lock(connection, merge.LOCK)
        document = _as_seen(item.get(lake.ledger, review, connection), seen)
        _may_decide(lake, connection, document, decision.actor.id)
        given = {"answer": answer, "reason": reason.strip(), **_kept(document, answer, keep)}
        action = _action(document, answer)
        document = lake.ledger.act(review, action, given, decision.actor.id, permit=decision, connection=connection)
        if document.state == "confirmed" or (document.state == "decided" and not _second(document)):
            document = _close(lake, connection, document)
    trust.audit.append(
        lake.ledger, "review", decision.actor.id, {"review": review, "action": action, "decision": decision.id}
    )
    return document


def undo(lake: Lake, decision: trust.Decision, review: int, reason: str, seen: int | None = None) -> Document:
    """Take a closed decision back, and the merge or split that followed from it; the item is open again.

    Raises NoSuchReview, ReasonMissing, ChangedMeanwhile, IllegalAction, NotYours.
    """
    if not reason.strip():
        raise ReasonMissing(review=review)
    with lake.ledger.writing() as connection:
        database.lock(connection, merge.LOCK)
        before = _as_seen(item.get(lake.ledger, review, connection), seen)
        actor = decision.actor.id
        after = lake.ledger.act(
            review, "undo", {"reason": reason.strip()}, actor, permit=decision, connection=connection
        )
        for register in (merge, split):
            register.undo(lake, connection, review, item.people(before.data), reason.strip(), actor)
        if item.settled(before) != "unsure":
            for key in item.people(before.data):
                _note(lake, connection, after, key, "undone", reason.strip(), actor)
    trust.audit.append(lake.ledger, "review", actor, {"review": review, "action": "undo", "decision": decision.id})
    return after


def _as_seen(document: Document, seen: int | None) -> Document:
    """ChangedMeanwhile where an item has more steps than somebody saw."""
    if seen is not None and len(document.actions) != seen:
        raise ChangedMeanwhile(review=document.id)
    return document


def _may_decide(lake: Lake, connection: Connection, document: Document, actor: str) -> None:
    if actor in {opinion.actor for opinion in item.opinions(document)}:
        raise SameReviewer(review=document.id)
    if document.state == "closed":
        return  # the ledger says that it is
    for key in item.people(document.data):
        found = merge.of(lake, key, connection)
        if found is not None:
            raise MergedMeanwhile(review=document.id, merge=found.data["review"])


def _kept(document: Document, answer: str, keep: Keep | None) -> dict[str, int]:
    if keep is None:
        return {}
    if item.about(document) != "double" or answer != "same":
        raise NothingToKeep(review=document.id)
    return {"keep": item.people(document.data)[("left", "right").index(keep)]}


def _action(document: Document, answer: str) -> str:
    """What an opinion is, by the state of the item."""
    if document.state == "decided":
        return "confirm" if item.opinions(document)[0].answer == answer else "dispute"
    return "settle" if document.state == "disputed" else "decide"


def _second(document: Document) -> bool:
    """Whether another reviewer has to look: at the sample, and where the first could not tell."""
    return item.sampled(document) or item.opinions(document)[0].answer == "unsure"


def _close(lake: Lake, connection: Connection, document: Document) -> Document:
    """Close an item with the last opinion, and do what follows from it."""
    last = item.opinions(document)[-1]
    closed = lake.ledger.act(document.id, "close", {"answer": last.answer}, last.actor, connection=connection)
    people, about = item.people(document.data), item.about(document)
    events = _NOTED.get((about, last.answer), ())
    if about == "double" and last.answer == "same":
        survivor = _survivor(document, item.opinions(document))
        old = next(key for key in people if key != survivor)
        merge.make(lake, connection, old, survivor, document.id, last.actor)
        events = ["merged" if key == survivor else "merged_into" for key in people]
    if about == "contested" and last.answer == "different":
        split.make(lake, connection, people[0], document.data["rows"], document.id, last.actor)
    for key, event in zip(people, events, strict=False):
        _note(lake, connection, document, key, event, last.reason, last.actor)
    return closed


def _survivor(document: Document, said: Sequence[Opinion]) -> int:
    """The number that a reviewer said to keep, the last word first; else the one with more records, else the lower one."""
    kept = [opinion.keep for opinion in reversed(said) if opinion.keep is not None]
    if kept:
        return kept[0]
    people = item.people(document.data)
    records = cast("list[int]", document.data["records"])
    return people[1] if records[1] > records[0] else people[0]


def _note(
    lake: Lake, connection: Connection, document: Document, key: int, event: str, reason: str, actor: str
) -> None:
    journal.note(lake, connection, key, {"event": event, "review": document.id, "reason": reason}, actor)
