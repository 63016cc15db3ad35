"""One member as a running whole: its home, keys, the directory it knows, its agreements, its log, and how it sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from quanmin.exchange.log.entry import Entry
from quanmin.exchange.member.member import Directory, Identity
from quanmin.exchange.node.handler import Sender
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.settings import Settings


class Agreements(Protocol):
    """What a node knows of agreements: the ledger's at the platform, signed copies elsewhere."""

    def standing(self, cited: str, at: datetime) -> Terms:
        """The terms cited as `A-2026-0001;v=2`, if both sides signed them and they are in force at a time; NotInForce."""
        ...

    def all(self) -> list[Terms]:
        """Those in force now in which this member takes part, the newest version of each."""
        ...


class Journal(Protocol):
    """The log, as a node writes it."""

    def append(self, *entries: Entry) -> None:
        """Keep entries; they are on disk when it returns. Replayed where a message that came in is known already."""
        ...

    async def appended(self, *entries: Entry) -> None:
        """The same without blocking an event loop."""
        ...


@dataclass(frozen=True)
class Node:
    """What handlers and workers are given."""

    settings: Settings
    lake: Lake
    identity: Identity
    directory: Callable[[], Directory]
    agreements: Agreements
    journal: Journal
    sender: Sender

    @property
    def ledger(self) -> Ledger:
        """The ledger of the home."""
        return self.lake.ledger

    @property
    def member(self) -> str:
        """Which member this is."""
        return self.identity.member
