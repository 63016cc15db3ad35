"""When rows are supplied: by the terms' frequency, at once when the dataset changed, or when the consumer asks.

What was served is told by the deliveries themselves, so that nothing else is kept: a moment that passed while nobody was there
is served once, and only the last of several. Two processes serve it once, by a lease.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from quanmin.errors import QuanminError
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import chain, parcel, rows
from quanmin.exchange.supply.errors import NotLinked, NotSupplied, UnderWay
from quanmin.exchange.terms import Terms
from quanmin.ledger import SYSTEM, Document, Leases
from quanmin.ledger.errors import LeaseBusy

log = logging.getLogger(__name__)
HOUR = 2
"""At which hour of the installation's zone scheduled deliveries are due."""
OPEN = ("prepared", "sending", "sent", "stopped")
"""States of a delivery that will still get its receipt without anybody's doing."""
SOON, LATER = 1.0, 60.0

_later: dict[tuple[str, str], float] = {}
"""Agreements that could not be served: not before, in the clock of this process."""
_seen: dict[tuple[str, str], int] = {}
"""The newest snapshot in which nothing was new for an agreement."""


def moment(terms: Terms, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The last moment that was due by a time, the beginning of the agreement being the first; None for no schedule."""
    local = now.astimezone(zone)
    today = local.date()
    if local.hour < HOUR:
        today -= timedelta(days=1)
    match terms.frequency:
        case "daily":
            day = today
        case "weekly":
            day = today - timedelta(days=today.weekday())
        case "monthly":
            day = today.replace(day=1)
        case "quarterly":
            day = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
        case "yearly":
            day = today.replace(month=1, day=1)
        case _:
            return None
    due = datetime.combine(day, clock(HOUR), zone)
    return max(due, datetime.combine(terms.starts, clock(), zone)).astimezone(UTC)


def next_moment(terms: Terms, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The next moment that will be due."""
    last = moment(terms, now, zone)
    for days in range(1, 368) if last is not None else ():
        found = moment(terms, now + timedelta(days=days), zone)
        if found is not None and last is not None and found > last:
            return found
    return None


def supplied(node: Node, terms: Terms) -> bool:
    """Whether this member supplies rows of its lake under an agreement."""
    return terms.provider == node.member and terms.supplies


def owed(node: Node, terms: Terms, sent: Sequence[Document]) -> bool:
    """Whether a delivery is to be made now, given those that were made."""
    if any(one.state in OPEN for one in sent) or not supplied(node, terms):
        return False
    counted = [one for one in sent if one.state != "cancelled"]
    if counted and _unlinked(counted[-1]):
        return True
    if terms.frequency == "realtime":
        return _touched(node, terms, counted)
    due = moment(terms, node.ledger.now(), ZoneInfo(node.settings.zone))
    return due is not None and not any(_made(one) >= due for one in counted)


def _unlinked(document: Document) -> bool:
    """Whether the receiver refused a change because it lacks what it starts from."""
    return document.state == "refused" and document.data.get("refusal") == NotLinked.code


def _made(document: Document) -> datetime:
    return datetime.fromisoformat(document.data["manifest"]["made"])


def _touched(node: Node, terms: Terms, sent: Sequence[Document]) -> bool:
    """Whether the dataset's table is another than it was when it was last delivered or looked at."""
    head, table = node.lake.snapshot(), rows.table(terms)
    if table not in head.tables:
        return False
    last = int(sent[-1].data["manifest"]["snapshot"] or 0) if sent else 0
    last = max(last, _seen.get((str(node.settings.home), terms.cited), 0))
    return not last or (head.id > last and head.tables[table] != node.lake.snapshot(last).tables.get(table))


def push(node: Node, terms: Terms, full: bool = False, empty: bool = True, actor: str = SYSTEM) -> Document | None:
    """Make a delivery now, of what changed since the last one acknowledged, or of everything.

    NotSupplied, UnderWay, LeaseBusy where another process is about it; what `rows.read` and the outbox raise.
    """
    with Leases(node.ledger) as lease:
        lease.take(f"exchange supply {terms.id}")
        return _push(node, terms, chain.sent(node.ledger, terms.id), full, empty, actor)


def _push(
    node: Node, terms: Terms, sent: Sequence[Document], full: bool, empty: bool, actor: str = SYSTEM
) -> Document | None:
    if not supplied(node, terms):
        raise NotSupplied(agreement=terms.cited, member=node.member)
    for one in sent:
        if one.state in OPEN:
            raise UnderWay(delivery=one.ref)
    base = baseline(sent)
    refused = bool(sent) and _unlinked(sent[-1])
    return parcel.send(node, terms, rows.read(node, terms, base, full or refused), empty, actor)


def baseline(sent: Sequence[Document]) -> chain.Link | None:
    """The last delivery that the consumer acknowledged and that leads back to full rows; None before there is one."""
    found = chain.path(chain.acknowledged(sent))
    return found[-1] if found else None


def serve(node: Node, terms: Terms) -> Document | None:
    """Make the delivery that is owed under an agreement, if one is."""
    if not owed(node, terms, chain.sent(node.ledger, terms.id)):
        return None
    realtime = terms.frequency == "realtime"
    with Leases(node.ledger) as lease:
        try:
            lease.take(f"exchange supply {terms.id}")
        except LeaseBusy:
            return None
        sent, head = chain.sent(node.ledger, terms.id), node.lake.snapshot().id
        if not owed(node, terms, sent):
            return None
        made = _push(node, terms, sent, False, not realtime or baseline(sent) is None)
        if made is None:
            _seen[str(node.settings.home), terms.cited] = head
        return made


def work(node: Node) -> float:
    """Serve every agreement; seconds until the next look."""
    mine = [one for one in node.agreements.all() if supplied(node, one)]
    for terms in mine:
        mark = (str(node.settings.home), terms.cited)
        if time.monotonic() < _later.get(mark, 0.0):
            continue
        try:
            serve(node, terms)
            _later.pop(mark, None)
        except QuanminError as error:
            log.warning("%s: %s", terms.cited, error)
            _later[mark] = time.monotonic() + LATER
    return SOON if any(one.frequency == "realtime" for one in mine) else LATER / 6
