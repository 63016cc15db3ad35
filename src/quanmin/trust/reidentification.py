"""Leading pseudonyms back to people: one person asks with a case and a reason, another approves, exactly the asked are opened.

Every step is an action of a ledger document and an entry of the audit, in one transaction: no entry, no answer. The people
who were re-identified stand in the audit by their audit pseudonyms, so that each of them can learn of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from quanmin.ledger import Action, Days, Document, Ledger, Workflow, register
from quanmin.ledger.errors import IllegalAction
from quanmin.redaction import redacted
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import audit
from quanmin.trust.actor import Actor
from quanmin.trust.errors import UnknownSubject
from quanmin.trust.keys.errors import NotAPseudonym, ReasonMissing, RoleMissing, TwoPeople
from quanmin.trust.pseudonym import Pseudonyms, every_version
from quanmin.trust.purpose import PURPOSES

ASKS = "reidentification_requester"
APPROVES = "reidentification_approver"
AUDIT = "audit"
"""People in the audit are pseudonyms of a purpose of their own."""
_SHAPE = re.compile(r"[0-9a-f]{24}|[0-9a-f]{32}")
DAYS = 7
"""An approval that is not used in so many days is void."""

REIDENTIFICATION = register(
    Workflow(
        "reidentification",
        start="asked",
        actions=[
            Action("approve", "asked", "approved", by=APPROVES, due=Days(DAYS)),
            Action("refuse", "asked", "refused", by=APPROVES, needs=["because"]),
            Action("withdraw", ("asked", "approved"), "withdrawn", by=ASKS),
            Action("open", "approved", "opened", by=ASKS),
        ],
        words=("reason", "because"),
    )
)


def ask(ledger: Ledger, actor: Actor, purpose: str, pseudonyms: Sequence[str], case: str, reason: str) -> Document:
    """Ask for the people behind pseudonyms of one purpose. ReasonMissing, UnknownSubject, RoleMissing, NotAPseudonym."""
    if purpose not in (*PURPOSES, AUDIT):
        raise UnknownSubject(kind=Text("用途", "purpose"), name=purpose)
    asked = list(dict.fromkeys(pseudonyms))
    given = {"case": redacted(case.strip()), "reason": reason.strip(), "pseudonyms": asked}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise ReasonMissing(fields=", ".join(missing))
    if not actor.holds(ASKS):
        raise RoleMissing(role=ASKS)
    odd = [str(place) for place, one in enumerate(asked, start=1) if not _SHAPE.fullmatch(one)]
    if odd:  # whatever else was given, a number above all, is not kept
        raise NotAPseudonym(places=", ".join(odd), purpose=purpose)
    data = {"purpose": purpose, **given}
    with ledger.writing() as connection:
        document = ledger.create(REIDENTIFICATION.kind, redacted(case.strip()), data, actor.id, connection)
        _note(ledger, connection, "ask", actor, document)
    return document


def approve(ledger: Ledger, document: int, actor: Actor) -> Document:
    """Approve a request; TwoPeople for the one who asked, whatever roles they hold."""
    return _decide(ledger, document, "approve", actor, {})


def refuse(ledger: Ledger, document: int, actor: Actor, because: str) -> Document:
    """Refuse a request and say why."""
    return _decide(ledger, document, "refuse", actor, {"because": because})


def withdraw(ledger: Ledger, document: int, actor: Actor) -> Document:
    """Take a request back, approved or not; TwoPeople for anybody but the one who asked."""
    with ledger.writing() as connection:
        held = _held(ledger, connection, document)
        if held.actions[0].actor != actor.id:
            raise TwoPeople(document=document, action="withdraw")
        after = ledger.act(document, "withdraw", {}, actor.id, permit=actor, connection=connection)
        _note(ledger, connection, "withdraw", actor, after)
    return after


def listing(ledger: Ledger) -> list[dict[str, Any]]:
    """Every request as it stands, without its pseudonyms; an approval that nobody used in time is over."""
    return [_told(one, ledger.now()) for one in ledger.find(REIDENTIFICATION.kind)]


def _told(held: Document, now: datetime) -> dict[str, Any]:
    ends = held.since + timedelta(days=DAYS) if held.state == "approved" else None
    told = {name: held.data[name] for name in ("purpose", "case", "reason")}
    told |= {"pseudonyms": len(held.data["pseudonyms"]), "by": held.actions[0].actor}
    until, over = ends and ends.date().isoformat(), ends is not None and now > ends
    return {"document": held.id, **told, "until": until, "state": "over" if over else held.state}


def reidentify(settings: Settings, ledger: Ledger, document: int, actor: Actor) -> dict[str, int]:
    """The person key behind each asked pseudonym, once, for the one who asked, after another's approval.

    NotAPseudonym where one cannot be led back; then none is, and the request stays approved.
    """
    with ledger.writing() as connection:
        held = _held(ledger, connection, document)
        if held.actions[0].actor != actor.id:
            raise TwoPeople(document=document, action="open")
        _two(held, actor)
        fresh = ledger.now() - held.since <= timedelta(days=DAYS)
        if held.state != "approved" or not fresh:
            state = held.state if fresh else f"{held.state}, {DAYS} d"
            raise IllegalAction(document=document, state=state, action="open", allowed="withdraw")
        found = _opened(settings, held)
        after = ledger.act(document, "open", {}, actor.id, permit=actor, connection=connection)
        who = Pseudonyms.open(settings, "audit")
        _note(ledger, connection, "open", actor, after, persons=[who.of(key) for key in found.values()])
    return found


def _decide(ledger: Ledger, document: int, action: str, actor: Actor, data: dict[str, Any]) -> Document:
    with ledger.writing() as connection:
        held = _held(ledger, connection, document)
        if held.actions[0].actor == actor.id:
            raise TwoPeople(document=document, action=action)
        after = ledger.act(document, action, data, actor.id, permit=actor, connection=connection)
        _note(ledger, connection, action, actor, after)
    return after


def _held(ledger: Ledger, connection: Connection, document: int) -> Document:
    held = ledger.get(document, connection)
    if held.kind != REIDENTIFICATION.kind:
        raise IllegalAction(document=document, state=held.kind, action="reidentify", allowed="-")
    return held


def _two(held: Document, actor: Actor) -> None:
    """The approval in the record is another person's; it is looked at again where the answer is given."""
    if any(step.name == "approve" and step.actor == actor.id for step in held.actions):
        raise TwoPeople(document=held.id, action="open")


def _opened(settings: Settings, held: Document) -> dict[str, int]:
    purpose, asked = held.data["purpose"], held.data["pseudonyms"]
    versions = every_version(settings, purpose)
    found = {one: _key(versions, one) for one in asked}
    wrong = [str(place) for place, key in enumerate(found.values(), start=1) if key is None]
    if wrong:
        raise NotAPseudonym(places=", ".join(wrong), purpose=purpose)
    return {one: key for one, key in found.items() if key is not None}


def _key(versions: Sequence[Pseudonyms], pseudonym: str) -> int | None:
    keys = (version.key_of(pseudonym) for version in versions)
    return next((key for key in keys if key is not None), None)


def _note(ledger: Ledger, connection: Connection, action: str, actor: Actor, document: Document, **more: Any) -> None:
    data = document.data
    fields = {"document": document.id, "action": action, "state": document.state, "purpose": data["purpose"]}
    fields |= {"case": data["case"], "asked": len(data["pseudonyms"]), **more}
    audit.append(ledger, "reidentification", actor.id, fields, connection)
