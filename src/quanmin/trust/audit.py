"""The audit log: append-only, each entry sealed with the digest of the one before it.

An entry holds who, when, for what purpose, which columns and which persons by pseudonym; never a value. A changed, removed or
reordered entry breaks the chain at a place that `verify` names. Entries cut off at the end leave a chain that holds: note
`head` outside the database from time to time, and give it to `verify`.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, RowMapping, insert, select

from quanmin.ledger import Ledger, database
from quanmin.ledger.table import AuditRow
from quanmin.trust.errors import AuditBroken

START = "0" * 64
Damage = Literal["changed", "removed", "reordered"]


class Entry(NamedTuple):
    """One entry; `fields` holds `event`, `actor` and what belongs to the event."""

    sequence: int
    at: datetime
    fields: Mapping[str, Any]
    digest: str


class Head(NamedTuple):
    """The last entry: its number and digest stand for everything before it."""

    sequence: int
    digest: str


class Verdict(NamedTuple):
    """How many entries hold, and where the first damage is."""

    entries: int
    sequence: int | None = None
    damage: Damage | None = None

    @property
    def sound(self) -> bool:
        """Whether the whole chain holds."""
        return self.damage is None


def append(
    ledger: Ledger, event: str, actor: str, fields: Mapping[str, Any], connection: Connection | None = None
) -> Entry:
    """Add an entry, in the caller's transaction if one is given."""
    if connection is None:
        with ledger.writing() as own:
            return append(ledger, event, actor, fields, own)
    database.lock(connection, "audit")
    before, at = _last(connection), ledger.now().astimezone(UTC)
    content = {"event": event, "actor": actor, **fields}
    text = _text(content)
    digest = seal(before.digest, before.sequence + 1, at, text)
    values = {"sequence": before.sequence + 1, "at": at, "entry": text, "previous": before.digest, "digest": digest}
    connection.execute(insert(AuditRow).values(values))
    return Entry(before.sequence + 1, at, content, digest)


def append_all(ledger: Ledger, entries: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Add several entries (event, actor, fields) in one transaction: all of them or none."""
    with ledger.writing() as connection:
        database.lock(connection, "audit")
        before, at, rows = _last(connection), ledger.now().astimezone(UTC), list[dict[str, Any]]()
        for event, actor, fields in entries:
            text = _text({"event": event, "actor": actor, **fields})
            digest = seal(before.digest, before.sequence + 1, at, text)
            rows.append(
                {"sequence": before.sequence + 1, "at": at, "entry": text, "previous": before.digest, "digest": digest}
            )
            before = Head(before.sequence + 1, digest)
        connection.execute(_ADD, rows)


class Joint:
    """Entries of several threads in as few transactions as possible: each caller waits until its own entry is kept.

    While one transaction is written, the entries of others gather for the next one.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._gathering, self._writing = threading.Lock(), threading.Lock()
        self._waiting: list[_Slot] = []

    def append(self, event: str, actor: str, fields: Mapping[str, Any]) -> None:
        """Add an entry; when this returns it is kept."""
        own = _Slot((event, actor, fields))
        with self._gathering:
            self._waiting.append(own)
        with self._writing:
            if not own.done:
                self._write()
        if own.error is not None:
            raise own.error

    def _write(self) -> None:
        with self._gathering:
            taken, self._waiting = self._waiting, []
        error: BaseException | None = None
        try:
            append_all(self._ledger, [slot.entry for slot in taken])
        except BaseException as failed:  # whoever waits must hear of it
            error = failed
        for slot in taken:
            slot.error, slot.done = error, True


class _Slot:
    """An entry that waits to be kept."""

    def __init__(self, entry: tuple[str, str, Mapping[str, Any]]) -> None:
        self.entry = entry
        self.done = False
        self.error: BaseException | None = None


def _text(content: Mapping[str, Any]) -> str:
    """What is sealed of an entry."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def seal(previous: str, sequence: int, at: datetime, text: str) -> str:
    """The digest of an entry: SHA-256 over the previous digest, number, time and text, one a line."""
    return hashlib.sha256(f"{previous}\n{sequence}\n{at.isoformat()}\n{text}".encode()).hexdigest()


def head(ledger: Ledger) -> Head:
    """The last entry's number and digest (0 and zeros when there is none)."""
    with ledger.reading() as connection:
        return _last(connection)


def entries(ledger: Ledger, event: str | None = None) -> Iterator[Entry]:
    """All entries in order, or those of one event."""
    with ledger.reading() as connection:
        rows = connection.execute(select(AuditRow.__table__).order_by(AuditRow.sequence)).mappings()
        for row in rows:
            fields = json.loads(row["entry"])
            if event is None or fields["event"] == event:
                yield Entry(row["sequence"], row["at"], fields, row["digest"])


def verify(ledger: Ledger, noted: Head | None = None) -> Verdict:
    """Walk the whole chain; `noted` is a head that was written down earlier and must still be in it."""
    previous, expected, held = START, 1, noted is None or noted.sequence == 0
    with ledger.reading() as connection:
        for row in connection.execute(select(AuditRow.__table__).order_by(AuditRow.sequence)).mappings():
            number = row["sequence"]
            damage = _damage(row, previous, expected)
            if damage is not None:
                return Verdict(expected - 1, min(number, expected), damage)
            if noted is not None and number == noted.sequence:
                held = row["digest"] == noted.digest
            previous, expected = row["digest"], expected + 1
    if not held and noted is not None:
        gone = noted.sequence >= expected
        return Verdict(expected - 1, expected if gone else noted.sequence, "removed" if gone else "changed")
    return Verdict(expected - 1)


def require(ledger: Ledger, noted: Head | None = None) -> Verdict:
    """`verify`, raising AuditBroken on damage."""
    found = verify(ledger, noted)
    if not found.sound:
        raise AuditBroken(sequence=found.sequence, kind=found.damage)
    return found


def _damage(row: RowMapping, previous: str, expected: int) -> Damage | None:
    if row["sequence"] != expected:
        return "removed"
    whole = row["digest"] == seal(row["previous"], row["sequence"], row["at"], row["entry"])
    if whole and row["previous"] == previous:
        return None
    moved = any(
        row["digest"] == seal(row["previous"], other, row["at"], row["entry"])
        for other in range(max(1, expected - _REACH), expected + _REACH)
        if other != expected
    )
    return "reordered" if moved else "changed"


_REACH = 1000  # how far a moved entry is searched for, to call it moved and not changed


def _last(connection: Connection) -> Head:
    row = connection.execute(_NEWEST).first()
    return Head(0, START) if row is None else Head(row.sequence, row.digest)


_NEWEST = select(AuditRow.sequence, AuditRow.digest).order_by(AuditRow.sequence.desc()).limit(1)
_ADD = insert(AuditRow)
