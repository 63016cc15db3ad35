"""Documents, actions, leases, snapshots, lineage, superseding batches, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    _documents()
    _snapshots()
    op.create_table(
        "lease",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("pid", sa.BigInteger, nullable=False),
        sa.Column("started", sa.String, nullable=False),
        sa.Column("expires", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_lease"),
    )
    op.create_table(
        "audit",
        sa.Column("sequence", SERIAL, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("previous", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
    )


def _documents() -> None:
    op.create_table(
        "document",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("ref", sa.String),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("since", sa.DateTime, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_document_kind_ref", "document", ["kind", "ref"])
    op.create_index("ix_document_kind_state", "document", ["kind", "state"])
    op.create_table(
        "action",
        sa.Column("document", SERIAL, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("role", sa.String),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("data", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("document", "sequence", name="pk_action"),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_action_document"),
    )


def _snapshots() -> None:
    op.create_table(
        "snapshot",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("parent", SERIAL),
        sa.Column("tables", sa.JSON, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("transaction", sa.String),
        sa.Column("document", SERIAL),
        sa.Column("note", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.UniqueConstraint("transaction", name="uq_snapshot_transaction"),
        sa.ForeignKeyConstraint(["parent"], ["snapshot.id"], name="fk_snapshot_parent"),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_snapshot_document"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "lineage",
        sa.Column("snapshot", SERIAL, nullable=False),
        sa.Column("lake_table", sa.String, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("stage", sa.String, nullable=False),
        sa.Column("package", sa.String, nullable=False),
        sa.Column("read_snapshot", sa.BigInteger),
        sa.Column("reads", sa.JSON, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("snapshot", "lake_table", name="pk_lineage"),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshot.id"], name="fk_lineage_snapshot"),
    )
    op.create_index("ix_lineage_lake_table_version", "lineage", ["lake_table", "version"])
    op.create_table(
        "supersede",
        sa.Column("snapshot", SERIAL, nullable=False),
        sa.Column("lake_table", sa.String, nullable=False),
        sa.Column("batch", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("snapshot", "lake_table", "batch", name="pk_supersede"),
        sa.ForeignKeyConstraint(["snapshot"], ["snapshot.id"], name="fk_supersede_snapshot"),
    )
