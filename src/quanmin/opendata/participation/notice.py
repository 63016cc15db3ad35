"""Notices within the portal: what an account, a publisher or the moderators should know; once seen, gone from the count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, update

from quanmin.ledger import Ledger
from quanmin.ledger.forum import NoticeRow
from quanmin.opendata.participation import owner
from quanmin.trust import Actor

Whose = Literal["account", "publisher", "moderators"]
MOST = 200
"""Notices that are listed, the newest first."""


class Notice(NamedTuple):
    """Something that was done with a document."""

    id: int
    whose: str
    document: int
    step: str
    at: datetime
    seen: datetime | None


def tell(connection: Connection, at: datetime, whose: Whose, name: str | None, document: int, step: str) -> None:
    """Let somebody know; a publisher that there is none of is the moderators."""
    if whose == "publisher" and name is None:
        whose = "moderators"
    values = {"whose": whose, "name": name or "", "document": document, "step": step, "at": at, "seen": None}
    connection.execute(insert(NoticeRow).values(**values))


def of(ledger: Ledger, actor: Actor, whose: Sequence[Whose], unseen: bool = False) -> list[Notice]:
    """The notices for somebody, the newest first: of the account, of what he acts for."""
    columns = [getattr(NoticeRow, name) for name in Notice._fields]
    query = select(*columns).where(_mine(ledger, actor, whose))
    query = query.where(NoticeRow.seen.is_(None)) if unseen else query
    with ledger.reading() as connection:
        return [Notice(*row) for row in connection.execute(query.order_by(NoticeRow.id.desc()).limit(MOST))]


def count(ledger: Ledger, actor: Actor, whose: Sequence[Whose]) -> int:
    """How many of them nobody has seen."""
    query = select(func.count()).select_from(NoticeRow).where(_mine(ledger, actor, whose), NoticeRow.seen.is_(None))
    with ledger.reading() as connection:
        return int(connection.execute(query).scalar_one())


def seen(ledger: Ledger, actor: Actor, whose: Sequence[Whose], upto: int) -> None:
    """They were seen, up to one of them."""
    mine = (_mine(ledger, actor, whose), NoticeRow.seen.is_(None), NoticeRow.id <= upto)
    with ledger.writing() as connection:
        connection.execute(update(NoticeRow).where(*mine).values(seen=ledger.now()))


def _mine(ledger: Ledger, actor: Actor, whose: Sequence[Whose]) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [NoticeRow.id < 0]
    if "account" in whose:
        parts.append(and_(NoticeRow.whose == "account", NoticeRow.name == actor.id))
    if "publisher" in whose:
        parts.append(and_(NoticeRow.whose == "publisher", owner.own(ledger, actor, NoticeRow.name)))
    if "moderators" in whose and owner.moderates(actor):
        parts.append(NoticeRow.whose == "moderators")
    return or_(*parts)
