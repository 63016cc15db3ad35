"""The sender's worker: offers, sends what is missing, completes, and fetches the receipt, however often it is interrupted.

What the receiver has is asked of the receiver, so nothing about a transfer needs to be remembered. Attempts are bounded and
wait twice as long each time; what only a person can put right parks the delivery, what the agreement forbids stops it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from typing import Any

from quanmin.errors import Incomplete, QuanminError, Unavailable
from quanmin.exchange.delivery import outbox, place
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.delivery.errors import DeliveryStopped, PackageGone, ReceiptRefused, TooManyAttempts
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.exchange.delivery.package import travelling
from quanmin.exchange.delivery.receipt import verify
from quanmin.exchange.delivery.workflow import DELIVERY
from quanmin.exchange.log.entry import Kind
from quanmin.exchange.message.seal import MEDIA
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import SYSTEM, Document, Leases
from quanmin.ledger.errors import LeaseBusy
from quanmin.trust import audit
from quanmin.trust.audit.alarm import PARKED

log = logging.getLogger(__name__)
LONGEST = 3600.0
IN_FLIGHT = 2
SEALED, OPEN = MEDIA, "application/octet-stream"
SOON, IDLE, SLOWEST = 0.2, 1.0, 30.0
ACTIVE = ("prepared", "sending", "sent", "stopped")
_AGREEMENT = range(20, 40)
"""Numbers of the codes by which an agreement is refused."""
_ON_THE_WAY = (*range(2, 20), *range(40, 70))
"""Numbers of the codes by which a message is refused, whatever it says: another one may come through."""
_AGAIN = ("QM-EXCHANGE-071", "QM-EXCHANGE-074", "QM-EXCHANGE-075", "QM-EXCHANGE-080")
"""Refusals after which the next attempt begins with the offer."""


class _Refused(Exception):
    """The receiver refuses for good; the error document."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error.get("code")))
        self.error = error


class _Broken(Exception):
    """This attempt came to nothing; the error document and how many chunks are there."""

    def __init__(self, error: dict[str, Any]) -> None:
        super().__init__(str(error.get("code")))
        self.error = error


_polled: dict[tuple[str, str], float] = {}
"""When the receipt of a delivery was asked for last, in the clock of this process."""
_swept: dict[str, float] = {}
SWEEP = 3600.0
"""Seconds after which what is left over is looked for again."""


def work(node: Node) -> float:
    """Go on with every delivery that is due, those to one receiver one after another; seconds until the next look."""
    home = str(node.settings.home)
    if time.monotonic() - _swept.get(home, -SWEEP) >= SWEEP:
        outbox.sweep(node)
        _swept[home] = time.monotonic()
    by_receiver = defaultdict[str, list[Document]](list)
    waiting = node.ledger.find(DELIVERY.kind, states=ACTIVE)
    for document in waiting:
        if due(node, document):
            by_receiver[str(document.data["receiver"])].append(document)
    if len(by_receiver) == 1:
        _each(node, *by_receiver.values())
    elif by_receiver:
        with ThreadPoolExecutor(4, "quanmin-delivery") as pool:
            list(pool.map(lambda some: _each(node, some), by_receiver.values()))
    return SOON if waiting else IDLE


def _each(node: Node, documents: Sequence[Document]) -> None:
    for document in documents:
        try:
            deliver(node, document)
        except QuanminError as error:  # the ledger or the disk is away; the next look tries again
            log.warning("%s", error)


def due(node: Node, document: Document) -> bool:
    """Whether something is to be done about a delivery now."""
    now = node.ledger.now()
    if document.state == "prepared":
        return True
    if document.state == "stopped":
        return now >= document.since + timedelta(seconds=node.settings.exchange_backoff) and _stands(node, document)
    if node.directory().member(str(document.data["receiver"])).address is None:
        return False  # it fetches
    if document.state == "sent":
        elapsed = max(0.0, (now - document.since).total_seconds())
        last = _polled.get((str(node.settings.home), str(document.ref)))
        return last is None or time.monotonic() - last >= min(SLOWEST, max(SOON, elapsed / 20))
    return now >= next_attempt(document, node.settings.exchange_backoff)


def next_attempt(document: Document, backoff: float) -> datetime:
    """When a delivery that is being sent is tried next: twice as long after each attempt, an hour at most, less some jitter."""
    tried = _tried(document)
    if not tried:
        return document.since
    seconds = min(LONGEST, backoff * 2 ** min(tried - 1, 30))
    drawn = hashlib.sha256(f"{document.ref} {len(document.actions)}".encode()).digest()[0] / 255
    return document.actions[-1].at + timedelta(seconds=seconds * (0.75 + drawn / 4))


def _tried(document: Document) -> int:
    """Attempts in vain since it was sent off or since one got further."""
    tried = 0
    for step in reversed(document.actions):
        if step.name != "retry" or (tried and step.data.get("there") != document.data.get("there")):
            break
        tried += 1
    return tried


def _stands(node: Node, document: Document) -> bool:
    try:
        node.agreements.standing(str(document.data["manifest"]["agreement"]), node.ledger.now())
    except QuanminError:
        return False
    return True


def deliver(node: Node, document: Document) -> Document:
    """One attempt at a delivery, by one process at a time; the document afterwards."""
    with Leases(node.ledger) as lease:
        try:
            lease.take(f"exchange delivery {document.ref}")
        except LeaseBusy:
            return document
        document = node.ledger.get(document.id)
        return _attempt(node, document) if document.state in ACTIVE else document


def _attempt(node: Node, document: Document) -> Document:
    transfer: _Transfer | None = None
    try:
        told = outbox.manifest_of(node, document)
        transfer = _Transfer(node, told, _standing(node, told))
        if document.state in ("prepared", "stopped"):
            document = node.ledger.act(document.id, "send")
            crash("sending")
        if node.directory().member(told.receiver).address is None:
            return document
        return transfer.run(document)
    except DeliveryStopped as error:
        return node.ledger.act(document.id, "stop", {"error": error.to_dict()})
    except PackageGone as error:
        return park(node, document, error.to_dict())
    except _Refused as error:
        return park(node, document, error.error)
    except _Broken as error:
        return _again(node, document, error.error, transfer.there if transfer else 0)
    except ReceiptRefused as error:
        return _again(node, document, error.to_dict(), transfer.there if transfer else 0)


def _standing(node: Node, told: Manifest) -> Terms:
    """The terms, if they stand now. DeliveryStopped; _Broken where that cannot be known."""
    try:
        return node.agreements.standing(told.agreement, node.ledger.now())
    except (Unavailable, Incomplete) as error:
        raise _Broken(error.to_dict()) from error
    except QuanminError as error:
        raise DeliveryStopped(delivery=told.id) from error


def _again(node: Node, document: Document, error: dict[str, Any], there: int) -> Document:
    """Write an attempt in vain down; park where it was the last."""
    document = node.ledger.get(document.id)
    if document.state not in ("sending", "sent"):
        return document
    document = node.ledger.act(document.id, "retry", {"error": error, "there": there})
    attempts = _tried(document)
    if attempts < node.settings.exchange_attempts:
        return document
    last = TooManyAttempts(delivery=document.ref, attempts=attempts).to_dict()
    return park(node, document, last | {"cause": error})


def park(node: Node, document: Document, error: dict[str, Any]) -> Document:
    """Park a delivery: somebody must look. The server's log and, in the same transaction, the audit are told."""
    log.error("delivery %s is parked: %s", document.ref, error.get("code"))
    with node.ledger.writing() as connection:
        told = {"delivery": document.ref, "code": error.get("code")}
        audit.append(node.ledger, PARKED, SYSTEM, told, connection)
        return node.ledger.act(document.id, "park", {"error": error}, connection=connection)


class _Transfer:
    """One attempt to bring one delivery over."""

    def __init__(self, node: Node, told: Manifest, terms: Terms) -> None:
        self.node, self.told, self.terms = node, told, terms
        self.folder = place.out(node.settings.home, told.id)
        self.there = 0

    def run(self, document: Document) -> Document:
        """To the receipt, or to where the receiver works on it. Raises what `_attempt` knows."""
        if document.state == "sent":
            _polled[str(self.node.settings.home), self.told.id] = time.monotonic()
            state = self.ask("GET", "", b"", "notice")
        else:
            state = self.ask("POST", None, self.told.text(), "offer")
            crash("offered")
        if state.get("state") == "offered":
            self.send(state)
            crash("all chunks sent")
            state = self.ask("POST", "/complete", b"", "notice")
            crash("completed")
        return self.settle(document, state)

    def send(self, state: dict[str, Any]) -> None:
        """Every chunk that is missing, a few at a time."""
        numbers = list(_numbers(state, len(self.told.chunks)))
        self.there = len(self.told.chunks) - len(numbers)
        todo, flying = iter(numbers), set[Future[None]]()
        with ThreadPoolExecutor(IN_FLIGHT, "quanmin-chunk") as pool:
            try:
                for number in todo:
                    flying.add(pool.submit(self.chunk, number))
                    if len(flying) >= IN_FLIGHT:
                        flying = self.landed(flying)
                while flying:
                    flying = self.landed(flying)
            finally:
                pool.shutdown(cancel_futures=True)

    def landed(self, flying: set[Future[None]]) -> set[Future[None]]:
        """Wait for one; those that still fly."""
        done, left = wait(flying, return_when=FIRST_COMPLETED)
        for one in done:
            one.result()
            self.there += 1
        return left

    def chunk(self, number: int) -> None:
        """Send one, if the agreement still stands."""
        _standing(self.node, self.told)
        body = travelling(self.folder, self.told, self.told.chunks[number - 1])
        self.ask("PUT", f"/chunks/{number}", body, "chunk", SEALED if self.told.sealed else OPEN)
        crash("chunk sent")

    def ask(
        self, method: str, path: str | None, body: bytes, kind: Kind, media: str = "application/json"
    ) -> dict[str, Any]:
        """One message and what is answered."""
        where = "/deliveries" if path is None else f"/deliveries/{self.told.id}{path}"
        sender = self.node.sender
        try:
            answer = sender.send(
                self.told.receiver, method, where, body, kind=kind, terms=self.terms, media=media, delivery=self.told.id
            )
            if answer.status >= 400:
                raise self.refusal(answer.status, sender.refusal(answer))
            told = json.loads(answer.body)
        except QuanminError as error:
            raise _Broken(error.to_dict()) from error
        except ValueError as error:
            raise _Broken(ReceiptRefused(delivery=self.told.id, fault="answer").to_dict()) from error
        if not isinstance(told, dict):
            raise _Broken(ReceiptRefused(delivery=self.told.id, fault="answer").to_dict())
        return told

    def refusal(self, status: int, error: dict[str, Any]) -> Exception:
        """What a refusal means here."""
        code = str(error.get("code"))
        prefix, _, digits = code.rpartition("-")
        number = int(digits) if prefix == "QM-EXCHANGE" and digits.isdecimal() else 0
        if code == DeliveryStopped.code or number in _AGREEMENT:
            return DeliveryStopped(delivery=self.told.id)
        if code in _AGAIN or number in _ON_THE_WAY or status in (408, 429) or status >= 500:
            return _Broken(error)
        return _Refused(error)

    def settle(self, document: Document, state: dict[str, Any]) -> Document:
        """Keep the receipt, or write down that everything is there."""
        node = self.node
        if state.get("receipt") is not None:
            crash("receipt fetched")
            return acknowledge(node, document, self.told, state["receipt"])
        if state.get("state") == "stopped":
            raise DeliveryStopped(delivery=self.told.id)
        if state.get("state") != "received":
            raise _Broken(ReceiptRefused(delivery=self.told.id, fault="state").to_dict())
        return node.ledger.act(document.id, "sent") if document.state == "sending" else document


def acknowledge(node: Node, document: Document, told: Manifest, text: Any) -> Document:
    """Keep a receipt that counts, as it is. ReceiptRefused, IllegalAction."""
    skew = timedelta(seconds=node.settings.exchange_skew)
    found = verify(node.directory(), text, told, node.ledger.now(), skew)
    action = "acknowledge" if found.outcome == "accepted" else "refuse"
    data = {"receipt": text, "accepted": found.accepted, "quarantined": found.quarantined}
    document = node.ledger.act(document.id, action, data | ({"refusal": found.code} if found.code else {}))
    crash("acknowledged")
    return document


def _numbers(state: dict[str, Any], count: int) -> Iterator[int]:
    """The chunks that the receiver says it lacks; what it says is not trusted to be sound."""
    runs = state.get("missing")
    for run in runs if isinstance(runs, list) else []:
        if isinstance(run, list) and len(run) == 2 and all(type(one) is int for one in run):
            yield from range(max(1, run[0]), min(count, run[1]) + 1)
