"""Documents with their actions, asked for in one statement that is put together once."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from quanmin.ledger.table import ActionRow, DocumentRow

CHUNK = 500  # numbers in one statement; databases take only so many

_ACTIONS = (
    select(
        DocumentRow.id,
        DocumentRow.kind,
        DocumentRow.ref,
        ActionRow.sequence,
        ActionRow.name,
        ActionRow.role,
        ActionRow.actor,
        ActionRow.at,
        ActionRow.data,
    )
    .join(ActionRow, ActionRow.document == DocumentRow.id)
    .order_by(DocumentRow.id, ActionRow.sequence)
)
_SEVERAL = _ACTIONS.where(DocumentRow.id.in_(bindparam("numbers", expanding=True)))


def several(connection: Connection, numbers: Sequence[int]) -> list[Row[Any]]:
    """The actions of the documents with these numbers, by number and in order."""
    known = sorted(set(numbers))
    chunks = [known[start : start + CHUNK] for start in range(0, len(known), CHUNK)]
    return [row for some in chunks for row in connection.execute(_SEVERAL, {"numbers": some})]


def fitting(
    connection: Connection, kinds: Sequence[str], ref: str | None, states: Sequence[str], limit: int | None
) -> list[Row[Any]]:
    """The actions of the documents that fit, by number and in order; what is empty or None narrows nothing."""
    given: dict[str, Any] = {"kinds": kinds, "ref": ref, "states": states, "limit": limit}
    given = {name: value for name, value in given.items() if value not in (None, "", (), [])}
    return list(connection.execute(_fitting(tuple(given)), given))


@functools.cache
def _fitting(given: tuple[str, ...]) -> Select[Any]:
    conditions = {
        "kinds": DocumentRow.kind.in_(bindparam("kinds", expanding=True)),
        "ref": DocumentRow.ref == bindparam("ref"),
        "states": DocumentRow.state.in_(bindparam("states", expanding=True)),
    }
    wanted = [conditions[name] for name in given if name in conditions]
    if "limit" not in given:
        return _ACTIONS.where(*wanted)
    newest = select(DocumentRow.id).where(*wanted).order_by(DocumentRow.id.desc()).limit(bindparam("limit"))
    return _ACTIONS.where(DocumentRow.id.in_(newest))
