"""Sessions: a random token that the holder has and whose digest we have; idle and absolute limits; revocable at once."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, bindparam, insert, select, update

from quanmin.ledger.credential import SessionRow
from quanmin.trust.actor import Actor
from quanmin.trust.identity import duty
from quanmin.trust.identity.errors import ClockBack, SessionOver
from quanmin.trust.identity.registry import NOTED, Registry
from quanmin.trust.identity.vault import plain_digest

IDLE, ABSOLUTE = timedelta(minutes=15), timedelta(hours=8)


class Held(NamedTuple):
    """A session that holds."""

    digest: str
    account: str
    organisation: str | None
    methods: str
    assurance: int
    mfa: bool
    acting_for: str | None


_HELD = select(SessionRow.__table__).where(SessionRow.digest == bindparam("digest"))


def begin(
    registry: Registry,
    connection: Connection,
    account: str,
    organisation: str | None,
    methods: str,
    assurance: int,
    mfa: bool,
    former: str | None = None,
) -> str:
    """A new session and its token, which is shown this once. A token that was there before is never taken over: it ends."""
    at, token = registry.instant(connection), secrets.token_urlsafe(32)
    if former:
        _end(connection, SessionRow.digest == plain_digest(former), at, "rotated")
    values: dict[str, object] = {
        "digest": plain_digest(token),
        "account": account,
        "organisation": organisation,
        "methods": methods,
    }
    values |= {"assurance": assurance, "mfa": mfa, "at": at, "seen": at, "ends": at + ABSOLUTE}
    connection.execute(insert(SessionRow).values(**values))
    return token


def glance(connection: Connection, token: str, at: datetime) -> Held | None:
    """The session of a token, where it holds and was seen within `NOTED`, so that nothing has to be written."""
    row = connection.execute(_HELD, {"digest": plain_digest(token)}).mappings().first()
    if row is None or row["ended"] is not None or _over(row["seen"], row["ends"], at) or at - row["seen"] > NOTED:
        return None
    return _told(row)


def hold(registry: Registry, token: str) -> Held:
    """The session of a token, seen now; SessionOver when it is unknown, revoked, idle too long or at its end."""
    digest = plain_digest(token)
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        row = connection.execute(_HELD, {"digest": digest}).mappings().first()
        why = None if row is None or row["ended"] is not None else _over(row["seen"], row["ends"], at)
        if why is not None:
            _end(connection, SessionRow.digest == digest, at, why)
            registry.note("session.end", row["account"] if row else "unknown", {"why": why}, connection)
        elif row is not None and row["ended"] is None:
            if at - row["seen"] > NOTED:
                connection.execute(update(SessionRow).where(SessionRow.digest == digest).values(seen=at))
            return _told(row)
    raise SessionOver()


def _told(row: RowMapping) -> Held:
    return Held(*(row[name] for name in Held._fields))


def _over(seen: datetime, ends: datetime, at: datetime) -> str | None:
    if at >= ends:
        return "absolute"
    return "idle" if at - seen >= IDLE else None


def end(registry: Registry, token: str) -> None:
    """Sign out."""
    with registry.ledger.writing() as connection:
        digest = plain_digest(token)
        account = connection.execute(select(SessionRow.account).where(SessionRow.digest == digest)).scalar()
        _end(connection, SessionRow.digest == digest, _time(registry, connection), "signed_out")
        registry.note("sign_out", account or "unknown", {}, connection)


def end_all(registry: Registry, connection: Connection, account: str, why: str) -> int:
    """End every session of an account; how many."""
    return _end(connection, SessionRow.account == account, _time(registry, connection), why)


def revoke(registry: Registry, actor: Actor, account: str) -> int:
    """End every session of an account at once; the security administrator's work, or one's own."""
    if actor.session is None or actor.id != account:
        duty.require(registry, actor, "session.revoke")
    with registry.ledger.writing() as connection:
        count = end_all(registry, connection, account, "revoked")
        registry.note("session.revoke", actor.id, {"account": account, "sessions": count}, connection)
    return count


def _time(registry: Registry, connection: Connection) -> datetime:
    """The time of an ending, which must not fail because the clock is wrong."""
    try:
        return registry.instant(connection)
    except ClockBack:
        return registry.ledger.now()


def _end(connection: Connection, which: ColumnElement[bool], at: datetime, why: str) -> int:
    query = update(SessionRow).where(which, SessionRow.ended.is_(None))
    return connection.execute(query.values(ended=at, why=why)).rowcount


_SHOWN = [getattr(SessionRow, name) for name in ("account", "organisation", "methods", "at", "seen", "ends")]


def listing(registry: Registry, actor: Actor) -> list[dict[str, object]]:
    """Sessions that hold, without anything that could be used."""
    duty.require(registry, actor, "list")
    return _open(registry)


def own(registry: Registry, actor: Actor) -> list[dict[str, object]]:
    """The sessions of whoever is signed in; `here` marks the one that asks."""
    if actor.session is None:
        return []
    return _open(registry, actor)


def _open(registry: Registry, actor: Actor | None = None) -> list[dict[str, object]]:
    now = registry.ledger.now()
    query = select(*_SHOWN, SessionRow.digest).where(
        SessionRow.ended.is_(None), SessionRow.ends > now, SessionRow.seen > now - IDLE
    )
    query = query if actor is None else query.where(SessionRow.account == actor.id)
    with registry.ledger.reading() as connection:
        rows = [dict(row) for row in connection.execute(query.order_by(SessionRow.at)).mappings()]
    digests = [str(row.pop("digest")) for row in rows]
    if actor is None:
        return rows
    return [{**row, "here": digest[:16] == actor.session} for row, digest in zip(rows, digests, strict=True)]
