"""The audit log: append-only, each entry sealed with the digest of the one before it.

An entry holds who, when, for what purpose, which columns and which persons by pseudonym; never a value. A changed, removed or
reordered entry breaks the chain at a place that `verify` names. Entries cut off at the end leave a chain that holds: note
`head` outside the database from time to time, and give it to `verify`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
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
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    digest = seal(before.digest, before.sequence + 1, at, text)
    values = {"sequence": before.sequence + 1, "at": at, "entry": text, "previous": before.digest, "digest": digest}
    connection.execute(insert(AuditRow).values(values))
    return Entry(before.sequence + 1, at, content, digest)


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
    query = select(AuditRow.sequence, AuditRow.digest).order_by(AuditRow.sequence.desc()).limit(1)
    row = connection.execute(query).first()
    return Head(0, START) if row is None else Head(row.sequence, row.digest)
