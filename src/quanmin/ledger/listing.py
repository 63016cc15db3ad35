"""Long lists, of documents and of anything else, a page at a time; and how a kind of documents stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, select

from quanmin.ledger.ledger import Document, Ledger
from quanmin.ledger.table import DocumentRow

SIZE = 50
"""Documents of a page."""


class Place(NamedTuple):
    """Where a page is: `page` of `pages`, after `skip` things of the list."""

    page: int
    pages: int
    skip: int


def place(number: int, total: int, size: int = SIZE) -> Place:
    """Where a page of a list of so many things is: from 1; one beyond the end is the last one; an empty list has one."""
    pages = max(1, -(-total // size))
    page = min(max(number, 1), pages)
    return Place(page, pages, (page - 1) * size)


@dataclass(frozen=True)
class Page:
    """Some documents of a list; `page` of `pages` (from 1; an empty list has one), `total` documents in all."""

    documents: list[Document]
    page: int
    pages: int
    total: int


def page(
    ledger: Ledger,
    kinds: Sequence[str],
    states: Sequence[str] = (),
    number: int = 1,
    size: int = SIZE,
    newest: bool = False,
    ref: str | None = None,
    where: Sequence[ColumnElement[bool]] = (),
) -> Page:
    """A page of the documents of some kinds in some states (all), the oldest first; one beyond the end is the last one.

    `where` narrows further, by columns of `DocumentRow`.
    """
    wanted = _narrowed(select(DocumentRow.id), kinds, states, ref).where(*where)
    counted = _narrowed(select(func.count()).select_from(DocumentRow), kinds, states, ref).where(*where)
    order = DocumentRow.id.desc() if newest else DocumentRow.id
    with ledger.reading() as connection:
        total = connection.execute(counted).scalar_one()
        at = place(number, total, size)
        found = connection.execute(wanted.order_by(order).limit(size).offset(at.skip)).scalars().all()
        documents = ledger.several(found, connection)
    return Page(documents[::-1] if newest else documents, at.page, at.pages, total)


def beside(ledger: Ledger, kinds: Sequence[str], states: Sequence[str], at: int, back: bool = False) -> list[int]:
    """The numbers of the documents after (or before) one in the list, the nearest first; at most `SIZE` of them."""
    narrowed = _narrowed(select(DocumentRow.id), kinds, states, None)
    wanted = narrowed.where(DocumentRow.id < at if back else DocumentRow.id > at)
    order = DocumentRow.id.desc() if back else DocumentRow.id
    with ledger.reading() as connection:
        return list(connection.execute(wanted.order_by(order).limit(SIZE)).scalars())


def stand(ledger: Ledger, kind: str) -> tuple[Any, ...]:
    """What changes with every document of a kind that is made or changes its state."""
    query = select(DocumentRow.state, func.count(), func.max(DocumentRow.since)).where(DocumentRow.kind == kind)
    with ledger.reading() as connection:
        rows = connection.execute(query.group_by(DocumentRow.state).order_by(DocumentRow.state)).all()
    return tuple(tuple(row) for row in rows)


def _narrowed(query: Select[Any], kinds: Sequence[str], states: Sequence[str], ref: str | None) -> Select[Any]:
    query = query.where(DocumentRow.kind.in_(list(kinds)))
    query = query.where(DocumentRow.state.in_(list(states))) if states else query
    return query.where(DocumentRow.ref == ref) if ref is not None else query
