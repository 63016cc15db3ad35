"""Signed heads: made on demand and at intervals, kept in the ledger, and the newest one noted outside of it.

No head is signed over a log that does not go on from the noted one: a restored backup or a replaced database shows there.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from quanmin.ledger import Ledger, database
from quanmin.ledger.table import AuditHeadRow
from quanmin.settings import Settings
from quanmin.trust.audit import proof
from quanmin.trust.audit.errors import HeadUnreadable, RolledBack
from quanmin.trust.audit.log import stored
from quanmin.trust.audit.signature import SignedHead, Signer, StoreSigner
from quanmin.trust.errors import AuditBroken
from quanmin.trust.keys import file


def note_path(settings: Settings) -> Path:
    """Where the newest head is noted, outside of the database."""
    return settings.home / "keys" / "audit.head"


def noted(settings: Settings) -> SignedHead | None:
    """The head that was noted last, if any."""
    path = note_path(settings)
    return read(path) if path.exists() else None


def read(path: Path) -> SignedHead:
    """A head from a file; HeadUnreadable."""
    try:
        return SignedHead.read(json.loads(path.read_text("utf-8")), path.name)
    except (OSError, ValueError) as error:
        raise HeadUnreadable(file=path.name, reason=type(error).__name__) from error


def sign(ledger: Ledger, settings: Settings, signer: Signer | None = None) -> SignedHead:
    """Sign the log as it stands, keep the head and note it; RolledBack when the log does not go on from the noted head."""
    signer = signer or StoreSigner.open(settings)
    with ledger.writing() as connection:
        database.lock(connection, "audit")
        standing = stored(connection, ledger.audit_hash)
        size, root = standing.frontier.size, standing.frontier.root()
        _goes_on(connection, standing.hash, size, noted(settings))
        public = signer.public
        draft = SignedHead(ledger.now().astimezone(UTC), size, root, standing.hash, public.algorithm, public.key, b"")
        head = draft._replace(signature=signer.sign(draft.message()))
        connection.execute(insert(AuditHeadRow).values(head._asdict()))
    file.write(note_path(settings), json.dumps(head.document(), indent=1).encode())
    return head


def due(ledger: Ledger, settings: Settings, every: timedelta) -> SignedHead | None:
    """Sign when the newest head is older than `every` and the log has grown since; for a timer or a serving process."""
    with ledger.reading() as connection:
        size = stored(connection, ledger.audit_hash).frontier.size
        newest = connection.execute(select(AuditHeadRow.size, AuditHeadRow.at).order_by(AuditHeadRow.id.desc())).first()
    if newest is not None and (newest.size == size or ledger.now() - newest.at < every):
        return None
    return sign(ledger, settings)


def heads(connection: Connection, size: int | None = None) -> list[SignedHead]:
    """The heads that are kept, oldest first; those over at most `size` entries."""
    query = select(*(getattr(AuditHeadRow, name) for name in SignedHead._fields)).order_by(AuditHeadRow.id)
    rows = connection.execute(query if size is None else query.where(AuditHeadRow.size <= size))
    return [SignedHead(*row) for row in rows]


def keep_token(ledger: Ledger, head: SignedHead, token: bytes) -> None:
    """Keep a time stamp (RFC 3161) that somebody had made over `head.message()`; it is not looked into here."""
    with ledger.writing() as connection:
        own = AuditHeadRow.signature == head.signature
        connection.execute(update(AuditHeadRow).where(AuditHeadRow.size == head.size, own).values(token=token))


def _goes_on(connection: Connection, name: str, size: int, before: SignedHead | None) -> None:
    if before is None:
        return
    try:
        same = before.size <= size and before.hash == name
        same = before.size == 0 or (same and proof.root_of(connection, name, before.size) == before.root)
    except AuditBroken as error:
        raise RolledBack(sequence=before.size) from error
    if not same:
        raise RolledBack(sequence=before.size)
