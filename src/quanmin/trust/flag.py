"""Flags: people whose reads are always looked at. The security administrator proposes, the audit administrator confirms.

Either ends a flag at once; its day ends it anyway. A person is kept by the audit's pseudonym only, and the audit's entries about
flags name none: a person's own record of access does not tell of the flag.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from quanmin.ledger import Action, Document, Either, Ledger, Workflow, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.redaction import redacted
from quanmin.settings import Settings
from quanmin.trust.actor import Actor
from quanmin.trust.identity import Registry, duty
from quanmin.trust.identity.errors import BadMandate, WrongState
from quanmin.trust.pseudonym import Pseudonyms

LONGEST = timedelta(days=366)
KIND = register(
    Workflow(
        "person_flag",
        start="proposed",
        actions=[
            Action("confirm", "proposed", "in_force", by=duty.AUDIT),
            Action("end", ("proposed", "in_force"), "ended", by=Either(duty.SECURITY, duty.AUDIT), needs=("reason",)),
        ],
        words=("reason",),
    )
)


class Flags:
    """The flags of one installation."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry, self._settings = registry, settings
        self._known: dict[str, list[Document]] | None = None

    @classmethod
    def open(cls, ledger: Ledger, settings: Settings) -> Flags:
        """Of a home."""
        return cls(Registry.open(ledger, settings), settings)

    def propose(self, actor: Actor, key: int, reason: str, until: date) -> Document:
        """Propose to flag a person (by key) until a day, a year at most. NotYourWork, BadMandate."""
        duty.require(self._registry, actor, "flag.propose")
        today = self._registry.ledger.now().date()
        wrong = ([] if reason.strip() else ["reason"]) + ([] if today <= until <= today + LONGEST else ["until"])
        if wrong:
            raise BadMandate(fields=", ".join(wrong))
        person = Pseudonyms.open(self._settings, "audit").of(key)
        data = {"reason": redacted(reason.strip()), "until": until.isoformat()}
        with self._registry.ledger.writing() as connection:
            made = self._registry.ledger.create(KIND.kind, person, data, actor.id, connection)
            self._registry.note("flag.propose", actor.id, {"document": made.id, "until": data["until"]}, connection)
        return made

    def confirm(self, actor: Actor, number: int) -> Document:
        """Confirm what was proposed, before its last day is past: from now on it counts. BadMandate."""
        duty.require(self._registry, actor, "flag.confirm")
        standing, today = self._registry.ledger.get(number), self._registry.ledger.now().date().isoformat()
        if standing.kind == KIND.kind and standing.state == "proposed" and standing.data["until"] < today:
            raise BadMandate(fields="until")
        return self._act(actor, number, "confirm", {}, duty.AUDIT)

    def end(self, actor: Actor, number: int, reason: str) -> Document:
        """End a flag, or take a proposal away."""
        duty.require(self._registry, actor, "flag.end")
        role = duty.SECURITY if duty.SECURITY in actor.roles else duty.AUDIT
        return self._act(actor, number, "end", {"reason": redacted(reason)}, role)

    def listing(self, actor: Actor) -> list[dict[str, Any]]:
        """Every flag with its state; the person by pseudonym."""
        duty.require(self._registry, actor, "flag.list")
        today = self._registry.ledger.now().date().isoformat()
        return [
            {
                "document": one.id,
                "person": one.ref,
                "reason": one.actions[0].data["reason"],
                "owner": one.actions[0].actor,
                "at": one.at,
                "until": one.data["until"],
                "state": "over" if one.state == "in_force" and one.data["until"] < today else one.state,
            }
            for one in self._registry.ledger.find(KIND.kind)
        ]

    def holds(self, person: str, at: datetime) -> bool:
        """Whether a flag of a person (the audit's pseudonym) was in force at a moment, as the ledger stood when first asked."""
        if self._known is None:
            self._known = {}
            for one in self._registry.ledger.find(KIND.kind):
                self._known.setdefault(str(one.ref), []).append(one)
        return any(_held(one, at) for one in self._known.get(person, ()))

    def _act(self, actor: Actor, number: int, action: str, given: dict[str, Any], role: str) -> Document:
        ledger = self._registry.ledger
        with ledger.writing() as connection:
            standing = ledger.get(number, connection)
            if standing.kind != KIND.kind:
                raise UnknownDocument(document=number)
            if KIND.action(standing.state, action) is None:
                raise WrongState(state=standing.state)
            done = ledger.act(number, action, given, actor.id, role=role, permit=actor, connection=connection)
            self._registry.note(f"flag.{action}", actor.id, {"document": number}, connection)
        return done


def _held(document: Document, at: datetime) -> bool:
    times = {step.name: step.at for step in document.actions}
    confirmed, ended = times.get("confirm"), times.get("end")
    in_time = confirmed is not None and confirmed <= at and (ended is None or at < ended)
    return in_time and at.date().isoformat() <= document.data["until"]
