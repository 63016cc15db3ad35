"""A restore drill: a backup is good when it was restored and everything in it was read."""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from quanmin.errors import QuanminError
from quanmin.lake.backup import digest
from quanmin.lake.backup.restore import Restored, restore, settings_of
from quanmin.lake.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.keys import open_store


class Problem(NamedTuple):
    """One thing that is not as it was when the backup was made."""

    kind: str
    place: str


class Drill(NamedTuple):
    """What a drill found."""

    problems: list[Problem]
    tables: int
    rows: int
    seconds: float

    @property
    def sound(self) -> bool:
        """Whether a home could be made from the backup with every table as it was."""
        return not self.problems


def drill(settings: Settings, path: Path, place: Path | None = None) -> Drill:
    """Restore into a temporary folder (in `place`), open it, read and compare every table, and remove it again."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="quanmin-drill-", dir=place) as folder:
        home = Path(folder) / "home"
        apart = settings.model_copy(update={"passphrase": None, "master": None})
        try:
            restored = restore(settings, path, home, into=apart)
            problems, rows = _look(apart, restored)
            tables = len(restored.manifest["tables"])
        except QuanminError as error:
            problems, rows, tables = [Problem(error.code, error.message("en"))], 0, 0
    return Drill(problems, tables, rows, round(time.monotonic() - started, 3))


def _look(settings: Settings, restored: Restored) -> tuple[list[Problem], int]:
    problems = list(_ledger(restored))
    own, rows = settings_of(settings, restored.home), 0
    open_store(own).check()
    with Lake.open(own) as lake:
        if lake.snapshot().id != restored.snapshot:
            problems.append(Problem("snapshot", str(restored.snapshot)))
        if not audit.verify(lake.ledger).sound:
            problems.append(Problem("audit", ""))
        for address, told in sorted(restored.manifest["tables"].items()):
            try:
                whole, read = _table(lake, address)
            except (OSError, pa.ArrowException, QuanminError, KeyError) as error:
                problems.append(Problem("table", f"{address}: {type(error).__name__}"))
                continue
            rows += read
            if whole != told["digest"]:
                problems.append(Problem("table", address))
            if read != told["rows"]:
                problems.append(Problem("rows", address))
    return problems, rows


def _ledger(restored: Restored) -> Iterator[Problem]:
    """Before the ledger is opened, because opening may bring it to a newer schema."""
    told: dict[str, Any] = restored.manifest["ledger"]
    found = digest.ledger(restored.home / "ledger.sqlite")
    for name in sorted(set(told) | set(found)):
        if told.get(name) != found.get(name):
            yield Problem("ledger", name)


def _table(lake: Lake, address: str) -> tuple[str, int]:
    """The digest of a table's files and how many rows can be read from them."""
    table, whole, rows = lake.table(address), hashlib.sha256(), 0
    version = lake.snapshot().tables[address]
    for found in sorted(table.files(version), key=lambda one: one.path):
        with lake.store.open(f"{table.folder}/{found.path}") as source:
            whole.update(f"{found.path} {digest.Counted(source).drain()}\n".encode())
        with lake.store.open(f"{table.folder}/{found.path}") as source:
            rows += sum(batch.num_rows for batch in pq.ParquetFile(source).iter_batches(1 << 16))
    return whole.hexdigest(), rows
