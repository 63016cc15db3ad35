"""Verifying the log where it is stored: every leaf, the tree over them, the heads, and what entries are found by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditLinkRow, AuditNodeRow, AuditRow
from quanmin.trust.audit import heads, record, tree
from quanmin.trust.audit.log import Head, stored, whole
from quanmin.trust.audit.signature import Public, SignedHead
from quanmin.trust.audit.stamp import Roots, Stamped, judged
from quanmin.trust.audit.verdict import PLACES, Checks, Damage, Known, Verdict, timed
from quanmin.trust.errors import AuditBroken

_PAGE = 10_000
_REACH = 1000  # how far a moved entry is searched for, to call it moved and not changed


def verify(
    ledger: Ledger,
    noted: Head | SignedHead | None = None,
    public: Public | None = None,
    roots: Roots | None = None,
) -> Verdict:
    """Walk the whole log; `noted` is a head that was written down earlier and must still be in it.

    With the public key every kept head's signature is checked, and that of a noted one; with `roots` every time stamp.
    """
    with ledger.reading() as connection:
        standing = stored(connection, ledger.audit_hash)
        kept = heads.heads(connection)
        forged = next((one for one in [*kept, *_signed(noted)] if public and not one.holds(public)), None)
        if forged is not None:
            return Verdict(0, forged.size, "forged")
        known = [Known(one.size, one.root, public is not None) for one in kept]
        if noted is not None:
            known.append(as_known(noted, public is not None))
        end = Known(standing.frontier.size, standing.frontier.root())
        found = _Walk(connection, standing.hash, Checks([*known, end]), end).verdict()
        return timed(found, judged(heads.stamped(connection), roots))


def stamps(ledger: Ledger, roots: Roots | None = None) -> tuple[Stamped, ...]:
    """What the time stamps of the kept heads prove."""
    with ledger.reading() as connection:
        return judged(heads.stamped(connection), roots)


def require(ledger: Ledger, noted: Head | SignedHead | None = None) -> Verdict:
    """`verify`, raising AuditBroken on damage."""
    found = verify(ledger, noted)
    if not found.sound:
        raise AuditBroken(sequence=found.sequence, kind=found.damage)
    return found


def as_known(noted: Head | SignedHead, checked: bool) -> Known:
    """A noted head as a root to be met."""
    if isinstance(noted, SignedHead):
        return Known(noted.size, noted.root, checked)
    return Known(noted.sequence, bytes.fromhex(noted.digest))


def _signed(noted: Head | SignedHead | None) -> list[SignedHead]:
    return [noted] if isinstance(noted, SignedHead) else []


class _Walk:
    """One walk over the stored log."""

    def __init__(self, connection: Connection, name: str, checks: Checks, end: Known) -> None:
        self.connection, self.checks, self.end = connection, checks, end
        self.new = tree.HASHES[name]
        self.frontier = tree.Frontier(self.new)
        self.nodes = {(row.level, row.place): row.hash for row in connection.execute(select(AuditNodeRow.__table__))}
        self.whole = 0  # entries under stored subtrees that hold
        self.links = 0
        self.last = ""
        self.backwards: list[int] = []

    def verdict(self) -> Verdict:
        """The first damage, or none."""
        found = self._entries() or self._end() or self._links() or Verdict(self.frontier.size)
        return found._replace(backwards=tuple(self.backwards))

    def _entries(self) -> Verdict | None:
        self.checks.at(0, self.frontier.root)
        for row in rows(self.connection):
            event, done = record.Event._make(row[:-1]), self.frontier.size
            leaf = tree.leaf(self.new, event.line())
            damage = self._damage(event, row.leaf, leaf)
            if damage is not None:
                return Verdict(done, max(1, min(event.sequence, done + 1)), damage)
            for level, place, hash_ in whole(self.frontier.push(leaf), done + 1):
                if self.nodes.pop((level, place), None) != hash_:
                    return Verdict(done + 1, self.whole + 1, "changed", done + 1)
                self.whole = done + 1
            self._note(event)
            self.checks.at(done + 1, self.frontier.root)
        return None

    def _damage(self, event: record.Event, kept: bytes, leaf: bytes) -> Damage | None:
        expected = self.frontier.size + 1
        if event.sequence != expected:
            return "removed" if event.sequence > expected else "added"
        if kept == leaf:
            return None
        near = range(max(1, expected - _REACH), expected + _REACH)
        moved = any(kept == tree.leaf(self.new, event._replace(sequence=other).line()) for other in near)
        return "reordered" if moved else "changed"

    def _note(self, event: record.Event) -> None:
        at = record.stamp(event.at)
        if at < self.last and len(self.backwards) < PLACES:
            self.backwards.append(event.sequence)
        self.last = at
        for link in _links(event):
            self.links = (self.links + _weight(*link)) % _MODULUS

    def _end(self) -> Verdict | None:
        """What the stored tree and the heads say at the end."""
        total, size = self.frontier.size, self.end.size
        if total > size:
            return Verdict(total, size + 1, "added", total)
        if total < size:
            return Verdict(total, total + 1, "removed", size)
        found = self.checks.judge(total)
        if found.damage == "changed" and found.sequence is not None and found.until is not None:
            first = max(found.sequence, self.whole + 1)  # stored subtrees narrow the range
            found = found._replace(sequence=first) if first <= found.until and not self._headed() else found
        if found.sound and self.nodes:
            return Verdict(total, max(place for _, place in self.nodes) + 1, "changed", total)
        return None if found.sound else found

    def _headed(self) -> bool:
        """Whether a head differs, and not only the stored tree: then stored subtrees prove nothing."""
        return any(one != self.end for one in self.checks.bad)

    def _links(self) -> Verdict | None:
        """Whether everything can be found by what it should be found by, and nothing else."""
        links = self.connection.execute(select(AuditLinkRow.key, AuditLinkRow.sequence))
        stored = sum(_weight(key, sequence) for key, sequence in links) % _MODULUS
        if stored == self.links:
            return None
        return Verdict(self.frontier.size, self._astray(), "unfindable")

    def _astray(self) -> int | None:
        kept = {
            (row.key, row.sequence) for row in self.connection.execute(select(AuditLinkRow.key, AuditLinkRow.sequence))
        }
        for row in rows(self.connection):
            event = record.Event._make(row[:-1])
            for link in _links(event):
                if link not in kept:
                    return event.sequence
                kept.discard(link)
        return min((sequence for _, sequence in kept), default=None)


def rows(connection: Connection) -> Iterator[Row[Any]]:
    """All rows in order, some at a time; nothing stays open when the walk ends early."""
    last = -(1 << 62)
    while True:
        query = select(AuditRow.__table__).where(AuditRow.sequence > last).order_by(AuditRow.sequence).limit(_PAGE)
        page = connection.execute(query).all()
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1].sequence


def _links(event: record.Event) -> list[tuple[str, int]]:
    if event.event != "decide" and '"persons":[' not in event.entry:
        return []
    return record.links(event, event.fields())


_MODULUS = 1 << 128


def _weight(key: str, sequence: int) -> int:
    """A link as a number; sums of them are the same in any order."""
    return int.from_bytes(hashlib.blake2b(f"{sequence} {key}".encode(), digest_size=16).digest(), "big")
