"""Writing the log: entries, the tree over them, and what they can be found by, in one transaction.

Stored of the tree are the leaf hash of every entry, each whole subtree of 256, 65,536, … leaves, and the peaks (the whole
subtrees that make up the tree so far), from which the next entry goes on and the root is had at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from quanmin.ledger import Ledger, database
from quanmin.ledger.table import AuditLinkRow, AuditNodeRow, AuditRow, AuditTreeRow
from quanmin.trust.audit import record, tree

STEP = 8  # levels between stored subtrees
START = tree.empty(tree.HASHES["sha256"]).hex()


class Entry(NamedTuple):
    """One entry; `fields` holds `event`, `actor` and what belongs to the event; `digest` is its leaf hash."""

    sequence: int
    at: datetime
    fields: Mapping[str, Any]
    digest: str


class Head(NamedTuple):
    """How many entries there are and the root over them: it stands for every one."""

    sequence: int
    digest: str


class Tree(NamedTuple):
    """The tree as it is stored: the name of its hash, and its peaks."""

    hash: str
    frontier: tree.Frontier


def append(
    ledger: Ledger, event: str, actor: str, fields: Mapping[str, Any], connection: Connection | None = None
) -> Entry:
    """Add an entry, in the caller's transaction if one is given."""
    if connection is None:
        with ledger.writing() as own:
            made = append(ledger, event, actor, fields, own)
        _told(ledger)
        return made
    [(added, leaf)] = _add(ledger, connection, [(event, actor, fields)])
    return Entry(added.sequence, added.at, {"event": event, "actor": actor, **fields}, leaf.hex())


def append_all(ledger: Ledger, entries: Sequence[tuple[str, str, Mapping[str, Any]]]) -> None:
    """Add several entries (event, actor, fields) in one transaction: all of them or none."""
    if entries:
        with ledger.writing() as connection:
            _add(ledger, connection, entries)
        _told(ledger)


def _told(ledger: Ledger) -> None:
    """Whoever watches the log hears of entries once they are kept."""
    if ledger.watch is not None:
        ledger.watch.appended()


def _add(
    ledger: Ledger, connection: Connection, entries: Sequence[tuple[str, str, Mapping[str, Any]]]
) -> list[tuple[record.Event, bytes]]:
    database.lock(connection, "audit")
    standing = stored(connection, ledger.audit_hash)
    frontier, at = standing.frontier, ledger.now().astimezone(UTC)
    first, added, links, nodes = frontier.size, list[tuple[record.Event, bytes]](), list[Any](), list[Any]()
    for event, actor, fields in entries:
        made = record.make(frontier.size + 1, at, event, actor, fields)
        leaf = tree.leaf(frontier.new, made.line())
        links += record.links(made, fields)
        nodes += whole(frontier.push(leaf), frontier.size)
        added.append((made, leaf))
    _insert(connection, added, links, nodes)
    _keep(connection, first, standing)
    return added


def whole(made: Sequence[tree.Peak], size: int) -> list[tuple[int, int, bytes]]:
    """Of the subtrees that became whole with leaf `size`: those that are stored, as (level, place, hash)."""
    return [(level, (size >> level) - 1, hash_) for level, hash_ in made[STEP::STEP]]


def _insert(
    connection: Connection, added: list[tuple[record.Event, bytes]], links: list[Any], nodes: list[Any]
) -> None:
    connection.execute(_ADD, [{**event._asdict(), "leaf": leaf} for event, leaf in added])
    if links:
        connection.execute(_LINK, [{"key": key, "sequence": sequence} for key, sequence in sorted(links)])
    if nodes:
        connection.execute(_NODE, [{"level": level, "place": place, "hash": hash_} for level, place, hash_ in nodes])


def _keep(connection: Connection, first: int, standing: Tree) -> None:
    values = {"hash": standing.hash, "size": standing.frontier.size, "peaks": standing.frontier.pack()}
    kept = connection.execute(_KEEP, {"first": first, **{f"new_{name}": value for name, value in values.items()}})
    if kept.rowcount != 1:
        connection.execute(insert(AuditTreeRow).values(id=1, **values))


def stored(connection: Connection, wanted: str = "sha256") -> Tree:
    """The tree as stored; one without entries takes the hash that is wanted."""
    row = connection.execute(_TREE).first()
    if row is None or row.size == 0:
        return Tree(wanted, tree.Frontier(tree.HASHES[wanted]))
    return Tree(row.hash, tree.Frontier(tree.HASHES[row.hash], row.size, row.peaks))


def head(ledger: Ledger) -> Head:
    """The number of entries and the root over them."""
    with ledger.reading() as connection:
        frontier = stored(connection, ledger.audit_hash).frontier
    return Head(frontier.size, frontier.root().hex())


def entries(ledger: Ledger, event: str | None = None) -> Iterator[Entry]:
    """All entries in order, or those of one event."""
    query = select(AuditRow.__table__).order_by(AuditRow.sequence)
    with ledger.reading() as connection:
        rows = connection.execute(query if event is None else query.where(AuditRow.event == event))
        for *columns, leaf in rows:
            found = record.Event(*columns)
            yield Entry(found.sequence, found.at, found.fields(), leaf.hex())


_ADD, _LINK, _NODE = insert(AuditRow), insert(AuditLinkRow), insert(AuditNodeRow)
_KEEP = (
    update(AuditTreeRow)
    .where(AuditTreeRow.id == 1, AuditTreeRow.size == bindparam("first"))
    .values(hash=bindparam("new_hash"), size=bindparam("new_size"), peaks=bindparam("new_peaks"))
)
_TREE = select(AuditTreeRow.hash, AuditTreeRow.size, AuditTreeRow.peaks).where(AuditTreeRow.id == 1)
