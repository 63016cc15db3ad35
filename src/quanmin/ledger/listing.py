"""Long lists of documents, a page at a time, and how a kind of them stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from quanmin.ledger.ledger import Document, Ledger
from quanmin.ledger.table import DocumentRow

SIZE = 50
"""Documents of a page."""


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
) -> Page:
    """A page of the documents of some kinds in some states (all), the oldest first; one beyond the end is the last one."""
    wanted = _narrowed(select(DocumentRow.id), kinds, states, ref)
    with ledger.reading() as connection:
        total = connection.execute(_narrowed(select(func.count()), kinds, states, ref)).scalar_one()
        pages = max(1, -(-total // size))
        at = min(max(number, 1), pages)
        order = DocumentRow.id.desc() if newest else DocumentRow.id
        found = connection.execute(wanted.order_by(order).limit(size).offset((at - 1) * size)).scalars().all()
        return Page([ledger.get(one, connection) for one in found], at, pages, total)


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
