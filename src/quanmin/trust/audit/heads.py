"""Signed heads: made on demand and at intervals, kept in the ledger, and the newest one noted outside of it.

No head is signed over a log that does not go on from the noted one: a restored backup or a replaced database shows there.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, insert, select, update

from quanmin.ledger import Ledger, database
from quanmin.ledger.table import AuditHeadRow, AuditRow
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
        head = _sign(ledger, connection, settings, signer)
    _note(settings, head)
    return head


def _sign(ledger: Ledger, connection: Connection, settings: Settings, signer: Signer) -> SignedHead:
    standing = stored(connection, ledger.audit_hash)
    size, root = standing.frontier.size, standing.frontier.root()
    _goes_on(connection, standing.hash, size, noted(settings))
    public = signer.public
    draft = SignedHead(ledger.now().astimezone(UTC), size, root, standing.hash, public.algorithm, public.key, b"")
    head = draft._replace(signature=signer.sign(draft.message()))
    connection.execute(insert(AuditHeadRow).values(head._asdict()))
    return head


def _note(settings: Settings, head: SignedHead) -> None:
    file.write(note_path(settings), json.dumps(head.document(), indent=1).encode())


def due(ledger: Ledger, settings: Settings, every: timedelta) -> SignedHead | None:
    """Sign when the newest head is older than `every` and the log has grown since; for a timer or a serving process."""
    with ledger.reading() as connection:
        if _fresh(ledger, connection, every):
            return None
    signer = StoreSigner.open(settings)
    with ledger.writing() as connection:
        database.lock(connection, "audit")
        if _fresh(ledger, connection, every):  # somebody else was first
            return None
        head = _sign(ledger, connection, settings, signer)
    _note(settings, head)
    return head


def _fresh(ledger: Ledger, connection: Connection, every: timedelta) -> bool:
    """Whether the newest head is young enough, or over all there is. One from a time to come is neither."""
    size = stored(connection, ledger.audit_hash).frontier.size
    newest = connection.execute(select(AuditHeadRow.size, AuditHeadRow.at).order_by(AuditHeadRow.id.desc())).first()
    return newest is not None and (newest.size == size or abs(ledger.now() - newest.at) < every)


def since(ledger: Ledger) -> datetime | None:
    """When the newest head was signed; without one, when the first entry was added; None for an empty log."""
    with ledger.reading() as connection:
        newest = connection.execute(select(AuditHeadRow.at).order_by(AuditHeadRow.id.desc()).limit(1)).scalar()
        return newest or connection.execute(select(AuditRow.at).where(AuditRow.sequence == 1)).scalar()


def heads(connection: Connection, size: int | None = None) -> list[SignedHead]:
    """The heads that are kept, oldest first; those over at most `size` entries."""
    return [head for head, _ in stamped(connection, size)]


def stamped(connection: Connection, size: int | None = None) -> list[tuple[SignedHead, bytes | None]]:
    """The same, each with its time stamp, if it has one."""
    names = (*SignedHead._fields, "token")
    query = select(*(getattr(AuditHeadRow, name) for name in names)).order_by(AuditHeadRow.id)
    rows = connection.execute(query if size is None else query.where(AuditHeadRow.size <= size))
    return [(SignedHead(*row[:-1]), row[-1]) for row in rows]


def token(ledger: Ledger, head: SignedHead) -> bytes | None:
    """The time stamp that is kept with a head."""
    own = (AuditHeadRow.size == head.size, AuditHeadRow.signature == head.signature)
    with ledger.reading() as connection:
        return connection.execute(select(AuditHeadRow.token).where(*own)).scalar()


def keep_token(ledger: Ledger, head: SignedHead, token: bytes) -> None:
    """Keep a time stamp over `head.message()` (a TimeStampResp of RFC 3161, DER), which a verification looks into."""
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
