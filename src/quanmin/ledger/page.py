"""Documents a page at a time, the newest first, with how many there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from quanmin.ledger.ledger import Document, Ledger
from quanmin.ledger.table import DocumentRow

SIZE = 50


class Page(NamedTuple):
    """Some documents of a list, and how many the whole list has."""

    documents: list[Document]
    total: int
    number: int = 1
    size: int = SIZE

    @property
    def pages(self) -> int:
        """How many pages the list has; an empty one has one."""
        return max(1, -(-self.total // self.size))


def page(
    ledger: Ledger,
    kinds: Sequence[str],
    *,
    states: Sequence[str] = (),
    ref: str | None = None,
    number: int = 1,
    size: int = SIZE,
) -> Page:
    """Page `number` of the documents of some kinds (in some states, with a ref)."""
    wanted: list[ColumnElement[bool]] = [DocumentRow.kind.in_(list(kinds))]
    wanted += [DocumentRow.state.in_(list(states))] if states else []
    wanted += [DocumentRow.ref == ref] if ref is not None else []
    chosen = select(DocumentRow.id).where(*wanted).order_by(DocumentRow.id.desc())
    with ledger.reading() as connection:
        total = connection.execute(select(func.count()).select_from(DocumentRow).where(*wanted)).scalar_one()
        numbers = list(connection.execute(chosen.offset((number - 1) * size).limit(size)).scalars())
        return Page(ledger._load(connection, numbers)[::-1], total, number, size)
