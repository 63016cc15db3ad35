"""From a session to an actor: what somebody holds now, at one organisation. Asked anew each time: an ending counts at once."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, update

from quanmin.ledger import Document
from quanmin.ledger.credential import SessionRow
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import duty, mandate, organisation, session
from quanmin.trust.identity.errors import ClockBack, NotYourWork, SessionOver
from quanmin.trust.identity.registry import Registry


def authenticate(registry: Registry, token: str) -> Actor:
    """The actor of a session's token; SessionOver."""
    known = _glance(registry, token)
    if known is not None:
        return known
    try:
        held = session.hold(registry, token)
    except ClockBack:
        registry.note("refused", "unknown", {"why": "clock_back"})
        raise
    actor = actor_of(registry, held)
    if actor is None:
        raise SessionOver()
    return actor


def _glance(registry: Registry, token: str) -> Actor | None:
    """The actor in one consistent view, where nothing is to be written down: neither a time, nor an ending, nor a refusal."""
    with registry.ledger.reading() as connection:
        at = registry.glance(connection)
        held = None if at is None else session.glance(connection, token, at)
        if at is None or held is None:
            return None
        document = accounts.find(registry, held.account, connection)
        if document is None or document.state != "active":
            return None
        holding = _holding(registry, connection, document, held, at)
    return None if duty.conflict(holding.roles) else _made(document, held, holding)


def actor_of(registry: Registry, held: session.Held) -> Actor | None:
    """The actor of a session that holds; None when the account is not active any more."""
    with registry.ledger.writing() as connection:
        document = accounts.find(registry, held.account, connection)
        if document is None or document.state != "active":
            return None
        return build(registry, connection, document, held)


def build(registry: Registry, connection: Connection, document: Document, held: session.Held) -> Actor:
    """The actor of an account at the session's organisation, with the roles of the posts and grants it holds there."""
    holding = _holding(registry, connection, document, held, registry.instant(connection))
    if duty.conflict(holding.roles):
        registry.note("refused", held.account, {"why": "roles_apart"}, connection)
        holding = holding._replace(roles=frozenset())
    return _made(document, held, holding)


class _Holding(NamedTuple):
    """What an account has at a moment, at the organisation of its session, if that is open."""

    roles: frozenset[str]
    place: organisation.Organisation | None
    ward: str | None


def _holding(
    registry: Registry, connection: Connection, document: Document, held: session.Held, at: datetime
) -> _Holding:
    place = organisation.standing(registry, connection, held.organisation) if held.organisation else None
    known = mandate.in_force(registry, connection, held.account, at, "post", "grant")
    roles = {one.data["role"] for one in known if place is not None and one.data["organisation"] == place.id}
    return _Holding(frozenset(roles), place, _ward(registry, connection, held, at))


def _made(document: Document, held: session.Held, holding: _Holding) -> Actor:
    roles, ward = holding.roles, holding.ward
    if document.data["kind"] == "participant":
        roles, ward = frozenset({"participant"}), None
    elif document.data["kind"] == "patient":
        roles = frozenset({"guardian"} if ward else {"patient"})
    elif ward:
        roles = frozenset({"guardian"})
    return Actor(
        held.account,
        roles,
        organisation=holding.place.id if holding.place else None,
        region=holding.place.region if holding.place else None,
        kind=document.data["kind"],
        assurance=held.assurance,
        mfa=held.mfa,
        subject=document.data.get("subject"),
        acting_for=ward,
        session=held.digest[:16],
    )


def place_of(registry: Registry, connection: Connection, document: Document, asked: str | None) -> str | None:
    """The organisation to act at: the one asked for if something is held there, else the first, else the account's own."""
    at = registry.instant(connection)
    known = mandate.in_force(registry, connection, str(document.ref), at, "post", "grant")
    places = [one.data["organisation"] for one in known]
    if asked is not None:
        return asked if asked in (*places, document.data["organisation"]) else None
    own: str | None = document.data["organisation"]
    return places[0] if places else own


def act_for(registry: Registry, token: str, guardianship: int | None) -> Actor:
    """Act for a ward from now on, or (None) for oneself again; the guardianship must be one's own and in force."""
    held = session.hold(registry, token)
    with registry.ledger.writing() as connection:
        asked = held._replace(acting_for=None if guardianship is None else str(guardianship))
        at = registry.instant(connection)
        if guardianship is not None and _ward(registry, connection, asked, at) is None:
            found = False
        else:
            found = True
            row = update(SessionRow).where(SessionRow.digest == held.digest)
            connection.execute(row.values(acting_for=asked.acting_for))
        fields = {"document": guardianship, "given": found}
        registry.note("act_for", held.account, fields, connection)
    if not found:
        raise NotYourWork(work="act_for", role="guardian")
    return authenticate(registry, token)


def _ward(registry: Registry, connection: Connection, held: session.Held, at: datetime) -> str | None:
    """The ward of a session, while the guardianship is in force."""
    if held.acting_for is None:
        return None
    known = mandate.in_force(registry, connection, held.account, at, "guardianship")
    return next((str(one.data["ward"]) for one in known if str(one.id) == held.acting_for), None)
