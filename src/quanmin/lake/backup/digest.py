"""What a table is, in one digest: taken when a backup is made, and again from what was restored."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

BLOCK = 1 << 20


class Counted:
    """A file that is hashed while it is read."""

    def __init__(self, source: Any) -> None:
        self._source, self.hash, self.size = source, hashlib.sha256(), 0

    def read(self, count: int = BLOCK) -> bytes:
        """The next bytes."""
        part = bytes(self._source.read(count))
        self.hash.update(part)
        self.size += len(part)
        return part

    def drain(self) -> str:
        """Read to the end; the digest."""
        while self.read():
            pass
        return self.hash.hexdigest()


def ledger(path: Path) -> dict[str, dict[str, Any]]:
    """Rows and digest of every table of a SQLite ledger, in the order of their rows."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        return {name: _table(connection, name) for (name,) in connection.execute(query).fetchall()}


def _table(connection: sqlite3.Connection, name: str) -> dict[str, Any]:
    found, rows = hashlib.sha256(), 0
    columns = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", (name,)).fetchall()
    order = ", ".join(_quoted(column) for (column,) in columns) or "rowid"
    for row in connection.execute(f"SELECT * FROM {_quoted(name)} ORDER BY {order}"):
        found.update(repr(row).encode() + b"\n")
        rows += 1
    return {"rows": rows, "digest": found.hexdigest()}


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
