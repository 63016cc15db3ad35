"""The exchange: its log of messages and the batches of it, traffic by the hour, event numbers of deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _log()
    _traffic()
    op.create_table(
        "exchange_event",
        sa.Column("agreement", sa.String, nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("delivery", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("agreement", "sender", "number", name="pk_exchange_event"),
        sa.UniqueConstraint("delivery", name="uq_exchange_event_delivery"),
    )


def _log() -> None:
    op.create_table(
        "exchange_log",
        sa.Column("sequence", SERIAL, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("message", sa.String, nullable=False),
        sa.Column("sender", sa.String, nullable=False),
        sa.Column("receiver", sa.String, nullable=False),
        sa.Column("request", sa.String, nullable=True),
        sa.Column("delivery", sa.String, nullable=True),
        sa.Column("entry", sa.String, nullable=False),
        sa.Column("link", sa.LargeBinary, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("sequence", name="pk_exchange_log"),
    )
    for name in ("message", "request", "delivery", "at"):
        op.create_index(f"ix_exchange_log_{name}", "exchange_log", [name])
    came = sa.text("part = 'in'")
    op.create_index(
        "uq_exchange_log_came",
        "exchange_log",
        ["message", "sender"],
        unique=True,
        sqlite_where=came,
        postgresql_where=came,
    )
    op.create_table(
        "exchange_batch",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("first", sa.BigInteger, nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("root", sa.LargeBinary, nullable=False),
        sa.Column("link", sa.LargeBinary, nullable=False),
        sa.Column("audit", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_exchange_batch"),
        sqlite_autoincrement=True,
    )


def _traffic() -> None:
    names = ("sender", "receiver", "agreement", "kind", "part", "outcome")
    op.create_table(
        "exchange_traffic",
        sa.Column("hour", sa.DateTime, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in names),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in ("messages", "bytes", "took", "slow")),
        sa.PrimaryKeyConstraint("hour", *names, name="pk_exchange_traffic"),
    )
