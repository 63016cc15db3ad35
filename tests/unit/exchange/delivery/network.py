"""A small exchange in memory: two members with homes, keys and ledgers of their own, and a network between their handlers.

It does what server and client do (routes, seals, opens, tells refusals) and lets a test lose, repeat or delay messages.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from quanmin.errors import QuanminError, Unavailable, http_status
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.delivery import fetching, receiver, taking, transfer  # noqa: F401
from quanmin.exchange.member.member import Directory, Key, Member, Signer
from quanmin.exchange.message import seal
from quanmin.exchange.message.envelope import Envelope
from quanmin.exchange.node.handler import HANDLERS, Answer, Received
from quanmin.exchange.node.node import Node
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.text import Text

BEGAN = datetime(2026, 11, 1, tzinfo=UTC)
TERMS = Terms(
    id="A-2026-0001",
    version=2,
    item="1",
    title_zh="出生登记",
    title_en="births",
    provider="social_security",
    consumer="health",
    authority="health",
    dataset="health.birth",
    elements=("birth_date",),
    purpose="statistics",
    legal_basis="-",
    mode="both",
    initiative="provider",
    frequency="daily",
    starts=date(2026, 1, 1),
    until=date(2030, 1, 1),
)


class Lost(Unavailable):
    code = "QM-TESTNET-001"
    title = Text("网络中断", "the network is cut")
    step = Text("再试。", "Try again.")


class Keys:
    """A member's own keys."""

    def __init__(self, member: str) -> None:
        self.member, self.key = member, f"{member}/signature/1"
        self.signing, self.sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()

    @property
    def signer(self) -> Signer:
        return Signer(self.key, "ed25519", self.signing.sign)

    def unseal(self, sealed: bytes) -> bytes:
        return seal.unseal(sealed, self.sealing.private_bytes_raw())

    def public(self) -> tuple[Key, ...]:
        sealing = self.sealing.public_key().public_bytes_raw().hex()
        signing = self.signing.public_key().public_bytes_raw().hex()
        return (
            Key(self.key, "signature", "ed25519", signing, BEGAN),
            Key(f"{self.member}/encryption/1", "encryption", "x25519", sealing, BEGAN),
        )


class Standing:
    """Agreements as a node knows them; `suspended` ones do not stand."""

    def __init__(self, *terms: Terms) -> None:
        self.terms = {one.cited: one for one in terms}
        self.suspended = set[str]()

    def standing(self, cited: str, at: datetime) -> Terms:
        if cited not in self.terms or cited in self.suspended:
            raise NotInForce(agreement=cited)
        return self.terms[cited]

    def all(self) -> list[Terms]:
        return [one for name, one in self.terms.items() if name not in self.suspended]


class NoJournal:
    def append(self, *entries: Any) -> None:
        pass


@dataclass
class Network:
    """Carries messages between nodes. `before(method, path)` may raise Lost; `after` too, when the work is done."""

    nodes: dict[str, Node] = field(default_factory=dict)
    said: list[tuple[str, str, str]] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda method, path: None
    after: Callable[[str, str], None] = lambda method, path: None
    opens: bool = True
    """Whether the server opens sealed bodies before a handler sees them."""

    def carry(
        self, sender: str, to: str, method: str, path: str, body: bytes, terms: Terms | None, media: str
    ) -> Answer:
        self.said.append((sender, method, path))
        self.before(method, path)
        status, told = self.handled(self.nodes[to], sender, method, path, body, terms, media)
        self.after(method, path)
        return Answer(status, told, Envelope("m", to, sender), hashlib.sha256(told).hexdigest())

    def handled(
        self, node: Node, sender: str, method: str, path: str, body: bytes, terms: Terms | None, media: str
    ) -> tuple[int, bytes]:
        digest = hashlib.sha256(body).hexdigest()
        for (verb, template), handler in sorted(HANDLERS.items(), key=lambda one: "{" in one[0][1]):
            form = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
            found = re.fullmatch(form, path)
            if verb != method or not found:
                continue
            try:
                known = node.agreements.standing(terms.cited, node.ledger.now()) if terms else None
                plain = node.identity.unseal(body) if media == transfer.SEALED and self.opens else body
                envelope = Envelope("m", sender, node.member, terms.cited if terms else None)
                reply = handler.handle(node, Received(envelope, known, found.groupdict(), {}, plain, digest))
            except QuanminError as error:
                return http_status(error.category), json.dumps(error.to_dict()).encode()
            return reply.status, reply.body
        raise AssertionError(f"{method} {path}")


class Client:
    """What a node sends with."""

    def __init__(self, network: Network, member: str) -> None:
        self.network, self.member = network, member

    def send(
        self,
        to: str,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        terms: Any = None,
        media: str = "application/json",
        **_more: Any,
    ) -> Answer:
        return self.network.carry(self.member, to, method, path, body, terms, media)

    def refusal(self, answer: Answer) -> dict[str, Any]:
        return dict(json.loads(answer.body))


@dataclass
class Pair:
    """Provider and consumer with what is between them; the clock of both is set by hand."""

    provider: Node
    consumer: Node
    network: Network
    terms: Terms
    clock: list[datetime]

    def tick(self, seconds: float) -> None:
        self.clock[0] += timedelta(seconds=seconds)
        transfer._polled.clear()
        taking._later.clear()

    def run(self, rounds: int = 40, seconds: float = 4000) -> None:
        """Let both sides work until nothing changes any more or the rounds are over."""
        for _ in range(rounds):
            transfer.work(self.provider)
            transfer.work(self.consumer)
            taking.work(self.consumer)
            taking.work(self.provider)
            fetching.work(self.consumer)
            open_ = self.provider.ledger.find("exchange_delivery", states=("prepared", "sending", "sent", "stopped"))
            if not open_:
                return
            self.tick(seconds)

    def suspend(self, suspended: bool = True) -> None:
        for node in (self.provider, self.consumer):
            node.agreements.suspended = {self.terms.cited} if suspended else set()


@contextmanager
def pair(home: Path, terms: Terms = TERMS, consumer_address: str | None = "https://c:1", **more: Any) -> Iterator[Pair]:
    """Two members under one agreement."""
    network, clock = Network(), [datetime(2026, 11, 28, 12, tzinfo=UTC)]
    keys = {name: Keys(name) for name in (terms.provider, terms.consumer)}
    addresses = {terms.provider: "https://p:1", terms.consumer: consumer_address}
    members = {name: Member(name, name, name, addresses[name], one.public()) for name, one in keys.items()}
    directory = Directory(terms.authority, BEGAN, members)
    lakes = []
    for name, own in keys.items():
        settings = Settings(home=home / name, buckets=4, member=name, **{"exchange_chunk_bytes": 1024, **more})
        lake = Lake.open(settings)
        lake.ledger.now = lambda: clock[0]
        lakes.append(lake)
        network.nodes[name] = Node(
            settings, lake, own, lambda: directory, Standing(terms), NoJournal(), Client(network, name)
        )
    takers = {**taking.TAKERS}
    taking.TAKERS.clear()  # what comes in is kept as it is: how it is collected is tested elsewhere
    try:
        yield Pair(network.nodes[terms.provider], network.nodes[terms.consumer], network, terms, clock)
    finally:
        taking.TAKERS.update(takers)
        for lake in lakes:
            lake.close()


__all__ = ["TERMS", "Lost", "Network", "Pair", "pair", "replace"]
