"""The audit log: durable appends in batches, one proof in ten million, and verifying an export of ten million events.

The long log is made without the ledger's own appends (ten million of them would take minutes and measure nothing more): its rows
and its tree are the same, and the verification and the proofs of the program itself hold them to be.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figure import Figure
from sqlalchemy import insert

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditNodeRow, AuditTreeRow
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit import record, tree
from quanmin.trust.audit.log import whole

EVENTS = 10_000_000
APPENDED, BATCH = 200_000, 1_000
START = datetime(2026, 1, 1, tzinfo=UTC)


def fields(number: int) -> dict[str, object]:
    """What a look-up of one person leaves."""
    return {
        "decision": f"{number // 20:032x}",
        "purpose": "treatment",
        "dataset": "linked.person",
        "case": f"C-{number // 20}",
        "snapshot": 12,
        "persons": [f"{number * 2654435761 % 2**96:024x}"],
        "rows": 1,
    }


def appended(home: Path, count: int) -> float:
    """Events a second through the ledger: each batch is on the disk before the next begins."""
    work = [("read", f"doctor-{n % 500}", fields(n)) for n in range(count)]
    with Ledger.open(Settings(home=home)) as ledger:
        begun = time.perf_counter()
        for start in range(0, count, BATCH):
            audit.append_all(ledger, work[start : start + BATCH])
        seconds = time.perf_counter() - begun
        assert audit.head(ledger).sequence == count
    return count / seconds


def _events(count: int) -> Iterator[record.Event]:
    for n in range(count):
        yield record.make(n + 1, START + timedelta(milliseconds=n), "read", f"doctor-{n % 500}", fields(n))


def long_log(home: Path, file: Path, count: int) -> Settings:
    """A ledger with so many events, and the same log as an exported file with heads over a half and the whole."""
    settings = Settings(home=home)
    frontier, nodes, heads = tree.Frontier(tree.HASHES["sha256"]), [], list[audit.SignedHead]()
    signer, body = audit.StoreSigner.open(settings), file.with_suffix(".body")
    query = "INSERT INTO audit (sequence, at, event, actor, purpose, entry, leaf) VALUES (?, ?, ?, ?, ?, ?, ?)"
    with Ledger.open(settings) as ledger, ledger.writing() as connection, body.open("wb") as out:
        rows = []
        for event in _events(count):
            line = event.line()
            leaf = tree.leaf(frontier.new, line)
            nodes += whole(frontier.push(leaf), frontier.size)
            out.write(record.exported(line, leaf) + b"\n")
            rows.append((event.sequence, event.at.replace(tzinfo=None).isoformat(" "), *event[2:], leaf))
            if len(rows) == 50_000 or frontier.size == count:
                connection.exec_driver_sql(query, rows)
                rows = []
            if frontier.size in (count // 2, count):
                public = signer.public
                head = audit.SignedHead(event.at, frontier.size, frontier.root(), "sha256", "ed25519", public.key, b"")
                heads.append(head._replace(signature=signer.sign(head.message())))
        values = [{"level": level, "place": place, "hash": hash_} for level, place, hash_ in nodes]
        if values:
            connection.execute(insert(AuditNodeRow), values)
        values = [{"id": 1, "hash": "sha256", "size": frontier.size, "peaks": frontier.pack()}]
        connection.execute(insert(AuditTreeRow), values)
    _join(file, body, count, heads)
    return settings


def _join(file: Path, body: Path, count: int, heads: list[audit.SignedHead]) -> None:
    import json

    with file.open("wb") as out, body.open("rb") as source:
        first = {"log": "quanmin audit", "version": 1, "hash": "sha256", "size": count}
        for document in (first, *({"head": head.document()} for head in heads)):
            out.write(json.dumps(document, separators=(",", ":")).encode() + b"\n")
        while block := source.read(1 << 24):
            out.write(block)
    body.unlink()


def proved(settings: Settings, count: int) -> float:
    """Milliseconds of one proof, checked; the slowest of the medians at several places."""
    worst = 0.0
    with Ledger.open(settings) as ledger:
        root = bytes.fromhex(audit.head(ledger).digest)
        for sequence in (1, count // 3, count // 2 + 77, count - 1, count):
            seconds = []
            for _ in range(9):
                begun = time.perf_counter()
                proof = audit.prove(ledger, sequence)
                seconds.append(time.perf_counter() - begun)
                assert proof.holds(root)
            worst = max(worst, sorted(seconds)[4])
    return worst * 1000


def verified(file: Path, settings: Settings, count: int) -> float:
    """Seconds to verify the exported log with its heads; the better of two."""
    public, seconds = audit.StoreSigner.open(settings).public, []
    for _ in range(2):
        begun = time.perf_counter()
        report = audit.check(file, public, workers=2)
        seconds.append(time.perf_counter() - begun)
        assert report.verdict == audit.Verdict(count) and report.covered == count
    return min(seconds)


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    count = max(int(EVENTS * scale), 10_000)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        rate = appended(home / "append", max(int(APPENDED * scale), 5_000))
        settings = long_log(home / "long", home / "log.ndjson", count)
        size = (home / "log.ndjson").stat().st_size / 1e9
        proof, seconds = proved(settings, count), verified(home / "log.ndjson", settings, count)
    limit = 15.0 * count / EVENTS
    log = f"{count:,} events"
    return [
        Figure(
            "audit: durable appends in batches",
            "≥ 20,000/s",
            f"{rate:,.0f}/s",
            rate >= 20_000,
            f"SQLite, {BATCH:,} a transaction, each on the disk, one person an event",
        ),
        Figure(f"audit: proof of one in {log}", "≤ 5 ms", f"{proof:.1f} ms", proof <= 5, "worst median of five places"),
        Figure(
            f"audit: verify {log}",
            f"≤ {limit:.3g} s",
            f"{seconds:.1f} s",
            seconds <= limit,
            f"an export of {size:.1f} GB, two processes; leaves, numbers, times, tree, signed heads",
        ),
    ]


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)
