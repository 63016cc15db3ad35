"""Whose a matter is: which organisation answers for a publisher, and whether somebody may act for it.

A publisher of the catalogue is answered for by the organisation of the same name. One that has no organisation here is
answered for by the root, which runs the portal. Whoever acts holds the post of a publisher of data there and showed two proofs.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import InstrumentedAttribute

from quanmin.ledger import Document, Ledger
from quanmin.ledger.table import DocumentRow
from quanmin.opendata.participation.errors import NotYours, OwnMatter, SignInNeeded
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.trust import Actor, audit, local_administrator
from quanmin.trust.identity import account, organisation

PERSONS = ("staff", "clinician", "patient", "participant")


def person(actor: Actor | None) -> Actor:
    """Whoever may take part: somebody with an account of a person (or the local administrator). SignInNeeded."""
    if actor is None or (actor != local_administrator() and (actor.kind not in PERSONS or actor.session is None)):
        raise SignInNeeded()
    return actor


def moderates(actor: Actor) -> bool:
    """Whether somebody may moderate."""
    return actor == local_administrator() or (MODERATOR in actor.roles and actor.mfa)


def answers(ledger: Ledger, actor: Actor, publisher: str | None) -> bool:
    """Whether somebody may act for a publisher; what has none is the moderators'."""
    if actor == local_administrator():
        return True
    if publisher is None:
        return moderates(actor)
    if PUBLISHER not in actor.roles or not actor.mfa or actor.organisation is None:
        return False
    if actor.organisation == publisher:
        return True
    return not ledger.find(organisation.KIND.kind, ref=publisher, state="open") and actor.organisation == _root(ledger)


def own(
    ledger: Ledger, actor: Actor, column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
) -> ColumnElement[bool]:
    """The same as a condition on a column of publishers, for lists."""
    if actor == local_administrator():
        return true()
    mine: list[ColumnElement[bool]] = [false()]
    if moderates(actor):
        mine.append(column.is_(None))
    if PUBLISHER in actor.roles and actor.mfa and actor.organisation is not None:
        mine.append(column == actor.organisation)
        if actor.organisation == _root(ledger):
            known = select(DocumentRow.ref).where(
                DocumentRow.kind == organisation.KIND.kind, DocumentRow.state == "open", DocumentRow.ref.is_not(None)
            )
            mine.append(and_(column.is_not(None), column.not_in(known)))
    return or_(*mine)


def decides(ledger: Ledger, actor: Actor, publisher: str | None, author: str) -> None:
    """NotYours or OwnMatter, and the audit is told, unless somebody may decide a matter of a publisher that another brought."""
    if not answers(ledger, actor, publisher):
        audit.append(ledger, "refused", actor.id, {"work": "participation", "why": "not_your_work"})
        raise NotYours()
    apart(ledger, actor, author)


def moderator(ledger: Ledger, actor: Actor, author: str) -> None:
    """The same of what the moderators decide."""
    if not moderates(actor):
        audit.append(ledger, "refused", actor.id, {"work": "participation", "why": "not_your_work"})
        raise NotYours()
    apart(ledger, actor, author)


def apart(ledger: Ledger, actor: Actor, author: str) -> None:
    """OwnMatter where it is somebody's own, also by another account of the same person."""
    if actor == local_administrator():
        return
    if actor.id == author or (actor.subject is not None and actor.subject == _subject(ledger, author)):
        audit.append(ledger, "refused", actor.id, {"work": "participation", "why": "own_favour"})
        raise OwnMatter()


def _subject(ledger: Ledger, name: str) -> str | None:
    found: list[Document] = ledger.find(account.KIND.kind, ref=name)
    return found[0].data.get("subject") if found else None


def _root(ledger: Ledger) -> str | None:
    found = ledger.find(organisation.KIND.kind, state="open")
    return next((str(one.ref) for one in found if not one.data.get("parent")), None)
