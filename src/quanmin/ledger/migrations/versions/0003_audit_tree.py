"""The audit chain becomes a Merkle log: every entry of the chain is a leaf, and a last one says how the chain stood.

What is hashed of an entry, and how the tree is kept, is written out here as it was when this migration was made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_START = "0" * 64
_BATCH = 10_000


def upgrade() -> None:
    """Set the chain aside, make the log, carry the entries over, drop the chain."""
    connection = op.get_bind()
    op.rename_table("audit", "audit_chain")
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE audit_chain RENAME CONSTRAINT pk_audit TO pk_audit_chain")
    _log()
    _tree()
    _carry(connection)
    op.drop_table("audit_chain")


def _log() -> None:
    op.create_table(
        "audit",
        sa.Column("sequence", SERIAL, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("purpose", sa.String),
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("leaf", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
    )
    for column in ("event", "actor", "purpose"):
        op.create_index(f"ix_audit_{column}_sequence", "audit", [column, "sequence"])
    op.create_index("ix_audit_at", "audit", ["at"])


def _tree() -> None:
    op.create_table(
        "audit_tree",
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("peaks", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_tree"),
    )
    op.create_table(
        "audit_node",
        sa.Column("level", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("place", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name="pk_audit_node"),
    )
    op.create_table(
        "audit_link",
        sa.Column("key", sa.String, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("key", "sequence", name="pk_audit_link"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "audit_head",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.String, nullable=False),
        sa.Column("algorithm", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("signature", sa.LargeBinary, nullable=False),
        sa.Column("token", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_head_size", "audit_head", ["size"])


def _carry(connection: sa.Connection) -> None:
    peaks, size = list[tuple[int, bytes]](), 0
    for rows in _batches(_entries(connection)):
        links, nodes = list[dict[str, Any]](), list[dict[str, Any]]()
        for row in rows:
            row["sequence"] = size = size + 1
            row["leaf"] = hashlib.sha256(b"\0" + _line(row)).digest()
            links += [{"key": key, "sequence": size} for key in row.pop("keys")]
            level, hash_ = 0, row["leaf"]
            while peaks and peaks[-1][0] == level:
                level, hash_ = level + 1, hashlib.sha256(b"\1" + peaks.pop()[1] + hash_).digest()
                if level % 8 == 0:
                    nodes.append({"level": level, "place": (size >> level) - 1, "hash": hash_})
            peaks.append((level, hash_))
        for name, values in (("audit", rows), ("audit_link", links), ("audit_node", nodes)):
            if values:
                connection.execute(sa.insert(_table(name)), values)
    if size:
        packed = b"".join(peak for _, peak in peaks)
        connection.execute(
            sa.insert(_table("audit_tree")), [{"id": 1, "hash": "sha256", "size": size, "peaks": packed}]
        )


def _table(name: str) -> sa.TableClause:
    names = {
        "audit": ["sequence", "event", "actor", "purpose", "entry", "leaf"],
        "audit_tree": ["id", "hash", "size", "peaks"],
        "audit_link": ["key", "sequence"],
        "audit_node": ["level", "place", "hash"],
    }[name]
    times = [sa.column("at", sa.DateTime)] if name == "audit" else []
    return sa.table(name, *times, *(sa.column(one) for one in names))


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch = list[dict[str, Any]]()
    for row in rows:
        batch.append(row)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _entries(connection: sa.Connection) -> Iterator[dict[str, Any]]:
    """The chain's entries, and one more: its last digest, and the first entry at which it did not hold."""
    columns = [sa.column("sequence"), sa.column("at", sa.DateTime)]
    columns += [sa.column(name) for name in ("entry", "previous", "digest")]
    chain = sa.table("audit_chain", *columns)
    previous, count, broken = _START, 0, None
    for row in connection.execute(sa.select(*columns).select_from(chain).order_by(columns[0])).mappings().all():
        count += 1
        text = f"{row['previous']}\n{row['sequence']}\n{row['at'].replace(tzinfo=UTC).isoformat()}\n{row['entry']}"
        whole = row["digest"] == hashlib.sha256(text.encode()).hexdigest()
        if broken is None and not (whole and row["previous"] == previous and row["sequence"] == count):
            broken = count
        previous = row["digest"]
        yield _split(row["at"], json.loads(row["entry"]))
    if count:
        last = {"event": "migrate", "actor": "system", "chain": previous, "entries": count, "broken": broken}
        yield _split(datetime.now(UTC).replace(tzinfo=None), last)


def _split(at: datetime, fields: dict[str, Any]) -> dict[str, Any]:
    persons = fields.get("persons")
    keys = {f"p:{one}" for one in persons} if isinstance(persons, list) else set[str]()
    if fields.get("event") == "decide" and isinstance(fields.get("decision"), str):
        keys.add(f"d:{fields['decision']}")
    row = {"at": at, "event": fields.pop("event", ""), "actor": fields.pop("actor", ""), "keys": sorted(keys)}
    row["purpose"] = fields.pop("purpose") if isinstance(fields.get("purpose"), str) else None
    return row | {"entry": json.dumps(fields, ensure_ascii=False, sort_keys=True, separators=(",", ":"))}


def _line(row: dict[str, Any]) -> bytes:
    event, actor, purpose = (json.dumps(row[name], ensure_ascii=False) for name in ("event", "actor", "purpose"))
    at = row["at"].isoformat(timespec="microseconds") + "Z"
    names = f'"event":{event},"actor":{actor},"purpose":{purpose}'
    return f'{{"at":"{at}","sequence":{row["sequence"]},{names},"fields":{row["entry"]}}}'.encode()
