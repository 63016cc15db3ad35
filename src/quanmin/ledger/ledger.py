"""The ledger itself: opening it, and documents with their actions."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, Row, bindparam, func, insert, select, tuple_, update

from quanmin.ledger import database, query
from quanmin.ledger.errors import IllegalAction, MissingField, NotYours, UnknownDocument
from quanmin.ledger.seal import Seal, closed, opened, provided
from quanmin.ledger.table import ActionRow, DocumentRow
from quanmin.ledger.workflow import CREATE, WORKFLOWS, Action, Fold, Step, Workflow, workflow
from quanmin.redaction import redacted
from quanmin.settings import Settings

SYSTEM = "system"
_CREATE = insert(DocumentRow).returning(DocumentRow.id)
_STEP = insert(ActionRow)
_STAND = update(DocumentRow).where(DocumentRow.id == bindparam("document"))
_HOLD = select(DocumentRow.id).where(DocumentRow.id == bindparam("document")).with_for_update()

FREE = ("reason", "because", "remark", "why", "basis", "case")
"""Fields in which somebody writes in his own words."""


class Permit(Protocol):
    """What the ledger asks about the one who acts; a Decision of trust answers it."""

    def holds(self, role: str) -> bool:
        """Whether the actor may act in `role`."""
        ...


class Watch(Protocol):
    """Hears of entries of the audit after they are kept; neither delays nor fails whoever added them."""

    def appended(self) -> None:
        """Entries were added."""
        ...

    def close(self) -> None:
        """Wait until what was begun is done."""
        ...


@dataclass(frozen=True)
class Document:
    """A document as it stands after its last action."""

    id: int
    kind: str
    ref: str | None
    state: str
    since: datetime
    data: Mapping[str, Any]
    actions: tuple[Step, ...]
    waiting: Mapping[str, frozenset[str]]

    @property
    def at(self) -> datetime:
        """When it was created (UTC)."""
        return self.actions[0].at


@dataclass(frozen=True)
class Overdue:
    """A document that waits for an action longer than it may."""

    document: int
    kind: str
    state: str
    action: str
    due: datetime


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Ledger:
    """The operational database. Open it with `Ledger.open(settings)`; safe to use from several threads.

    Documents with sealed fields need its `seal`.
    """

    def __init__(self, engine: Engine, now: Callable[[], datetime] = utc_now, audit_hash: str = "sha256") -> None:
        self.engine = engine
        self.now = now
        self.audit_hash = audit_hash
        self.seal: Seal | None = None
        self.watch: Watch | None = None

    @classmethod
    def open(cls, settings: Settings, now: Callable[[], datetime] = utc_now) -> Ledger:
        """Open the ledger of an installation, creating or migrating its tables."""
        engine = database.connect(settings.ledger_url)
        try:
            database.migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        made = cls(engine, now, settings.audit_hash)
        made.seal = provided(settings)
        return made

    def close(self) -> None:
        """Let the connections go, when what goes on beside is done."""
        if self.watch is not None:
            self.watch.close()
        self.engine.dispose()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[Connection]:
        """A consistent view."""
        return database.reading(self.engine)

    def writing(self) -> AbstractContextManager[Connection]:
        """One transaction: wholly in or wholly out."""
        return database.writing(self.engine)

    @contextmanager
    def _joined(self, connection: Connection | None) -> Iterator[Connection]:
        if connection is not None:
            yield connection
        else:
            with self.writing() as own:
                yield own

    def create(
        self,
        kind: str,
        ref: str | None = None,
        data: Mapping[str, Any] | None = None,
        actor: str = SYSTEM,
        connection: Connection | None = None,
    ) -> Document:
        """A new document in its start state. `data` must be JSON; `ref` is the caller's own name for it."""
        flow, at = workflow(kind), self.now()
        with self._joined(connection) as own:
            values = {"kind": kind, "ref": ref, "state": flow.start, "since": at, "at": at}
            number = own.execute(_CREATE, values).scalar_one()
            step = Step(0, CREATE, None, actor, at, _said(flow, data or {}))
            self._record(own, number, flow, step)
        return _document(number, kind, ref, flow, [step])

    def ensure(
        self,
        kind: str,
        ref: str,
        data: Mapping[str, Any],
        states: Sequence[str],
        actor: str = SYSTEM,
        connection: Connection | None = None,
    ) -> tuple[Document, bool]:
        """The newest document of this kind and ref in one of `states`, or a new one; and whether it is new.

        Two processes that ask at once get the same document.
        """
        with self._joined(connection) as own:
            database.lock(own, f"document {kind} {ref}")
            found = self.find(kind, ref=ref, states=states, connection=own)
            if found:
                return found[-1], False
            return self.create(kind, ref, data, actor, own), True

    def act(
        self,
        document: int | Document,
        action: str,
        data: Mapping[str, Any] | None = None,
        actor: str = SYSTEM,
        *,
        role: str | None = None,
        permit: Permit | None = None,
        connection: Connection | None = None,
    ) -> Document:
        """Record an action and return the document after it.

        A `Document` was read in the transaction of `connection`, behind a lock of the caller's; it is not read again.
        `role` says as whom an actor acts where several roles may; `permit` is asked whether the actor holds it.
        """
        with self._joined(connection) as own:
            before = document if isinstance(document, Document) else self._get(own, document, update=True)
            flow, document = workflow(before.kind), before.id
            declared = flow.action(before.state, action)
            if declared is None:
                raise IllegalAction(
                    document=document, state=before.state, action=action, allowed=_names(flow, before.state)
                )
            given = _said(flow, data or {})
            role = _role(declared, role, document)
            _check(declared, role, permit, given, before)
            step = Step(len(before.actions), action, role, actor, self.now(), given)
            self._record(own, document, flow, step)
            after = _document(before.id, before.kind, before.ref, flow, [*before.actions, step])
            values = {"state": after.state, "since": after.since}
            own.execute(_STAND, {"document": document, **values})
        return after

    def get(self, document: int, connection: Connection | None = None, kinds: Collection[str] = ()) -> Document:
        """The document with this number, which must be of one of `kinds` where some are given; UnknownDocument."""
        if connection is None:
            with self.reading() as own:
                return self.get(document, own, kinds)
        found = self._get(connection, document)
        if kinds and found.kind not in kinds:
            raise UnknownDocument(document=document)
        return found

    def several(self, documents: Sequence[int], connection: Connection | None = None) -> list[Document]:
        """The documents with these numbers, by number; those that there are not are left out."""
        if connection is None:
            with self.reading() as own:
                return self._load(own, documents)
        return self._load(connection, documents)

    def find(
        self,
        kind: str | Sequence[str] | None = None,
        *,
        ref: str | None = None,
        state: str | None = None,
        states: Sequence[str] = (),
        limit: int | None = None,
        connection: Connection | None = None,
    ) -> list[Document]:
        """Documents by kind (or several), ref and state, oldest first; with `limit`, the newest of them (still oldest first)."""
        if connection is None:
            with self.reading() as own:
                return self.find(kind, ref=ref, state=state, states=states, limit=limit, connection=own)
        kinds = [kind] if isinstance(kind, str) else list(kind or ())
        wanted = [*states, *([state] if state else [])]
        return self._folded(query.fitting(connection, kinds, ref, wanted, limit))

    def overdue(self, now: datetime | None = None) -> list[Overdue]:
        """Every document that waits too long for an action with a deadline, the most urgent first."""
        now = now or self.now()
        timed = {
            (flow.kind, state)
            for flow in WORKFLOWS.values()
            for one in flow.actions
            for state in one.sources
            if one.due is not None
        }
        waiting = select(DocumentRow.id, DocumentRow.kind, DocumentRow.state, DocumentRow.since).where(
            tuple_(DocumentRow.kind, DocumentRow.state).in_(sorted(timed))
        )
        with self.reading() as connection:
            rows = connection.execute(waiting).all()
        late = [
            Overdue(number, kind, state, action.name, action.due.after(since))
            for number, kind, state, since in rows
            for action in workflow(kind).allowed(state)
            if action.due is not None and action.due.after(since) < now
        ]
        return sorted(late, key=lambda one: (one.due, one.document))

    def _get(self, connection: Connection, document: int, update: bool = False) -> Document:
        if update:
            connection.execute(_HOLD, {"document": document})
        found = self._load(connection, [document])
        if not found:
            raise UnknownDocument(document=document)
        return found[0]

    def _load(self, connection: Connection, numbers: Sequence[int]) -> list[Document]:
        return self._folded(query.several(connection, numbers))

    def _folded(self, rows: Iterable[Row[Any]]) -> list[Document]:
        """The documents of some actions, which come by document and in order."""
        made = []
        for (number, kind, ref), steps in groupby(rows, key=lambda row: (row.id, row.kind, row.ref)):
            flow = workflow(kind)
            made.append(_document(number, kind, ref, flow, [self._step(flow, row) for row in steps]))
        return made

    def _step(self, flow: Workflow, row: Row[Any]) -> Step:
        """An action as it was given, sealed fields open."""
        data = opened(self.seal, flow.sealed, flow.words, row.data, row.id, row.sequence)
        return Step(row.sequence, row.name, row.role, row.actor, row.at, data)

    def _record(self, connection: Connection, document: int, flow: Workflow, step: Step) -> None:
        """Add an action, sealed fields closed."""
        data = closed(self.seal, (*flow.sealed, *flow.words), step.data, document, step.sequence)
        values = {"document": document, "sequence": step.sequence, "name": step.name, "role": step.role}
        connection.execute(_STEP, {**values, "actor": step.actor, "at": step.at, "data": data})

    def count(self, kind: str) -> dict[str, int]:
        """How many documents of a kind are in each state."""
        counted = select(DocumentRow.state, func.count()).where(DocumentRow.kind == kind).group_by(DocumentRow.state)
        with self.reading() as connection:
            return {state: number for state, number in connection.execute(counted)}


def _said(flow: Workflow, data: Mapping[str, Any]) -> dict[str, Any]:
    """The data as it is kept: numbers of people in what somebody wrote freely are starred, unless the field is sealed."""
    free = [name for name in {*FREE, *flow.words} - {*flow.sealed} if isinstance(data.get(name), str)]
    return {**data, **{name: redacted(data[name]) for name in free}}


def _document(number: int, kind: str, ref: str | None, flow: Workflow, steps: Sequence[Step]) -> Document:
    fold: Fold = flow.fold(steps)
    return Document(number, kind, ref, fold.state, fold.since, fold.data, tuple(steps), fold.waiting)


def _names(flow: Workflow, state: str) -> str:
    return ", ".join(action.name for action in flow.allowed(state)) or "-"


def _role(action: Action, role: str | None, document: int) -> str | None:
    if role is None and isinstance(action.by, str):
        return action.by
    if action.roles and role not in action.roles:
        raise NotYours(document=document, action=action.name, roles=", ".join(action.roles))
    return role


def _check(action: Action, role: str | None, permit: Permit | None, given: Mapping[str, Any], before: Document) -> None:
    if role is not None and permit is not None and not permit.holds(role):
        raise NotYours(document=before.id, action=action.name, roles=role)
    if role in before.waiting.get(action.name, frozenset()):
        others = ", ".join(name for name in action.roles if name not in before.waiting[action.name])
        raise NotYours(document=before.id, action=action.name, roles=others)
    missing = [name for name in action.needs if given.get(name) in (None, "", [])]
    if missing:
        raise MissingField(document=before.id, action=action.name, fields=", ".join(missing))
