"""A package of five gigabytes: peak memory of the sender and of the receiver, each a process of its own, over loopback.

Run: python -m tests.bench.bench_exchange_memory [BYTES]   (the file is noise, so nothing of it is compressed away)
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from multiprocessing import get_context
from pathlib import Path

from tests.integration.exchange import peer
from tests.integration.exchange.peer import CONSUMER, PROVIDER, TERMS, Plan
from tests.integration.exchange.test_crashes import _free

from quanmin.exchange.delivery import place
from quanmin.ledger import Ledger
from quanmin.settings import Settings

LIMIT, CHUNK = 300 << 20, 2 << 20


def peak() -> int:
    """The most bytes that this process ever had in memory."""
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmHWM:")]
    return int(line.split()[1]) << 10


def run(plan: Plan) -> None:
    """A peer that writes its peak down every half second."""

    def watch() -> None:
        while True:
            (plan.root / f"{plan.member}.peak").write_text(str(peak()))
            time.sleep(0.5)

    threading.Thread(target=watch, daemon=True).start()
    peer.run(plan)


def main(size: int) -> None:
    with tempfile.TemporaryDirectory(prefix="package-") as root:
        folder = Path(root)
        source = folder / "five.gz"
        with source.open("wb") as file:
            for _ in range(size >> 20):
                file.write(os.urandom(1 << 20))
        peer.settle(folder)
        ports = {member: _free() for member in (PROVIDER, CONSUMER)}
        fork, began = get_context("spawn"), time.monotonic()
        plans = [
            Plan(folder, CONSUMER, ports[CONSUMER], ports[PROVIDER], chunk_bytes=CHUNK),
            Plan(folder, PROVIDER, ports[PROVIDER], ports[CONSUMER], sources=(source,), chunk_bytes=CHUNK),
        ]
        processes = [fork.Process(target=run, args=(plan,), daemon=True) for plan in plans]
        for one in processes:
            one.start()
        with Ledger.open(Settings(home=folder / PROVIDER)) as ledger:
            while not ledger.count("exchange_delivery").get("acknowledged"):
                time.sleep(0.5)
        took = time.monotonic() - began
        [kept] = place.kept(folder / CONSUMER, TERMS.id).iterdir()
        assert kept.stat().st_size == size >> 20 << 20
        for one in processes:
            one.kill()
            one.join()
        print(
            f"{size / 1e9:.1f} GB in {took:.0f} s ({size / took / 1e6:.0f} MB/s), packed, sealed, sent, opened, put together"
        )
        for member in (PROVIDER, CONSUMER):
            most = int((folder / f"{member}.peak").read_text())
            print(f"{member}: peak {most >> 20} MiB, {'within' if most <= LIMIT else 'ABOVE'} {LIMIT >> 20} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000_000_000)
