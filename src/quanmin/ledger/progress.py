"""How far the work of a document is, told while it goes on: one row a document, overwritten, so that its actions do not grow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select, update

from quanmin.ledger.table import ProgressRow


class Told(NamedTuple):
    """What was told last, and when."""

    at: datetime
    data: Mapping[str, Any]


def tell(connection: Connection, document: int, data: Mapping[str, Any], at: datetime) -> None:
    """Put this in place of what was told before."""
    values = {"at": at, "data": dict(data)}
    changed = connection.execute(update(ProgressRow).where(ProgressRow.document == document).values(values))
    if not changed.rowcount:
        connection.execute(insert(ProgressRow).values(document=document, **values))


def told(connection: Connection, documents: Iterable[int]) -> dict[int, Told]:
    """What was told of some documents; those that told nothing are left out."""
    query = select(ProgressRow.__table__).where(ProgressRow.document.in_(list(documents)))
    return {row["document"]: Told(row["at"], row["data"]) for row in connection.execute(query).mappings()}
