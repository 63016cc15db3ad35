"""Event numbers: what a receiver misses of an agreement is seen, asked for again by range, and sent again byte for byte.

As `$events` and `$resend` of the Subscriptions R5 Backport of HL7 FHIR.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import func, select

from quanmin.errors import QuanminError
from quanmin.exchange.delivery import command, outbox
from quanmin.exchange.delivery.errors import DeliveryUnknown, PackageGone
from quanmin.exchange.delivery.workflow import INTAKE
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import chain, schedule
from quanmin.exchange.supply.errors import AskedBadly, NotSupplied
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.ledger.errors import IllegalAction
from quanmin.ledger.exchange import ExchangeEventRow

MOST = 1000
"""Events that are told or sent again at once."""
LAST = (1 << 31) - 1
Range = tuple[int, int]


def missing(node: Node, agreement: str, last: int = 0) -> list[Range]:
    """The ranges of event numbers of the other side that did not come, up to `last` or the highest that came."""
    there = {
        int(told["event"])
        for one in node.ledger.find(INTAKE.kind)
        if str((told := one.data["manifest"])["agreement"]).partition(";")[0] == agreement and one.state != "offered"
    }
    return gaps(there, max([last, *there]))


def gaps(there: Iterable[int], last: int) -> list[Range]:
    """The ranges of 1 to `last` that are not there."""
    found, begin = list[Range](), 1
    for number in [*sorted({one for one in there if one <= last}), last + 1]:
        if number > begin:
            found.append((begin, number - 1))
        begin = number + 1
    return found


def last(node: Node, agreement: str) -> int:
    """The highest event number of this member under an agreement, 0 before there is one."""
    query = select(func.max(ExchangeEventRow.number)).where(
        ExchangeEventRow.agreement == agreement, ExchangeEventRow.sender == node.member
    )
    with node.ledger.reading() as connection:
        return int(connection.execute(query).scalar() or 0)


def events(node: Node, agreement: str, first: int = 1, until: int = LAST) -> list[tuple[int, str]]:
    """Numbers and deliveries of this member under an agreement, at most `MOST`."""
    query = (
        select(ExchangeEventRow.number, ExchangeEventRow.delivery)
        .where(ExchangeEventRow.agreement == agreement, ExchangeEventRow.sender == node.member)
        .where(ExchangeEventRow.number >= first, ExchangeEventRow.number <= until)
        .order_by(ExchangeEventRow.number)
        .limit(MOST)
    )
    with node.ledger.reading() as connection:
        return [(int(number), str(delivery)) for number, delivery in connection.execute(query)]


@handler("GET", "/events", "notice")
def listed(node: Node, received: Received) -> Reply:
    """The events of this member under the agreement cited, `from` and `to` narrow them."""
    terms = _side(node, received)
    first, until = _whole(received.query.get("from", "1")), _whole(received.query.get("to", str(LAST)))
    found = [_told(node, number, delivery) for number, delivery in events(node, terms.id, first, until)]
    return _json({"agreement": terms.id, "last": last(node, terms.id), "events": found})


@handler("POST", "/events/resend", "notice")
def resent(node: Node, received: Received) -> Reply:
    """Send a range of events again; answered with which are, and which are gone, in place of which full rows come."""
    terms = _side(node, received)
    told = _document(received.body, {"from", "to"})
    first, until = _whole(told["from"]), _whole(told["to"])
    if not 1 <= first <= until <= LAST:
        raise AskedBadly(member="from, to")
    return _json(resend(node, terms, first, until))


def resend(node: Node, terms: Terms, first: int, until: int) -> dict[str, Any]:
    """Send a range of this member's events again: `resent`, `pending` (under way anyhow), `gone`, and the `full` delivery."""
    found: dict[str, Any] = {"agreement": terms.id, "resent": [], "pending": [], "gone": [], "full": None}
    lost = 0
    for number, delivery in events(node, terms.id, first, until):
        outcome = _again(node, delivery)
        found[outcome].append(number)
        if outcome == "gone" and _has_rows(node, delivery):
            lost = number
    if lost and schedule.supplied(node, terms):
        found["full"] = _in_place(node, terms, lost)
    return found


def _in_place(node: Node, terms: Terms, number: int) -> str | None:
    """The full delivery that comes in place of an event that is gone: one made after it, or a new one as soon as can be."""
    sent = chain.sent(node.ledger, terms.id)
    over = ("refused", "cancelled", "recalling", "recalled")
    for one in sent:
        own = chain.link(one)
        if own.content == "full" and own.event > number and one.state not in over:
            return own.delivery
    if any(one.state in schedule.OPEN for one in sent):
        return None
    made = schedule.push(node, terms, full=True)
    return str(made.ref) if made else None


def _again(node: Node, delivery: str) -> str:
    try:
        document = outbox.of(node, delivery)
        if document.state in ("prepared", "sending"):
            return "pending"
        if document.state in ("parked", "stopped"):
            outbox.manifest_of(node, document)
            command.retry(node, delivery, f"member:{document.data['receiver']}")
        else:
            command.resend(node, delivery, "asked", f"member:{document.data['receiver']}")
    except (DeliveryUnknown, PackageGone, IllegalAction):
        return "gone"
    return "resent"


def _has_rows(node: Node, delivery: str) -> bool:
    """Whether a delivery that is gone was one of rows, and none that was recalled on purpose."""
    try:
        document = outbox.of(node, delivery)
    except DeliveryUnknown:
        return True
    recalled = document.state in ("recalling", "recalled")
    return document.data["manifest"]["content"] in chain.CONTENTS and not recalled


@handler("POST", "/deliveries/requests", "notice")
def requested(node: Node, received: Received) -> Reply:
    """The consumer asks for a delivery of rows; 202 with its id, or that of the one that is under way."""
    terms = received.terms
    told = _document(received.body, {"content"})
    if told["content"] not in chain.CONTENTS:
        raise AskedBadly(member="content")
    if terms is None or received.envelope.sender != terms.consumer or not schedule.supplied(node, terms):
        raise NotSupplied(agreement=terms.cited if terms else "-", member=node.member)
    under_way = [one for one in chain.sent(node.ledger, terms.id) if one.state in schedule.OPEN]
    made = (
        under_way[-1]
        if under_way
        else schedule.push(node, terms, told["content"] == "full", actor=f"member:{terms.consumer}")
    )
    assert made is not None  # an empty delivery is made too
    return _json({"delivery": made.ref, "content": made.data["manifest"]["content"]}, 202)


def ask(node: Node, terms: Terms, path: str, told: dict[str, Any]) -> dict[str, Any]:
    """Ask the other side of an agreement: `/events/resend` or `/deliveries/requests`; what it answered. QuanminError."""
    other = terms.provider if node.member == terms.consumer else terms.consumer
    answer = node.sender.send(other, "POST", path, json.dumps(told).encode(), kind="notice", terms=terms)
    if answer.status >= 400:
        return {"error": node.sender.refusal(answer)}
    found = json.loads(answer.body)
    return dict(found) if isinstance(found, dict) else {}


def _side(node: Node, received: Received) -> Terms:
    """The terms cited, where who asks is the other side. NotSupplied."""
    terms = received.terms
    if terms is None or not terms.between(node.member, received.envelope.sender):
        raise NotSupplied(agreement=terms.cited if terms else "-", member=node.member)
    return terms


def _told(node: Node, number: int, delivery: str) -> dict[str, Any]:
    told: dict[str, Any] = {"event": number, "delivery": delivery}
    try:
        document: Document = outbox.of(node, delivery)
    except QuanminError:
        return told | {"state": "gone"}
    manifest = document.data["manifest"]
    return (
        told | {"state": document.state} | {name: manifest[name] for name in ("content", "rows", "snapshot", "since")}
    )


def _document(body: bytes, members: set[str]) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise AskedBadly(member="JSON") from None
    if not isinstance(told, dict) or told.keys() != members:
        raise AskedBadly(member=", ".join(sorted(members)))
    return told


def _whole(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or len(text) > 10:
        raise AskedBadly(member="from, to")
    return int(text)


def _json(told: dict[str, Any], status: int = 200) -> Reply:
    return Reply(json.dumps(told, separators=(",", ":")).encode(), status)
