"""How an installation stands: snapshots and what they changed, the size of the store, keys, health. Nobody's data, no secret."""

from __future__ import annotations

import platform
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import func, select

from quanmin import flow
from quanmin.lake import Lake
from quanmin.lake.extent import Extent, extents
from quanmin.ledger import Lineage, Snapshot, database
from quanmin.ledger import snapshot as snapshots
from quanmin.ledger.listing import place
from quanmin.ledger.table import AuditHeadRow, AuditTreeRow, DocumentRow, LeaseRow
from quanmin.text import Text
from quanmin.trust.keys import open_store
from quanmin.trust.keys.store import FIXED, LEGACY
from quanmin.version import __version__

SIZE = 50
ROTATE = timedelta(days=365)
"""After a year the version of a key that new work uses is due for rotation. No rule sets it; what one key closes stays small."""

STAGES: dict[str, Text] = {one.name: one.title for one in flow.STAGES} | {
    "upkeep": Text("维护：合并文件", "upkeep: files joined")
}


@dataclass(frozen=True)
class Step:
    """A snapshot and what it changed: rows written into each table that has another version than before."""

    snapshot: int
    parent: int | None
    at: datetime | None
    stage: str
    title: Text
    document: int | None
    tables: int
    changed: Sequence[Lineage]

    @property
    def rows(self) -> int:
        """Rows written in all."""
        return sum(one.rows for one in self.changed)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        head = {name: value for name, value in vars(self).items() if name != "changed"}
        return {**head, "rows": self.rows, "changed": [one._asdict() for one in self.changed]}


@dataclass(frozen=True)
class History:
    """Some snapshots of the list, the newest first."""

    steps: list[Step]
    page: int
    pages: int
    total: int


class KeyState(NamedTuple):
    """The version of a key that new work uses; `due` where it ought to be rotated, None where it cannot be."""

    name: str
    version: int
    versions: int
    suite: str
    state: str
    made: datetime
    due: datetime | None


@dataclass(frozen=True)
class Health:
    """What an operator looks at first. `ledger_bytes` is None where a server has the ledger, `free` where a disk is not ours."""

    ledger: str
    ledger_bytes: int | None
    revision: str
    documents: int
    lake: str
    snapshot: int
    at: datetime | None
    free: int | None
    entries: int
    head: datetime | None
    busy: list[str]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def history(lake: Lake, page: int = 1, size: int = SIZE) -> History:
    """A page of the snapshots with what each changed."""
    with lake.ledger.reading() as connection:
        found, total = snapshots.page(connection, page, size)
        steps = [_step(one, snapshots.lineage(connection, snapshot=one.id)) for one in found]
    return History(steps, page, place(page, total, size).pages, total)


def step(lake: Lake, number: int) -> Step:
    """One snapshot with what it changed; UnknownSnapshot."""
    found = lake.snapshot(number)
    return _step(found, lake.lineage(snapshot=number))


def store(lake: Lake) -> list[Extent]:
    """The size of every table."""
    return extents(lake)


def health(lake: Lake) -> Health:
    """How ledger and lake stand now."""
    ledger, settings = lake.ledger, lake.settings
    with ledger.reading() as connection:
        documents = connection.execute(select(func.count()).select_from(DocumentRow)).scalar_one()
        entries = connection.execute(select(AuditTreeRow.size)).scalar() or 0
        head = connection.execute(select(AuditHeadRow.at).order_by(AuditHeadRow.id.desc()).limit(1)).scalar()
        busy = list(connection.execute(select(LeaseRow.name).order_by(LeaseRow.name)).scalars())
        newest = snapshots.head(connection)
    file = Path(ledger.engine.url.database or "") if ledger.engine.dialect.name == "sqlite" else None
    local = "://" not in settings.lake_root
    return Health(
        ledger.engine.dialect.name,
        file.stat().st_size if file is not None and file.exists() else None,
        database.REVISION,
        documents,
        "folder" if local else settings.lake_root.split("://")[0],
        newest.id,
        newest.at,
        shutil.disk_usage(settings.lake_root).free if local and Path(settings.lake_root).exists() else None,
        entries,
        head,
        busy,
    )


def keys(lake: Lake) -> list[KeyState]:
    """The version in use of every key, by name; never a key. MasterMissing and others where the ring cannot be opened."""
    known = open_store(lake.settings).names()
    found = []
    for name in dict.fromkeys(one.name for one in known):
        *_, newest = own = [one for one in known if one.name == name]
        made = datetime.fromisoformat(newest.made)
        due = None if name in FIXED or name == LEGACY else made + ROTATE
        found.append(KeyState(name, newest.version, len(own), newest.suite, newest.state, made, due))
    return found


def versions() -> dict[str, str]:
    """The program, Python, and the packages that hold the data."""
    names = ("duckdb", "deltalake", "pyarrow", "sqlalchemy", "cryptography", "cedarpy", "fastapi")
    return {"quanmin": __version__, "python": platform.python_version()} | {one: metadata.version(one) for one in names}


def _step(one: Snapshot, changed: Sequence[Lineage]) -> Step:
    title = STAGES.get(one.stage, Text(one.stage, one.stage))
    return Step(one.id, one.parent, one.at, one.stage, title, one.document, len(one.tables), changed)
