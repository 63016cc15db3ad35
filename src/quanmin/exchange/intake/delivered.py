"""A delivery as its manifest tells it, read from the document that keeps it on either side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from quanmin.collect import batch as batches
from quanmin.exchange.delivery import schema as schemas
from quanmin.exchange.delivery import workflow
from quanmin.exchange.delivery.manifest import Manifest
from quanmin.ledger import Document, Ledger

DELIVERY, INTAKE = workflow.DELIVERY.kind, workflow.INTAKE.kind
FILES = ("file", "correction")
"""Contents that are collected."""


@dataclass(frozen=True)
class Delivered:
    """What is known of a delivery: `agreement` as it is cited (`A-2026-0001;v=2`), `sha256` and `rows` of the plain file.

    `answers` is the delivery that this one is about; `digest` that of the manifest.
    """

    id: str
    agreement: str
    sender: str
    receiver: str
    content: str
    dataset: str
    file: str
    rows: int | None
    sha256: str
    answers: str | None
    made: datetime
    digest: str
    state: str
    document: int

    @property
    def reference(self) -> str:
        """How the batch of these bytes is found."""
        return batches.reference(self.dataset, self.sender, self.sha256)

    @property
    def terms(self) -> str:
        """The agreement without its version."""
        return self.agreement.partition(";")[0]


def batch_of(ledger: Ledger, one: Delivered) -> Document | None:
    """The accepted batch that holds the rows of a delivery that was collected."""
    return batches.accepted(ledger, one.reference)


def of_agreement(found: Iterable[Delivered], terms: str) -> list[Delivered]:
    """Those under one agreement, whatever its version."""
    return [one for one in found if one.terms == terms]


def of(document: Document) -> Delivered:
    """From the document of either side."""
    told = document.data["manifest"]
    return Delivered(
        id=str(document.ref),
        agreement=str(told["agreement"]),
        sender=str(told["sender"]),
        receiver=str(told["receiver"]),
        content=str(told["content"]),
        dataset=str(told["dataset"]),
        file=str(told["file"]),
        rows=told.get("rows"),
        sha256=str(told["sha256"]),
        answers=told.get("answers"),
        made=datetime.fromisoformat(told["made"]),
        digest=str(document.data.get("digest", "")),
        state=document.state,
        document=document.id,
    )


def received(ledger: Ledger, terms: str, states: Sequence[str] = ()) -> list[Delivered]:
    """What came in under an agreement, the oldest first."""
    return of_agreement((of(one) for one in ledger.find(INTAKE, states=states)), terms)


def sent(ledger: Ledger, terms: str | None = None) -> list[Delivered]:
    """What went out, of one agreement or of all, the oldest first."""
    found = [of(one) for one in ledger.find(DELIVERY)]
    return found if terms is None else of_agreement(found, terms)


def one(ledger: Ledger, kind: str, delivery: str) -> Delivered | None:
    """A delivery by its id, on one side."""
    found = ledger.find(kind, ref=delivery, limit=1)
    return of(found[-1]) if found else None


def shared(ledger: Ledger, own: Delivered) -> bool:
    """Whether another accepted delivery of the sender holds the same bytes."""
    same = (own.dataset, own.sender, own.sha256)
    others = (of(document) for document in ledger.find(INTAKE, state="accepted"))
    return any(other.id != own.id and (other.dataset, other.sender, other.sha256) == same for other in others)


@dataclass(frozen=True)
class Remembered(Manifest):
    """A manifest as its document remembers it, without its chunks, and with its digest."""

    known: str = ""

    def digest(self) -> str:
        """The digest of the whole manifest."""
        return self.known


def remembered(document: Document) -> Remembered:
    """What a receipt is verified against when the package may be gone."""
    told = {**document.data["manifest"], "chunks": (), "known": str(document.data["digest"])}
    told |= {"schema": schemas.read(told["schema"])} if "schema" in told else {}
    return Remembered(**told | {"made": datetime.fromisoformat(told["made"])})
