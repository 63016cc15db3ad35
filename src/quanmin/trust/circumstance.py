"""The facts of a question, kept in the ledger: who treats whom, who agreed to what, which agreement covers what.

`situation` gathers them for a decision. People are kept by pseudonym. A relation and an agreement hold until a day and can be
ended at once; a consent can be taken back at any time, and then its purpose sees the person no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from quanmin import standards
from quanmin.ledger import Action, Document, Ledger, Workflow, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.ledger.workflow import CREATE
from quanmin.settings import Settings
from quanmin.standards.identity import citizen_number
from quanmin.text import Text
from quanmin.trust import agreed, audit
from quanmin.trust.actor import Actor
from quanmin.trust.column import BASE
from quanmin.trust.errors import DayPassed, NotYourFact, UnknownSubject
from quanmin.trust.identity import Registry, account, duty, emergency, founding
from quanmin.trust.identity import organisation as organisations
from quanmin.trust.policy.situation import Situation
from quanmin.trust.policy.weighing import is_local
from quanmin.trust.pseudonym import Pseudonyms
from quanmin.trust.purpose import PURPOSES

CONSENTED = ("research", "insurance")
"""Purposes to which a person may agree, and from which the person may withdraw."""
REGISTRARS = ("registrar", "nurse", "clinician")
"""Roles that may write down that somebody is under treatment with their organisation."""

CARE = register(
    Workflow(
        "care_relation", start="open", actions=[Action("end", "open", "ended", needs=["reason"])], words=("reason",)
    )
)
CONSENT = register(
    Workflow(
        "consent",
        start="given",
        actions=[Action("withdraw", "given", "withdrawn"), Action("give", "withdrawn", "given")],
    )
)
AGREEMENT = register(
    Workflow(
        "data_agreement",
        start="proposed",
        actions=[
            Action("confirm", "proposed", "in_force", by=duty.SECURITY),
            Action("refuse", "proposed", "refused", by=duty.SECURITY, needs=["reason"]),
            Action("end", "in_force", "ended", by=duty.SECURITY, needs=["reason"]),
        ],
        words=("reason",),
    )
)


@dataclass(frozen=True)
class Circumstances:
    """The facts of one installation."""

    registry: Registry
    settings: Settings

    @classmethod
    def open(cls, ledger: Ledger, settings: Settings) -> Circumstances:
        """Of a home."""
        return cls(Registry.open(ledger, settings), settings)

    @property
    def ledger(self) -> Ledger:
        """Where they are kept."""
        return self.registry.ledger

    def situation(
        self,
        actor: Actor,
        purpose: str,
        dataset: str,
        person: str | None = None,
        region: str | None = None,
        exchange: str | None = None,
    ) -> Situation:
        """What is known of a question of an actor; `person` is the citizen number of whom it is about. UnknownSubject.

        `exchange` is the agreement of the exchange that a member's message cites (`A-2026-0001;v=2`).
        """
        with self.ledger.reading() as connection:
            agreement = self._agreed(connection, actor, purpose, dataset)
            asked = (self.ledger, self.settings, actor, purpose, dataset)
            given = agreed.facts(*asked, exchange, connection) if exchange is not None else dict[str, Any]()
            without = self._withdrawn(connection, purpose) if purpose in CONSENTED else frozenset()
            if person is None:
                return Situation(agreement=agreement, region=region, without=without, **given)
            key, subject = self._person(person)
            consent = self._consent(connection, subject, purpose)
            care = self._treated(connection, actor, subject)
        return Situation(
            own=actor.subject is not None and actor.subject == subject,
            ward=actor.acting_for is not None and actor.acting_for == subject,
            care=care,
            rescue=purpose == "treatment" and emergency.opened(self.registry, actor, person) is not None,
            consent=consent == "given",
            withdrawn=consent == "withdrawn",
            agreement=agreement,
            region=region,
            person=key,
            without=without,
            **given,
        )

    # Treatment

    def open_care(self, actor: Actor, person: str, until: date, who: str | None = None) -> Document:
        """Write down that an account (`who`) or the actor's organisation treats a person until a day.

        Nobody makes himself somebody's doctor. NotYourFact, DayPassed, UnknownAccount, UnknownSubject.
        """
        fits = any(role in actor.roles for role in REGISTRARS) and actor.mfa and actor.organisation is not None
        if not (is_local(actor) or fits) or who == actor.id or (who is None and "clinician" in actor.roles):
            raise self._refused(actor, "care")
        holder = who or actor.organisation
        if holder is None:
            raise self._refused(actor, "care")
        self._ahead(until)
        if who is not None and founding.founded(self.registry):
            account.get(self.registry, who)
        _, subject = self._person(person)
        data = {"holder": holder, "until": until.isoformat()}
        with self.ledger.writing() as connection:
            made = self.ledger.create(CARE.kind, subject, data, actor.id, connection)
            self._note(connection, "care", "open", actor, made)
        return made

    def end_care(self, actor: Actor, document: int, reason: str) -> Document:
        """End a relation at once."""
        standing = self._standing(document, CARE)
        if not self._cares(actor, standing):
            raise self._refused(actor, "care")
        return self._act(actor, document, "care", "end", {"reason": reason})

    def cares(self, actor: Actor) -> list[dict[str, Any]]:
        """The relations of the actor, the actor's organisation and those that the actor wrote down; no person is named."""
        found = (one for one in self.ledger.find(CARE.kind) if self._cares(actor, one))
        return [self._told(one, "open", "holder") for one in found]

    def _cares(self, actor: Actor, standing: Document) -> bool:
        own = {actor.id, actor.organisation} - {None}
        return is_local(actor) or standing.data["holder"] in own or standing.actions[0].actor == actor.id

    def _treated(self, connection: Connection, actor: Actor, subject: str) -> bool:
        today = self.ledger.now().date().isoformat()
        held = {actor.id, actor.organisation} - {None}
        found = self.ledger.find(CARE.kind, ref=subject, state="open", connection=connection)
        return any(one.data["holder"] in held and today <= one.data["until"] for one in found)

    # Consent

    def consent(self, actor: Actor, person: str, purpose: str, given: bool = True) -> Document:
        """Write down that a person agrees to a purpose, or takes it back: the person or the guardian does it. NotYourFact."""
        if purpose not in CONSENTED:
            raise UnknownSubject(kind=Text("用途", "purpose"), name=purpose)
        key, subject = self._person(person)
        own = subject in (actor.subject, actor.acting_for) and actor.mfa
        if not (own or is_local(actor)):
            raise self._refused(actor, "consent")
        pseudonym = Pseudonyms.open(self.settings, "consent").of(key)
        wanted, action = ("given", "give") if given else ("withdrawn", "withdraw")
        data = {"purpose": purpose, "person": pseudonym, "first": action}
        with (
            self.ledger.writing() as connection
        ):  # all of it: a withdrawal that was cut off must leave no consent behind
            name, states = f"{subject} {purpose}", ("given", "withdrawn")
            document, new = self.ledger.ensure(CONSENT.kind, name, data, states, actor.id, connection)
            changed = document.state != wanted
            if changed:
                document = self.ledger.act(document.id, action, {}, actor.id, permit=actor, connection=connection)
            if new or changed:
                self._note(connection, "consent", action, actor, document)
        return document

    def consents(self, actor: Actor) -> list[dict[str, Any]]:
        """What the actor (or the ward acted for) agreed to or took back; no person is named."""
        subject = actor.acting_for or actor.subject
        return [
            {"document": one.id, "purpose": one.data["purpose"], "since": one.since, "state": one.state}
            for one in self.ledger.find(CONSENT.kind)
            if is_local(actor) or (subject is not None and one.ref == f"{subject} {one.data['purpose']}")
        ]

    def consented(self, actor: Actor) -> list[dict[str, Any]]:
        """Every giving and withdrawal of the actor's consents (or the ward's), newest first: purpose, what, when, by whom."""
        subject = actor.acting_for or actor.subject
        steps = [
            {
                "purpose": purpose,
                "action": "give" if step.name == CREATE else step.name,
                "at": step.at,
                "by": step.actor,
            }
            for purpose in CONSENTED
            for one in self.ledger.find(CONSENT.kind, ref=f"{subject} {purpose}")
            for step in one.actions
            if step.name != CREATE or step.data.get("first") != "withdraw"  # who begins by objecting never agreed
        ]
        return sorted(steps, key=lambda one: one["at"], reverse=True)

    def _consent(self, connection: Connection, subject: str, purpose: str) -> str | None:
        found = self.ledger.find(CONSENT.kind, ref=f"{subject} {purpose}", connection=connection)
        return found[-1].state if found else None

    def _withdrawn(self, connection: Connection, purpose: str) -> frozenset[str]:
        found = self.ledger.find(CONSENT.kind, state="withdrawn", connection=connection)
        return frozenset(one.data["person"] for one in found if one.data["purpose"] == purpose)

    # Agreements

    def propose_agreement(
        self, actor: Actor, organisation: str, purpose: str, datasets: Sequence[str], until: date
    ) -> Document:
        """Propose that an organisation may use datasets for a purpose until a day.

        NotYourFact, UnknownSubject, UnknownOrganisation, DayPassed. Organisations are known once there are accounts.
        """
        if purpose not in PURPOSES:
            raise UnknownSubject(kind=Text("用途", "purpose"), name=purpose)
        if not (is_local(actor) or (duty.SYSTEM in actor.roles and actor.mfa)):
            raise self._refused(actor, "agreement")
        unknown = [one for one in datasets if one != BASE and one not in standards.catalogue().datasets]
        if unknown or not datasets:
            raise UnknownSubject(kind=Text("数据集", "dataset"), name=", ".join(unknown) or "-")
        if founding.founded(self.registry):
            organisations.tree(self.registry).get(organisation)
        self._ahead(until)
        data = {
            "organisation": organisation,
            "purpose": purpose,
            "datasets": sorted(set(datasets)),
            "until": until.isoformat(),
        }
        with self.ledger.writing() as connection:
            made = self.ledger.create(AGREEMENT.kind, organisation, data, actor.id, connection)
            self._note(connection, "agreement", "propose", actor, made)
        return made

    def confirm_agreement(self, actor: Actor, document: int) -> Document:
        """Confirm what another person proposed, before its last day is past. NotYourFact, DayPassed."""
        standing = self._standing(document, AGREEMENT)
        if standing.actions[0].actor == actor.id:
            raise self._refused(actor, "agreement")
        if standing.state == "proposed":
            self._ahead(date.fromisoformat(standing.data["until"]))
        return self._agree(actor, document, "confirm", {})

    def refuse_agreement(self, actor: Actor, document: int, reason: str) -> Document:
        """Refuse what was proposed."""
        return self._agree(actor, document, "refuse", {"reason": reason})

    def end_agreement(self, actor: Actor, document: int, reason: str) -> Document:
        """End an agreement at once."""
        return self._agree(actor, document, "end", {"reason": reason})

    def agreements(self, actor: Actor) -> list[dict[str, Any]]:
        """The agreements of the actor's organisation; every one for the administrators."""
        every = is_local(actor) or bool(actor.roles & set(duty.ADMINISTRATORS))
        found = [one for one in self.ledger.find(AGREEMENT.kind) if every or one.ref == actor.organisation]
        return [self._told(one, "in_force", "organisation", "purpose", "datasets") for one in found]

    def _agree(self, actor: Actor, document: int, action: str, given: dict[str, Any]) -> Document:
        self._standing(document, AGREEMENT)
        if not (is_local(actor) or (duty.SECURITY in actor.roles and actor.mfa)):
            raise self._refused(actor, "agreement")
        return self._act(actor, document, "agreement", action, given)

    def _agreed(self, connection: Connection, actor: Actor, purpose: str, dataset: str) -> bool:
        if actor.organisation is None:
            return False
        today = self.ledger.now().date().isoformat()
        found = self.ledger.find(AGREEMENT.kind, ref=actor.organisation, state="in_force", connection=connection)
        return any(
            one.data["purpose"] == purpose and dataset in one.data["datasets"] and today <= one.data["until"]
            for one in found
        )

    # All

    def _standing(self, document: int, flow: Workflow) -> Document:
        """A document of this kind; UnknownDocument for any other."""
        found = self.ledger.get(document)
        if found.kind != flow.kind:
            raise UnknownDocument(document=document)
        return found

    def _ahead(self, until: date) -> None:
        if until < self.ledger.now().date():
            raise DayPassed(until=until.isoformat())

    def _refused(self, actor: Actor, fact: str) -> NotYourFact:
        """The refusal, which the audit is told."""
        audit.append(self.ledger, "refused", actor.id, {"fact": fact})
        return NotYourFact(fact=fact)

    def _told(self, standing: Document, lasting: str, *names: str) -> dict[str, Any]:
        """A fact as a list shows it; one whose last day is past is over."""
        until = standing.data["until"]
        over = standing.state == lasting and until < self.ledger.now().date().isoformat()
        told = {"document": standing.id, **{name: standing.data[name] for name in names}}
        return {**told, "until": until, "state": "over" if over else standing.state}

    def _act(self, actor: Actor, document: int, fact: str, action: str, given: dict[str, Any]) -> Document:
        with self.ledger.writing() as connection:
            done = self.ledger.act(document, action, given, actor.id, permit=actor, connection=connection)
            self._note(connection, fact, action, actor, done)
        return done

    def _note(self, connection: Connection, fact: str, action: str, actor: Actor, document: Document) -> None:
        fields = {"action": action, "document": document.id}
        audit.append(self.ledger, f"fact.{fact}", actor.id, fields, connection)

    def _person(self, number: str) -> tuple[int, str]:
        """The key and the pseudonym (within identity) of a citizen number."""
        key = citizen_number.encode(citizen_number.canonical(number))
        if key is None:
            raise UnknownSubject(kind=Text("人员", "person"), name="***")
        return int(key), account.subject_of(self.registry, citizen_number.decode(key))
