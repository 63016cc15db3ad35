"""One member as a process of its own: its home, server, client, log and workers, until it is killed.

The agreement stands while no file `suspended` lies beside the homes.
"""

from __future__ import annotations

import errno
import importlib
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from tests.unit.exchange.delivery.network import TERMS

from quanmin.errors import QuanminError
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.delivery import crash, fetching, outbox, place, taking, transfer
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.node.client import Client
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.server import Server
from quanmin.exchange.node.worker import WORKERS, Workers
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.settings import Settings

for _name in (
    "aiohttp",
    "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto",
    "uvicorn.protocols.websockets.auto",
    "yarl",
):
    importlib.import_module(_name)  # once for all processes that are forked of the one that preloads this module

PROVIDER, CONSUMER = TERMS.provider, TERMS.consumer
DIRECTORY = "directory.json"


@dataclass(frozen=True)
class Plan:
    """How a process runs: where its peer is reached, where it listens, and what happens to it."""

    root: Path
    member: str
    port: int
    peer: int
    crash: str = ""
    full: int = 0
    sources: tuple[Path, ...] = ()
    chunk_bytes: int = 1024


class Agreements:
    """The one agreement, unless it is suspended."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def standing(self, cited: str, at: datetime) -> Terms:
        if cited != TERMS.cited or (self.root / "suspended").exists():
            raise NotInForce(agreement=cited)
        return TERMS

    def all(self) -> list[Terms]:
        return [] if (self.root / "suspended").exists() else [TERMS]


def settle(root: Path) -> None:
    """Two homes with their keys, and the directory that tells them."""
    members = {}
    for name in (PROVIDER, CONSUMER):
        settings = of_settings(Plan(root, name, 0, 0))
        Lake.open(settings).close()
        members[name] = Member(name, name, name, "http://127.0.0.1:1", HomeIdentity.open(settings).keys())
    told = directories.document(Directory(TERMS.authority, datetime.now(UTC), members))
    (root / DIRECTORY).write_text(json.dumps(told))


def of_settings(plan: Plan) -> Settings:
    """The settings of a plan's home."""
    return Settings(
        home=plan.root / plan.member,
        buckets=4,
        member=plan.member,
        exchange_chunk_bytes=plan.chunk_bytes,
        exchange_backoff=0.002,
        exchange_attempts=1000,
    )


def opened(plan: Plan) -> Node:
    """The node of a plan."""
    settings = of_settings(plan)
    lake, identity = Lake.open(settings), HomeIdentity.open(settings)
    told = json.loads((plan.root / DIRECTORY).read_text())
    for name, port in {plan.member: plan.port, other(plan.member): plan.peer}.items():
        told["members"][name]["address"] = f"http://127.0.0.1:{port}"
    directory, journal = directories.read(told), LedgerJournal(lake.ledger)
    client = Client(settings, lake.ledger, identity, lambda: directory, journal)
    return Node(settings, lake, identity, lambda: directory, Agreements(plan.root), journal, client)


def other(member: str) -> str:
    """Who is not this one."""
    return CONSUMER if member == PROVIDER else PROVIDER


def run(plan: Plan) -> None:
    """Serve and work until killed."""
    transfer.SLOWEST = transfer.SOON = transfer.IDLE = 0.02
    taking.LATER = taking.SOON = taking.IDLE = 0.02
    fetching.IDLE = 0.1
    crash.arm(plan.crash)
    if plan.full:
        fill(plan.full)
    node = opened(plan)
    WORKERS["give"] = lambda node: give(node, plan)
    Workers(node)
    app = Server(node, ThreadPoolExecutor(4))
    uvicorn.run(app, host="127.0.0.1", port=plan.port, log_level="critical", lifespan="off", server_header=False)


def give(node: Node, plan: Plan) -> float:
    """Make a delivery of every source of which there is none yet."""
    made = {one.data["manifest"]["file"] for one in node.ledger.find("exchange_delivery")}
    for source in plan.sources:
        if source.name not in made:
            try:
                outbox.send(node, TERMS, source, "file", file=source.name)
            except QuanminError:
                return 0.05
    return 60.0


def fill(times: int) -> None:
    """The disk is full for so many writes."""
    put, left = place.put, [times]

    def full(path: Path, content: bytes) -> None:
        if left[0]:
            left[0] -= 1
            with place.room(len(content)):
                raise OSError(errno.ENOSPC, "full")
        put(path, content)

    place.put = full
