"""The receiver's side of a recall: what came is removed, where it was collected its batch is withdrawn, and this is confirmed.

The delivery is closed to everything first, so that nothing of it comes in meanwhile; a kill before the end is made good by the
repeated recall, which gets the same confirmation. What was passed on before (feedback about it, parcels made with its rows) is
told, since it cannot be taken back from here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from quanmin.collect import withdraw
from quanmin.exchange.canonical import canonical
from quanmin.exchange.delivery import place
from quanmin.exchange.delivery.receipt import Receipt, sign
from quanmin.exchange.intake import case, delivered
from quanmin.exchange.intake.collecting import alone, member_actor
from quanmin.exchange.intake.delivered import FILES, Delivered
from quanmin.exchange.intake.errors import NoRecallRight, NothingToRecall
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.ledger import Document

Remover = Callable[[Node, Delivered], int]
REMOVERS: dict[str, Remover] = {}
"""By content: what else removes a delivery that was taken in; it says how many files are gone."""


def remover(content: str) -> Callable[[Remover], Remover]:
    """Register what removes a content where it was put."""

    def keep(remove: Remover) -> Remover:
        REMOVERS[content] = remove
        return remove

    return keep


@handler("POST", "/recalls", kind="notice", cites=False)
def take_back(node: Node, received: Received) -> Reply:
    """Remove a delivery of the sender and confirm it. NothingToRecall, NoRecallRight; LeaseBusy while it is being taken in."""
    return Reply(remove(node, received.envelope.sender, received.body))


def remove(node: Node, sender: str, asked: bytes) -> bytes:
    """What is asked is done once and confirmed in the same bytes however often it is asked."""
    delivery, digest, reason = _read(asked)
    found = node.ledger.find(delivered.INTAKE, ref=delivery, limit=1)
    if not found or (one := delivered.of(document := found[-1])).sender != sender or one.digest != digest:
        raise NothingToRecall(delivery=delivery)
    if not node.agreements.standing(one.agreement, one.made).recall:
        raise NoRecallRight(agreement=one.terms)
    with alone(node, one.id):
        document = node.ledger.get(document.id)
        if document.state == "refused":
            return _text(one, _signed(node, one, 0), _nothing_left(node))
        if document.state != "recalled":
            document = _record(node, one, document, reason)
        _finish(node, one, document, reason)
    return _text(one, str(document.data["receipt"]), document.data["confirmation"])


def _record(node: Node, one: Delivered, document: Document, reason: str) -> Document:
    """Close the delivery to everything, with what will be gone."""
    told = _confirmation(node, one, document)
    receipt = _signed(node, one, int(told["rows"]))
    data = {"receipt": receipt, "confirmation": told, "recall": reason, "accepted": told["rows"]}
    data |= {"quarantined": int(one.rows or told["rows"]) - int(told["rows"])}
    return node.ledger.act(document.id, "recall", data, f"member:{one.sender}")


def _signed(node: Node, one: Delivered, rows: int) -> str:
    """The receipt of a recall: `accepted` are the rows that were held and are gone, `quarantined` those that were not held."""
    told = one.rows if one.rows is not None else rows
    receipt = Receipt(
        delivery=one.id,
        manifest=one.digest,
        agreement=one.agreement,
        sender=one.sender,
        receiver=one.receiver,
        outcome="recalled",
        rows=told,
        accepted=rows,
        quarantined=told - rows,
        at=node.ledger.now(),
    )
    return sign(node.identity, receipt)


def _text(one: Delivered, receipt: str, told: Mapping[str, Any]) -> bytes:
    return canonical({"delivery": one.id, "digest": one.digest, "receipt": receipt, **told})


def _nothing_left(node: Node) -> dict[str, Any]:
    at = node.ledger.now().isoformat(timespec="seconds")
    return {"files": 0, "rows": 0, "feedback": [], "deliveries": [], "at": at}


def _read(asked: bytes) -> tuple[str, str, str]:
    try:
        told = json.loads(asked)
        return str(told["delivery"]), str(told["digest"]), str(told["reason"])
    except (ValueError, KeyError, TypeError):
        raise NothingToRecall(delivery="-") from None


def _confirmation(node: Node, one: Delivered, document: Document) -> dict[str, Any]:
    """What will be gone: one file, the rows of its batch, unless another delivery of the same bytes holds them."""
    batch = delivered.batch_of(node.ledger, one) if one.content in FILES else None
    if one.content in FILES:
        rows = 0 if batch is None or delivered.shared(node.ledger, one) else int(batch.data["read"])
    else:
        rows = int(one.rows or 0) if document.state == "accepted" else 0
    return _nothing_left(node) | {
        "files": 1,
        "rows": rows,
        "feedback": [str(told.data["delivery"]) for told in _cases(node, one) if "delivery" in told.data],
        "deliveries": [] if batch is None else _made_from(node, one, int(batch.data["snapshot"])),
    }


def _cases(node: Node, one: Delivered) -> list[Document]:
    return node.ledger.find(case.CASE.kind, ref=one.id)


def _made_from(node: Node, one: Delivered, snapshot: int) -> list[str]:
    """What went out of the dataset since the batch was in it."""
    out = node.ledger.find(delivered.DELIVERY)
    return [
        str(sent.ref)
        for sent in out
        if (told := sent.data["manifest"])["dataset"] == one.dataset and (told.get("snapshot") or 0) >= snapshot
    ]


def _finish(node: Node, one: Delivered, document: Document, reason: str) -> None:
    """Remove what is left of a recalled delivery; repeated, it does nothing. The delivery is held (`alone`)."""
    if _left(node, one):
        batch = delivered.batch_of(node.ledger, one)
        withdraw(node.lake, batch.id if batch else 0, member_actor(one.sender), f"{one.id}: {reason}")
    if one.content in REMOVERS:
        REMOVERS[one.content](node, one)
    place.clear(place.intake(node.settings.home, one.id))
    kept = document.data.get("taken", {}).get("kept")
    if kept:
        (place.kept(node.settings.home, one.terms) / str(kept)).unlink(missing_ok=True)


def _left(node: Node, one: Delivered) -> bool:
    if one.content not in FILES or delivered.batch_of(node.ledger, one) is None:
        return False
    return not delivered.shared(node.ledger, one)


def sweep(node: Node) -> int:
    """Withdraw what a killed recall, or a taking-in beside one, has left in the lake; how many."""
    found = [(one, delivered.of(one)) for one in node.ledger.find(delivered.INTAKE, state="recalled")]
    left = [(document, one) for document, one in found if _left(node, one)]
    for document, one in left:
        with alone(node, one.id):
            _finish(node, one, document, str(document.data.get("recall", "recalled")))
    return len(left)


def fetch(node: Node, provider: str) -> int:
    """Ask a provider what it recalls, do it, and confirm it: for a member that nobody can reach; how many were."""
    answer = node.sender.send(provider, "GET", "/recalls", kind="notice")
    if answer.status >= 400:
        return 0
    asked = json.loads(answer.body)["recalls"]
    for one in asked:
        text = remove(node, provider, canonical(one))
        node.sender.send(provider, "POST", f"/recalls/{one['delivery']}/confirmation", text, kind="notice")
    return len(asked)
