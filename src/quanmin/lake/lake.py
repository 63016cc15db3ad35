"""The lake: tables by address, snapshots, sessions, and who touched what."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from quanmin import flow, trust
from quanmin.lake import engine, gate, upkeep
from quanmin.lake.errors import HomeUnusable
from quanmin.lake.session import WAIT_SECONDS, Session
from quanmin.lake.store import Store
from quanmin.lake.table import Table
from quanmin.ledger import Ledger, Lineage, Snapshot
from quanmin.ledger import snapshot as snapshots
from quanmin.settings import Settings

RETAIN = 20
WITHIN = timedelta(days=1)


class Lake:
    """The only door to stored tables. Open it with `Lake.open(settings)`; it opens the ledger too."""

    def __init__(self, settings: Settings, ledger: Ledger, store: Store) -> None:
        self.settings = settings
        self.ledger = ledger
        self.store = store
        self.touched: dict[str, dict[str, set[str]]] = defaultdict(lambda: {"reads": set(), "writes": set()})
        self._tables: dict[str, Table] = {}

    @classmethod
    def open(cls, settings: Settings) -> Lake:
        """Open the lake of an installation, making what is not there yet."""
        try:
            settings.home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise HomeUnusable(home=settings.home, reason=error.strerror) from error
        engine.sweep(settings)
        store = Store(settings.lake_root)
        ledger = Ledger.open(settings)
        trust.audit.keep_signing(ledger, settings)
        return cls(settings.model_copy(update={"buckets": _buckets(store, settings.buckets)}), ledger, store)

    def close(self) -> None:
        """Let the ledger's connections go."""
        self.ledger.close()

    def __enter__(self) -> Lake:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def snapshot(self, number: int | None = None) -> Snapshot:
        """A snapshot by number; the newest by default."""
        with self.ledger.reading() as connection:
            return snapshots.head(connection) if number is None else snapshots.get(connection, number)

    def session(
        self,
        stage: str,
        batch: int | None = None,
        snapshot: int | Snapshot | None = None,
        transaction: str | None = None,
        wait: float = WAIT_SECONDS,
    ) -> Session:
        """A stage's session, pinned to a snapshot (the newest by default).

        `batch` is the ledger's number of the work; `transaction` names it where a batch has several (such as its
        withdrawal); `wait` is how many seconds to wait for another writer of a table.
        """
        return Session(self, flow.stage(stage), batch, snapshot, transaction, wait)

    def read(self, decision: trust.Decision, snapshot: int | None = None) -> gate.Reading:
        """A read for an actor, as a decision says; nothing leaves the lake to an actor without one."""
        return gate.read(self, decision, snapshot)

    def confide(
        self, decision: trust.Decision, control: Callable[[gate.Reading], gate.Judged], snapshot: int | None = None
    ) -> gate.Judged:
        """Hand the read of a decision that owes disclosure control to `control`, and give what it makes of it."""
        return gate.confide(self, decision, control, snapshot)

    def compact(self, table: str) -> int:
        """Join the small files of a table; how many were replaced. What the table holds does not change."""
        return upkeep.compact(self, table)

    def vacuum(self, retain: int = RETAIN, within: timedelta = WITHIN) -> int:
        """Remove files that none of the newest `retain` snapshots, nor any of the last `within`, needs; how many."""
        return upkeep.vacuum(self, retain, within)

    def table(self, address: str) -> Table:
        """The Delta table at an address (for this package; stages go through a session)."""
        found = self._tables.get(address)
        if found is None:
            found = self._tables[address] = Table(self.store, address)
        return found

    def touch(self, stage: str, table: str, writes: bool = False) -> None:
        """Note that a stage read or wrote a table; `touched` is compared with the map by a test."""
        if stage not in {known.name for known in flow.STAGES}:
            return
        self.touched[stage]["writes" if writes else "reads"].add(table)

    def history(self, table: str | None = None) -> list[Snapshot]:
        """All snapshots, oldest first; of a table, those that changed it."""
        with self.ledger.reading() as connection:
            found = snapshots.since(connection, snapshots.NONE)
        if table is None:
            return found
        version, changed = None, []
        for snapshot in found:
            if snapshot.tables.get(table) != version:
                changed.append(snapshot)
            version = snapshot.tables.get(table)
        return changed

    def lineage(self, table: str | None = None, snapshot: int | None = None) -> list[Lineage]:
        """Who wrote a table, or what a snapshot changed, and from what."""
        with self.ledger.reading() as connection:
            return snapshots.lineage(connection, table, snapshot)


def _buckets(store: Store, wanted: int) -> int:
    """The number of buckets of this lake, fixed when it is first opened: another number would scatter every person."""
    text = store.once("lake.json", json.dumps({"buckets": wanted}) + "\n")
    return int(json.loads(text)["buckets"])
