"""The batches a page at a time, the newest first, narrowed by dataset, source and state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from quanmin.collect import batch as batches
from quanmin.collect.receipt import Receipt, of_document
from quanmin.lake import Lake
from quanmin.ledger import listing as pages
from quanmin.ledger.table import DocumentRow
from quanmin.text import Text

SIZE = pages.SIZE

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
    found = _page(lake, dataset, source, (state,) if state else (), page, size)
    receipts = [of_document(one) for one in found.documents if "sha256" in one.data]
    return Listing(receipts, found.page, found.pages, found.total)


def accepted(lake: Lake, dataset: str | None = None, source: str | None = None, last: int = SIZE) -> list[Receipt]:
    """The last accepted batches, oldest first."""
    found = _page(lake, dataset, source, ("accepted",), 1, last)
    return [of_document(one) for one in reversed(found.documents) if "sha256" in one.data]


def newest(lake: Lake) -> int:
    """The number of the newest batch; 0 where there is none."""
    with lake.ledger.reading() as connection:
        query = select(func.max(DocumentRow.id)).where(DocumentRow.kind == batches.BATCH.kind)
        found = connection.execute(query).scalar_one()
    return int(found or 0)


def _page(
    lake: Lake, dataset: str | None, source: str | None, states: Sequence[str], number: int, size: int
) -> pages.Page:
    """The newest batches first; a batch's reference begins with its dataset and its source (`batch.reference`)."""
    where: list[ColumnElement[bool]] = []
    where += [DocumentRow.ref.startswith(f"{dataset} ", autoescape=True)] if dataset else []
    where += [DocumentRow.ref.contains(f" {source} ", autoescape=True)] if source else []
    return pages.page(lake.ledger, [batches.BATCH.kind], states, number, size, newest=True, where=where)
