"""The records of the catalogue, kept by version: every action is a row, rows are only added, and the state is a fold over
them.

`draft` keeps a version that nobody sees yet, `publish` one that everybody sees until the next, `withdraw` leaves a
tombstone with its reason. A name that a record once had stays its own. Writers take turns by a lock, so that `changes`
misses nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic_core import from_json
from sqlalchemy import Connection, Row, Select, collate, func, insert, select

from quanmin.ledger import Ledger, database
from quanmin.ledger.table import CatalogueFileRow, CatalogueNameRow, CatalogueRow
from quanmin.opendata.catalogue import validation
from quanmin.opendata.catalogue.errors import NameTaken, ReasonMissing, StateForbids, UnknownRecord
from quanmin.opendata.catalogue.record import Document
from quanmin.opendata.catalogue.vocabulary import vocabulary
from quanmin.redaction import redacted
from quanmin.text import Text

Action = Literal["draft", "publish", "withdraw"]
State = Literal["draft", "published", "superseded", "withdrawn"]
DRAFT: Action = "draft"
PUBLISH: Action = "publish"
WITHDRAW: Action = "withdraw"
SHOWN = (PUBLISH, WITHDRAW)
_SOME = 500
_FILE = re.compile(r"/files/([0-9a-f]{64})\.[a-z0-9.]{1,20}")


@dataclass(frozen=True)
class Step:
    """One action on a record; `document` is None for a withdrawal."""

    sequence: int
    record: str
    action: str
    actor: str
    at: datetime
    reason: str | None
    document: Document | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What everybody may see of a record, since when anything, and since when this."""

    document: Document
    first: datetime
    at: datetime


@dataclass(frozen=True)
class Version:
    """One version of a record (1 is the first) and its state now."""

    number: int
    state: State
    step: Step


@dataclass(frozen=True)
class Standing:
    """What the actions on a record amount to.

    `document` is what everybody may see: the published version, or None. `reason` says why a withdrawn one is gone.
    """

    record: str
    state: State
    document: Document | None
    reason: str | None
    since: datetime
    versions: tuple[Version, ...]

    @property
    def draft(self) -> Document | None:
        """The newest version, if it waits to be published."""
        last = self.versions[-1]
        return last.step.document if last.state == "draft" else None

    @property
    def newest(self) -> Document:
        """The newest version, seen or not."""
        document = self.versions[-1].step.document
        assert document is not None  # a version always has its document
        return document


def fold(steps: Sequence[Step]) -> Standing:
    """State and versions after `steps`, oldest first."""
    versions: list[Version] = []
    live: int | None = None
    state: State = "draft"
    reason, since = None, steps[0].at
    for step in steps:
        if step.action != DRAFT:
            if live is not None:
                versions[live] = Version(live + 1, _after(step.action), versions[live].step)
            live, since, reason = None, step.at, step.reason
            state = "withdrawn" if step.action == WITHDRAW else "published"
        if step.document is not None:
            versions = [_settled(one) for one in versions]
            versions.append(Version(len(versions) + 1, "draft" if step.action == DRAFT else "published", step))
            live = len(versions) - 1 if step.action == PUBLISH else live
    document = versions[live].step.document if live is not None else None
    return Standing(steps[0].record, state, document, reason if state == "withdrawn" else None, since, tuple(versions))


def _after(action: str) -> State:
    return "withdrawn" if action == WITHDRAW else "superseded"


def _settled(version: Version) -> Version:
    """A draft is superseded by any later version."""
    return Version(version.number, "superseded", version.step) if version.state == "draft" else version


class Store:
    """The records in a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def write(self, documents: Iterable[Document], actor: str, action: Action = PUBLISH) -> int:
        """Keep a version of each document, all or none; how many. RecordInvalid, NameTaken."""
        count = 0
        with self.ledger.writing() as connection:
            database.lock(connection, "catalogue")
            for some in _pieces(documents):
                for document in some:
                    validation.check(document)
                self._name(connection, some)
                if action == PUBLISH:
                    _enter(connection, some)
                connection.execute(insert(CatalogueRow), [self._row(one, actor, action) for one in some])
                count += len(some)
        return count

    def holders(self, sha256: str) -> list[Standing]:
        """The records of which some published version gives away this file of the portal."""
        query = (
            select(CatalogueFileRow.record).where(CatalogueFileRow.sha256 == sha256).order_by(CatalogueFileRow.record)
        )
        with self.ledger.reading() as connection:
            return [self._standing(connection, record) for (record,) in connection.execute(query).all()]

    def withdraw(self, record: str, reason: str, actor: str) -> Standing:
        """Take a record from sight and say why; StateForbids unless it is published."""
        if not reason.strip():
            raise ReasonMissing(record=record)
        with self.ledger.writing() as connection:
            database.lock(connection, "catalogue")
            standing = self._standing(connection, record)
            if standing.state != "published":
                state = vocabulary("state").terms[standing.state].title
                raise StateForbids(record=standing.record, state=state, action=Text("撤回", "be withdrawn"))
            values = {"record": standing.record, "action": WITHDRAW, "actor": actor, "at": self.ledger.now()}
            connection.execute(insert(CatalogueRow).values(**values, reason=redacted(reason), document=None))
            return self._standing(connection, standing.record)

    def get(self, key: str) -> Standing:
        """The record with this id or name (also a former one), withdrawn or not; UnknownRecord."""
        with self.ledger.reading() as connection:
            return self._standing(connection, key)

    def history(self, key: str) -> list[Step]:
        """Every action on a record, oldest first; UnknownRecord."""
        with self.ledger.reading() as connection:
            return self._steps(connection, key)

    def changes(self, after: int = 0, limit: int | None = None) -> list[Step]:
        """The actions after number `after`, oldest first."""
        query = select(CatalogueRow.__table__).where(CatalogueRow.sequence > after).order_by(CatalogueRow.sequence)
        with self.ledger.reading() as connection:
            return [_step(row) for row in connection.execute(query.limit(limit) if limit is not None else query)]

    def sequence(self) -> int:
        """The number of the newest action; 0 where there is none."""
        with self.ledger.reading() as connection:
            return self._sequence(connection)

    def published(self, prefix: str = "") -> Iterator[Step]:
        """What everybody may see, by id, or those whose id begins so; a consistent view, read as it is taken."""
        with self.ledger.reading() as connection:
            yield from self._published(connection, prefix)

    def shown(self, records: Sequence[str]) -> dict[str, Shown]:
        """What everybody may see of these records, by id, in one statement; withdrawn and unknown ones are left out."""
        if not records:
            return {}
        table = CatalogueRow.__table__
        last = (
            select(func.max(CatalogueRow.sequence).label("last"), func.min(CatalogueRow.at).label("first"))
            .where(CatalogueRow.action.in_(SHOWN), CatalogueRow.record.in_(records))
            .group_by(CatalogueRow.record)
            .subquery()
        )
        query = select(table, last.c.first).join(last, CatalogueRow.sequence == last.c.last)
        with self.ledger.reading() as connection:
            rows = connection.execute(query.where(CatalogueRow.action == PUBLISH))
            return {row.record: Shown(from_json(row.document), row.first, row.at) for row in rows}

    def view(self) -> tuple[int, Iterator[Step]]:
        """The number of the newest action and what everybody may see after it, which is to be taken at once."""
        source = self._view()
        first = next(source)
        assert isinstance(first, int)
        return first, (one for one in source if isinstance(one, Step))

    def _view(self) -> Iterator[int | Step]:
        with self.ledger.reading() as connection:
            yield self._sequence(connection)
            yield from self._published(connection)

    def shown_after(self, sequence: int) -> list[tuple[str, int, str]]:
        """Record, number and kind of each action after number `sequence` that changed what everybody sees, oldest first."""
        columns = (CatalogueRow.record, CatalogueRow.sequence, CatalogueRow.action)
        query = select(*columns).where(CatalogueRow.sequence > sequence, CatalogueRow.action.in_(SHOWN))
        with self.ledger.reading() as connection:
            return [
                (record, number, action) for record, number, action in connection.execute(query.order_by(columns[1]))
            ]

    def documents(self, sequences: Sequence[int]) -> list[Document]:
        """The documents of some actions, a few hundred at most, in their order."""
        columns = (CatalogueRow.sequence, CatalogueRow.document)
        with self.ledger.reading() as connection:
            found = dict(connection.execute(select(*columns).where(CatalogueRow.sequence.in_(list(sequences)))).all())
        said = (found.get(one) for one in sequences)
        return [json.loads(one) for one in said if one is not None]

    @staticmethod
    def _sequence(connection: Connection) -> int:
        return connection.execute(select(func.max(CatalogueRow.sequence))).scalar() or 0

    def _published(self, connection: Connection, prefix: str = "") -> Iterator[Step]:
        query = self._shown()
        if prefix:
            query = query.where(CatalogueRow.record.startswith(prefix, autoescape=True))
        rows = connection.execution_options(yield_per=2_000).execute(query)
        yield from (_step(row) for row in rows)

    def _shown(self) -> Select[Any]:
        """The newest published version of each record that was not withdrawn after it, by id."""
        newest = (
            select(func.max(CatalogueRow.sequence)).where(CatalogueRow.action.in_(SHOWN)).group_by(CatalogueRow.record)
        )
        binary = (
            "C" if self.ledger.engine.dialect.name == "postgresql" else "BINARY"
        )  # the order of Python, whatever the locale
        by = collate(CatalogueRow.record, binary)
        query = select(CatalogueRow.__table__).where(CatalogueRow.sequence.in_(newest)).order_by(by)
        return query.where(CatalogueRow.action == PUBLISH)

    def _row(self, document: Document, actor: str, action: Action) -> dict[str, Any]:
        said = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        values = {"record": document["dct:identifier"], "action": action, "actor": actor, "at": self.ledger.now()}
        return {**values, "reason": None, "document": said}

    def _name(self, connection: Connection, documents: Sequence[Document]) -> None:
        """Give each record its name, unless it is another's."""
        wanted: dict[str, str] = {}
        for document in documents:
            name, record = document["quanmin:name"], document["dct:identifier"]
            if wanted.setdefault(name, record) != record:
                raise NameTaken(name=name, record=wanted[name])
        query = select(CatalogueNameRow.name, CatalogueNameRow.record).where(CatalogueNameRow.name.in_(list(wanted)))
        known = {name: record for name, record in connection.execute(query)}
        for name, record in known.items():
            if wanted[name] != record:
                raise NameTaken(name=name, record=record)
        new = [{"name": name, "record": record} for name, record in wanted.items() if name not in known]
        if new:
            connection.execute(insert(CatalogueNameRow), new)

    def _standing(self, connection: Connection, key: str) -> Standing:
        return fold(self._steps(connection, key))

    def _steps(self, connection: Connection, key: str) -> list[Step]:
        found = self._of(connection, key)
        if not found:
            named = select(CatalogueNameRow.record).where(CatalogueNameRow.name == key)
            record = connection.execute(named).scalar()
            found = self._of(connection, record) if record is not None else []
        if not found:
            raise UnknownRecord(name=key)
        return found

    @staticmethod
    def _of(connection: Connection, record: str) -> list[Step]:
        query = select(CatalogueRow.__table__).where(CatalogueRow.record == record).order_by(CatalogueRow.sequence)
        return [_step(row) for row in connection.execute(query)]


def files(document: Document) -> set[str]:
    """The SHA-256 of the files of the portal that a record's distributions give away."""
    given = document.get("dcat:distribution") or []
    found: set[str] = set()
    for one in given if isinstance(given, list) else [given]:
        said = one.get("dcat:downloadURL")
        matches = (
            _FILE.fullmatch(each) for each in (said if isinstance(said, list) else [said]) if isinstance(each, str)
        )
        found |= {match[1] for match in matches if match}
    return found


def _enter(connection: Connection, documents: Sequence[Document]) -> None:
    """Note whose the files are that a record gives away."""
    wanted = {(sha256, one["dct:identifier"]) for one in documents for sha256 in files(one)}
    columns = (CatalogueFileRow.sha256, CatalogueFileRow.record)
    query = select(*columns).where(CatalogueFileRow.sha256.in_({sha256 for sha256, _ in wanted}))
    wanted -= {(sha256, record) for sha256, record in connection.execute(query)} if wanted else set()
    if wanted:
        connection.execute(
            insert(CatalogueFileRow), [{"sha256": one, "record": record} for one, record in sorted(wanted)]
        )


def _step(row: Row[Any]) -> Step:
    document: Mapping[str, Any] | None = json.loads(row.document) if row.document is not None else None
    return Step(row.sequence, row.record, row.action, row.actor, row.at, row.reason, document)


def _pieces(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Some documents at a time."""
    piece: list[Document] = []
    for document in documents:
        piece.append(document)
        if len(piece) == _SOME:
            yield piece
            piece = []
    if piece:
        yield piece
