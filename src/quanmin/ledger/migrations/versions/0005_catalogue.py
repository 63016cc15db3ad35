"""The records of the open catalogue with every action on them, their names and counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "catalogue",
        sa.Column("sequence", SERIAL, nullable=False),
        sa.Column("record", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("reason", sa.String, nullable=True),
        sa.Column("document", sa.String, nullable=True),
        sa.PrimaryKeyConstraint("sequence", name="pk_catalogue"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_catalogue_record_sequence", "catalogue", ["record", "sequence"])
    op.create_table(
        "catalogue_name",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("record", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_catalogue_name"),
    )
    op.create_table(
        "catalogue_count",
        sa.Column("record", sa.String, nullable=False),
        sa.Column("views", sa.BigInteger, nullable=False),
        sa.Column("downloads", sa.BigInteger, nullable=False),
        sa.Column("reuses", sa.BigInteger, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("record", name="pk_catalogue_count"),
    )
    op.create_index("ix_catalogue_count_at", "catalogue_count", ["at"])
