"""Counting messages by the hour, in the transaction that keeps them: what matrix, service levels and figures are made of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC

from sqlalchemy import Connection, bindparam, insert, update

from quanmin.exchange.log.entry import Entry
from quanmin.ledger.exchange import ExchangeTrafficRow

SLOW = 1_000_000
"""Microseconds above which a request is counted as slow."""
ANSWERED = "answered"
_KEY = ("hour", "sender", "receiver", "agreement", "kind", "part", "outcome")
_SUMS = ("messages", "bytes", "took", "slow")


def count(connection: Connection, entries: Sequence[Entry]) -> None:
    """Add entries to the counters of their hour."""
    sums: dict[tuple[object, ...], list[int]] = {}
    for entry in entries:
        hour = entry.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        agreement = (entry.agreement or "").partition(";")[0]
        outcome = entry.fault or ANSWERED
        key: tuple[object, ...] = (hour, entry.sender, entry.receiver, agreement, entry.kind, entry.direction, outcome)
        took, own = entry.took or 0, sums.setdefault(key, [0, 0, 0, 0])
        own[:] = own[0] + 1, own[1] + entry.size, own[2] + took, own[3] + (took > SLOW)
    for key, found in sums.items():
        told = {f"the_{name}": part for name, part in zip(_KEY, key, strict=True)}
        values = dict(zip(_SUMS, found, strict=True))
        if not connection.execute(_MORE, {**told, **{f"more_{n}": v for n, v in values.items()}}).rowcount:
            connection.execute(insert(ExchangeTrafficRow).values(**dict(zip(_KEY, key, strict=True)), **values))


_MORE = (
    update(ExchangeTrafficRow)
    .where(*(getattr(ExchangeTrafficRow, name) == bindparam(f"the_{name}") for name in _KEY))
    .values({name: getattr(ExchangeTrafficRow, name) + bindparam(f"more_{name}") for name in _SUMS})
)
