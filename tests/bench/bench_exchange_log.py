"""The exchange's log: durable entries a second, how long one waits, and what batches, proofs and verifying cost."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from figure import Figure

from quanmin.exchange.log import batch, check, proof, verify
from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.message import signature
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit

ENTRIES, CALLERS = 60_000, 256
RATE, SECONDS = 1_000, 20


class Messages:
    """Signed requests and responses; the signature is made once, as what is measured is the log."""

    def __init__(self, home: Path) -> None:
        self.own = HomeIdentity.open(Settings(home=home, member="health"))
        self.other = HomeIdentity.open(Settings(home=home.with_name("other"), member="civil_affairs"))
        self.now = datetime.now(UTC)
        ask = Envelope("0" * 32, "civil_affairs", "health", "A-2026-0001;v=1", "C-7")
        http = Http("POST", "127.0.0.1:8443", "/exchange/v1/requests", "", None, {}, b"{}")
        self.made = signature.sign(self.other, http, ask, self.now)

    def directory(self) -> Directory:
        """The two, signed by the platform."""
        listed = {one.member: Member(one.member, "成员", "member", None, one.keys()) for one in (self.own, self.other)}
        return directories.signed(Directory("health", self.now, listed), self.own)

    def entry(self, number: int) -> Entry:
        """A message as the receiving side logs it."""
        said, base = self.made.envelope, self.made.base
        return Entry(
            "in",
            "request",
            f"{number:032x}",
            said.sender,
            said.receiver,
            self.now,
            hashlib.sha256(b"{}").hexdigest(),
            2,
            base,
            self.made.key,
            self.made.signature,
            said.agreement,
            said.case,
        )

    def signed(self, name: str) -> Entry:
        """One whose signature is of its own id."""
        ask = Envelope(name, "civil_affairs", "health", "A-2026-0001;v=1", "C-7")
        made = signature.sign(self.other, self.made.http, ask, self.now)
        return Entry(**{**self.entry(0).__dict__, "message": name, "base": made.base, "signature": made.signature})


async def _flood(journal: LedgerJournal, messages: Messages, count: int) -> tuple[float, float]:
    """Entries a second with so many callers, each waiting for its own; and microseconds of a processor for each."""
    numbers = iter(range(count))

    async def caller() -> None:
        for number in numbers:
            await journal.appended(messages.entry(number))

    begun, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(CALLERS)))
    return count / (time.perf_counter() - begun), (time.process_time() - used) / count * 1e6


async def _even(journal: LedgerJournal, messages: Messages, rate: int, seconds: float) -> list[float]:
    """How long each of so many evenly spaced entries a second waits, in milliseconds from when it was due."""
    waited: list[float] = []
    begun, total = time.perf_counter(), int(rate * seconds)

    async def one(number: int, due: float) -> None:
        await journal.appended(messages.entry(10**9 + number))
        waited.append((time.perf_counter() - due) * 1000)

    tasks = []
    for number in range(total):
        due = begun + number / rate
        if (ahead := due - time.perf_counter()) > 0.0005:
            await asyncio.sleep(ahead)
        tasks.append(asyncio.create_task(one(number, due)))
    await asyncio.gather(*tasks)
    return sorted(waited)


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    count, seconds = max(int(ENTRIES * scale), 3_000), max(SECONDS * scale, 2.0)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        settings, messages = Settings(home=home, member="health"), Messages(home)
        with Ledger.open(settings) as ledger:
            journal = LedgerJournal(ledger)
            rate, used = asyncio.run(_flood(journal, messages, count))
            waited = asyncio.run(_even(journal, messages, RATE, seconds))
            journal.append(messages.signed("one"))
            journal.close()
            begun = time.perf_counter()
            batch.close(ledger)
            closed = time.perf_counter() - begun
            begun = time.perf_counter()
            total = check.verify(ledger).entries
            checked = total / (time.perf_counter() - begun)
            made, held, size = _proofs(ledger, settings, messages)
    p95 = waited[int(len(waited) * 0.95)]
    note = "SQLite, WAL, synchronous FULL: on the disk before the caller goes on"
    return [
        Figure(
            "exchange log: durable entries",
            "≥ 3,000/s",
            f"{rate:,.0f}/s",
            rate >= 3_000,
            f"{CALLERS} callers, {used:.0f} µs of a core each; {note}",
        ),
        Figure(
            f"exchange log: p95 of an append at {RATE:,}/s",
            "≤ 15 ms",
            f"{p95:.1f} ms",
            p95 <= 15,
            f"median {waited[len(waited) // 2]:.1f} ms, from when it was due",
        ),
        Figure(f"exchange log: a batch of {total:,}", "", f"{closed:.2f} s", None, "beside the traffic"),
        Figure("exchange log: verified", "", f"{checked:,.0f}/s", None, "lines, links, roots; without signatures"),
        Figure("exchange log: a proof", "", f"{made * 1000:.0f} ms", None, f"{size / 1024:.0f} KB"),
        Figure("exchange log: a proof verified", "", f"{held * 1000:.1f} ms", None, "with all keys"),
    ]


def _proofs(ledger: Ledger, settings: Settings, messages: Messages) -> tuple[float, float, int]:
    """Seconds to make a proof, and to verify it, and its bytes."""
    audit.sign(ledger, settings)
    directory = messages.directory()
    begun = time.perf_counter()
    content = proof.prove(ledger, settings, directory, "one")
    made = time.perf_counter() - begun
    public = audit.Ed25519Public.read(settings.home / "keys" / "audit.pub")
    trusted = verify.Trusted(public, ("ed25519", bytes.fromhex(messages.own.keys()[-1].public)))
    begun = time.perf_counter()
    verify.require(verify.verify(content, trusted))
    return made, time.perf_counter() - begun, len(content)


if __name__ == "__main__":
    for figure in measure(1.0):
        print(*figure, sep=" | ")
