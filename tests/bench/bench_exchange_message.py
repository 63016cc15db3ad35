"""Messages signed and verified a second by one core, everything included, and sealed bodies in megabytes a second."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figure import Figure

from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.message import seal
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.exchange.message.signature import sign, verify
from quanmin.settings import Settings

MESSAGES, SIGNED, VERIFIED, BODY = 5_000, 8_000, 6_000, 8 << 20
SKEW = timedelta(seconds=300)


def rate(work: Callable[[], object], times: int) -> float:
    """Times a second of processor time."""
    start = time.process_time()
    for _ in range(times):
        work()
    return times / (time.process_time() - start)


def measure(scale: float) -> list[Figure]:
    """The table's lines."""
    with tempfile.TemporaryDirectory() as folder:
        names = ("civil_affairs", "health")
        sender, receiver = (HomeIdentity.open(Settings(home=Path(folder) / one, member=one)) for one in names)
        now = datetime.now(UTC) + timedelta(seconds=2)
        members = {one.member: Member(one.member, "成员", "member", None, one.keys()) for one in (sender, receiver)}
        directory = Directory("health", now, members)
        head = {"content-type": "application/json"}
        http = Http("POST", "node.example:8443", "/exchange/v1/requests", "page=1", None, head, b'{"number":1}')
        envelope = Envelope("0f6e", "civil_affairs", "health", "A-2026-0001;v=1", "C-7")
        made, times = sign(sender, http, envelope, now).http, max(100, int(MESSAGES * scale))
        signed = rate(lambda: sign(sender, http, envelope, now), times)
        verified = rate(lambda: verify(directory, made, now, SKEW, "health"), times)
        key = next(one for one in receiver.keys() if one.use == "encryption")
        body = os.urandom(BODY)
        sealed = seal.seal(body, key)
        closing = rate(lambda: seal.seal(body, key), 5) * BODY / 1e6
        opening = rate(lambda: receiver.unseal(sealed), 5) * BODY / 1e6
    return [
        Figure("messages signed", f"≥ {SIGNED:,}/s of a core", f"{signed:,.0f}/s", signed >= SIGNED),
        Figure("messages verified", f"≥ {VERIFIED:,}/s of a core", f"{verified:,.0f}/s", verified >= VERIFIED),
        Figure("bodies of 8 MiB sealed, opened", "-", f"{closing:,.0f}, {opening:,.0f} MB/s of a core", None),
    ]


if __name__ == "__main__":
    for one in measure(1.0):
        print(one)
