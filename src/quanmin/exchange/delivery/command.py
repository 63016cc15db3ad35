"""What a person does with deliveries: list them, try again, send again, park, cancel."""

from __future__ import annotations

from typing import Any

from quanmin.exchange.delivery import outbox, place
from quanmin.exchange.delivery.outbox import Home
from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.ledger import Document


def listing(home: Home, agreement: str | None = None, state: str | None = None) -> list[dict[str, Any]]:
    """What was sent and what came in, the oldest first; of one agreement or in one state where that is asked."""
    found = [told(one) for one in home.ledger.find((DELIVERY.kind, INTAKE.kind), state=state)]
    return [one for one in found if agreement is None or one["agreement"].partition(";")[0] == agreement]


def told(document: Document) -> dict[str, Any]:
    """A delivery as a listing shows it."""
    manifest = document.data["manifest"]
    names = ("agreement", "event", "content", "dataset", "sender", "receiver", "file", "rows", "bytes", "answers")
    return {
        "delivery": document.ref,
        "direction": "out" if document.kind == DELIVERY.kind else "in",
        **{name: manifest[name] for name in names},
        "state": document.state,
        "since": document.since.isoformat(),
        "accepted": document.data.get("accepted"),
        "quarantined": document.data.get("quarantined"),
        "error": document.data.get("error") if document.state in ("parked", "stopped", "refused") else None,
    }


def timeline(document: Document) -> list[dict[str, Any]]:
    """Every action on a delivery: when, what, by whom, and why where it failed."""
    steps = []
    for step in document.actions:
        error = step.data.get("error") or {}
        steps.append({"at": step.at.isoformat(), "action": step.name, "actor": step.actor, "code": error.get("code")})
    return steps


def retry(home: Home, delivery: str, actor: str) -> Document:
    """Send what is parked or stopped again. DeliveryUnknown, IllegalAction."""
    return home.ledger.act(outbox.of(home, delivery).id, "send", actor=actor)


def resend(home: Home, delivery: str, reason: str, actor: str) -> Document:
    """Offer what was sent again, byte for byte. DeliveryUnknown, IllegalAction, PackageGone."""
    document = outbox.of(home, delivery)
    outbox.manifest_of(home, document)
    return home.ledger.act(document.id, "resend", {"reason": reason}, actor)


def park(home: Home, delivery: str, reason: str, actor: str) -> Document:
    """Leave a delivery until somebody tries it again."""
    error = {"code": None, "reason": "by hand"}
    return home.ledger.act(outbox.of(home, delivery).id, "park", {"error": error, "reason": reason}, actor)


def cancel(home: Home, delivery: str, reason: str, actor: str) -> Document:
    """Give a delivery up that is not under way; its package goes."""
    document = home.ledger.act(outbox.of(home, delivery).id, "cancel", {"reason": reason}, actor)
    place.clear(place.out(home.settings.home, delivery))
    return document


def find(home: Home, delivery: str) -> Document:
    """A delivery of either side. DeliveryUnknown."""
    found = home.ledger.find(INTAKE.kind, ref=delivery, limit=1)
    return found[-1] if found else outbox.of(home, delivery)
