"""Which deliveries of rows count: the newest that leads back, change by change, to full rows.

Both sides follow the same links, the sender those that were acknowledged and the receiver those it accepted. A delivery that is
recalled is none any more, so that what was built on it leads nowhere until the next change starts before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from quanmin.exchange.delivery.workflow import DELIVERY, INTAKE
from quanmin.ledger import Document, Ledger

CONTENTS = ("full", "change")


@dataclass(frozen=True)
class Link:
    """A delivery of rows: the state of the lake that it makes, and the one it starts from (None: full rows)."""

    delivery: str
    agreement: str
    event: int
    content: str
    snapshot: int
    since: int | None
    file: str


def path(links: Iterable[Link]) -> list[Link]:
    """The links from full rows to the newest state that can be reached; none where there are no full rows."""
    before: dict[Link, Link | None] = {}
    at: dict[int, Link] = {}
    newest: Link | None = None
    for one in sorted(links, key=lambda one: one.event):
        earlier = None if one.since is None else at.get(one.since)
        if one.content == "full" or earlier is not None:
            before[one], at[one.snapshot], newest = None if one.content == "full" else earlier, one, one
    found: list[Link] = []
    while newest is not None:
        found.append(newest)
        newest = before[newest]
    return found[::-1]


def link(document: Document) -> Link:
    """The delivery of a document of either side."""
    told = document.data["manifest"]
    return Link(
        str(document.ref),
        str(told["agreement"]),
        int(told["event"]),
        str(told["content"]),
        int(told["snapshot"] or 0),
        None if told["content"] == "full" else told["since"],
        str(document.data.get("taken", {}).get("kept") or told["file"]),
    )


def kept_name(manifest: Mapping[str, Any]) -> str:
    """The name under which the rows of a delivery are kept: its file's, or that of the Parquet which its lines become."""
    if manifest["format"] != "ndjson":
        return str(manifest["file"])
    return f"{manifest['dataset']}.{manifest['content']}.{int(manifest['snapshot'] or 0)}.parquet"


def sent(ledger: Ledger, agreement: str) -> list[Document]:
    """What was made to be delivered of rows under an agreement, whatever its version, by event number."""
    return _of(ledger.find(DELIVERY.kind), agreement)


def acknowledged(documents: Iterable[Document]) -> list[Link]:
    """Those of them that the receiver has receipted as accepted, also while they are sent again."""
    states = ("acknowledged", "sending", "sent")
    return [
        link(one) for one in documents if one.state in states and "receipt" in one.data and "refusal" not in one.data
    ]


def accepted(ledger: Ledger, agreement: str) -> list[Link]:
    """What this side accepted of rows under an agreement."""
    return [link(one) for one in _of(ledger.find(INTAKE.kind, state="accepted"), agreement)]


def _of(documents: Iterable[Document], agreement: str) -> list[Document]:
    found = [
        one
        for one in documents
        if one.data["manifest"]["content"] in CONTENTS
        and str(one.data["manifest"]["agreement"]).partition(";")[0] == agreement
    ]
    return sorted(found, key=lambda one: int(one.data["manifest"]["event"]))
