"""What is published of the exchange's use: counts of whole months by item of the agreement and by pair of agencies.

A look-up is about a person. How often one agency asked another in a month is told from `LEAST` on, as the open-data rules have
it for counts; no sum is published beside the counts, from which a hidden one could be taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.exchange.statistic.traffic import ANSWERED, REPLY
from quanmin.exchange.terms import Terms
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeTrafficRow as Traffic
from quanmin.text import Text
from quanmin.trust.agreed import COPY, COURSE

LEAST = 10
"""Smaller counts are not told."""
MEASURES: dict[str, Text] = {
    "asked": Text("请求", "requests"),
    "refused": Text("被拒绝的请求", "requests refused"),
    "delivered": Text("已回执的推送", "deliveries receipted"),
}
_TAKEN = {DELIVERY.kind: "acknowledge", INTAKE.kind: "accept"}
"""The action by which a delivery counts, on either side."""
_Place = tuple[str, str, str, str, str]


class Month(NamedTuple):
    """One figure: `sender` gives the data, `receiver` gets it; `value` None where it is too small to be told."""

    month: str
    item: str
    title_zh: str
    title_en: str
    sender: str
    receiver: str
    measure: str
    value: int | None


def monthly(ledger: Ledger, zone: str) -> list[Month]:
    """Every figure of months that are over (in `zone`), in order; none of what is under no agreement that is known here."""
    place, known = ZoneInfo(zone), _known(ledger)
    now = _month(ledger.now(), place)
    counts = _requests(ledger, known, place) + _deliveries(ledger, known, place)
    titles = {one.item: (one.title_zh, one.title_en) for one in known.values()}
    return [
        Month(month, item, *titles[item], sender, receiver, measure, value if value >= LEAST else None)
        for (month, item, sender, receiver, measure), value in sorted(counts.items())
        if month < now
    ]


def _month(at: datetime, place: ZoneInfo) -> str:
    return f"{at.astimezone(place):%Y-%m}"


def _requests(ledger: Ledger, known: Mapping[str, Terms], place: ZoneInfo) -> Counter[_Place]:
    """What a consumer asked its provider, and what the provider refused, under agreements that answer requests."""
    columns = (Traffic.hour, Traffic.sender, Traffic.receiver, Traffic.agreement, Traffic.kind, Traffic.outcome)
    query = select(*columns, func.sum(Traffic.messages)).where(Traffic.kind.in_(("request", REPLY))).group_by(*columns)
    counts: Counter[_Place] = Counter()
    with ledger.reading() as connection:
        rows = connection.execute(query).all()
    for hour, sender, receiver, cited, kind, outcome, messages in rows:
        terms = known.get(cited.partition(";")[0])
        if terms is None or not terms.answers:
            continue
        asked = kind == "request" and (sender, receiver) == (terms.consumer, terms.provider)
        refused = kind == REPLY and outcome != ANSWERED and (sender, receiver) == (terms.provider, terms.consumer)
        if asked or refused:
            measure = "asked" if asked else "refused"
            counts[_month(hour, place), terms.item, terms.provider, terms.consumer, measure] += int(messages)
    return counts


def _deliveries(ledger: Ledger, known: Mapping[str, Terms], place: ZoneInfo) -> Counter[_Place]:
    """Deliveries by the month in which they were receipted."""
    counts: Counter[_Place] = Counter()
    for document in ledger.find(list(_TAKEN)):
        manifest = document.data.get("manifest") or {}
        terms = known.get(str(manifest.get("agreement", "")).partition(";")[0])
        at = next((step.at for step in document.actions if step.name == _TAKEN[document.kind]), None)
        if terms is not None and at is not None:
            counts[_month(at, place), terms.item, manifest["sender"], manifest["receiver"], "delivered"] += 1
    return counts


def _known(ledger: Ledger) -> dict[str, Terms]:
    """The terms of each agreement, at the platform or as a node's copy, in the newest version."""
    found: dict[str, Terms] = {}
    for document in ledger.find((COURSE, COPY)):
        if "terms" in document.data:
            terms = Terms.read(document.data["terms"])
            if terms.id not in found or found[terms.id].version <= terms.version:
                found[terms.id] = terms
    return found
