"""A provider and the platform with homes of their own, on the small network of the deliveries' tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.unit.exchange.delivery.network import Lost, Pair, pair

from quanmin.exchange.delivery import outbox, taking, transfer
from quanmin.exchange.delivery.manifest import What
from quanmin.exchange.intake import collecting, delivered, feedback, kept
from quanmin.exchange.member.member import Directory
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document

MONTHLY = "cdc.notifiable_disease_monthly"
HEAD = "month,disease,cases,deaths,region\n"
TERMS = Terms(
    id="A-2026-0001",
    version=1,
    item="1",
    title_zh="法定传染病月报",
    title_en="Notifiable diseases by month",
    provider="cdc",
    consumer="health",
    authority="health",
    dataset=MONTHLY,
    elements=("month", "disease", "cases", "deaths", "region"),
    purpose="statistics",
    legal_basis="传染病防治法",
    mode="push",
    initiative="provider",
    frequency="monthly",
    starts=date(2026, 1, 1),
    until=date(2030, 1, 1),
    content="file",
)


class World:
    """The two sides. What is sent is delivered, taken and receipted at once.

    `held`: what is sent arrives and is not taken in. `lost_receipts`: the sender hears nothing of what became of it.
    """

    def __init__(self, made: Pair, folder: Path, terms: Terms = TERMS) -> None:
        self.pair, self.folder, self.terms = made, folder, terms
        self.held = self.lost_receipts = self.cut = False
        self.reachable = {terms.provider, terms.consumer}
        self.network = made.network
        self.network.before = self._before
        for name, node in self.network.nodes.items():
            self.network.nodes[name] = replace(node, directory=lambda known=node.directory: self._directory(known()))
        # the pair keeps what comes in as files; here it is taken in
        taking.TAKERS.update({"file": collecting.take, "correction": collecting.take, "feedback": kept.keep})
        self.at = datetime(2026, 11, 2, 4, tzinfo=UTC)

    @property
    def cdc(self) -> Node:
        """The provider."""
        return self.network.nodes[self.terms.provider]

    @property
    def health(self) -> Node:
        """The platform."""
        return self.network.nodes[self.terms.consumer]

    @property
    def at(self) -> datetime:
        """The time on both sides."""
        return self.pair.clock[0]

    @at.setter
    def at(self, at: datetime) -> None:
        self.pair.clock[0] = at

    def _before(self, _method: str, _path: str) -> None:
        if self.cut:
            raise Lost()

    def _directory(self, known: Directory) -> Directory:
        addresses = {name: one.address if name in self.reachable else None for name, one in known.members.items()}
        return replace(known, members={n: replace(one, address=addresses[n]) for n, one in known.members.items()})

    def agree(self, terms: Terms) -> None:
        """Both sides know the agreement so."""
        for node in self.network.nodes.values():
            agreements: Any = node.agreements
            agreements.terms = {terms.cited: terms}

    def file(self, text: str, name: str = "sent.csv") -> Path:
        path = self.folder / name
        path.write_text(text, "utf-8")
        return path

    def send(
        self, text: str, content: What = "file", answers: str | None = None, head: str = HEAD, rows: int | None = None
    ) -> Document:
        """The provider delivers a file of these rows; its document."""
        told = text.count("\n") if rows is None else rows
        path = self.file(head + text)
        sent = outbox.send(self.cdc, self.terms, path, content, file="sent.csv", form="csv", rows=told, answers=answers)
        self.run()
        return self.cdc.ledger.get(sent.id)

    def run(self) -> None:
        """Both sides work until nothing rests."""
        for _ in range(12):
            for node in (self.cdc, self.health):
                transfer._polled.clear()
                taking._later.clear()
                transfer.work(node)
            if self.held:
                return
            for node in (self.cdc, self.health):
                taking.work(node)
            if self.lost_receipts or not self.open():
                return

    def open(self) -> list[Document]:
        """What is on its way."""
        both = (self.cdc, self.health)
        return [
            one for node in both for one in node.ledger.find(delivered.DELIVERY, states=("prepared", "sending", "sent"))
        ]

    def intake(self, sent: Document) -> Document:
        """The receiver's document of a delivery of the provider."""
        return self.health.ledger.find(delivered.INTAKE, ref=sent.ref)[-1]

    def taken(self, sent: Document, text: str) -> taking.Result:
        """What the platform makes of a delivery with this content."""
        return collecting.take(self.health, self.intake(sent), self.file(text))

    def tell(self) -> feedback.Round:
        """The platform tells what is new, and it arrives."""
        told = feedback.tell(self.health, self.terms)
        self.run()
        return told

    def told(self, delivery: str) -> list[tuple[str, str, str]]:
        """State, row and element of each line that the provider has of a feedback."""
        found = kept.show(self.cdc, delivery)
        return [(line["state"], line["row"], line["element"]) for line in found.lines]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with pair(tmp_path / "homes", TERMS) as made:
        yield World(made, tmp_path)
