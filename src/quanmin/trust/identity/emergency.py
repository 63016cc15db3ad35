"""Emergency access (break-glass): a clinician may look at a person without the usual relation; it rings, ends, and is reviewed.

Opening it alarms at once; it holds for four hours and one person; the audit administrator reviews every one within a working day.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from quanmin.ledger import Action, Document, Workflow, WorkingDays, register
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import duty
from quanmin.trust.identity.errors import EmergencyRefused, WrongState
from quanmin.trust.identity.registry import Registry

LASTS = timedelta(hours=4)
SHORTEST_REASON = 10
FINDINGS = ("justified", "unjustified")
_REVIEW = WorkingDays(1)

KIND = register(
    Workflow(
        "emergency_access",
        start="open",
        actions=[
            Action("review", "open", "reviewed", by=duty.AUDIT, needs=("finding", "remark"), due=_REVIEW),
        ],
        words=("reason", "remark"),
    )
)


def open_access(registry: Registry, actor: Actor, person: str, reason: str) -> Document:
    """Open emergency access to one person (a number or key, kept as a pseudonym). EmergencyRefused.

    Reason and pseudonym stay in the document; the audit gets neither.
    """
    why = _unfit(actor, reason)
    if why is not None:
        registry.note("emergency.refused", actor.id, {"why": why})
        raise EmergencyRefused(reason=why)
    data = {"account": actor.id, "organisation": actor.organisation, "reason": reason.strip()}
    data["subject"] = accounts.subject_of(registry, person)
    with registry.ledger.writing() as connection:
        data["until"] = (registry.instant(connection) + LASTS).isoformat()
        made = registry.ledger.create(KIND.kind, actor.id, data, actor.id, connection)
        registry.note("emergency", actor.id, {"document": made.id, "organisation": actor.organisation}, connection)
    registry.warn("emergency_access", actor.id, {"document": made.id})
    return made


def _unfit(actor: Actor, reason: str) -> str | None:
    if actor.kind != "clinician" or actor.session is None:
        return "not_a_clinician"
    if not actor.roles or actor.organisation is None:
        return "no_post"
    if not actor.mfa:
        return "one_factor"
    return "reason" if len(reason.strip()) < SHORTEST_REASON else None


def opened(registry: Registry, actor: Actor, person: str) -> Document | None:
    """The emergency access of an actor to a person that holds now, reviewed or not."""
    subject, now = accounts.subject_of(registry, person), registry.moment()
    for one in registry.ledger.find(KIND.kind, ref=actor.id):
        if one.data["subject"] == subject and one.at <= now and now.isoformat() < one.data["until"]:
            return one
    return None


def review(registry: Registry, actor: Actor, number: int, finding: str, remark: str) -> Document:
    """Say whether it was justified; nobody reviews his own. An unjustified one alarms again."""
    duty.require(registry, actor, "emergency.review")
    document = registry.ledger.get(number)
    if document.kind != KIND.kind or document.state != "open" or finding not in FINDINGS:
        raise WrongState(state=document.state if document.kind == KIND.kind else document.kind)
    holder = accounts.get(registry, document.data["account"])
    duty.apart(registry, actor, "emergency.review", str(holder.ref), subjects=accounts._subjects(holder))
    given = {"finding": finding, "remark": remark}
    with registry.ledger.writing() as connection:
        done = registry.ledger.act(number, "review", given, actor.id, permit=actor, connection=connection)
        fields = {"document": number, "finding": finding, "account": holder.ref}
        registry.note("emergency.review", actor.id, fields, connection)
    if finding == "unjustified":
        registry.warn("emergency_unjustified", str(holder.ref), {"document": number})
    return done


def due(one: Document) -> datetime:
    """By when an access has to be reviewed."""
    return _REVIEW.after(one.at)


def own(registry: Registry, actor: Actor) -> list[dict[str, Any]]:
    """The actor's own emergency accesses, the newest first: until when, and what the review found; no person is named."""
    now = registry.ledger.now().isoformat()
    return [
        {
            "document": one.id,
            "at": one.at,
            "until": datetime.fromisoformat(one.data["until"]),
            "reason": one.data["reason"],
            "state": "in_force" if now < one.data["until"] else "over",
            "finding": one.data.get("finding"),
        }
        for one in reversed(registry.ledger.find(KIND.kind, ref=actor.id))
    ]


def listing(registry: Registry, actor: Actor) -> list[dict[str, Any]]:
    """Every emergency access, with what is due; the pseudonym is left out."""
    duty.require(registry, actor, "list")
    now = registry.ledger.now()
    return [
        {
            "document": one.id,
            "account": one.data["account"],
            "at": one.at,
            "reason": one.data["reason"],
            "state": one.state,
            "due": due(one),
            "overdue": one.state == "open" and due(one) < now,
            "finding": one.data.get("finding"),
        }
        for one in registry.ledger.find(KIND.kind)
    ]
