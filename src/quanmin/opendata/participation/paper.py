"""What is common to everything that the public hands in: who may, how often, whose it is, and how lists are found."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from quanmin.ledger import Document, Ledger, database
from quanmin.ledger.forum import DeedRow, PaperAboutRow, PaperRow, PaperVoteRow
from quanmin.ledger.listing import place
from quanmin.ledger.table import ActionRow, DocumentRow
from quanmin.opendata.participation import name, notice, owner
from quanmin.opendata.participation.errors import NotYours, TooOften, UnknownPaper
from quanmin.trust import Actor, audit

Order = Literal["latest", "hottest"]
LIMITS = ((1, 20), (24, 60))
"""So many times an account may write in so many hours."""
SIZE = 20
_KEPT = timedelta(days=2)


class Filing(NamedTuple):
    """What a document of the public is filed under: its publisher, what sort it is, and what it is about."""

    publisher: str | None = None
    sort: str | None = None
    about: tuple[str, ...] = ()


class Filed(NamedTuple):
    """The same as it is found again, with who wrote it."""

    author: str
    publisher: str | None
    about: tuple[str, ...]


class Page(NamedTuple):
    """Some documents of a list: `page` of `pages`, `total` in all; votes for each."""

    documents: list[Document]
    votes: Mapping[int, int]
    page: int
    pages: int
    total: int


def hand_in(
    ledger: Ledger,
    kind: str,
    actor: Actor,
    data: Mapping[str, Any],
    filing: Filing,
    ref: str | None = None,
    connection: Connection | None = None,
) -> Document:
    """A new document of somebody. NameNeeded, TooOften, SignInNeeded."""
    if connection is None:
        with ledger.writing() as own:
            return hand_in(ledger, kind, actor, data, filing, ref, own)
    owner.person(actor)
    name.needed(connection, actor.id)
    often(connection, ledger, actor.id)
    made = ledger.create(kind, ref, data, actor.id, connection)
    file(connection, made.id, actor.id, filing)
    note(ledger, connection, actor, kind, "create", made.id)
    return made


def file(connection: Connection, document: int, author: str, filing: Filing) -> None:
    """Note what a new document is filed under."""
    values = {"document": document, "author": author, "publisher": filing.publisher, "sort": filing.sort}
    connection.execute(insert(PaperRow).values(**values))
    about(connection, document, filing.about)


def about(connection: Connection, document: int, records: Collection[str]) -> None:
    """What it is about from now on."""
    connection.execute(delete(PaperAboutRow).where(PaperAboutRow.document == document))
    rows = [{"document": document, "about": one} for one in dict.fromkeys(records)]
    if rows:
        connection.execute(insert(PaperAboutRow), rows)


def mark(ledger: Ledger) -> int:
    """How many actions there were on what the public handed in: another number when pages that show it are out of date."""
    query = select(func.count()).select_from(ActionRow).join(PaperRow, PaperRow.document == ActionRow.document)
    with ledger.reading() as connection:
        return int(connection.execute(query).scalar_one())


def filed(connection: Connection, document: int) -> Filed:
    """Who wrote it, whose it is, and what it is about; UnknownPaper."""
    query = select(PaperRow.author, PaperRow.publisher).where(PaperRow.document == document)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise UnknownPaper()
    held = select(PaperAboutRow.about).where(PaperAboutRow.document == document).order_by(PaperAboutRow.about)
    return Filed(row.author, row.publisher, tuple(connection.execute(held).scalars()))


def filing(ledger: Ledger, document: int) -> Filed:
    """The same without a transaction at hand."""
    with ledger.reading() as connection:
        return filed(connection, document)


def get(ledger: Ledger, kind: str, document: int, connection: Connection | None = None) -> Document:
    """One of a kind; UnknownPaper, also for documents of other kinds."""
    found = ledger.several([document], connection) if 0 < document < 2**53 else []
    if not found or found[0].kind != kind:
        raise UnknownPaper()
    return found[0]


def authored(ledger: Ledger, actor: Actor, document: int) -> Filed:
    """NotYours unless somebody wrote it himself."""
    found = filing(ledger, document)
    if found.author != owner.person(actor).id:
        raise NotYours()
    return found


def act(
    ledger: Ledger,
    actor: Actor,
    document: Document,
    action: str,
    data: Mapping[str, Any] | None = None,
    role: str | None = None,
    connection: Connection | None = None,
) -> Document:
    """An action on a document, in the audit without its words; whoever is not official is counted. IllegalAction, TooOften."""
    if connection is None:
        with ledger.writing() as own:
            return act(ledger, actor, document, action, data, role, own)
    if role is None:
        often(connection, ledger, actor.id)
    permit = actor if role is not None else None
    done = ledger.act(document.id, action, data, actor.id, role=role, permit=permit, connection=connection)
    note(ledger, connection, actor, document.kind, action, document.id)
    return done


def tell_author(ledger: Ledger, connection: Connection, document: int, step: str, by: str) -> None:
    """Let the author know, unless it was himself."""
    author = filed(connection, document).author
    if author != by:
        notice.tell(connection, ledger.now(), "account", author, document, step)


def note(ledger: Ledger, connection: Connection, actor: Actor, kind: str, action: str, document: int) -> None:
    """One entry of the audit, without a word that was written."""
    fields = {"kind": kind, "action": action, "document": document}
    audit.append(ledger, "participation", actor.id, fields, connection)


def often(connection: Connection, ledger: Ledger, who: str, limits: Sequence[tuple[int, int]] = LIMITS) -> None:
    """Count one more thing of somebody; TooOften."""
    database.lock(connection, f"deeds {who}")
    now = ledger.now()
    for hours, limit in limits:
        query = select(func.count()).select_from(DeedRow)
        since = now - timedelta(hours=hours)
        if connection.execute(query.where(DeedRow.who == who, DeedRow.at > since)).scalar_one() >= limit:
            raise TooOften(hours=hours, limit=limit)
    connection.execute(delete(DeedRow).where(DeedRow.who == who, DeedRow.at < now - _KEPT))
    connection.execute(insert(DeedRow).values(who=who, at=now))


def vote(ledger: Ledger, actor: Actor, document: int, given: bool) -> int:
    """Be for a document, or take that back; how many are for it then. One an account."""
    owner.person(actor)
    with ledger.writing() as connection:
        database.lock(connection, f"votes {document}")
        mine = (PaperVoteRow.document == document, PaperVoteRow.account == actor.id)
        connection.execute(delete(PaperVoteRow).where(*mine))
        if given:
            values = {"document": document, "account": actor.id, "at": ledger.now()}
            connection.execute(insert(PaperVoteRow).values(**values))
    return votes(ledger, [document]).get(document, 0)


def votes(ledger: Ledger, documents: Collection[int]) -> dict[int, int]:
    """How many are for each of some documents."""
    query = select(PaperVoteRow.document, func.count()).where(PaperVoteRow.document.in_(sorted(documents)))
    with ledger.reading() as connection:
        rows = connection.execute(query.group_by(PaperVoteRow.document))
        return {document: count for document, count in rows}


def voted(ledger: Ledger, actor: Actor | None, document: int) -> bool:
    """Whether somebody is for it."""
    if actor is None:
        return False
    mine = select(PaperVoteRow.at).where(PaperVoteRow.document == document, PaperVoteRow.account == actor.id)
    with ledger.reading() as connection:
        return connection.execute(mine).first() is not None


def page(
    ledger: Ledger,
    kinds: Sequence[str],
    states: Sequence[str] = (),
    *,
    order: Order = "latest",
    number: int = 1,
    size: int = SIZE,
    author: str | None = None,
    sort: str | None = None,
    record: str | None = None,
    where: ColumnElement[bool] | None = None,
) -> Page:
    """A page of a list, the newest first or those with the most votes; `where` is a condition on `PaperRow`."""

    def narrowed(query: Select[Any]) -> Select[Any]:
        query = query.join(PaperRow, PaperRow.document == DocumentRow.id).where(DocumentRow.kind.in_(list(kinds)))
        query = query.where(DocumentRow.state.in_(list(states))) if states else query
        query = query.where(PaperRow.author == author) if author is not None else query
        query = query.where(PaperRow.sort == sort) if sort is not None else query
        query = query.where(where) if where is not None else query
        if record is None:
            return query
        return query.where(DocumentRow.id.in_(select(PaperAboutRow.document).where(PaperAboutRow.about == record)))

    with ledger.reading() as connection:
        total = connection.execute(narrowed(select(func.count()).select_from(DocumentRow))).scalar_one()
        at = place(number, total, size)
        query = narrowed(select(DocumentRow.id))
        if order == "hottest":
            given = (
                select(PaperVoteRow.document, func.count().label("count")).group_by(PaperVoteRow.document).subquery()
            )
            query = query.outerjoin(given, given.c.document == DocumentRow.id)
            query = query.order_by(func.coalesce(given.c.count, 0).desc())
        found = list(connection.execute(query.order_by(DocumentRow.id.desc()).limit(size).offset(at.skip)).scalars())
        known = {one.id: one for one in ledger.several(found, connection)}
    return Page([known[one] for one in found], votes(ledger, found), at.page, at.pages, total)


def give(connection: Connection, document: int, publisher: str) -> None:
    """It is another publisher's to answer from now on."""
    connection.execute(update(PaperRow).where(PaperRow.document == document).values(publisher=publisher))
