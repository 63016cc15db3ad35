"""The catalogue as others use it: records, their search and their counters, of one installation."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import func, select

from quanmin.ledger import Ledger
from quanmin.ledger.table import CatalogueCountRow, CatalogueRow
from quanmin.opendata.catalogue import counters, exact, folder, suggestion
from quanmin.opendata.catalogue.building import build
from quanmin.opendata.catalogue.counters import Counts
from quanmin.opendata.catalogue.errors import IndexUnusable
from quanmin.opendata.catalogue.projection import Entry, project
from quanmin.opendata.catalogue.query import Found, Query
from quanmin.opendata.catalogue.record import Document, read
from quanmin.opendata.catalogue.search import Searcher
from quanmin.opendata.catalogue.segment import Segment
from quanmin.opendata.catalogue.store import DRAFT, PUBLISH, SHOWN, WITHDRAW, Standing, Step, Store
from quanmin.opendata.catalogue.view import View
from quanmin.text import Language, Text

FRESH = 1.0  # seconds for which a search does not ask whether another process changed something
SMALL = 2_000  # changed records that are laid over the index; more of them, and it is made anew
LAYERS = 8  # small segments at a time; more of them become one


class Catalogue:
    """The open catalogue. Safe to use from several threads; several processes may have it open at once."""

    def __init__(self, ledger: Ledger, place: Path) -> None:
        self.store = Store(ledger)
        self._ledger = ledger
        self._folder = place
        self._lock = threading.Lock()
        self._sequence = 0
        self._base: Segment | None = None
        self._layers: list[Segment] = []
        self._changed: dict[str, Document | None] = {}
        self._at: dict[str, datetime] = {}
        self._counted: datetime | None = None
        self._counts: Mapping[str, Counts] = {}
        self._build: str | None = None
        self.searcher = Searcher(View([], (), {}))
        self._mark = (0, "")
        self._looked = 0.0

    @classmethod
    def open(cls, ledger: Ledger, place: Path) -> Catalogue:
        """Open it; `place` is the folder of the search index, which is made where it is missing, stale or not whole."""
        made = cls(ledger, place)
        with made._lock:
            made._load()
            made._follow()
        return made

    def draft(self, document: Document, actor: str) -> Standing:
        """Keep a version that nobody sees yet; RecordInvalid, NameTaken."""
        self.store.write([document], actor, DRAFT)
        return self.store.get(document["dct:identifier"])

    def publish(self, document: Document, actor: str) -> Standing:
        """Let everybody see this version, in the place of the one before; RecordInvalid, NameTaken."""
        self.publish_all([document], actor)
        return self.store.get(document["dct:identifier"])

    def publish_all(self, documents: Iterable[Document], actor: str) -> int:
        """Publish many at once, all or none; how many. RecordInvalid, NameTaken."""
        count = self.store.write(documents, actor, PUBLISH)
        self.refresh()
        return count

    def withdraw(self, key: str, reason: str, actor: str) -> Standing:
        """Take a record from sight, its id and name staying with the reason; ReasonMissing, StateForbids."""
        standing = self.store.withdraw(key, reason, actor)
        self.refresh()
        return standing

    def get(self, key: str) -> Standing:
        """The record with this id or name, a withdrawn one with its reason; UnknownRecord."""
        return self.store.get(key)

    def history(self, key: str) -> list[Step]:
        """Every action on a record, oldest first; UnknownRecord."""
        return self.store.history(key)

    def changes(self, after: int = 0, limit: int | None = None) -> list[Step]:
        """What was done after the action of this number, oldest first."""
        return self.store.changes(after, limit)

    def search(self, query: Query) -> Found:
        """A page of what fits; QueryTooLong, QueryInvalid."""
        query.check()
        self._look()
        return self.searcher.search(query)

    def all_names(self, offset: int = 0, limit: int | None = None) -> list[str]:
        """The names of all records, sorted, or some of them."""
        self._look()
        return self.searcher.view.names[offset : None if limit is None else offset + limit]

    def names(self, beginning: str, limit: int) -> list[tuple[str, dict[str, str]]]:
        """The first names that begin so, each with its title."""
        self._look()
        view = self.searcher.view
        found = np.flatnonzero(view.called((beginning,), True) & view.alive)
        places = np.sort(view.order("name", "zh").rank[found])[:limit]
        rows = (view.row(int(document)) for document in view.order("name", "zh").documents[places])
        return [(row["name"], row["title"]) for row in rows]

    def suggest(self, text: str, language: Language = "zh", limit: int = 10) -> list[dict[str, Any]]:
        """What the text may become; QueryTooLong, QueryInvalid."""
        self._look()
        return suggestion.suggest(self.searcher, text, language, limit)

    def count(self, counts: Mapping[str, Counts]) -> None:
        """Put counters in the place of those that stood, all or none; CountersInvalid."""
        counters.update(self._ledger, counts)
        self.refresh()

    def mark(self) -> tuple[int, str]:
        """What a search answers from now: the number of the last action and the time of the last count that it knows.

        A page made after it holds at least that, so that it may be kept under it.
        """
        self._look()
        return self._mark

    def values(self, facet: str) -> list[dict[str, Any]]:
        """Every value of a facet with the number of records that have it, the most frequent first."""
        self._look()
        searcher = self.searcher
        return searcher.remembered(("values", facet), lambda: _values(searcher.view, facet))

    def title(self, record: str) -> Text | None:
        """What the record with this id is called, without asking the ledger; None where nobody may see it."""
        view = self.searcher.view
        number = exact.place(view, record)
        return None if number is None else Text(**view.row(number)["title"])

    def totals(self) -> dict[str, int]:
        """How many records and organisations there are, and the sums of the counters."""
        searcher = self.searcher
        return searcher.remembered(("totals",), lambda: _totals(searcher.view))

    def days(self, start: int, count: int) -> Iterator[tuple[str, str | None]]:
        """Name and day of change of so many published records from the one at `start`, by id."""
        view = self.searcher.view
        for document in view.all[start : start + count].tolist():
            row = view.row(document)
            yield row["name"], row["modified"]

    def counts(self, record: str) -> Counts:
        """The counters of a record."""
        return self.searcher.view.counts.get(record, Counts())

    def refresh(self) -> None:
        """Follow what was done since the last look, by whomever."""
        with self._lock:
            self._follow()

    def rebuild(self) -> None:
        """Make the search index anew from the records; once a day, so that what became late is judged so."""
        with self._lock:
            self._rebuild()
            self._show()

    def _look(self) -> None:
        if time.monotonic() - self._looked > FRESH and self._lock.acquire(blocking=False):
            try:
                self._follow()
            finally:
                self._lock.release()

    def _load(self) -> None:
        if not self._take():
            self._rebuild()
        self._counted, self._counts = self._last_count(), counters.read(self._ledger)
        self._show()

    def _take(self) -> bool:
        """Take the index of the folder, whoever made it; whether there is one that can be used."""
        name = folder.current(self._folder)
        try:
            stored = folder.read(self._folder)
        except IndexUnusable:
            return False
        if stored is None or stored.sequence > self.store.sequence():
            return False
        self._base, self._sequence, self._build = stored.segment, stored.sequence, name
        self._layers, self._changed = [], {}
        return True

    def _rebuild(self) -> None:
        today = self._today()
        sequence, steps = self.store.view()
        self._base = build(self._entries(steps, today))
        self._sequence, self._layers, self._changed, self._at = sequence, [], {}, {}
        folder.write(self._folder, self._base, sequence)
        stored = folder.read(self._folder)
        if stored is not None and stored.sequence == sequence:
            self._base = stored.segment  # files that the system maps, instead of memory
        self._build = folder.current(self._folder)

    def _follow(self) -> None:
        """Lay what changed over the index, or make it anew when that is much."""
        self._looked = time.monotonic()
        anew = folder.current(self._folder) not in (None, self._build) and self._take()
        sequence, counted = self._state()
        behind = sequence != self._sequence
        if not behind and counted == self._counted:
            if anew:
                self._show()
            return
        hotter = counted != self._counted
        if hotter:
            self._counted, self._counts = counted, counters.read(self._ledger)
        laid = behind and self._lay(self.store.changes(self._sequence, SMALL + 1))
        if laid or hotter or anew:
            self._show()

    def _lay(self, steps: list[Step]) -> bool:
        """Take in what was done; whether it shows."""
        latest = {step.record: step.document for step in steps if step.action in SHOWN}
        at = self._at = self._at | {step.record: step.at for step in steps if step.action in SHOWN}
        if len(steps) > SMALL or len(self._changed.keys() | latest.keys()) > SMALL:
            self._rebuild()
            return True
        self._sequence = steps[-1].sequence if steps else self._sequence
        if not latest:
            return False
        self._changed |= latest
        if len(self._layers) >= LAYERS:
            self._layers, latest = [], self._changed
        shown = [(record, document) for record, document in sorted(latest.items()) if document is not None]
        if shown:
            self._layers.append(build(project(read(document), self._today(), at[record]) for record, document in shown))
        return True

    def _show(self) -> None:
        gone = {record for record, document in self._changed.items() if document is None}
        segments = [one for one in (self._base, *self._layers) if one is not None]
        view = View(segments, gone, self._counts)
        view.warm()
        self.searcher = Searcher(view, exact.names(self._ledger))
        self._mark = (self._sequence, str(self._counted or ""))

    @staticmethod
    def _entries(steps: Iterable[Step], today: date) -> Iterator[Entry]:
        for step in steps:
            if step.document is not None:
                yield project(read(step.document), today, step.at)

    def _state(self) -> tuple[int, datetime | None]:
        """The number of the newest action and the time of the last count, in one statement."""
        newest, counted = (
            select(func.max(one)).scalar_subquery() for one in (CatalogueRow.sequence, CatalogueCountRow.at)
        )
        with self._ledger.reading() as connection:
            row = connection.execute(select(newest, counted)).one()
            return row[0] or 0, row[1]

    def _last_count(self) -> datetime | None:
        with self._ledger.reading() as connection:
            return connection.execute(select(func.max(CatalogueCountRow.at))).scalar()

    def _today(self) -> date:
        return self._ledger.now().date()


def _values(view: View, facet: str) -> list[dict[str, Any]]:
    return view.tally.facets(view.count(view.all), (facet,), len(view.values))[facet]


def _totals(view: View) -> dict[str, int]:
    sums = {name: sum(getattr(one, name) for one in view.counts.values()) for name in Counts._fields}
    return {"records": view.living, "organisations": len(_values(view, "organisation")), **sums}


__all__ = ["DRAFT", "PUBLISH", "WITHDRAW", "Catalogue"]
