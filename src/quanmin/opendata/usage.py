"""How often datasets are looked at and downloaded, counted without knowing by whom.

A server adds up names and checksums in memory, and writes the sums as a file every few seconds; no address, cookie, browser or
time of anybody is in it. `gather` adds the files up, in `totals.json`, and puts the sums in the place of the counters that stood.
The totals say which files are in them, so that no look is counted twice or lost, whenever a process is killed.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import secrets
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from quanmin.opendata.catalogue import Catalogue, Counts, read
from quanmin.opendata.catalogue import counters as standing

Kind = Literal["views", "downloads"]
MOST = 50_000
"""Different things that are counted between two writes; what comes beyond waits for the next."""
_BOT = re.compile(
    r"bot|crawl|spider|slurp|scrap|monitor|preview|headlesschrome|lighthouse|python-urllib|go-http-client|^$",
    re.IGNORECASE,
)
_PIECE = "part-*.json"


def is_robot(agent: str) -> bool:
    """Whether a browser says of itself that it is a program that visits everything; one that says nothing is taken for it."""
    return bool(_BOT.search(agent[:500]))


class Tally:
    """Adds up what one process sees. `folder` is where the sums of all processes come together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._seen: Counter[tuple[Kind, str]] = Counter()

    def add(self, kind: Kind, key: str) -> None:
        """One more view of a name, or one more download of a name or checksum."""
        with self._lock:
            if (kind, key) in self._seen or len(self._seen) < MOST:
                self._seen[kind, key] += 1

    def write(self) -> bool:
        """Write what was added up since the last time; whether there was anything. What cannot be written is kept."""
        with self._lock:
            seen, self._seen = self._seen, Counter()
        if not seen:
            return False
        try:
            _write(self._folder / f"part-{secrets.token_hex(8)}.json", [[*key, count] for key, count in seen.items()])
        except OSError:
            with self._lock:
                self._seen.update(seen)
            raise
        return True


def gather(catalogue: Catalogue, folder: Path) -> dict[str, int]:
    """Add up what was written, and hand the sums to the catalogue; how many views and downloads were new."""
    if not folder.is_dir():
        return {"views": 0, "downloads": 0}
    with _alone(folder):
        totals, done = _totals(folder)
        parts = sorted(one for one in folder.glob(_PIECE))
        new = [one for one in parts if one.name not in done]
        seen = _added(new)
        records = _records(catalogue, {key for _, key in seen})
        found = {"views": 0, "downloads": 0}
        for (kind, key), count in seen.items():
            record = records.get(key)
            if record is not None:
                totals.setdefault(record, {"views": 0, "downloads": 0})[kind] += count
                found[kind] += count
        if parts:
            _write(folder / "totals.json", {"records": totals, "parts": [one.name for one in parts]})
        _hand_over(catalogue, totals)
        for one in parts:
            one.unlink(missing_ok=True)
        return found


def _hand_over(catalogue: Catalogue, totals: Mapping[str, Mapping[str, int]]) -> None:
    """Put what differs in the place of what stood; reuses are counted by others and stay."""
    before = standing.read(catalogue.store.ledger)
    wanted = {
        record: Counts(one["views"], one["downloads"], before.get(record, Counts()).reuses)
        for record, one in totals.items()
    }
    changed = {record: counts for record, counts in wanted.items() if before.get(record) != counts}
    if changed:
        catalogue.count(changed)


def _added(parts: Iterable[Path]) -> Counter[tuple[Kind, str]]:
    seen: Counter[tuple[Kind, str]] = Counter()
    for part in parts:
        try:
            for kind, key, count in json.loads(part.read_text("utf-8")):
                if kind in ("views", "downloads") and type(count) is int and count > 0:
                    seen[kind, str(key)] += count
        except (ValueError, TypeError):
            continue  # not one of ours, or not whole
    return seen


def _records(catalogue: Catalogue, keys: set[str]) -> dict[str, str]:
    """The record of each name, id and checksum among the keys; those of nothing published are left out."""
    found: dict[str, str] = {}
    if not keys:
        return found
    for step in catalogue.store.published():
        if step.document is None:
            continue
        record = read(step.document)
        known = {record.id, record.name, *(one.checksum[1] for one in record.distributions if one.checksum)}
        found |= {key: record.id for key in known & keys}
    return found


def _totals(folder: Path) -> tuple[dict[str, dict[str, int]], set[str]]:
    try:
        said: dict[str, Any] = json.loads((folder / "totals.json").read_text("utf-8"))
    except FileNotFoundError:
        return {}, set()
    return said["records"], set(said["parts"])


def _write(path: Path, said: object) -> None:
    """A file that is there wholly or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with beside.open("w", encoding="utf-8") as out:
            json.dump(said, out)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time."""
    with (folder / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
