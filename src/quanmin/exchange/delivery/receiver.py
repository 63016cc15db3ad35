"""The receiving side: offers, chunks, completion, state and receipt. Every verb may come twice, late or out of order.

After the receipt is kept, whatever comes of the delivery is answered with it, byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from quanmin.exchange.delivery import manifest as manifests
from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.crash import crash
from quanmin.exchange.delivery.errors import (
    ChunksMissing,
    ChunkUnknown,
    DeliveryStopped,
    DeliveryUnknown,
    ManifestDiffers,
    NotItsSide,
    NotPushed,
    NotYetTaken,
)
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.exchange.delivery.package import opened
from quanmin.exchange.delivery.workflow import INTAKE
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document
from quanmin.ledger.errors import IllegalAction

_BACK = ("feedback", "recall")


@handler("POST", "/deliveries", "offer")
def offer(node: Node, received: Received) -> Reply:
    """A manifest is offered; answered with what is missing, or with the receipt."""
    told = manifests.read(received.body)
    if told.sender != received.envelope.sender or received.terms is None:
        raise NotItsSide(sender=received.envelope.sender, delivery=told.id)
    return _answer(node, offered(node, told, received.terms))


def offered(node: Node, told: Manifest, terms: Terms) -> Document:
    """Write an offer down, or find it. NotItsSide, NotPushed, ManifestDiffers, SpaceShort."""
    _allowed(node, told, terms)
    data = {"manifest": told.summary(), "digest": told.digest(), "sender": told.sender}
    known = node.ledger.find(INTAKE.kind, ref=told.id, limit=1)
    if not known:
        place.reserve(place.intake(node.settings.home, "-").parent, told.size + told.bytes)
    with node.ledger.writing() as connection:
        document, new = node.ledger.ensure(
            INTAKE.kind, told.id, data, INTAKE.states, f"member:{told.sender}", connection
        )
        if document.data["digest"] != told.digest():
            raise ManifestDiffers(delivery=told.id)
        if new:
            folder = place.intake(node.settings.home, told.id)
            place.clear(folder)
            folder.mkdir(parents=True)
            place.put(folder / place.MANIFEST, told.text())
            crash("offer placed")
        elif document.state == "stopped":
            document = node.ledger.act(document.id, "resume", connection=connection)
    crash("offer kept")
    return document


def _allowed(node: Node, told: Manifest, terms: Terms) -> None:
    """Whether the agreement has this delivery in this direction."""
    sides = (terms.consumer, terms.provider) if told.content in _BACK else (terms.provider, terms.consumer)
    if (told.receiver, told.agreement) != (node.member, terms.cited):
        raise NotItsSide(sender=told.sender, delivery=told.id)
    pushed = terms.pushes or told.content in _BACK
    if (told.sender, told.receiver) != sides or told.dataset != terms.dataset or not pushed:
        raise NotPushed(agreement=terms.id, sender=told.sender, content=told.content)


@handler("PUT", "/deliveries/{id}/chunks/{n}", "chunk")
def put_chunk(node: Node, received: Received) -> Reply:
    """A chunk; kept under its number once its digest is that of the manifest."""
    document = _own(node, received)
    number = received.parameters["n"]
    if document.state == "stopped":
        raise DeliveryStopped(delivery=document.ref)
    if document.state != "offered":
        return _answer(node, document)
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise ChunkUnknown(delivery=document.ref, chunk=0)
    try:
        keep_chunk(node, _manifest(node, document), int(number), received.body, received.digest)
    except FileNotFoundError:  # taken in and cleared meanwhile, by the same chunks that came before
        return _answer(node, node.ledger.get(document.id))
    return _json({"delivery": document.ref, "chunk": int(number)})


def keep_chunk(node: Node, told: Manifest, number: int, body: bytes, digest: str) -> None:
    """Keep a chunk, opened. ChunkUnknown, ChunkDiffers, SealBroken, SpaceShort."""
    chunk = told.chunk(number)
    if chunk is None:
        raise ChunkUnknown(delivery=told.id, chunk=number)
    plain = opened(told, chunk, body, digest, node.identity.unseal)
    folder = place.intake(node.settings.home, told.id)
    path = folder / place.chunk_name(number)
    if path.exists():
        return
    crash("chunk drafted")
    place.put(path, plain)
    crash("chunk kept")


@handler("POST", "/deliveries/{id}/complete", "notice")
def post_complete(node: Node, received: Received) -> Reply:
    """The sender has sent everything; told what is missing where something is."""
    document = _own(node, received)
    if document.state == "stopped":
        raise DeliveryStopped(delivery=document.ref)
    return _answer(node, complete(node, document))


def complete(node: Node, document: Document) -> Document:
    """An offer whose chunks are all there is received. ChunksMissing."""
    if document.state != "offered":
        return document
    lacking = missing(node, document)
    if lacking:
        count = sum(last - first + 1 for first, last in lacking)
        raise ChunksMissing(delivery=document.ref, count=count, first=lacking[0][0])
    try:
        document = node.ledger.act(document.id, "complete")
    except IllegalAction:  # another request was first
        return node.ledger.get(document.id)
    crash("completion kept")
    return document


@handler("GET", "/deliveries/{id}", "notice")
def get_state(node: Node, received: Received) -> Reply:
    """How far a delivery is, and what is missing."""
    return _answer(node, _own(node, received))


@handler("GET", "/deliveries/{id}/receipt", "receipt")
def get_receipt(node: Node, received: Received) -> Reply:
    """The stored receipt. NotYetTaken."""
    document = _own(node, received)
    if "receipt" not in document.data:
        raise NotYetTaken(delivery=document.ref, state=document.state)
    return _answer(node, document)


def missing(node: Node, document: Document) -> list[tuple[int, int]]:
    """Runs of chunks that are not there, first and last."""
    if document.state not in ("offered", "stopped"):
        return []
    there = place.numbers(place.intake(node.settings.home, str(document.ref)))
    return _runs(number for number in range(1, int(document.data["manifest"]["chunks"]) + 1) if number not in there)


def _runs(numbers: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def _own(node: Node, received: Received) -> Document:
    """The intake that is spoken of, by its sender and under its agreement. DeliveryUnknown, NotItsSide."""
    found = node.ledger.find(INTAKE.kind, ref=received.parameters["id"], limit=1)
    if not found:
        raise DeliveryUnknown(delivery=received.parameters["id"][:96])
    told = found[-1].data["manifest"]
    cited = received.terms.cited if received.terms else None
    if (told["sender"], told["agreement"]) != (received.envelope.sender, cited):
        raise NotItsSide(sender=received.envelope.sender, delivery=told["id"])
    return found[-1]


def _manifest(node: Node, document: Document) -> Manifest:
    """The manifest as it was offered; FileNotFoundError once it is cleared."""
    path = place.intake(node.settings.home, str(document.ref)) / place.MANIFEST
    if not path.exists():
        raise FileNotFoundError(path)
    return _read(path, str(document.data["digest"]))


@lru_cache(8)
def _read(path: Path, _digest: str) -> Manifest:
    """Read once for all of its chunks."""
    return manifests.read(path.read_bytes())


def _answer(node: Node, document: Document) -> Reply:
    told: dict[str, Any] = {"delivery": document.ref, "state": document.state, "missing": missing(node, document)}
    told["receipt"] = document.data.get("receipt")
    return _json(told)


def _json(told: dict[str, Any]) -> Reply:
    return Reply(json.dumps(told, separators=(",", ":")).encode())
