"""Proofs as rows: kept, found, retired; and what may be used once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from quanmin.ledger.credential import CredentialRow, SpentRow


class Credential(NamedTuple):
    """One proof of an account."""

    id: int
    account: str
    kind: str
    handle: str | None
    secret: str
    counter: int
    about: Mapping[str, Any]
    at: datetime
    retired: datetime | None


_COLUMNS = [getattr(CredentialRow, name) for name in Credential._fields]


def keep(
    connection: Connection,
    account: str,
    kind: str,
    secret: str,
    at: datetime,
    handle: str | None = None,
    counter: int = 0,
    about: Mapping[str, Any] | None = None,
) -> int:
    """A new proof; its number."""
    values = {"account": account, "kind": kind, "handle": handle, "secret": secret, "counter": counter, "at": at}
    row = insert(CredentialRow).values(**values, about=dict(about or {})).returning(CredentialRow.id)
    return int(connection.execute(row).scalar_one())


def of(connection: Connection, account: str, kind: str, retired: bool = False) -> list[Credential]:
    """The proofs of an account of one kind, the newest first; with `retired`, those given up too."""
    query = select(*_COLUMNS).where(CredentialRow.account == account, CredentialRow.kind == kind)
    query = query if retired else query.where(CredentialRow.retired.is_(None))
    return [Credential(*row) for row in connection.execute(query.order_by(CredentialRow.id.desc()))]


def by_handle(connection: Connection, kind: str, handle: str) -> Credential | None:
    """The proof that is presented under a public name, such as a passkey's."""
    query = select(*_COLUMNS).where(CredentialRow.kind == kind, CredentialRow.handle == handle)
    row = connection.execute(query.where(CredentialRow.retired.is_(None))).first()
    return None if row is None else Credential(*row)


def advance(connection: Connection, proof: int, counter: int) -> bool:
    """Set the counter forward; False when it stands there or beyond already (two at once: one wins)."""
    query = update(CredentialRow).where(CredentialRow.id == proof, CredentialRow.counter < counter)
    return connection.execute(query.where(CredentialRow.retired.is_(None)).values(counter=counter)).rowcount == 1


def retire(connection: Connection, account: str, at: datetime, *kinds: str) -> None:
    """Give up the proofs of an account: all, or those of some kinds."""
    query = update(CredentialRow).where(CredentialRow.account == account, CredentialRow.retired.is_(None))
    query = query.where(CredentialRow.kind.in_(kinds)) if kinds else query
    connection.execute(query.values(retired=at))


def give_up(connection: Connection, proof: int, at: datetime) -> None:
    """Give up one proof."""
    connection.execute(update(CredentialRow).where(CredentialRow.id == proof).values(retired=at))


def spend(connection: Connection, kind: str, digest: str, ends: datetime, at: datetime) -> bool:
    """Use something up until `ends`; False when that was done before."""
    connection.execute(delete(SpentRow).where(SpentRow.ends < at))
    try:
        with connection.begin_nested():
            connection.execute(insert(SpentRow).values(kind=kind, digest=digest, ends=ends))
    except IntegrityError:
        return False
    return True


def offer(connection: Connection, kind: str, digest: str, account: str | None, ends: datetime) -> None:
    """Remember a challenge until it is answered."""
    connection.execute(insert(SpentRow).values(kind=kind, digest=digest, account=account, ends=ends))


def answer(connection: Connection, kind: str, digest: str, account: str | None, at: datetime) -> bool:
    """Take a challenge back, once: whether it was given to this account and is not too old."""
    query = delete(SpentRow).where(SpentRow.kind == kind, SpentRow.digest == digest, SpentRow.ends >= at)
    query = query.where(SpentRow.account == account if account is not None else SpentRow.account.is_(None))
    return connection.execute(query).rowcount == 1
