"""For members without an address: what waits for them is fetched, taken in as if it had been sent, and receipted.

The sender's side answers here, and the receiver's side asks here.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from quanmin.errors import QuanminError
from quanmin.exchange.delivery import manifest as manifests
from quanmin.exchange.delivery import outbox, place, receiver
from quanmin.exchange.delivery.errors import ChunkUnknown, ManifestBroken, NotItsSide, NotYetTaken
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.exchange.delivery.package import travelling
from quanmin.exchange.delivery.receipt import LONGEST
from quanmin.exchange.delivery.transfer import OPEN, SEALED, acknowledge
from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.exchange.log.entry import Kind
from quanmin.exchange.node.handler import Answer, Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document, Leases
from quanmin.ledger.errors import LeaseBusy

log = logging.getLogger(__name__)
SOON, IDLE = 0.5, 5.0
_OPEN = ("prepared", "sending", "sent")


@handler("GET", "/waiting", "notice", cites=False)
def get_waiting(node: Node, received: Received) -> Reply:
    """What waits for whoever asks: deliveries with their agreements, the oldest first."""
    found = node.ledger.find(DELIVERY.kind, states=_OPEN)
    own = [one for one in found if one.data["receiver"] == received.envelope.sender]
    told = [{"delivery": one.ref, "agreement": one.data["manifest"]["agreement"]} for one in own[:1000]]
    return Reply(json.dumps({"deliveries": told}, separators=(",", ":")).encode())


@handler("GET", "/deliveries/{id}/manifest", "offer")
def get_manifest(node: Node, received: Received) -> Reply:
    """The manifest of what waits."""
    document, told = _waiting(node, received)
    if document.state == "prepared":
        node.ledger.act(document.id, "send")
    return Reply(told.text())


@handler("GET", "/deliveries/{id}/chunks/{n}", "chunk")
def get_chunk(node: Node, received: Received) -> Reply:
    """A chunk of what waits, as it travels."""
    _document, told = _waiting(node, received)
    number = received.parameters["n"]
    chunk = told.chunk(int(number)) if number.isascii() and number.isdigit() and len(number) < 7 else None
    if chunk is None:
        raise ChunkUnknown(delivery=told.id, chunk=number[:6])
    body = travelling(place.out(node.settings.home, told.id), told, chunk)
    return Reply(body, media=SEALED if told.sealed else OPEN)


@handler("POST", "/deliveries/{id}/receipt", "receipt")
def post_receipt(node: Node, received: Received) -> Reply:
    """The receipt of what was fetched. ReceiptRefused."""
    document = _theirs(node, received)
    text = _receipt(received.body)
    if text is None or text != document.data.get("receipt"):
        if document.state not in ("sending", "sent"):
            raise NotYetTaken(delivery=document.ref, state=document.state)
        document = acknowledge(node, document, outbox.manifest_of(node, document), text)
    return Reply(json.dumps({"delivery": document.ref, "state": document.state}, separators=(",", ":")).encode())


def _receipt(body: bytes) -> Any:
    try:
        told = json.loads(body[: 2 * LONGEST])
    except (ValueError, RecursionError):
        return None
    return told.get("receipt") if isinstance(told, dict) else None


def _theirs(node: Node, received: Received) -> Document:
    """The delivery that is spoken of, by its receiver and under its agreement. DeliveryUnknown, NotItsSide."""
    document = outbox.of(node, received.parameters["id"])
    cited = received.terms.cited if received.terms else None
    if (document.data["receiver"], document.data["manifest"]["agreement"]) != (received.envelope.sender, cited):
        raise NotItsSide(sender=received.envelope.sender, delivery=document.ref)
    return document


def _waiting(node: Node, received: Received) -> tuple[Document, Manifest]:
    document = _theirs(node, received)
    if document.state not in _OPEN:
        raise NotYetTaken(delivery=document.ref, state=document.state)
    return document, outbox.manifest_of(node, document)


def work(node: Node) -> float:
    """Where this member has no address: ask every peer that has one what waits, and fetch it; seconds until the next look."""
    members = node.directory().members
    own = members.get(node.member)
    if own is not None and own.address is not None:
        return IDLE * 6
    found = False
    for peer in sorted({_peer(node, terms) for terms in node.agreements.all()}):
        if peer in members and members[peer].address is not None:
            found |= _ask(node, peer)
    return SOON if found else IDLE


def _peer(node: Node, terms: Terms) -> str:
    return terms.consumer if terms.provider == node.member else terms.provider


def _ask(node: Node, peer: str) -> bool:
    """Fetch what waits at a peer; whether there is more to do."""
    try:
        told = _json(node.sender.send(peer, "GET", "/waiting", kind="notice"))
    except QuanminError as error:
        log.warning("%s", error)
        return False
    some = told.get("deliveries")
    waiting = [one for one in some if isinstance(one, dict)] if isinstance(some, list) else []
    for one in waiting:
        try:
            fetch(node, peer, str(one.get("delivery")), str(one.get("agreement")))
        except QuanminError as error:
            log.warning("%s", error)
    return bool(waiting)


def fetch(node: Node, peer: str, delivery: str, agreement: str) -> None:
    """One delivery a step further: its chunks, or its receipt once it is taken in."""
    with Leases(node.ledger) as lease:
        try:
            lease.take(f"exchange fetch {delivery[:96]}")
        except LeaseBusy:
            return
        terms = node.agreements.standing(agreement, node.ledger.now())
        known = node.ledger.find(INTAKE.kind, ref=delivery, limit=1)
        if known and "receipt" in known[-1].data:
            body = json.dumps({"receipt": known[-1].data["receipt"]}).encode()
            _said(node, peer, "POST", f"/deliveries/{delivery}/receipt", body, "receipt", terms, delivery)
        elif not known or known[-1].state in ("offered", "stopped"):
            _fetch(node, peer, delivery, terms)


def _fetch(node: Node, peer: str, delivery: str, terms: Terms) -> None:
    text = _said(node, peer, "GET", f"/deliveries/{delivery}/manifest", b"", "offer", terms, delivery).body
    told = manifests.read(text)
    if (told.id, told.sender) != (delivery, peer):
        raise ManifestBroken(member="id", fault="another than was asked for")
    document = receiver.offered(node, told, terms)
    for first, last in receiver.missing(node, document):
        for number in range(first, last + 1):
            node.agreements.standing(terms.cited, node.ledger.now())
            path = f"/deliveries/{delivery}/chunks/{number}"
            answer = _said(node, peer, "GET", path, b"", "chunk", terms, delivery)
            receiver.keep_chunk(node, told, number, answer.body, answer.digest)
    receiver.complete(node, document)


def _said(
    node: Node, peer: str, method: str, path: str, body: bytes, kind: Kind, terms: Terms, delivery: str
) -> Answer:
    """What a peer answers; a refusal is raised as what it says."""
    answer = node.sender.send(peer, method, path, body, kind=kind, terms=terms, delivery=delivery)
    if answer.status >= 400:
        raise NotYetTaken(delivery=delivery, state=str(node.sender.refusal(answer).get("code")))
    return answer


def _json(answer: Answer) -> dict[str, Any]:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if answer.status >= 400 or not isinstance(told, dict):
        raise ManifestBroken(member="-", fault="answer")
    return told
