"""A batch: the ledger's document about one file, from its receipt to its withdrawal."""

from __future__ import annotations

import os

from quanmin.collect.errors import Interrupted, NoSuchBatch
from quanmin.errors import QuanminError
from quanmin.lake import Lake
from quanmin.ledger import Action, Document, Ledger, Workflow, register
from quanmin.ledger.errors import IllegalAction, UnknownDocument
from quanmin.ledger.lease import host, started

BATCH = register(
    Workflow(
        "batch",
        start="received",
        actions=[
            Action("accept", "received", "accepted", needs=["snapshot"]),
            Action("refuse", "received", "refused", needs=["error"]),
            Action("withdraw", "accepted", "withdrawn", needs=["reason"]),
        ],
        sealed=("reason",),
    )
)


def reference(dataset: str, source: str, sha256: str) -> str:
    """What makes two deliveries the same: dataset, sender, bytes."""
    return f"{dataset} {source} {sha256}"


def owner() -> dict[str, object]:
    """The process that collects, so that another can tell when it is gone."""
    return {"host": host(), "pid": os.getpid(), "started": started(os.getpid())}


def accepted(ledger: Ledger, ref: str) -> Document | None:
    """The accepted batch of these bytes, if there is one."""
    found = ledger.find(BATCH.kind, ref=ref, state="accepted")
    return found[-1] if found else None


def get(lake: Lake, batch: int) -> Document:
    """The batch with this number."""
    try:
        return lake.ledger.get(batch, kinds=(BATCH.kind,))
    except UnknownDocument:
        raise NoSuchBatch(batch=batch) from None


def refuse(ledger: Ledger, batch: int, error: QuanminError, actor: str) -> None:
    """Close a batch that cannot be taken, with the reason."""
    ledger.act(batch, "refuse", {"error": error.to_dict()}, actor)


def sweep(ledger: Ledger, actor: str) -> None:
    """Close the batches whose process died on this machine: nothing of them is in the lake."""
    for document in ledger.find(BATCH.kind, state="received"):
        process = document.data.get("owner", {})
        if process.get("host") == host() and started(int(process["pid"])) != process["started"]:
            try:
                refuse(ledger, document.id, Interrupted(batch=document.id), actor)
            except IllegalAction:  # another process swept it
                continue
