"""A check that takes as long for a log of ten million as for one of ten thousand: its newest entries, and that it goes on.

The whole log is verified by `verify`. Here the newest entries are hashed anew, the root is made from what is stored and compared
with the tree's own, every noted or kept head of the newest ones must still be the root of its size, and its signature must hold.
"""

from __future__ import annotations

from sqlalchemy import Connection, select

from quanmin.ledger import Ledger
from quanmin.ledger.table import AuditRow
from quanmin.trust.audit import heads, proof, record, tree
from quanmin.trust.audit.log import stored
from quanmin.trust.audit.signature import Public, SignedHead
from quanmin.trust.audit.verdict import Verdict
from quanmin.trust.errors import AuditBroken

NEWEST = 20_000
_HEADS = 20


def recent(
    ledger: Ledger, noted: SignedHead | None = None, public: Public | None = None, newest: int = NEWEST
) -> Verdict:
    """What was found; `entries` of the verdict is how many were hashed anew."""
    with ledger.reading() as connection:
        standing = stored(connection, ledger.audit_hash)
        size = standing.frontier.size
        found = _entries(connection, standing.hash, size, newest)
        if found.damage is not None:
            return found
        try:
            kept = heads.heads(connection)[-_HEADS:] + ([noted] if noted else [])
            bad = _headed(connection, standing.hash, size, standing.frontier.root(), kept, public)
        except AuditBroken as error:
            return Verdict(0, int(str(error.fields["sequence"])), "removed")
        return bad or found


def _entries(connection: Connection, name: str, size: int, newest: int) -> Verdict:
    """The newest leaves, hashed anew, each in its place."""
    expected = max(1, size - newest + 1)
    query = select(AuditRow.__table__).where(AuditRow.sequence >= expected).order_by(AuditRow.sequence)
    done = 0
    for *columns, leaf in connection.execute(query):
        event = record.Event._make(columns)
        if event.sequence != expected + done:
            return Verdict(done, expected + done, "removed")
        if event.sequence > size:
            return Verdict(done, event.sequence, "added")
        if tree.leaf(tree.HASHES[name], event.line()) != leaf:
            return Verdict(done, event.sequence, "changed")
        done += 1
    return Verdict(done) if expected + done == size + 1 else Verdict(done, expected + done, "removed")


def _headed(
    connection: Connection, name: str, size: int, root: bytes, kept: list[SignedHead], public: Public | None
) -> Verdict | None:
    """Whether the stored tree has the root that it should, now and at each head; AuditBroken when parts are missing."""
    if size and proof.root_of(connection, name, size) != root:
        return Verdict(0, 1, "changed", size)
    for one in sorted(kept, key=lambda head: head.size):
        if one.size > size:
            return Verdict(0, size + 1, "removed", one.size)
        if public is not None and not one.holds(public):
            return Verdict(0, one.size, "forged")
        if one.hash != name or (one.size and proof.root_of(connection, name, one.size) != one.root):
            return Verdict(0, 1, "changed", one.size)
    return None
