"""Administrators go on: a grant is renewed before its end by the other two, or a role is taken up anew when nobody has it.

Of the two others one proposes and the other confirms, so nobody has a part in his own. When all is over (everybody's grant
lapsed, or nobody can sign in) whoever holds the home makes one anew, as at the founding; it rings, and the audit shows it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection

from quanmin.ledger import Document, database
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import credential, duty, mandate, organisation, session
from quanmin.trust.identity.errors import (
    AccountTaken,
    NotFounded,
    NothingToRenew,
    RoleHeld,
    RolesApart,
    UnknownOrganisation,
    WrongState,
)
from quanmin.trust.identity.founding import GRANT_LASTS, Founder
from quanmin.trust.identity.registry import Registry

RECOVERY = accounts.FOUNDING
"""Whoever holds the home, as the audit names him."""


def propose(registry: Registry, actor: Actor, account: str, until: date) -> Document:
    """Propose that an administrator stays one until a later day; one of the other two, before the grant ends.

    NothingToRenew, NotYourWork, OwnFavour, BadMandate (a year at most).
    """
    holder = accounts.find(registry, account)
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        known = mandate.in_force(registry, connection, account, at, "grant")
    held = next((one for one in known if one.data["role"] in duty.ADMINISTRATORS), None)
    if holder is None or held is None:
        duty.require(registry, actor, "list")
        raise NothingToRenew()
    work = mandate.renewing(held.data["role"])
    duty.require(registry, actor, work)
    duty.apart(registry, actor, work, account, subjects=accounts._subjects(holder))
    data = {name: held.data[name] for name in ("role", "organisation", "purpose")}
    with registry.ledger.writing() as connection:
        given = {**data, "owner": actor.id, "renews": held.id}
        return mandate.create(registry, actor.id, connection, "grant", account, until, None, given)


def recover(registry: Registry, role: str, founder: Founder) -> tuple[str, str]:
    """Make somebody an administrator when nobody has the role any more; both halves of the activation code.

    NotFounded; RoleHeld while somebody has it; RolesApart for another administrator; AccountTaken.
    """
    subject = accounts.subject_of(registry, founder.person)
    try:
        with registry.ledger.writing() as connection:
            for name in ("founding", "organisations", "accounts"):
                database.lock(connection, name)
            halves = _recover(registry, connection, role, founder, subject)
    except (RoleHeld, RolesApart) as error:
        why = "role_held" if isinstance(error, RoleHeld) else "roles_apart"
        registry.note("refused", RECOVERY, {"work": "recover", "why": why, "role": role})
        raise
    registry.warn("administrator_recovered", RECOVERY, {"account": founder.account, "role": role})
    return halves


def _recover(registry: Registry, connection: Connection, role: str, founder: Founder, subject: str) -> tuple[str, str]:
    if not registry.ledger.find(accounts.KIND.kind, connection=connection, limit=1):
        raise NotFounded()
    at = registry.instant(connection)
    if any(_able(registry, connection, one, at) for one in _holders(registry, connection, role, at)):
        raise RoleHeld(role=role)
    root = next((one.id for one in organisation.tree(registry, connection) if one.parent is None), None)
    if root is None:
        raise UnknownOrganisation(organisation="-")
    _account(registry, connection, founder.account, root, subject)
    data = {"role": role, "organisation": root, "purpose": "recovery", "owner": root}
    until = (at + GRANT_LASTS).date()
    made = mandate.create(registry, RECOVERY, connection, "grant", founder.account, until, None, data)
    registry.ledger.act(made.id, "found", None, RECOVERY, connection=connection)
    fields = {"account": founder.account, "role": role, "document": made.id}
    registry.note("recover", RECOVERY, fields, connection)
    first, second = (accounts.half(registry, connection, founder.account, place) for place in (0, 1))
    return first, second


def _holders(registry: Registry, connection: Connection, role: str, at: datetime) -> Iterator[Document]:
    """Accounts with a grant or post of the role that is in force."""
    for document in registry.ledger.find(accounts.KIND.kind, connection=connection):
        known = mandate.in_force(registry, connection, str(document.ref), at, "post", "grant")
        if any(one.data["role"] == role for one in known):
            yield document


def _able(registry: Registry, connection: Connection, document: Document, at: datetime) -> bool:
    """Whether the holder can act. One who is being opened, or was disabled, counts for three days: time to be noticed."""
    if document.state == "active":
        return not accounts.dormant(registry, connection, document, at)
    if document.actions[-1].name == "lapse":
        return False
    return at - document.since <= accounts.CODE_LASTS


def _account(registry: Registry, connection: Connection, account: str, root: str, subject: str) -> None:
    """The person's account, waiting for its code: a new one, or the one that there is, started anew."""
    known = accounts.find(registry, account, connection)
    if known is None:
        known = accounts.create(registry, RECOVERY, connection, account, "staff", root, subject, None)
    elif known.data.get("subject") != subject:
        raise AccountTaken(reason="name")
    elif known.data["kind"] == "patient":
        raise WrongState(state="patient")
    if known.state != "proposed":
        registry.ledger.act(known.id, "reset", {"reason": "recovery"}, RECOVERY, connection=connection)
        credential.retire(connection, account, registry.instant(connection))
        session.end_all(registry, connection, account, "reset")
    registry.ledger.act(known.id, "confirm", None, RECOVERY, connection=connection)
