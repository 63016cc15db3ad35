"""Pseudonyms a second over a whole column, field encryption, and backups in megabytes a second. One thread."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
from figure import Figure

from quanmin.lake.backup import create, drill
from quanmin.settings import Settings
from quanmin.trust import Pseudonyms
from quanmin.trust.keys import Fields, open_store

ROWS, FLOOR = 10_000_000, 20.0
FIELDS = 100_000
BACKUP = 256 << 20
SUITES = ("international", "national")


def best(work: Callable[[], object], runs: int = 3) -> float:
    """Seconds of the quickest run."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def pseudonyms(home: Path, suite: str, rows: int) -> Figure:
    """int64 to Arrow text, the whole way."""
    marks = Pseudonyms.open(Settings(home=home / suite, crypto_suite=suite), "research")
    keys = pa.array(np.random.default_rng(1).integers(0, 10**17, rows))
    rate = rows / best(lambda: marks.array(keys)) / 1e6
    note = f"{rows:,} person keys (int64) to an Arrow column of text"
    return Figure(f"pseudonyms, {suite}", f"≥ {FLOOR:.0f} M/s", f"{rate:.1f} M/s", rate >= FLOOR, note)


def fields(home: Path, suite: str, count: int) -> Figure:
    """Values of 18 bytes sealed and opened, one call each."""
    secret = Fields(open_store(Settings(home=home / suite, crypto_suite=suite)), "field/bench")
    places = range(count)
    sealed = [secret.seal(b"11010519491231002X", "t", "c", place) for place in places]
    close = count / best(lambda: [secret.seal(b"11010519491231002X", "t", "c", place) for place in places])
    open_ = count / best(lambda: [secret.open(sealed[place], "t", "c", place) for place in places])
    reached = f"{close:,.0f} sealed, {open_:,.0f} opened a second"
    return Figure(f"secret fields, {suite}", "—", reached, None, "18 bytes each, bound to table, column and row")


def backup(home: Path, suite: str, size: int) -> Figure:
    """A home with one large file, made and drilled."""
    settings = Settings(home=home / f"b-{suite}", crypto_suite=suite)
    settings.home.mkdir()
    (settings.home / "large.bin").write_bytes(os.urandom(1 << 20) * (size >> 20))
    made = create(settings, home / f"{suite}.backup")
    found = drill(settings, home / f"{suite}.backup", home)
    assert found.sound
    reached = f"{size / made.seconds / 1e6:,.0f} made, {size / found.seconds / 1e6:,.0f} drilled MB/s"
    return Figure(
        f"backup, {suite}", "—", reached, None, f"{size >> 20} MB; hashed, encrypted, written, forced to disk"
    )


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for suite in SUITES:
            found.append(pseudonyms(Path(folder), suite, max(int(ROWS * scale), 10_000)))
            found.append(fields(Path(folder), suite, max(int(FIELDS * scale), 1_000)))
            found.append(backup(Path(folder), suite, max(int(BACKUP * scale) >> 20, 1) << 20))
    return found


if __name__ == "__main__":
    for figure in measure(1.0):
        print(figure)
