"""The receipt: what was sent, what became of every row, and why. Kept in the ledger and as a JSON file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from quanmin.collect import batch as batches
from quanmin.collect.errors import NoSuchBatch
from quanmin.lake import Lake
from quanmin.ledger import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the sender gets. `rules` has one line a rule: id, code, severity, tested, failed, and its first `rows`.

    `supersedes` counts rows that take the place of earlier ones with the same key; `usual` is how many rows this sender
    sends of this dataset, where this file has ten times as many or a tenth; `state` is the batch's, `error` why a file was
    refused.
    """

    batch: int
    dataset: str
    version: str
    source: str
    file: str
    sha256: str
    bytes: int
    state: str
    read: int = 0
    accepted: int = 0
    quarantined: int = 0
    supersedes: int = 0
    usual: int | None = None
    rules: list[dict[str, Any]]
    unknown_columns: list[str]
    missing_columns: list[str]
    snapshot: int | None = None
    at: str
    error: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)


def receipt(lake: Lake, batch: int) -> Receipt:
    """The receipt of one batch."""
    return of_document(batches.get(lake, batch))


def receipts(lake: Lake) -> list[Receipt]:
    """The receipts of all batches, oldest first; refused and withdrawn ones too."""
    batches.sweep(lake.ledger, "system")
    return [of_document(document) for document in lake.ledger.find(batches.BATCH.kind)]


def of_document(document: Document) -> Receipt:
    """The receipt that a batch's document holds."""
    data: Mapping[str, Any] = document.data
    if "sha256" not in data:
        raise NoSuchBatch(batch=document.id)
    names = ("read", "accepted", "quarantined", "supersedes", "usual", "snapshot", "error")
    return Receipt(
        batch=document.id,
        state=document.state,
        **{name: data[name] for name in ("dataset", "version", "source", "file", "sha256", "bytes")},
        **{name: data[name] for name in names if name in data},
        rules=list(data.get("rules", ())),
        unknown_columns=list(data.get("unknown_columns", ())),
        missing_columns=list(data.get("missing_columns", ())),
        at=data.get("at") or document.since.isoformat(timespec="seconds"),
    )


def save(lake: Lake, found: Receipt) -> Path:
    """Write the receipt to `receipts/<batch>.json` in the home, whole or not at all."""
    folder = lake.settings.home / "receipts"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found.batch:08}.json"
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    draft.write_text(json.dumps(found.to_dict(), ensure_ascii=False, indent=1), encoding="utf-8")
    draft.replace(path)
    return path
