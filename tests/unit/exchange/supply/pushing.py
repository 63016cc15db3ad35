"""A provider that pushes rows as it likes, right or wrong, and a consumer that tells it which are; on the small network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.unit.exchange.delivery.network import Pair, pair

from quanmin.exchange.delivery import outbox, taking
from quanmin.exchange.intake import correction, feedback, kept, recall
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import consumer
from quanmin.exchange.supply.parcel import NOTE
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document

from .supplying import DAY, TERMS

Row = tuple[str | None, str]
"""The number of a cremation, and how it was disposed of (`x` is in no value set, `3` not agreed on)."""
Change = tuple[str | None, str, str]
Line = tuple[str, int, str, str]
"""Delivery, row, element and code of an error."""
KEY = ("funeral_no",)


def parquet(path: Path, rows: Sequence[tuple[str | None, ...]], key: Sequence[str] | None = KEY) -> Path:
    """The file of rows, or of changes; without a note where `key` is None."""
    columns: dict[str, Any] = {
        "funeral_no": pa.array([one[0] for one in rows], pa.string()),
        "disposal": pa.array([one[1] for one in rows], pa.string()),
        "death_date": pa.array([DAY] * len(rows), pa.date32()),
    }
    if rows and len(rows[0]) == 3:
        columns["_change"] = pa.array([one[2] for one in rows], pa.string())
    table = pa.table(columns)
    if key is not None:
        table = table.replace_schema_metadata({NOTE: json.dumps({"key": list(key), "optional": []}).encode()})
    pq.write_table(table, path)
    return path


@dataclass
class Pushing:
    """Both sides of an agreement, and what was pushed under it."""

    pair: Pair
    folder: Path
    snapshot: int = 0
    sent: list[Document] = field(default_factory=list)
    key: Sequence[str] | None = KEY

    @property
    def provider(self) -> Node:
        return self.pair.provider

    @property
    def consumer(self) -> Node:
        return self.pair.consumer

    @property
    def terms(self) -> Terms:
        return self.pair.terms

    def full(self, *rows: Row) -> Document:
        return self._push("full", rows, None)

    def change(self, *rows: Change, since: int | None = None) -> Document:
        return self._push("change", rows, self.snapshot if since is None else since)

    def _push(self, content: Any, rows: Sequence[tuple[str | None, ...]], since: int | None) -> Document:
        path = parquet(self.folder / "own.parquet", rows, self.key)
        self.snapshot = max(self.snapshot, since or 0) + 1
        made = outbox.send(
            self.provider,
            self.terms,
            path,
            content,
            file=f"{self.terms.dataset}.parquet",
            form="parquet",
            rows=len(rows),
            snapshot=self.snapshot,
            since=since,
        )
        self.settle()
        self.sent.append(self.provider.ledger.get(made.id))
        return self.sent[-1]

    def settle(self) -> None:
        """Both sides work until nothing is on its way."""
        for _ in range(3):
            self.pair.run(seconds=10)

    def recall(self, sent: Document) -> Document:
        return recall.recall(self.provider, str(sent.ref), "wrong_data")

    def tell(self) -> feedback.Round:
        """Tell what is new, have it arrive, and see that it did."""
        round_ = feedback.tell(self.consumer, self.terms)
        self._feedback()
        feedback._go_on(self.consumer, self.terms, feedback.posted)
        return round_

    def _feedback(self) -> None:
        from quanmin.exchange.delivery import transfer

        for _ in range(10):
            transfer._polled.clear()
            taking._later.clear()
            transfer.work(self.consumer)
            taking.work(self.provider)
            if not self.consumer.ledger.find("exchange_delivery", states=transfer.ACTIVE, limit=1):
                return

    def lines(self, name: str) -> list[dict[str, str]]:
        """The lines that the provider has of a feedback."""
        return list(kept.show(self.provider, name).lines)

    def standing(self) -> set[Line]:
        """What the provider takes for standing, from the feedback that it has."""
        found: set[Line] = set()
        for one in kept.listing(self.provider):
            for line in self.lines(one.delivery):
                own = (line["delivery"], int(line["row"]), line["element"], line["code"])
                assert (own in found) == (line["state"] == "closed"), "told once, and closed once"
                (found.add if line["state"] == "open" else found.discard)(own)
        return found

    def counted(self) -> list[tuple[str, int, int, int]]:
        """State, errors told, open and closed of every case."""
        return [(one.state, one.told, one.open, one.closed) for one in correction.progress(self.consumer)]


@contextmanager
def pushing(home: Path, key: Sequence[str] | None = KEY, **changed: Any) -> Iterator[Pushing]:
    """An agreement in force by which codes 1 and 2 are shared."""
    terms = replace(TERMS, **{"where": {"disposal": ("1", "2")}, **changed})
    with pair(home / "homes", terms) as made:
        taking.TAKERS.update(full=consumer.take, change=consumer.take, feedback=kept.keep)
        yield Pushing(made, home, key=key)
