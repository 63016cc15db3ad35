"""From a session to an actor: what somebody holds now, at one organisation. Asked anew each time: an ending counts at once."""

from __future__ import annotations

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
    try:
        held = session.hold(registry, token)
    except ClockBack:
        registry.note("refused", "unknown", {"why": "clock_back"})
        raise
    actor = actor_of(registry, held)
    if actor is None:
        raise SessionOver()
    return actor


def actor_of(registry: Registry, held: session.Held) -> Actor | None:
    """The actor of a session that holds; None when the account is not active any more."""
    with registry.ledger.writing() as connection:
        document = accounts.find(registry, held.account, connection)
        if document is None or document.state != "active":
            return None
        return build(registry, connection, document, held)


def build(registry: Registry, connection: Connection, document: Document, held: session.Held) -> Actor:
    """The actor of an account at the session's organisation, with the roles of the posts and grants it holds there."""
    at, tree = registry.instant(connection), organisation.tree(registry, connection)
    known = mandate.in_force(registry, connection, held.account, at, "post", "grant")
    place = held.organisation
    roles = {one.data["role"] for one in known if one.data["organisation"] == place and place in tree}
    if duty.conflict(roles):
        registry.note("refused", held.account, {"why": "roles_apart"}, connection)
        roles = set()
    ward = _ward(registry, connection, held)
    if document.data["kind"] == "patient":
        roles = {"guardian"} if ward else {"patient"}
    elif ward:
        roles = {"guardian"}
    return Actor(
        held.account,
        frozenset(roles),
        organisation=place if place in tree else None,
        region=tree.get(place).region if place is not None and place in tree else None,
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
        if guardianship is not None and _ward(registry, connection, asked) is None:
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


def _ward(registry: Registry, connection: Connection, held: session.Held) -> str | None:
    """The ward of a session, while the guardianship is in force."""
    if held.acting_for is None:
        return None
    at = registry.instant(connection)
    known = mandate.in_force(registry, connection, held.account, at, "guardianship")
    return next((str(one.data["ward"]) for one in known if str(one.id) == held.acting_for), None)
