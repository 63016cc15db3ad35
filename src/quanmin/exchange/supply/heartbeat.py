"""Heartbeats: each node tells its peers its time, version, last event numbers and the head of its log.

From what they tell, a peer that fell silent, a clock that differs, and events that did not come are seen. None of it stops
anything. What was told last is in `exchange/peers/<member>.json` of the home.
"""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select

from quanmin.errors import QuanminError
from quanmin.exchange.delivery import place
from quanmin.exchange.message.errors import ClockApart
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import event
from quanmin.exchange.supply.errors import AskedBadly
from quanmin.exchange.terms import Terms
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.version import __version__

log = logging.getLogger(__name__)
EVERY = 60.0
LATE = 3 * EVERY
"""Seconds of silence after which a peer is late."""
_MEMBERS = {"at", "version", "events", "log"}


def beat(node: Node, peer: str) -> dict[str, Any]:
    """What is told a peer: of its agreements with this member only."""
    agreements = [one for one in node.agreements.all() if one.between(node.member, peer)]
    query = select(ExchangeLogRow.link).order_by(ExchangeLogRow.sequence.desc()).limit(1)
    with node.ledger.reading() as connection:
        head = connection.execute(query).scalar()
    return {
        "at": node.ledger.now().isoformat(),
        "version": __version__,
        "events": {one.id: event.last(node, one.id) for one in agreements},
        "log": head.hex() if head else None,
    }


@handler("POST", "/heartbeat", "notice", cites=False)
def beaten(node: Node, received: Received) -> Reply:
    """A peer tells; answered with the same of this side."""
    peer = received.envelope.sender
    note(node, peer, read(received.body))
    return Reply(json.dumps(beat(node, peer)).encode())


def read(body: bytes) -> dict[str, Any]:
    """A heartbeat. AskedBadly."""
    try:
        told = json.loads(body)
        at = datetime.fromisoformat(told["at"])
        events = {str(name): int(number) for name, number in told["events"].items()}
        if told.keys() != _MEMBERS or at.tzinfo is None or len(events) > 10_000:
            raise ValueError
        return {"at": at.isoformat(), "version": str(told["version"])[:40], "events": events, "log": told["log"]}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
        raise AskedBadly(member="heartbeat") from None


def note(node: Node, peer: str, told: dict[str, Any]) -> None:
    """Keep what a peer told, and raise an alarm where its clock differs by more than the skew."""
    now = node.ledger.now()
    apart = (datetime.fromisoformat(told["at"]) - now).total_seconds()
    if abs(apart) > node.settings.exchange_skew:
        log.error("the clock of %s differs by %d s", peer, int(apart))
    _keep(node, peer, {**told, "heard": now.isoformat(), "apart": round(apart), "error": None})


def _keep(node: Node, peer: str, told: dict[str, Any]) -> None:
    path = _path(node, peer)
    path.parent.mkdir(parents=True, exist_ok=True)
    place.put(path, json.dumps(told).encode())


def _path(node: Node, peer: str) -> Path:
    return node.settings.home / "exchange" / "peers" / f"{node.directory().member(peer).id}.json"


def _last(node: Node, peer: str) -> dict[str, Any]:
    try:
        return dict(json.loads(_path(node, peer).read_text("utf-8")))
    except (OSError, ValueError):
        return {}


def others(node: Node) -> list[str]:
    """The members with which this one shares an agreement in force."""
    sides = {side for one in node.agreements.all() for side in (one.provider, one.consumer)}
    return sorted(sides - {node.member})


def peers(node: Node) -> list[dict[str, Any]]:
    """What is known of each peer: when it was heard, whether it is late, how its clock differs, and what events are missing."""
    return [_peer(node, peer) for peer in others(node)]


def _peer(node: Node, peer: str) -> dict[str, Any]:
    told, now = _last(node, peer), node.ledger.now()
    heard = datetime.fromisoformat(told["heard"]) if told.get("heard") else None
    known = told.get("events", {})
    shared = [one for one in node.agreements.all() if one.between(node.member, peer)]
    gone = {one.id: event.missing(node, one.id, int(known.get(one.id, 0))) for one in shared}
    return {
        "member": peer,
        "heard": told.get("heard"),
        "late": heard is None or now - heard > timedelta(seconds=LATE),
        "apart": told.get("apart"),
        "clock": abs(int(told.get("apart") or 0)) > node.settings.exchange_skew or told.get("error") == ClockApart.code,
        "version": told.get("version"),
        "log": told.get("log"),
        "error": told.get("error"),
        "missing": {name: ranges for name, ranges in gone.items() if ranges},
    }


def tell(node: Node, peer: str) -> None:
    """Tell a peer, and keep what it tells; a failure is kept too, and raises nothing."""
    try:
        answer = node.sender.send(peer, "POST", "/heartbeat", json.dumps(beat(node, peer)).encode(), kind="notice")
        if answer.status >= 400:
            code = str(node.sender.refusal(answer).get("code"))
            log.error("%s refuses the heartbeat: %s", peer, code)
            _keep(node, peer, {**_last(node, peer), "error": code})
            return
        note(node, peer, read(answer.body))
    except QuanminError as error:
        _keep(node, peer, {**_last(node, peer), "error": error.code})


def work(node: Node) -> float:
    """Tell every peer that has an address; ask for what did not come. Seconds until the next time."""
    for peer in others(node):
        if node.directory().member(peer).address is None:
            continue
        tell(node, peer)
    for told in peers(node):
        for agreement, ranges in told["missing"].items():
            _ask(node, agreement, ranges)
    return EVERY


def _ask(node: Node, agreement: str, ranges: list[event.Range]) -> None:
    found: Terms | None = next((one for one in node.agreements.all() if one.id == agreement), None)
    if found is None:
        return
    for first, until in ranges[:10]:
        try:
            event.ask(node, found, "/events/resend", {"from": first, "to": min(until, first + event.MOST - 1)})
        except QuanminError as error:
            log.warning("%s: %s", agreement, error)
