"""A day under an agreement as one side has it: messages by kind and direction, deliveries with their rows, and digests of both.

A day is one of the installation's zone. A message belongs to the day on which its sender says it signed it, which both sides
read in what was signed, so that a message of midnight is of one day; a delivery to the day its manifest was made.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from quanmin.exchange.intake import delivered
from quanmin.exchange.intake.errors import SheetBroken
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.ledger.exchange import ExchangeLogRow

_CREATED = re.compile(rb";created=(\d{1,12})")
_MARGIN = timedelta(hours=2)
"""How far the time of an entry may lie from the time of its signature: clocks differ, and a message may be long on its way."""
_MOST = 1_000_000


@dataclass(frozen=True, order=True)
class Message:
    """One message of a side's log: `hour` is that of its signature; `answered` whether the side has a response to it."""

    message: str
    sender: str
    kind: str
    hour: int
    answered: bool

    @property
    def mark(self) -> str:
        """What both sides must have the same."""
        return f"{self.message} {self.sender} {self.kind}"


@dataclass(frozen=True)
class Parcel:
    """One delivery: `receipt` is the digest of its receipt where this side has one; rows that nobody counted yet are pending."""

    delivery: str
    sender: str
    manifest: str
    state: str
    rows: int
    accepted: int
    quarantined: int
    receipt: str | None

    @property
    def pending(self) -> int:
        """Rows of which nothing is known yet."""
        return 0 if self.receipt else self.rows

    @property
    def mark(self) -> str:
        """What both sides must have the same."""
        return f"{self.delivery} {self.manifest} {self.receipt}"


@dataclass(frozen=True)
class Sheet:
    """The sums of a day: messages by `<kind> <sender>` and their digest by hour, deliveries by sender with rows and digest.

    Of every sender rows = accepted + quarantined + pending.
    """

    agreement: str
    day: str
    member: str
    messages: dict[str, int]
    hours: dict[str, str]
    deliveries: dict[str, dict[str, Any]]

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)

    def agrees(self, other: Sheet) -> bool:
        """Whether both sides have the same."""
        same = (self.agreement, self.day, self.messages, self.hours) == (
            other.agreement,
            other.day,
            other.messages,
            other.hours,
        )
        return same and self.deliveries == other.deliveries

    @property
    def whole(self) -> bool:
        """Whether every delivery has its receipt: a day with some that have none is compared again."""
        return not any(one["pending"] or one["waiting"] for one in self.deliveries.values())

    def differing(self, other: Sheet) -> list[int]:
        """The hours in which the messages differ."""
        named = {*self.hours, *other.hours}
        return sorted(int(hour) for hour in named if self.hours.get(hour) != other.hours.get(hour))


SUMS = ("count", "rows", "accepted", "quarantined", "pending", "waiting")


def read(told: Any) -> Sheet:
    """A sheet that came. SheetBroken."""
    try:
        made = Sheet(**{name: told[name] for name in Sheet.__dataclass_fields__})
        date.fromisoformat(made.day)
        sums = [
            one[name] for one in made.deliveries.values() for name in ("rows", "accepted", "quarantined", "pending")
        ]
        counts = [*made.messages.values(), *sums]
        hours = [int(hour) for hour in made.hours]
        texts = [made.agreement, made.member, *made.hours.values()]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SheetBroken(fault="form") from None
    sound = all(isinstance(one, int) and not isinstance(one, bool) and one >= 0 for one in counts)
    if not sound or not all(isinstance(one, str) for one in texts) or not all(0 <= hour < 24 for hour in hours):
        raise SheetBroken(fault="values")
    for one in made.deliveries.values():
        if one["rows"] != one["accepted"] + one["quarantined"] + one["pending"]:
            raise SheetBroken(fault="rows")
    return made


def draw(terms: Terms, day: date, member: str, messages: Iterable[Message], parcels: Iterable[Parcel]) -> Sheet:
    """The sums of what one side has."""
    kinds: Counter[str] = Counter()
    hours: dict[str, list[str]] = defaultdict(list)
    for one in messages:
        kinds[f"{one.kind} {one.sender}"] += 1
        hours[str(one.hour)].append(one.mark)
    own: dict[str, list[Parcel]] = defaultdict(list)
    for parcel in parcels:
        own[parcel.sender].append(parcel)
    return Sheet(
        terms.id,
        day.isoformat(),
        member,
        dict(sorted(kinds.items())),
        {hour: _digest(marks) for hour, marks in sorted(hours.items())},
        {sender: _sums(some) for sender, some in sorted(own.items())},
    )


def _sums(parcels: list[Parcel]) -> dict[str, Any]:
    names = ("rows", "accepted", "quarantined", "pending")
    sums = {name: sum(getattr(one, name) for one in parcels) for name in names}
    waiting = sum(1 for one in parcels if one.receipt is None and one.state != "cancelled")
    return {"count": len(parcels), **sums, "waiting": waiting, "digest": _digest([one.mark for one in parcels])}


def _digest(marks: list[str]) -> str:
    return hashlib.sha256("\n".join(sorted(marks)).encode()).hexdigest()


def parcels(node: Node, terms: Terms, day: date) -> list[Parcel]:
    """The deliveries of a day, in both directions."""
    zone = ZoneInfo(node.settings.zone)
    found = node.ledger.find((delivered.DELIVERY, delivered.INTAKE))
    own = [(one, delivered.of(one)) for one in found]
    return sorted(
        (_parcel(document, one) for document, one in own if one.terms == terms.id and _on(one.made, zone) == day),
        key=lambda one: one.delivery,
    )


def _on(at: datetime, zone: ZoneInfo) -> date:
    return at.astimezone(zone).date()


def _parcel(document: Document, one: delivered.Delivered) -> Parcel:
    receipt = document.data.get("receipt")
    accepted, quarantined = (int(document.data.get(name, 0)) if receipt else 0 for name in ("accepted", "quarantined"))
    rows = accepted + quarantined if receipt else int(one.rows or 0)
    digest = hashlib.sha256(str(receipt).encode()).hexdigest() if receipt else None
    return Parcel(one.id, one.sender, one.digest, document.state, rows, accepted, quarantined, digest)


def messages(node: Node, terms: Terms, day: date) -> list[Message]:
    """The messages of a day under an agreement, of both directions. SheetBroken beyond a million."""
    zone, peer = ZoneInfo(node.settings.zone), other(node, terms)
    first = datetime.combine(day, time(), zone).astimezone(UTC) - _MARGIN
    wanted = select(ExchangeLogRow).where(
        ExchangeLogRow.at >= first,
        ExchangeLogRow.at < first + timedelta(days=1) + 2 * _MARGIN,
        or_(ExchangeLogRow.sender == peer, ExchangeLogRow.receiver == peer),
    )
    with node.ledger.reading() as connection:
        rows = connection.execute(wanted.order_by(ExchangeLogRow.sequence).limit(_MOST + 1)).all()
    if len(rows) > _MOST:
        raise SheetBroken(fault=f"> {_MOST}")
    answered = {str(row.request) for row in rows if row.request}
    found = (_message(row, terms, day, zone, answered) for row in rows)
    return sorted(one for one in found if one is not None)


def other(node: Node, terms: Terms) -> str:
    """The other side of an agreement."""
    return terms.consumer if node.member == terms.provider else terms.provider


def _message(row: Any, terms: Terms, day: date, zone: ZoneInfo, answered: Collection[str]) -> Message | None:
    entry = json.loads(row.entry)
    if str(entry.get("agreement") or "").partition(";")[0] != terms.id:
        return None
    at = signed_at(entry, row.at).astimezone(zone)
    if at.date() != day:
        return None
    return Message(row.message, row.sender, row.kind, at.hour, row.message in answered)


def signed_at(entry: Mapping[str, Any], otherwise: datetime) -> datetime:
    """When a message was signed, as its signature says; else when it was logged."""
    found = _CREATED.search(str(entry.get("base", "")).encode())
    return datetime.fromtimestamp(int(found[1]), UTC) if found else otherwise


def told_messages(told: Any) -> list[Message]:
    """Messages that came. SheetBroken."""
    try:
        found = [Message(str(m), str(s), str(k), int(h), bool(a)) for m, s, k, h, a in told]
    except (TypeError, ValueError):
        raise SheetBroken(fault="messages") from None
    return found


def told_parcels(told: Any) -> list[Parcel]:
    """Deliveries that came. SheetBroken."""
    try:
        found = [Parcel(**one) for one in told]
    except TypeError:
        raise SheetBroken(fault="deliveries") from None
    for one in found:
        counts = (one.rows, one.accepted, one.quarantined)
        texts = (one.delivery, one.sender, one.manifest, one.state, one.receipt or "")
        if not all(isinstance(count, int) for count in counts) or not all(isinstance(text, str) for text in texts):
            raise SheetBroken(fault="deliveries")
    return found
