"""Take a batch back: its rows leave all three zones, and what it superseded is live again."""

from __future__ import annotations

from sqlalchemy import Connection

from quanmin.collect import batch as batches
from quanmin.collect.errors import NotAccepted
from quanmin.collect.receipt import of_document, save
from quanmin.lake import Lake
from quanmin.ledger import Document, Snapshot
from quanmin.trust import Actor

ZONES = ("raw", "clean", "quarantine")


def withdraw(lake: Lake, batch: int, actor: Actor, reason: str) -> Snapshot:
    """Delete the rows of an accepted batch and keep the reason; the new snapshot."""
    document = batches.get(lake, batch)
    _require_accepted(document)
    dataset = document.data["dataset"]

    def record(connection: Connection, _snapshot: Snapshot) -> None:
        lake.ledger.act(batch, "withdraw", {"reason": reason}, actor.id, connection=connection)

    with lake.session("collect", batch=batch, transaction=f"withdraw:{batch}") as session:
        for zone in ZONES:
            table = f"{zone}.{dataset}"
            session.writer(table, session.schema(table)).delete(f"_batch = {batch}")
        _require_accepted(batches.get(lake, batch))
        snapshot = session.commit(note={"withdrawn": batch}, in_transaction=record)
    save(lake, of_document(batches.get(lake, batch)))
    return snapshot


def _require_accepted(document: Document) -> None:
    if document.state != "accepted":
        raise NotAccepted(batch=document.id, state=document.state)
