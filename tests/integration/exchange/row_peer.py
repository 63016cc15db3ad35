"""A member as a process of its own that pushes rows, some of them wrong, or takes them and tells which: until it is killed."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

import uvicorn
from tests.integration.exchange import peer
from tests.integration.exchange.peer import Plan
from tests.unit.exchange.delivery.network import TERMS

from quanmin.errors import QuanminError
from quanmin.exchange.agreement.errors import NotInForce
from quanmin.exchange.delivery import crash, fetching, outbox, taking, transfer
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.server import Server
from quanmin.exchange.node.worker import WORKERS, Workers
from quanmin.exchange.terms import Terms

ROWS = replace(
    TERMS,
    dataset="civil_affairs.funeral",
    elements=("funeral_no", "disposal", "death_date"),
    where={"disposal": ("1", "2")},
    mode="push",
)
PUSHES = (
    ("full", [("F1", "1"), ("F2", "3"), ("F3", "3")], 1),
    ("change", [("F2", "1", "update"), ("F4", "x", "insert")], 3),
    ("full", [("F1", "1"), ("F2", "1"), ("F3", "2"), ("F4", "1")], 5),
)
"""What the provider pushes, one after another, and how much feedback there is when all that was pushed so far is told: two rows
are wrong; one of them is put right, which closes one and tells another; all are right, which closes one of each delivery."""


class Agreements:
    """The one agreement, which stands."""

    def standing(self, cited: str, at: datetime) -> Terms:
        if cited != ROWS.cited:
            raise NotInForce(agreement=cited)
        return ROWS

    def all(self) -> list[Terms]:
        return [ROWS]


def run(plan: Plan) -> None:
    """Serve and work until killed."""
    from quanmin.exchange.intake import working  # here, since what they take counts in the process that loads them
    from quanmin.exchange.supply import consumer

    assert taking.TAKERS["full"] is consumer.take
    transfer.SLOWEST = transfer.SOON = transfer.IDLE = 0.02
    taking.LATER = taking.SOON = taking.IDLE = 0.02
    working.SOON = working.IDLE = 0.02
    fetching.IDLE = 0.1
    crash.arm(plan.crash)
    node = replace(peer.opened(plan), agreements=Agreements())
    working._compared[str(node.settings.home)] = time.monotonic()  # no day is over here
    for name in ("supply", "heartbeat"):
        WORKERS.pop(name)
    WORKERS["push"] = lambda node: push(node, plan)
    Workers(node)
    app = Server(node, ThreadPoolExecutor(4))
    uvicorn.run(app, host="127.0.0.1", port=plan.port, log_level="critical", lifespan="off", server_header=False)


def push(node: Node, plan: Plan) -> float:
    """Push the next file when what came before is receipted and told."""
    made = node.ledger.find("exchange_delivery")
    came = node.ledger.count("exchange_intake").get("accepted", 0)
    number = len(made)
    if number < len(plan.sources) and came >= (PUSHES[number - 1][2] if number else 0):
        content, rows, _ = PUSHES[number]
        told = {"rows": len(rows), "snapshot": number + 1, "since": number if content == "change" else None}
        try:
            source = plan.sources[number]
            outbox.send(node, ROWS, source, content, file=source.name, form="parquet", **told)  # type: ignore[arg-type]
        except QuanminError:
            return 0.05
    return 0.02
