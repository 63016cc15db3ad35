"""Proofs of identity, sessions, attempts, what was used up, certificates, the clock's mark."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables of identity."""
    _proofs()
    _uses()
    op.create_table(
        "certificate",
        sa.Column("serial", sa.String, nullable=False),
        sa.Column("issuer", sa.String),
        sa.Column("account", sa.String),
        sa.Column("pem", sa.String, nullable=False),
        sa.Column("key", sa.String),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("ends", sa.DateTime, nullable=False),
        sa.Column("revoked", sa.DateTime),
        sa.Column("why", sa.String),
        sa.PrimaryKeyConstraint("serial", name="pk_certificate"),
    )
    op.create_index("ix_certificate_account", "certificate", ["account"])
    op.create_table(
        "mark",
        sa.Column("name", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_mark"),
    )


def _proofs() -> None:
    op.create_table(
        "credential",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("handle", sa.String),
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("counter", sa.BigInteger, nullable=False),
        sa.Column("about", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("retired", sa.DateTime),
        sa.PrimaryKeyConstraint("id", name="pk_credential"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_credential_account_kind", "credential", ["account", "kind"])
    op.create_index("ix_credential_handle", "credential", ["handle"])
    op.create_table(
        "session",
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("organisation", sa.String),
        sa.Column("methods", sa.String, nullable=False),
        sa.Column("assurance", sa.Integer, nullable=False),
        sa.Column("mfa", sa.Boolean, nullable=False),
        sa.Column("acting_for", sa.String),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=False),
        sa.Column("ends", sa.DateTime, nullable=False),
        sa.Column("ended", sa.DateTime),
        sa.Column("why", sa.String),
        sa.PrimaryKeyConstraint("digest", name="pk_session"),
    )
    op.create_index("ix_session_account", "session", ["account"])


def _uses() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("address", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("passed", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_attempt_account_at", "attempt", ["account", "at"])
    op.create_index("ix_attempt_address_at", "attempt", ["address", "at"])
    op.create_table(
        "spent",
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("account", sa.String),
        sa.Column("ends", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("kind", "digest", name="pk_spent"),
    )
    op.create_index("ix_spent_ends", "spent", ["ends"])
