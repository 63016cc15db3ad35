"""Making a backup: first the ledger at one moment, then the files that its retained snapshots need.

Lake files never change once written, so a snapshot read from the ledger's copy is whole even while others write.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import sqlite3
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import make_url

from quanmin.lake import upkeep
from quanmin.lake.backup import archive, digest
from quanmin.lake.backup.errors import DiskTrouble, FileGone, LedgerElsewhere
from quanmin.lake.lake import RETAIN, WITHIN, Lake
from quanmin.ledger import Ledger, database
from quanmin.ledger import snapshot as snapshots
from quanmin.settings import Settings
from quanmin.trust.keys import open_store

FORMAT = 1
_LOG = re.compile(r"(\d{20})(\.\d{10}\.\d{10})?(\.checkpoint.*\.parquet|\.json)$")
_LEFT_OUT = re.compile(
    r"tmp/|demo/|backups/|uploads/|keys/(master-|lock$|keyring\.json$)|ledger\.sqlite|.*\.(draft|part)$"
)


class Made(NamedTuple):
    """What a backup holds."""

    id: str
    snapshot: int
    tables: int
    files: int
    bytes: int
    seconds: float


def create(settings: Settings, path: Path) -> Made:
    """Back up an installation into a new file."""
    started, url = time.monotonic(), make_url(settings.ledger_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        raise LedgerElsewhere(database=url.get_backend_name())
    made = datetime.now(UTC).isoformat(timespec="seconds")
    keys = _keys(settings)  # before the ledger: a noted head of the audit must not be newer than the audit
    with Lake.open(settings) as lake, _copy(settings, Path(url.database)) as copied:
        with archive.writing(path, open_store(settings), made) as (tar, key, number):
            work = _Work(tar)
            tables = digest.ledger(copied)
            work.put_file("ledger.sqlite", copied)
            work.put_text(archive.KEYRING, open_store(settings).export(key))
            ledger = Ledger(database.connect(f"sqlite:///{copied}"))
            with Lake(lake.settings, ledger, lake.store) as frozen:
                manifest = {"format": FORMAT, "id": number, "made": made, "ledger": tables, **_lake(work, frozen)}
            for name, text in keys.items():
                work.put_text(f"home/{name}", text)
            _home(work, settings)
            work.put_text(archive.MANIFEST, json.dumps(manifest, sort_keys=True).encode())
    size, count = path.stat().st_size, len(manifest["tables"])
    return Made(number, manifest["snapshot"], count, work.files, size, round(time.monotonic() - started, 3))


@contextmanager
def _copy(settings: Settings, source: Path) -> Iterator[Path]:
    """The ledger as it is now, by SQLite's own backup; the copy lies in the home and is removed."""
    place = settings.home / "tmp"
    place.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="backup-", dir=place.resolve()))
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(folder / "ledger.sqlite")) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
        yield folder / "ledger.sqlite"
    except sqlite3.Error as error:
        raise DiskTrouble(reason=type(error).__name__) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class _Work:
    """The archive as it grows."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self.tar, self.files = tar, 0

    def put(self, name: str, source: Any, size: int) -> str:
        """Add a file; its digest."""
        counted = digest.Counted(source)
        try:
            archive.add(self.tar, name, counted, size)
        except OSError as error:
            raise FileGone(place=name) from error
        if counted.size != size or source.read(1):
            raise FileGone(place=name)
        self.files += 1
        return counted.hash.hexdigest()

    def put_file(self, name: str, path: Path) -> str:
        """Add a file of the disk."""
        with path.open("rb") as source:
            return self.put(name, source, path.stat().st_size)

    def put_text(self, name: str, text: bytes) -> str:
        """Add a small file."""
        return self.put(name, io.BytesIO(text), len(text))


def _lake(work: _Work, lake: Lake) -> dict[str, Any]:
    """Every table: its log up to the newest snapshot's version, and the files of all retained versions."""
    with lake.ledger.reading() as connection:
        head = snapshots.head(connection)
    retained = upkeep.kept(lake, RETAIN, WITHIN) or [head]
    tables = {}
    for address, version in sorted(head.tables.items()):
        versions = {one.tables[address] for one in retained if address in one.tables}
        tables[address] = _table(work, lake, address, version, sorted(versions - {version}))
    settings = lake.store.get("lake.json")
    if settings is not None:
        work.put_text("lake/lake.json", settings.encode())
    return {"snapshot": head.id, "tables": tables}


def _table(work: _Work, lake: Lake, address: str, version: int, older: list[int]) -> dict[str, Any]:
    table = lake.table(address)
    for name in lake.store.names(f"{table.folder}/_delta_log"):
        named = _LOG.match(name)
        if named and int(named[1]) <= version:
            _stored(work, lake, f"{table.folder}/_delta_log/{name}")
    newest = {file.path: file for file in table.files(version)}
    paths = set(newest) | {f.path for one in older for f in table.files(one) if table.has(f)}
    whole = hashlib.sha256()
    for path in sorted(paths):
        found = _stored(work, lake, f"{table.folder}/{path}")
        if path in newest:
            whole.update(f"{path} {found}\n".encode())
    rows = sum(file.rows for file in newest.values())
    return {"version": version, "files": len(newest), "rows": rows, "digest": whole.hexdigest()}


def _stored(work: _Work, lake: Lake, path: str) -> str:
    try:
        size = lake.store.size(path)
        with lake.store.open(path) as source:
            return work.put(f"lake/{path}", source, size)
    except (OSError, TypeError) as error:
        raise FileGone(place=path) from error


def _keys(settings: Settings) -> dict[str, bytes]:
    """What else lies beside the key ring, such as the key and the last head of the audit."""
    found = {f"keys/{path.name}": path for path in sorted((settings.home / "keys").glob("*")) if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not _LEFT_OUT.match(name)}


def _home(work: _Work, settings: Settings) -> None:
    """What else the home holds, such as receipts. Left out: temporary files, uploads, backups, the demo's home, master keys."""
    home, lake = settings.home.resolve(), Path(settings.lake_root)
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if (
            path.is_symlink()
            or not path.is_file()
            or path.is_relative_to(lake)
            or _LEFT_OUT.match(name)
            or name.startswith("keys/")
        ):
            continue
        work.put_file(f"home/{name}", path)
