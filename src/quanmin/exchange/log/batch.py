"""Batches: what was added to the log goes under one root, which is an entry of the audit, whose heads are signed and stamped.

The leaves of a batch (RFC 6962, section 2.1, SHA-256) are the links of its entries, so that each vouches for all before it. Rows
of the log are not touched again: a batch is a range of numbers, and its tree is made before the transaction that keeps it, so
that no message waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from quanmin.ledger import SYSTEM, Ledger, database
from quanmin.ledger.exchange import ExchangeBatchRow, ExchangeLogRow
from quanmin.trust import audit
from quanmin.trust.audit import tree

EVENT = "exchange.batch"
MOST = 100_000
"""Entries under one root at most: paths have 17 steps, and a batch is computed in half a second."""
NEW = tree.HASHES["sha256"]


class Batch(NamedTuple):
    """The entries `first` to `last`, the root over their links, the link of the last, and the number of the audit's entry."""

    first: int
    last: int
    root: bytes
    link: bytes
    audit: int


def root(links: Sequence[bytes]) -> bytes:
    """The root over links."""
    frontier = tree.Frontier(NEW)
    for level, hash_ in tree.pieces(NEW, 0, [tree.leaf(NEW, link) for link in links]):
        frontier.push(hash_, level)
    return frontier.root()


def path(links: Sequence[bytes], place: int) -> list[bytes]:
    """The path from the link at `place` (from 0) to the root over all of them."""
    return tree.inclusion(place, len(links), lambda low, high: root(links[low:high]))


def close(ledger: Ledger) -> list[Batch]:
    """Put everything that stands under no root yet under one, or several; what was made. Several processes may try at once."""
    made = list[Batch]()
    while (one := _close(ledger)) is not None:
        made.append(one)
    if made and ledger.watch is not None:
        ledger.watch.appended()
    return made


def _close(ledger: Ledger) -> Batch | None:
    with ledger.reading() as connection:
        first = _covered(connection) + 1
        links = between(connection, first, first + MOST - 1)
    if not links:
        return None
    last, over = first + len(links) - 1, root(links)
    fields = {"first": first, "last": last, "root": over.hex(), "link": links[-1].hex()}
    with ledger.writing() as connection:
        database.lock(connection, "exchange batch")
        if _covered(connection) + 1 != first:  # somebody else was first
            return None
        entry = audit.append(ledger, EVENT, SYSTEM, fields, connection)
        made = Batch(first, last, over, links[-1], entry.sequence)
        connection.execute(insert(ExchangeBatchRow).values(at=entry.at, **made._asdict()))
    return made


def _covered(connection: Connection) -> int:
    newest = select(ExchangeBatchRow.last).order_by(ExchangeBatchRow.id.desc()).limit(1)
    return connection.execute(newest).scalar() or 0


def between(connection: Connection, first: int, last: int) -> list[bytes]:
    """The links of a range of entries."""
    own = ExchangeLogRow.sequence
    return list(connection.execute(select(ExchangeLogRow.link).where(own.between(first, last)).order_by(own)).scalars())


def of(connection: Connection, sequence: int) -> Batch | None:
    """The batch of an entry; None where it has none yet."""
    query = select(*_COLUMNS).where(ExchangeBatchRow.last >= sequence).order_by(ExchangeBatchRow.last).limit(1)
    row = connection.execute(query).first()
    return Batch(*row) if row is not None and row.first <= sequence else None


def batches(connection: Connection) -> list[Batch]:
    """All of them, in order."""
    return [Batch(*row) for row in connection.execute(select(*_COLUMNS).order_by(ExchangeBatchRow.id))]


_COLUMNS = tuple(getattr(ExchangeBatchRow, name) for name in Batch._fields)
