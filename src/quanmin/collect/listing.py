"""The batches a page at a time, the newest first, narrowed by dataset, source and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from quanmin.collect import batch as batches
from quanmin.collect.receipt import Receipt, of_document
from quanmin.lake import Lake
from quanmin.ledger import Document, Ledger
from quanmin.ledger.table import DocumentRow
from quanmin.text import Text

SIZE = 50

STATES: dict[str, Text] = {
    "received": Text("处理中", "being checked"),
    "accepted": Text("已接收", "accepted"),
    "refused": Text("已拒收", "refused"),
    "withdrawn": Text("已撤回", "withdrawn"),
}
"""What the state of a batch is called."""


@dataclass(frozen=True)
class Listing:
    """Some receipts of a list: `page` of `pages` (from 1; an empty list has one), `total` batches in all."""

    receipts: list[Receipt]
    page: int
    pages: int
    total: int


def listing(
    lake: Lake,
    dataset: str | None = None,
    source: str | None = None,
    state: str | None = None,
    page: int = 1,
    size: int = SIZE,
) -> Listing:
    """A page of the receipts; one beyond the end is the last one."""
    batches.sweep(lake.ledger, "system")
    wanted = _wanted(dataset, source, (state,) if state else ())
    with lake.ledger.reading() as connection:
        total = connection.execute(select(func.count()).select_from(DocumentRow).where(*wanted)).scalar_one()
    pages = max(1, -(-total // size))
    at = min(max(page, 1), pages)
    found = _load(lake.ledger, wanted, size, (at - 1) * size)
    return Listing([of_document(one) for one in found if "sha256" in one.data], at, pages, total)


def accepted(lake: Lake, dataset: str | None = None, source: str | None = None, last: int = SIZE) -> list[Receipt]:
    """The last accepted batches, oldest first."""
    found = _load(lake.ledger, _wanted(dataset, source, ("accepted",)), last, 0)
    return [of_document(one) for one in reversed(found) if "sha256" in one.data]


def newest(lake: Lake) -> int:
    """The number of the newest batch; 0 where there is none."""
    with lake.ledger.reading() as connection:
        found = connection.execute(select(func.max(DocumentRow.id)).where(*_wanted(None, None, ()))).scalar_one()
    return int(found or 0)


def _wanted(dataset: str | None, source: str | None, states: Sequence[str]) -> list[ColumnElement[bool]]:
    """The conditions; a batch's reference begins with its dataset and its source (`batch.reference`)."""
    wanted: list[ColumnElement[bool]] = [DocumentRow.kind == batches.BATCH.kind]
    wanted += [DocumentRow.state.in_(states)] if states else []
    wanted += [DocumentRow.ref.startswith(f"{dataset} ", autoescape=True)] if dataset else []
    return [*wanted, DocumentRow.ref.contains(f" {source} ", autoescape=True)] if source else wanted


def _load(ledger: Ledger, wanted: Sequence[Any], size: int, offset: int) -> list[Document]:
    """Documents, the newest first."""
    query = select(DocumentRow.id).where(*wanted).order_by(DocumentRow.id.desc()).limit(size).offset(offset)
    with ledger.reading() as connection:
        numbers = connection.execute(query).scalars().all()
    return ledger.several(numbers)[::-1]
