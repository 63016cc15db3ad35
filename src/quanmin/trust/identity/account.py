"""Accounts: one a person, none by default, made by two administrators, opened with a code of two halves.

The system administrator who makes an account hands its holder one half of the activation code, the security administrator who
confirms it the other: neither alone can become somebody else. Ninety days without a sign-in disable an account.

A disabled one is enabled by the same two: with the proofs that it has, or, when it was unused for ninety days, with new ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from quanmin.ledger import Action, Document, Either, Workflow, database, register
from quanmin.ledger.credential import SessionRow
from quanmin.ledger.workflow import Step
from quanmin.trust.actor import Actor, Kind
from quanmin.trust.identity import credential, duty, name, session
from quanmin.trust.identity.errors import AccountTaken, UnknownAccount, WrongState
from quanmin.trust.identity.registry import Registry
from quanmin.trust.identity.vault import plain_digest

DORMANT = timedelta(days=90)
CODE_LASTS = timedelta(days=3)
PEOPLE: tuple[Kind, ...] = ("staff", "clinician", "patient", "participant")
FOUNDING = "founding"
_OPEN = ("proposed", "waiting", "enrolling", "active", "returning")
_PROPOSALS = ("create", "reset", "enable")
_OPENINGS = ("open", "enrol", "restore")
HALVES = ("activation_a", "activation_b")
SECOND = ("totp", "passkey")
"""Second proofs that are kept with the account."""

KIND = register(
    Workflow(
        "account",
        start="proposed",
        actions=[
            Action("confirm", "proposed", "waiting", by=duty.SECURITY),
            Action("prove", "proposed", "waiting"),
            Action("register", "proposed", "enrolling"),
            Action("open", "proposed", "active", by=duty.SECURITY),
            Action("activate", "waiting", "enrolling"),
            Action("enrol", "enrolling", "active"),
            Action("disable", _OPEN, "disabled", by=Either(duty.SYSTEM, duty.SECURITY), needs=("reason",)),
            Action("lapse", "active", "disabled", needs=("reason",)),
            Action("enable", "disabled", "returning", by=duty.SYSTEM, needs=("reason", "anew")),
            Action("restore", "returning", "active", by=duty.SECURITY),
            Action("reopen", "returning", "waiting", by=duty.SECURITY),
            Action(
                "reset",
                ("waiting", "enrolling", "active", "disabled", "returning"),
                "proposed",
                by=duty.SYSTEM,
                needs=("reason",),
            ),
        ],
        words=("reason",),
    )
)


def find(registry: Registry, account: str, connection: Connection | None = None) -> Document | None:
    """The account's document, or None."""
    found = registry.ledger.find(KIND.kind, ref=account, connection=connection) if account else []
    return found[0] if found else None


def get(registry: Registry, account: str, connection: Connection | None = None) -> Document:
    """The account's document; UnknownAccount."""
    found = find(registry, account, connection)
    if found is None:
        raise UnknownAccount()
    return found


def create(
    registry: Registry,
    by: str,
    connection: Connection,
    account: str,
    kind: Kind,
    organisation: str | None,
    subject: str | None,
    shown: str | None,
) -> Document:
    """Write an account down; AccountTaken when it, or another one of this person and sort, exists."""
    name.checked(account, "account")
    database.lock(connection, "accounts")
    group = "patient" if kind == "patient" else "worker"
    for one in registry.ledger.find(KIND.kind, connection=connection):
        if one.ref == account:
            raise AccountTaken(reason="name")
        if subject is not None and (one.data.get("subject"), one.data["group"]) == (subject, group):
            raise AccountTaken(reason="person")
    data = {"kind": kind, "group": group, "organisation": organisation, "subject": subject}
    sealed = registry.vault.seal(shown, f"account {account}") if shown else None
    document = registry.ledger.create(KIND.kind, account, {**data, "shown": sealed}, by, connection)
    registry.note("account", by, {"account": account, "kind": kind, "organisation": organisation}, connection)
    return document


def half(registry: Registry, connection: Connection, account: str, place: int) -> str:
    """A new half of the activation code of an account, shown this once."""
    at, secret = registry.instant(connection), "-".join(secrets.token_hex(2) for _ in range(4))
    credential.retire(connection, account, at, HALVES[place])
    credential.keep(connection, account, HALVES[place], plain_digest(f"{account} {secret}"), at)
    return secret


def add(
    registry: Registry,
    actor: Actor,
    account: str,
    kind: Kind,
    organisation: str,
    person: str | None = None,
    shown: str | None = None,
) -> str:
    """Propose an account of an organisation; the first half of its code. `person` is a number that is only recognised again."""
    duty.require(registry, actor, "account")
    if (kind in PEOPLE) != (person is not None) or kind in ("patient", "participant"):
        raise WrongState(state=kind)
    from quanmin.trust.identity import organisation as organisations

    with registry.ledger.writing() as connection:
        organisations.tree(registry, connection).get(organisation)
        subject = None if person is None else subject_of(registry, person)
        create(registry, actor.id, connection, account, kind, organisation, subject, shown)
        return half(registry, connection, account, 0)


def subject_of(registry: Registry, person: str) -> str:
    """The pseudonym of a person within identity."""
    return registry.vault.digest("person", person.strip().upper())[:32]


def confirm(registry: Registry, actor: Actor, account: str) -> str:
    """Confirm an account that another proposed, or proposed to enable; the second half of its code.

    Empty for organisations and services, and for an account that is enabled with the proofs that it has.
    """
    duty.require(registry, actor, "account.confirm")
    with registry.ledger.writing() as connection:
        document = get(registry, account, connection)
    duty.apart(registry, actor, "account.confirm", proposed(document).actor, account, subjects=_subjects(document))
    with registry.ledger.writing() as connection:
        document = get(registry, account, connection)
        human, step = document.data["kind"] in PEOPLE, _confirming(registry, connection, document)
        registry.ledger.act(document.id, step, None, actor.id, permit=actor, connection=connection)
        event = f"account.{step}" if step in ("restore", "reopen") else "account.confirm"
        registry.note(event, actor.id, {"account": account}, connection)
        if step == "reopen":
            credential.retire(connection, account, registry.instant(connection), "password", *SECOND)
        return half(registry, connection, account, 1) if human and step != "restore" else ""


def proposed(document: Document) -> Step:
    """The proposal of an account that stood last: to make it, to start it anew, or to enable it."""
    return next(step for step in reversed(document.actions) if step.name in _PROPOSALS)


def _confirming(registry: Registry, connection: Connection, document: Document) -> str:
    """What the confirmation does. WrongState where ninety days went by since it was proposed to keep the proofs."""
    if document.state != "returning":
        return "confirm" if document.data["kind"] in PEOPLE else "open"
    if document.data["anew"]:
        return "reopen"
    if _anew(connection, document, registry.instant(connection)):
        raise WrongState(state="dormant")
    return "restore"


def _subjects(document: Document) -> list[str]:
    return [document.data["subject"]] if document.data.get("subject") else []


def disable(registry: Registry, actor: Actor, account: str, reason: str) -> None:
    """Disable an account at once: its sessions end with it."""
    duty.require(registry, actor, "account.disable")
    role = duty.SYSTEM if duty.SYSTEM in actor.roles else duty.SECURITY
    with registry.ledger.writing() as connection:
        document = get(registry, account, connection)
        _allowed(document, "disable")
        act = {"reason": reason}
        registry.ledger.act(document.id, "disable", act, actor.id, role=role, permit=actor, connection=connection)
        session.end_all(registry, connection, account, "disabled")
        registry.note("account.disable", actor.id, {"account": account}, connection)


def enable(registry: Registry, actor: Actor, account: str, reason: str) -> str:
    """Propose that a disabled account is used again: with its posts and grants as far as they last; another confirms.

    Its holder keeps password and second proof; after ninety days without a sign-in both are made anew, as for a new account,
    and the first half of the code is returned, else nothing. WrongState for one that is not disabled or was never open.
    """
    duty.require(registry, actor, "account.enable")
    with registry.ledger.reading() as connection:
        document = get(registry, account, connection)
    duty.apart(registry, actor, "account.enable", account, subjects=_subjects(document))
    with registry.ledger.writing() as connection:
        document = get(registry, account, connection)
        _allowed(document, "enable")
        if not opened(document):
            raise WrongState(state="never_open")
        anew = _anew(connection, document, registry.instant(connection))
        given = {"reason": reason, "anew": anew}
        registry.ledger.act(document.id, "enable", given, actor.id, permit=actor, connection=connection)
        registry.note("account.enable", actor.id, {"account": account, "anew": anew}, connection)
        return half(registry, connection, account, 0) if anew else ""


def opened(document: Document) -> bool:
    """Whether an account was ever in use since it was made or started anew: one that was refused, never."""
    return _opening(document) is not None


def _opening(document: Document) -> Step | None:
    steps = [step for step in document.actions if step.name in (*_OPENINGS, "reset")]
    return steps[-1] if steps and steps[-1].name in _OPENINGS else None


def _anew(connection: Connection, document: Document, at: datetime) -> bool:
    """Whether a disabled account of a person needs new proofs: it lapsed, or nobody signed in for ninety days."""
    opening = _opening(document)
    if document.data["kind"] not in PEOPLE or opening is None:
        return False
    lapsed = any(step.name == "lapse" and step.at >= opening.at for step in document.actions)
    return lapsed or at - max(_last(connection, document) or opening.at, opening.at) > DORMANT


def _last(connection: Connection, document: Document) -> datetime | None:
    """When somebody last signed in."""
    query = select(func.max(SessionRow.at)).where(SessionRow.account == document.ref)
    return connection.execute(query).scalar()


def reset(registry: Registry, actor: Actor, account: str, reason: str) -> str:
    """Start an account anew, with a new code: its proofs are given up and its sessions end. Needs a confirmation again."""
    duty.require(registry, actor, "account.reset")
    with registry.ledger.reading() as connection:
        document = get(registry, account, connection)
    duty.apart(registry, actor, "account.reset", account, subjects=_subjects(document))
    with registry.ledger.writing() as connection:
        document = get(registry, account, connection)
        _allowed(document, "reset")
        registry.ledger.act(document.id, "reset", {"reason": reason}, actor.id, permit=actor, connection=connection)
        credential.retire(connection, account, registry.instant(connection))
        session.end_all(registry, connection, account, "reset")
        registry.note("account.reset", actor.id, {"account": account}, connection)
        return half(registry, connection, account, 0)


def _allowed(document: Document, action: str) -> None:
    if KIND.action(document.state, action) is None:
        raise WrongState(state=document.state)


def dormant(registry: Registry, connection: Connection, document: Document, at: datetime) -> bool:
    """Whether nobody signed in for ninety days."""
    return at - max(_last(connection, document) or document.since, document.since) > DORMANT


def sweep(registry: Registry, actor: Actor) -> list[str]:
    """Disable every person's account that nobody used for ninety days; their names."""
    duty.require(registry, actor, "account.dormant")
    found = []
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        for document in registry.ledger.find(KIND.kind, state="active", connection=connection):
            if document.data["kind"] in PEOPLE and dormant(registry, connection, document, at):
                lapse(registry, connection, document, actor.id)
                found.append(str(document.ref))
    return found


def lapse(registry: Registry, connection: Connection, document: Document, by: str = "system") -> None:
    """Disable one because nobody used it."""
    registry.ledger.act(document.id, "lapse", {"reason": "dormant"}, by, connection=connection)
    session.end_all(registry, connection, str(document.ref), "dormant")
    registry.note("account.dormant", by, {"account": document.ref}, connection)


def listing(registry: Registry, actor: Actor) -> list[Mapping[str, Any]]:
    """Every account with kind, organisation and state; what people are called is shown to administrators only.

    `returns`: it is disabled and can be enabled.
    """
    duty.require(registry, actor, "list")
    return [
        {
            "account": one.ref,
            "kind": one.data["kind"],
            "organisation": one.data["organisation"],
            "state": one.state,
            "since": one.since,
            "returns": one.state == "disabled" and opened(one),
            "shown": registry.vault.unseal(one.data["shown"], f"account {one.ref}") if one.data.get("shown") else None,
        }
        for one in registry.ledger.find(KIND.kind)
    ]
