"""Traffic as this side saw it: by pair of members, by hour, by fault, and how well each agreement is served.

Every figure is a sum over `exchange_traffic`, of hours that begin at or after `since` (UTC). With a `member`, only messages that
it sent or received count.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select

from quanmin.exchange.message.envelope import ORIGINS, Origin
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeTrafficRow as Traffic

ANSWERED = "answered"
REPLY = "response"
"""The kind of a message that answers another: by it a request counts, with its outcome and the time it took."""
HOUR = timedelta(hours=1)
MICROSECONDS = 1_000_000


class Pair(NamedTuple):
    """Messages from one member to another; `faults` are the refusals among them."""

    sender: str
    receiver: str
    messages: int
    bytes: int
    faults: int


class Hour(NamedTuple):
    """Messages of an hour; `hour` is its beginning (UTC). Hours without any stand between those with some."""

    hour: datetime
    messages: int
    bytes: int
    faults: int


class Fault(NamedTuple):
    """Refusals by whose fault they were, with the code of the error, and the newest hour that had one."""

    origin: Origin
    code: str
    messages: int
    newest: datetime


class Count(NamedTuple):
    """Messages by pair, kind and outcome; `seconds` is the time that requests among them took together."""

    sender: str
    receiver: str
    kind: str
    outcome: str
    messages: int
    bytes: int
    seconds: float
    slow: int


class Level(NamedTuple):
    """How messages under an agreement were answered: look-ups and the steps of deliveries alike, each asks the other side.

    `asked` are all that came to an end, `answered` those that were, `refused` those that their consumer got wrong, `failed`
    those that the platform or the provider did. `seconds` is the mean time of a request, None where none was measured; `slow`
    counts those above a second.
    """

    agreement: str
    asked: int
    answered: int
    refused: int
    failed: int
    seconds: float | None
    slow: int

    @property
    def share(self) -> float | None:
        """Answered of those that could be: what the consumer got wrong counts neither way. None where there were none."""
        could = self.answered + self.failed
        return self.answered / could if could else None

    @property
    def slow_share(self) -> float | None:
        """Above a second, of all asked; None where there were none."""
        return self.slow / self.asked if self.asked else None


_MESSAGES, _BYTES = func.sum(Traffic.messages), func.sum(Traffic.bytes)
_FAULTS = func.sum(case((Traffic.outcome != ANSWERED, Traffic.messages), else_=0))


def pairs(ledger: Ledger, since: datetime, member: str | None = None) -> list[Pair]:
    """Every pair that exchanged something, in order."""
    rows = _summed(ledger, since, member, (Traffic.sender, Traffic.receiver), (_MESSAGES, _BYTES, _FAULTS))
    return [Pair(sender, receiver, *map(int, counts)) for sender, receiver, *counts in rows]


def hours(ledger: Ledger, since: datetime, member: str | None = None) -> list[Hour]:
    """Every hour from the first with messages to the last."""
    rows = _summed(ledger, since, member, (Traffic.hour,), (_MESSAGES, _BYTES, _FAULTS))
    known = {hour: Hour(hour, *map(int, counts)) for hour, *counts in rows}
    made: list[Hour] = []
    for hour in sorted(known):
        while made and made[-1].hour + HOUR < hour:
            made.append(Hour(made[-1].hour + HOUR, 0, 0, 0))
        made.append(known[hour])
    return made


def counted(ledger: Ledger, since: datetime) -> list[Count]:
    """Everything, as monitoring wants it."""
    groups = (Traffic.sender, Traffic.receiver, Traffic.kind, Traffic.outcome)
    sums = (_MESSAGES, _BYTES, func.sum(Traffic.took), func.sum(Traffic.slow))
    rows = _summed(ledger, since, None, groups, sums)
    return [
        Count(sender, receiver, kind, outcome, int(messages), int(size), int(took) / MICROSECONDS, int(slow))
        for sender, receiver, kind, outcome, messages, size, took, slow in rows
    ]


def faults(ledger: Ledger, since: datetime, member: str | None = None) -> list[Fault]:
    """Every kind of refusal: by origin as a message takes its way, then the most frequent first."""
    rows = _summed(ledger, since, member, (Traffic.outcome,), (_MESSAGES, func.max(Traffic.hour)))
    found = []
    for outcome, messages, newest in rows:
        origin, _, code = outcome.partition(" ")
        if origin in ORIGINS:
            found.append(Fault(origin, code, int(messages), newest))
    return sorted(found, key=lambda one: (ORIGINS.index(one.origin), -one.messages, one.code))


def levels(ledger: Ledger, since: datetime, member: str | None = None) -> list[Level]:
    """Each agreement, whatever its version, with its requests; what cites none is left out."""
    more = (Traffic.kind == REPLY, Traffic.agreement != "")
    groups = (Traffic.agreement, Traffic.outcome)
    rows = _summed(ledger, since, member, groups, (_MESSAGES, func.sum(Traffic.took), func.sum(Traffic.slow)), more)
    counts: dict[str, list[int]] = {}
    for cited, outcome, messages, took, slow in rows:
        one = counts.setdefault(cited.partition(";")[0], [0] * 5)
        place = 0 if outcome == ANSWERED else 1 if outcome.partition(" ")[0] == "consumer" else 2
        one[place] += int(messages)
        one[3] += int(took)
        one[4] += int(slow)
    made = []
    for agreement, (answered, refused, failed, took, slow) in sorted(counts.items()):
        asked = answered + refused + failed
        mean = took / asked / MICROSECONDS if asked and took else None
        made.append(Level(agreement, asked, answered, refused, failed, mean, slow))
    return made


def _summed(
    ledger: Ledger,
    since: datetime,
    member: str | None,
    groups: Sequence[Any],
    sums: Sequence[ColumnElement[Any]],
    more: Sequence[ColumnElement[bool]] = (),
) -> Sequence[Any]:
    """Sums of the traffic by some of its columns, in their order."""
    query = select(*groups, *sums).where(Traffic.hour >= since, *more).group_by(*groups).order_by(*groups)
    if member is not None:
        query = query.where(or_(Traffic.sender == member, Traffic.receiver == member))
    with ledger.reading() as connection:
        return connection.execute(query).all()
