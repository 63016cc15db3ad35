"""Verifying the whole log where it is stored: every line and link, every batch with its entry in the audit, every signature.

One walk in the order of the numbers, in constant memory but for the hashes of one batch. The audit is verified by its own
(`audit.verify`): here it is asked only for its entries about batches.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, select

from quanmin.exchange.log import base as bases
from quanmin.exchange.log import batch
from quanmin.exchange.log.errors import LogDamaged
from quanmin.exchange.log.line import START, link
from quanmin.exchange.log.line import entry as read
from quanmin.exchange.member.member import Directory
from quanmin.exchange.message.signature import verified_with
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.text import Text
from quanmin.trust import audit

Damage = Literal["altered", "removed", "added", "moved", "cut", "batch", "body", "signature"]
DAMAGE: dict[Damage, Text] = {
    "altered": Text("被改动", "altered"),
    "removed": Text("被删除", "removed"),
    "added": Text("被插入", "added"),
    "moved": Text("被移位", "moved"),
    "cut": Text("末尾被截断", "cut off at the end"),
    "batch": Text("与审计中的批次根不符", "not what the audit has of its batch"),
    "body": Text("正文与摘要不符", "the body is not of its digest"),
    "signature": Text("签名不符", "the signature does not hold"),
}
_PAGE = 2000


class Verdict(NamedTuple):
    """How many entries and batches hold, and where the first damage is: `sequence`, or somewhere from it to `until`."""

    entries: int
    batches: int
    sequence: int | None = None
    damage: Damage | None = None
    until: int | None = None
    unsigned: int = 0
    """Entries whose signature was not checked: no directory was given."""

    @property
    def sound(self) -> bool:
        """Whether all of it holds."""
        return self.damage is None


def verify(ledger: Ledger, directory: Directory | None = None) -> Verdict:
    """Walk the log; signatures are checked with a directory."""
    with ledger.reading() as connection:
        told = {one.sequence: one.fields for one in audit.entries(ledger, batch.EVENT)}
        return _Walk(connection, directory, told).verdict()


def require(ledger: Ledger, directory: Directory | None = None) -> Verdict:
    """The same, raising LogDamaged."""
    found = verify(ledger, directory)
    refuse(found)
    return found


def refuse(found: Verdict) -> None:
    """LogDamaged where a verdict is not sound."""
    if found.damage is not None:
        raise LogDamaged(sequence=found.sequence, kind=DAMAGE[found.damage])


@dataclass
class _Walk:
    """One walk. `told` are the audit's entries about batches, by their number."""

    connection: Connection
    directory: Directory | None
    told: dict[int, Any]
    links: list[bytes] = field(default_factory=list)
    """Of the batch that is walked through."""
    before: tuple[bytes, bytes] = (START, START)
    """The link of the entry before, and of the one before that."""
    done: int = 0
    closed: int = 0

    def verdict(self) -> Verdict:
        known = batch.batches(self.connection)
        wrong = self._batches(known)
        waiting = list(known)
        for row in self._rows():
            damage = self._row(row)
            if damage is not None:
                return self._found(damage[0], damage[1])
            if waiting and waiting[0].last == row.sequence:
                if not self._fits(waiting.pop(0)):
                    return self._found(row.sequence - len(self.links) + 1, "batch", row.sequence)
                self.links, self.closed = [], self.closed + 1
        if waiting:
            return self._found(self.done + 1, "cut", waiting[-1].last)
        return wrong or self._found(None, None)

    def _found(self, sequence: int | None, damage: Damage | None, until: int | None = None) -> Verdict:
        return Verdict(self.done, self.closed, sequence, damage, until, 0 if self.directory else self.done)

    def _batches(self, known: list[batch.Batch]) -> Verdict | None:
        """The first batch that does not go on from the one before, or that the audit does not have so, or has besides."""
        last, left = 0, dict(self.told)
        for one in known:
            fields = left.pop(one.audit, None) or {}
            wanted = (one.first, one.last, one.root.hex(), one.link.hex())
            if one.first != last + 1 or tuple(fields.get(name) for name in _FIELDS) != wanted:
                return Verdict(0, 0, last + 1, "batch", one.last)
            last = one.last
        if left:
            most = max(int(fields["last"]) for fields in left.values())
            return Verdict(0, 0, last + 1, "cut" if most > last else "batch", most)
        return None

    def _fits(self, one: batch.Batch) -> bool:
        fields = self.told.get(one.audit) or {}
        whole = len(self.links) == one.last - one.first + 1 and self.links[-1] == one.link
        return whole and batch.root(self.links) == one.root and fields.get("root") == one.root.hex()

    def _rows(self) -> Iterator[Any]:
        at = 0
        while page := self.connection.execute(_ROWS.where(_T.sequence > at).limit(_PAGE)).all():
            yield from page
            at = page[-1].sequence

    def _row(self, row: Any) -> tuple[int, Damage] | None:
        expected = self.done + 1
        chain, older = self.before
        if row.sequence != expected:
            return expected, "removed" if row.sequence > expected else "added"
        if link(chain, row.entry) != row.link:
            return self._why(row, chain, older)
        damage = self._content(row)
        if (
            damage is not None
        ):  # one that was put in may fit to what is before it; what is behind it does not go on from it
            return expected, "added" if self._skips(expected, chain) else damage
        self.before, self.done = (row.link, chain), expected
        self.links.append(row.link)
        return None

    def _why(self, row: Any, chain: bytes, older: bytes) -> tuple[int, Damage]:
        """What was done where the chain breaks first: by what follows, and by what still belongs to what was before."""
        number = int(row.sequence)
        if self._skips(number, chain):
            return number, "added"
        if number > 1 and link(older, row.entry) == row.link:
            return number - 1, "added"
        for other in self.connection.execute(_ROWS.where(_T.sequence > number)):
            if link(chain, other.entry) == other.link:
                return number, "moved"
        return number, "removed" if _number(row.entry) > number else "altered"

    def _skips(self, number: int, chain: bytes) -> bool:
        """Whether the entry behind this one goes on from the one before it."""
        after = self.connection.execute(_ROWS.where(_T.sequence == number + 1)).first()
        return after is not None and link(chain, after.entry) == after.link

    def _content(self, row: Any) -> Damage | None:
        try:
            number, entry = read(row.entry, row.body)
            told = bases.read(entry.base) if self.directory is not None else None
        except (KeyError, TypeError, ValueError):
            return "altered"
        columns = (row.sequence, row.at, *(getattr(row, name) for name in _NAMES))
        if columns != (number, entry.at, entry.direction, *(getattr(entry, name) for name in _NAMES[1:])):
            return "altered"
        told_body = (entry.digest, entry.size)
        if row.body is not None and (hashlib.sha256(row.body).hexdigest(), len(row.body)) != told_body:
            return "body"
        if self.directory is None or told is None:
            return None
        named = self.directory.named(entry.key)
        held = named is not None and named[0].id == entry.sender and named[1].holds(told.created)
        held = held and named is not None and verified_with(named[1], entry.base, entry.signature)
        return None if held and bases.differs(told, entry) is None else "signature"


def _number(text: str) -> int:
    """The number that a line was written under; 0 where it is no line."""
    try:
        return read(text)[0]
    except (KeyError, TypeError, ValueError):
        return 0


_T = ExchangeLogRow
_NAMES = ("part", "kind", "message", "sender", "receiver", "request", "delivery")
_FIELDS = ("first", "last", "root", "link")
_ROWS = select(_T.sequence, _T.at, *(getattr(_T, name) for name in _NAMES), _T.entry, _T.link, _T.body).order_by(
    _T.sequence
)
