"""Every day both sides of an agreement compare what they have of the day before: counts, digests, and where these differ, what.

One side asks (the provider, or the consumer where nobody can reach it), the other compares as well, and each keeps both sheets
and what it found. Receipts that are missing are fetched, deliveries that rest are sent on, and the day is compared again until it
is settled; what remains needs somebody. A day that was missed while a node was down is compared once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from quanmin.errors import QuanminError, Unavailable
from quanmin.exchange.canonical import canonical
from quanmin.exchange.intake import delivered, difference, sheet
from quanmin.exchange.intake.difference import EXPLAINED, Finding
from quanmin.exchange.intake.errors import DayNotOver, NotOfAgreement, SheetBroken
from quanmin.exchange.intake.sheet import Message, Parcel, Sheet, other
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.role import OPERATOR
from quanmin.exchange.terms import Terms
from quanmin.ledger import Action, Document, Leases, Workflow, WorkingDays, register
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.text import Text

SETTLE = WorkingDays(2)
RECONCILIATION = register(
    Workflow(
        "exchange_reconciliation",
        start="drawn",
        actions=[
            Action("agree", ("drawn", "agrees", "settled"), "agrees", needs=("mine", "theirs")),
            Action("explain", ("drawn", "agrees", "settled"), "settled", needs=("mine", "theirs", "findings")),
            Action(
                "differ", ("drawn", "agrees", "differs", "settled"), "differs", needs=("mine", "theirs", "findings")
            ),
            Action("settle", "differs", "settled", by=OPERATOR, needs=("mine", "theirs"), due=SETTLE),
        ],
    )
)
"""One day under one agreement, on either side; `ref` is `<agreement> <day>`."""
STATES: dict[str, Text] = {
    "drawn": Text("未对账", "not compared yet"),
    "agrees": Text("一致", "agrees"),
    "differs": Text("不一致", "differs"),
    "settled": Text("已处理", "settled"),
}
DONE = ("agrees", "settled")
_FINDINGS = 1000
"""Findings that a document keeps; there is a count of all."""
_BACK = 366
"""Days that are caught up at most."""

Heal = Callable[[Node, Terms, Finding], None]
"""Does what can be done about a difference: fetches a receipt, sends a delivery on."""


def today(node: Node) -> date:
    """The day in the installation's zone."""
    return node.ledger.now().astimezone(ZoneInfo(node.settings.zone)).date()


def begins(node: Node, terms: Terms) -> bool:
    """Whether this member is the one that asks."""
    member = node.directory().member
    if node.member == terms.provider:
        return member(terms.consumer).address is not None
    return node.member == terms.consumer and member(terms.provider).address is not None and _unreachable(node)


def _unreachable(node: Node) -> bool:
    return node.directory().member(node.member).address is None


def owed(node: Node, terms: Terms) -> list[date]:
    """The days that are over and were not compared, or differ still; the oldest first."""
    first = _first(node, terms)
    if first is None:
        return []
    last = today(node) - timedelta(days=1)
    first = max(first, last - timedelta(days=_BACK))
    done = {str(one.ref) for state in DONE for one in node.ledger.find(RECONCILIATION.kind, state=state)}
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return [day for day in days if _ref(terms, day) not in done]


def _first(node: Node, terms: Terms) -> date | None:
    """The first day on which there can be anything."""
    zone = ZoneInfo(node.settings.zone)
    with node.ledger.reading() as connection:
        logged = connection.execute(select(func.min(ExchangeLogRow.at))).scalar()
    found = node.ledger.find((delivered.DELIVERY, delivered.INTAKE))
    times = [one.made for one in map(delivered.of, found) if one.terms == terms.id]
    times += [logged] if isinstance(logged, datetime) else []
    return max(terms.starts, min(times).astimezone(zone).date()) if times else None


def _ref(terms: Terms, day: date) -> str:
    return f"{terms.id} {day.isoformat()}"


def reconcile(node: Node, terms: Terms, day: date, heal: Heal | None = None) -> Document:
    """Compare a day with the other side, do what can be done about it, and keep what was found.

    DayNotOver; Unavailable where the other side does not answer, SheetBroken where it answers nonsense.
    """
    if day >= today(node):
        raise DayNotOver(day=day)
    with Leases(node.ledger) as lease:
        lease.take(f"exchange reconciliation {_ref(terms, day)}", wait=30)
        found = _compare(node, terms, day)
        healing = [one for one in _findings(found) if one.what not in EXPLAINED] if heal else []
        if heal is None or found.state != "differs" or not healing:
            return found
        for one in healing:
            heal(node, terms, one)
        return _compare(node, terms, day)


def _findings(document: Document) -> list[Finding]:
    return [Finding(**one) for one in document.data.get("findings", ())]


def _compare(node: Node, terms: Terms, day: date) -> Document:
    messages, parcels = sheet.messages(node, terms, day), sheet.parcels(node, terms, day)
    mine = sheet.draw(terms, day, node.member, messages, parcels)
    peer = other(node, terms)
    theirs = sheet.read(_ask(node, peer, "/reconciliations", {"sheet": mine.to_dict()})["sheet"])
    _same_day(mine, theirs, peer)
    if mine.agrees(theirs) and mine.whole:
        return _keep(node, terms, mine, theirs, [])
    hours = mine.differing(theirs)
    own = [one for one in messages if one.hour in hours]
    told = _ask(node, peer, "/reconciliations/detail", _detail(mine, hours, own, parcels))
    found = _found(node, terms, own, parcels, told)
    return _keep(node, terms, mine, theirs, found)


def _same_day(mine: Sheet, theirs: Sheet, peer: str) -> None:
    if (theirs.agreement, theirs.day, theirs.member) != (mine.agreement, mine.day, peer):
        raise SheetBroken(fault="another day or agreement")


def _ask(node: Node, peer: str, path: str, told: Mapping[str, Any]) -> dict[str, Any]:
    answer = node.sender.send(peer, "POST", path, canonical(told), kind="notice")
    if answer.status >= 400:
        raise SheetBroken(fault=str(node.sender.refusal(answer).get("code")))
    return _object(answer.body)


def _object(text: bytes) -> dict[str, Any]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise SheetBroken(fault="JSON") from None
    if not isinstance(told, dict):
        raise SheetBroken(fault="object")
    return told


def _detail(
    mine: Sheet, hours: Sequence[int], messages: Sequence[Message], parcels: Sequence[Parcel]
) -> dict[str, Any]:
    return {
        "sheet": mine.to_dict(),
        "hours": list(hours),
        "messages": [list(astuple(one)) for one in messages],
        "deliveries": [asdict(one) for one in parcels],
    }


def _found(
    node: Node, terms: Terms, messages: Sequence[Message], parcels: Sequence[Parcel], told: Mapping[str, Any]
) -> list[Finding]:
    """What differs, from this side; what the other told is read strictly."""
    peer = other(node, terms)
    theirs = sheet.told_messages(told.get("messages"))
    found = difference.of_messages(messages, theirs, node.member, peer)
    those = sheet.told_parcels(told.get("deliveries"))
    for sender in (terms.provider, terms.consumer):
        own, away = ([one for one in some if one.sender == sender] for some in (parcels, those))
        found += difference.of_parcels(own, away) if sender == node.member else difference.of_parcels(away, own)
    return sorted(found)


def _keep(node: Node, terms: Terms, mine: Sheet, theirs: Sheet, found: list[Finding]) -> Document:
    """Write down how a day stands. Differences that are all explained settle it; the same once more adds nothing."""
    ref = f"{terms.id} {mine.day}"
    open_ = [one for one in found if one.what not in EXPLAINED]
    data = {
        "mine": mine.to_dict(),
        "theirs": theirs.to_dict(),
        "findings": [one.to_dict() for one in [*open_, *(one for one in found if one not in open_)][:_FINDINGS]],
        "found": len(found),
    }
    base = {"agreement": terms.id, "day": mine.day, "member": theirs.member}
    with node.ledger.writing() as connection:
        document, _new = node.ledger.ensure(
            RECONCILIATION.kind, ref, base, RECONCILIATION.states, connection=connection
        )
        if all(document.data.get(name) == value for name, value in data.items()):
            return document
        return node.ledger.act(
            document.id, _action(document.state, mine.agrees(theirs), bool(open_)), data, connection=connection
        )


def _action(state: str, agrees: bool, unexplained: bool) -> str:
    if unexplained:
        return "differ"
    if state == "differs":
        return "settle"
    return "agree" if agrees else "explain"


@handler("POST", "/reconciliations", kind="notice", cites=False)
def compared(node: Node, received: Received) -> Reply:
    """The other side's sheet of a day; answered with this side's. SheetBroken, NotOfAgreement, DayNotOver."""
    terms, theirs = _asked(node, received)
    day = date.fromisoformat(theirs.day)
    mine = sheet.draw(terms, day, node.member, sheet.messages(node, terms, day), sheet.parcels(node, terms, day))
    if mine.agrees(theirs) and mine.whole:
        _keep(node, terms, mine, theirs, [])
    return Reply(canonical({"sheet": mine.to_dict()}))


@handler("POST", "/reconciliations/detail", kind="notice", cites=False)
def detailed(node: Node, received: Received) -> Reply:
    """What the other side has of the hours that differ, and its deliveries; answered with the same, and kept."""
    terms, theirs = _asked(node, received)
    told, day = _object(received.body), date.fromisoformat(theirs.day)
    hours = told.get("hours")
    if not isinstance(hours, list) or not all(isinstance(hour, int) for hour in hours):
        raise SheetBroken(fault="hours")
    messages, parcels = sheet.messages(node, terms, day), sheet.parcels(node, terms, day)
    mine = sheet.draw(terms, day, node.member, messages, parcels)
    own = [one for one in messages if one.hour in hours]
    _keep(node, terms, mine, theirs, _found(node, terms, own, parcels, told))
    return Reply(canonical(_detail(mine, hours, own, parcels)))


def _asked(node: Node, received: Received) -> tuple[Terms, Sheet]:
    """The agreement and the sheet that came, of the one who sent it."""
    theirs = sheet.read(_object(received.body).get("sheet"))
    sender = received.envelope.sender
    terms = next((one for one in node.agreements.all() if one.id == theirs.agreement), None)
    if terms is None or not terms.between(sender, node.member) or theirs.member != sender:
        raise NotOfAgreement(agreement=theirs.agreement, sender=sender, dataset="-")
    if date.fromisoformat(theirs.day) >= today(node):
        raise DayNotOver(day=theirs.day)
    return terms, theirs


def work(node: Node, heal: Heal | None = None) -> list[Document]:
    """Compare every day that is owed, under every agreement where this member is the one that asks."""
    done = []
    for terms in node.agreements.all():
        for day in owed(node, terms) if begins(node, terms) else ():
            try:
                done.append(reconcile(node, terms, day, heal))
            except Unavailable:
                break
            except QuanminError:
                continue
    return done


def listing(node: Node) -> list[Document]:
    """The days that were compared, the oldest first."""
    return node.ledger.find(RECONCILIATION.kind)
