"""A provider whose lake changes and a consumer that takes what is supplied, on the small network of the deliveries' tests."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from tests.generative.test_exchange_supply import DATASET, History
from tests.unit.exchange.agreement.parties import place_in_force
from tests.unit.exchange.delivery.network import Pair, pair

from quanmin.exchange.agreement import decide
from quanmin.exchange.delivery import taking
from quanmin.exchange.node.node import Node
from quanmin.exchange.supply import consumer, inbox, schedule
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document

TERMS = Terms(
    id="A-2026-0009",
    version=1,
    item="9",
    title_zh="火化信息",
    title_en="cremations",
    provider="civil_affairs",
    consumer="social_security",
    authority="health",
    dataset=DATASET,
    elements=("funeral_no", "disposal", "death_date"),
    purpose="sharing",
    legal_basis="政务数据共享条例",
    mode="push",
    initiative="provider",
    frequency="daily",
    starts=date(2026, 11, 1),
    until=date(2027, 10, 31),
)
DAY = date(2026, 3, 3)


@dataclass
class Supplying:
    """Both sides, and what happens to the provider's table."""

    pair: Pair
    history: History

    @property
    def provider(self) -> Node:
        return self.pair.provider

    @property
    def consumer(self) -> Node:
        return self.pair.consumer

    @property
    def terms(self) -> Terms:
        return self.pair.terms

    def add(self, *keys: str | None, disposal: str = "1") -> None:
        self.history.add([(key, 2, disposal, DAY) for key in keys])

    def serve(self) -> Document | None:
        return schedule.serve(self.provider, self.terms)

    def deliver(self) -> Document:
        """Serve, and let it be taken and receipted."""
        made = self.serve()
        assert made is not None
        return self.settled(made)

    def settled(self, made: Document) -> Document:
        self.pair.run(seconds=10)
        return self.provider.ledger.get(made.id)

    def theirs(self, tmp: Path) -> Counter[tuple[Any, ...]]:
        """The rows the consumer has."""
        inbox.write(self.consumer, self.terms.id, tmp / "inbox.parquet")
        with pq.ParquetFile(tmp / "inbox.parquet") as file:
            return Counter(tuple(one.values()) for one in file.read().to_pylist())

    def ours(self) -> Counter[tuple[Any, ...]]:
        """The rows the provider would show now."""
        reading = self.provider.lake.read(decide(self.provider.lake, self.terms, delivery="D"))
        return Counter(tuple(one.values()) for one in reading.fetch().to_pylist())

    def ask(self, path: str, told: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        answer = self.consumer.sender.send(
            self.terms.provider, "POST", path, json.dumps(told).encode(), terms=self.terms
        )
        return answer.status, json.loads(answer.body)


@contextmanager
def supplying(home: Path, **changed: Any) -> Iterator[Supplying]:
    """An agreement in force between the two, and a table with two rows."""
    terms = replace(TERMS, **changed)
    with pair(home, terms) as made:
        taking.TAKERS.update(full=consumer.take, change=consumer.take)  # the pair forgets them at its end
        place_in_force(made.provider.lake.ledger, terms)
        history = History(made.provider.lake)
        history.add([("F1", 2, "1", DAY), ("F2", 3, "1", DAY)])
        schedule._later.clear()
        yield Supplying(made, history)
