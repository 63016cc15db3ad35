"""Proofs from the stored tree: that an entry is in the log, and that a log goes on from an earlier one.

A proof reads a few tiles of 256 hashes (a log of ten million has three levels of them), never the log itself.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditNodeRow, AuditRow
from quanmin.trust.audit import record, tree
from quanmin.trust.audit.errors import UnknownEntry
from quanmin.trust.audit.log import STEP, stored
from quanmin.trust.errors import AuditBroken

_TILE = 1 << STEP


class Inclusion(NamedTuple):
    """An entry's line, its place among `size` entries, and the path from it to their root."""

    hash: str
    sequence: int
    size: int
    line: str
    path: tuple[bytes, ...]

    def holds(self, root: bytes) -> bool:
        """Whether it proves the line to be in the log with this root; needs nothing else."""
        new = tree.HASHES[self.hash]
        return tree.includes(new, tree.leaf(new, self.line.encode()), self.sequence - 1, self.size, self.path, root)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return self._asdict() | {"path": [step.hex() for step in self.path]}


class Consistency(NamedTuple):
    """The path that proves the first `old` entries of a log of `size` to be what they were."""

    hash: str
    old: int
    size: int
    path: tuple[bytes, ...]

    def holds(self, old_root: bytes, root: bytes) -> bool:
        """Whether the log with `root` goes on from the one with `old_root`; needs nothing else."""
        return tree.extends(tree.HASHES[self.hash], self.old, self.size, old_root, root, self.path)

    def document(self) -> dict[str, Any]:
        """As JSON."""
        return self._asdict() | {"path": [step.hex() for step in self.path]}


class Tiles:
    """Roots of ranges of the stored log."""

    def __init__(self, connection: Connection, new: tree.New) -> None:
        self._connection, self._new = connection, new
        self._read: dict[tuple[int, int], list[bytes]] = {}

    def subtree(self, start: int, end: int) -> bytes:
        """The root over the entries from place `start` to before `end`; AuditBroken when some are missing."""
        size = end - start
        if size == 0:
            return tree.empty(self._new)
        if size & (size - 1) or start % size:
            middle = start + tree.split(size)
            return tree.node(self._new, self.subtree(start, middle), self.subtree(middle, end))
        level = size.bit_length() - 1
        base = level - level % STEP
        first, count = start >> base, size >> base
        row = self._tile(base, first // _TILE)[first % _TILE :][:count]
        if len(row) != count:
            raise AuditBroken(sequence=start + (len(row) << base) + 1, kind="removed")
        [(_, root)] = tree.pieces(self._new, 0, row)
        return root

    def _tile(self, level: int, place: int) -> list[bytes]:
        found = self._read.get((level, place))
        if found is None:
            low = place * _TILE
            if level:
                own = AuditNodeRow.place
                query = select(AuditNodeRow.hash).where(AuditNodeRow.level == level).order_by(own)
            else:
                low, own = low + 1, AuditRow.sequence
                query = select(AuditRow.leaf).order_by(own)
            rows = self._connection.execute(query.where(own >= low, own < low + _TILE))
            found = self._read[level, place] = list(rows.scalars())
        return found


def prove(ledger: Ledger, sequence: int, size: int | None = None) -> Inclusion:
    """That an entry is among the first `size` (by default all); UnknownEntry."""
    with ledger.reading() as connection:
        name, size = _standing(ledger, connection, size)
        row = connection.execute(select(*_EVENT).where(AuditRow.sequence == sequence)).first()
        if row is None or sequence > size:
            raise UnknownEntry(sequence=sequence, size=size)
        path = tree.inclusion(sequence - 1, size, Tiles(connection, tree.HASHES[name]).subtree)
    return Inclusion(name, sequence, size, record.Event(*row).line().decode(), tuple(path))


def consistent(ledger: Ledger, old: int, size: int | None = None) -> Consistency:
    """That the first `old` entries are the beginning of the first `size` (by default all); UnknownEntry."""
    with ledger.reading() as connection:
        name, size = _standing(ledger, connection, size)
        if not 0 <= old <= size:
            raise UnknownEntry(sequence=old, size=size)
        path = tree.consistency(old, size, Tiles(connection, tree.HASHES[name]).subtree)
    return Consistency(name, old, size, tuple(path))


def root_of(connection: Connection, name: str, size: int) -> bytes:
    """The root over the first `size` entries, from what is stored."""
    return Tiles(connection, tree.HASHES[name]).subtree(0, size)


def _standing(ledger: Ledger, connection: Connection, size: int | None) -> tuple[str, int]:
    standing = stored(connection, ledger.audit_hash)
    if size is not None and not 0 <= size <= standing.frontier.size:
        raise UnknownEntry(sequence=size, size=standing.frontier.size)
    return standing.hash, standing.frontier.size if size is None else size


_EVENT = tuple(getattr(AuditRow, name) for name in record.Event._fields)
