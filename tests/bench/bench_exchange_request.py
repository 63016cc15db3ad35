"""Signed request/response pairs a second, durable log on both sides: platform and two nodes as three processes, mTLS, loopback.

The load is made in the consumer's own process through `asend` (the driver shares its processor time); the verb answers with
the body it got, sealed both ways as agreed, so that what is measured is the exchange and not a look-up in the lake.

    python tests/bench/bench_exchange_request.py --seconds 60 --at-once 24
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from figure import Figure

from quanmin.exchange.agreement import Office, copy
from quanmin.exchange.member import enrolment
from quanmin.exchange.node.handler import Received, Reply, handler
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.opening import Listener, opened
from quanmin.exchange.terms import Terms
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

PLATFORM, PROVIDER, CONSUMER = "health", "civil_affairs", "social_security"
BODY = json.dumps({"operation": "lookup", "keys": [{"citizen_number": "1" * 18}]}).encode()
TARGET, P95, AT_ONCE = 500, 60.0, 24


@handler("POST", "/bench", "request")
def bench(_node: Node, received: Received) -> Reply:
    """The body comes back."""
    return Reply(received.body)


def settings(root: Path, member: str, ports: dict[str, int]) -> Settings:
    """Of one of the three."""
    origin = f"https://127.0.0.1:{ports[member]}"
    platform = None if member == PLATFORM else f"https://127.0.0.1:{ports[PLATFORM]}"
    return Settings(home=root / member, member=member, exchange_origin=origin, exchange_platform=platform)


def prepare(root: Path, ports: dict[str, int], sealed: bool) -> None:
    """Homes, enrolments, and an agreement in force at the platform."""
    there, actor = settings(root, PLATFORM, ports), local_administrator()
    with Lake.open(there) as lake:
        enrolment.found(lake.ledger, there, actor)
        for one in (PROVIDER, CONSUMER):
            own = settings(root, one, ports)
            enrolment.join(own, enrolment.admit(lake.ledger, there, actor, enrolment.asked(own)))
    with opened(there) as node:
        number = agree(node, root, ports, sealed)
    (root / "agreement").write_text(number)


def agree(node: Node, root: Path, ports: dict[str, int], sealed: bool) -> str:
    """From draft to force."""
    office = Office(node.ledger, node.settings, node.directory)
    today = node.ledger.now().date()
    told = {
        **{"item": "bench", "title_zh": "-", "title_en": "-", "provider": PROVIDER, "consumer": CONSUMER},
        **{"dataset": "civil_affairs.funeral", "elements": ["citizen_number", "death_date"], "purpose": "sharing"},
        **{"legal_basis": "-", "mode": "request", "initiative": "consumer", "frequency": "realtime"},
        **{"starts": today.isoformat(), "until": (today + timedelta(days=300)).isoformat()},
        **{"operations": ["lookup"], "content": "change", "case": True, "sealed": sealed},
    }
    number = str(office.draft(CONSUMER, told).ref)
    office.request(CONSUMER, number)
    if office.review(PLATFORM, number).state == "reviewed":
        office.answer(PROVIDER, number)
    for one in (PROVIDER, CONSUMER):
        with opened(settings(root, one, ports)) as own:
            text = office.terms(office.course(one, number)).text()
            office.sign(one, number, own.identity.signer.key, own.identity.signer.sign(text).hex())
    return number


def serve(root: Path, member: str, ports: dict[str, int]) -> None:
    """A node until it is told to stop."""
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_told: over.set())
    with opened(settings(root, member, ports)) as node:
        listener = Listener(node, "127.0.0.1", ports[member])
        print("ready", flush=True)
        over.wait()
        listener.close()


async def load(node: Node, terms: Terms, seconds: float, at_once: int) -> dict[str, Any]:
    """Keep so many requests going; how many were answered, and how long they took (ms)."""
    took, end, wrong = list[float](), time.perf_counter() + seconds, 0

    async def one() -> None:
        nonlocal wrong
        while time.perf_counter() < end:
            began = time.perf_counter()
            answer = await node.sender.asend(PROVIDER, "POST", "/bench", BODY, terms=terms, case="C-1")  # type: ignore[attr-defined]
            wrong += answer.body != BODY
            took.append((time.perf_counter() - began) * 1000)

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    lasted = time.perf_counter() - began
    took.sort()
    found = {f"p{part}": round(took[int(len(took) * part / 100)], 1) for part in (50, 95, 99)}
    return {"pairs": len(took), "wrong": wrong, "seconds": round(lasted, 1), "rate": round(len(took) / lasted), **found}


def drive(root: Path, ports: dict[str, int], seconds: float, at_once: int) -> None:
    """The consumer, and the load."""
    with opened(settings(root, CONSUMER, ports)) as node:
        copy.refresh(node)
        listener = Listener(node, "127.0.0.1", ports[CONSUMER])
        number = (root / "agreement").read_text()
        terms = node.agreements.standing(f"{number};v=1", node.ledger.now())
        sender: Any = node.sender
        sender.wait(load(node, terms, min(3.0, seconds), at_once))
        print(json.dumps(sender.wait(load(node, terms, seconds, at_once))), flush=True)
        listener.close()


def free(names: tuple[str, ...]) -> dict[str, int]:
    """Ports that are free now."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in names]
    ports = {name: int(door.getsockname()[1]) for name, door in zip(names, doors, strict=True)}
    for door in doors:
        door.close()
    return ports


def run(seconds: float, at_once: int, sealed: bool) -> dict[str, Any]:
    """Prepare, start, drive; what was found."""
    with tempfile.TemporaryDirectory(prefix="bench-exchange-") as folder:
        ports = free((PLATFORM, PROVIDER, CONSUMER))
        prepare(Path(folder), ports, sealed)
        more = ["--seconds", str(seconds), "--at-once", str(at_once)]
        command = [sys.executable, __file__, *more, "--part", folder]
        servers = []
        for one in (PLATFORM, PROVIDER):
            made = subprocess.Popen([*command, one, json.dumps(ports)], stdout=subprocess.PIPE, text=True)
            assert made.stdout is not None and made.stdout.readline().strip() == "ready"
            servers.append(made)
        time.sleep(2)
        try:
            done = subprocess.run([*command, CONSUMER, json.dumps(ports)], capture_output=True, text=True, check=False)
        finally:
            for made in servers:
                made.terminate()
                made.wait()
        if done.returncode:
            sys.exit(done.stderr[-3000:])
        return json.loads(done.stdout) | {"load": os.getloadavg(), "processors": os.cpu_count()}


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table: bodies in the open, and sealed."""
    made = []
    for sealed in (False, True):
        found = run(max(60 * scale, 5), AT_ONCE, sealed)
        right = found["rate"] >= TARGET and found["p95"] <= P95 and not found["wrong"]
        told = f"{found['seconds']:.0f} s, {AT_ONCE} at once, mTLS, three processes and the load on {found['processors']} cores"
        made.append(
            Figure(
                f"exchange: signed request/response pairs, {'sealed' if sealed else 'in the open'}, p95",
                f"≥ {TARGET}/s, ≤ {P95:.0f} ms",
                f"{found['rate']}/s, {found['p95']} ms",
                right,
                f"{told}; the verb gives the body back",
            )
        )
    return made


def main() -> None:
    """By the command line, once."""
    told = argparse.ArgumentParser()
    told.add_argument("--seconds", type=float, default=60)
    told.add_argument("--at-once", type=int, default=AT_ONCE)
    told.add_argument("--open", action="store_true", help="bodies are not sealed")
    told.add_argument("--part", nargs=3)
    given = told.parse_args()
    if given.part:
        root, member, ports = Path(given.part[0]), given.part[1], json.loads(given.part[2])
        if member == CONSUMER:
            drive(root, ports, given.seconds, given.at_once)
        else:
            serve(root, member, ports)
        return
    print(json.dumps(run(given.seconds, given.at_once, not given.open)))


if __name__ == "__main__":
    main()
