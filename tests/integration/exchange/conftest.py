"""A platform and an agency's node with TLS between them, and an agreement in force: in one process, over real sockets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.exchange.agreement import Office
from quanmin.exchange.member import enrolment
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import Listener, opened
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator


@dataclass
class Exchange:
    """The platform (health) and one agency (civil_affairs), each with its listener."""

    platform: Node
    agency: Node
    office: Office
    platform_listener: Listener
    agency_listener: Listener

    def agree(self, **changed: Any) -> Terms:
        """An agreement by which the agency asks the platform, from draft to force; what is `changed` differs."""
        today = self.platform.ledger.now().date()
        told = {
            "item": "test",
            "title_zh": "死亡登记",
            "title_en": "deaths",
            "provider": "health",
            "consumer": "civil_affairs",
            "dataset": "health.death",
            "elements": ["citizen_number", "death_date"],
            "purpose": "sharing",
            "legal_basis": "Order 809 of the State Council",
            "mode": "both",
            "initiative": "consumer",
            "frequency": "daily",
            "starts": today.isoformat(),
            "until": (today + timedelta(days=300)).isoformat(),
            "operations": ["lookup", "query"],
            "content": "change",
            "case": True,
        } | changed
        drafted = self.office.draft(told["consumer"], told)
        number = str(drafted.ref)
        self.office.request(told["consumer"], number)
        if self.office.review("health", number).state == "reviewed":
            self.office.answer(told["provider"], number)
        nodes = {"health": self.platform, "civil_affairs": self.agency}
        for member in (told["provider"], told["consumer"]):
            identity = nodes[member].identity
            terms = self.office.terms(self.office.course(member, number))
            signer = identity.signer
            done = self.office.sign(member, number, signer.key, signer.sign(terms.text()).hex())
        assert done.state == "in_force"
        self.renew()
        return self.platform.agreements.standing(f"{number};v=1", self.platform.ledger.now())

    def renew(self) -> None:
        """Have the agency fetch its copies."""
        from quanmin.exchange.agreement import copy

        copy.refresh(self.agency)


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[Exchange]:
    """Platform and agency, enrolled, listening, without the work that goes on by itself."""
    with exchanging(tmp_path) as made:
        yield made


@contextmanager
def exchanging(tmp_path: Path) -> Iterator[Exchange]:
    """The same for as long as somebody wants it."""
    with ExitStack() as stack:
        there, here = _settings(tmp_path, "health"), _settings(tmp_path, "civil_affairs")
        first = stack.enter_context(Lake.open(there))
        enrolment.found(first.ledger, there, local_administrator())
        platform, listener = _listening(stack, there)
        there = there.model_copy(update={"exchange_origin": listener.origin})
        platform, listener = _again(stack, there, listener)
        here = here.model_copy(update={"exchange_platform": listener.origin, "exchange_origin": "https://127.0.0.1:1"})
        enrolment.join(here, enrolment.admit(first.ledger, there, local_administrator(), enrolment.asked(here)))
        agency, served = _listening(stack, here)
        here = here.model_copy(update={"exchange_origin": served.origin})
        enrolment.join(here, enrolment.admit(first.ledger, there, local_administrator(), enrolment.asked(here)))
        agency, served = _again(stack, here, served)
        platform.directory.forget()  # it is a second old at most, and this is sooner
        office = Office(platform.ledger, platform.settings, platform.directory)
        yield Exchange(platform, agency, office, listener, served)


def _settings(home: Path, member: str) -> Settings:
    return Settings(home=home / member, member=member, buckets=1, exchange_chunk_bytes=4096)


def _listening(stack: ExitStack, settings: Settings) -> tuple[Node, Listener]:
    node = stack.enter_context(opened(settings))
    listener = Listener(node, "127.0.0.1", 0, work=False)
    stack.callback(listener.close)
    return node, listener


def _again(stack: ExitStack, settings: Settings, before: Listener) -> tuple[Node, Listener]:
    """The same port again, now that the address is known."""
    before.close()
    node = stack.enter_context(opened(settings))
    listener = Listener(node, "127.0.0.1", before.port, work=False)
    stack.callback(listener.close)
    return node, listener
