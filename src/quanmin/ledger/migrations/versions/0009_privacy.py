"""What was spent of privacy budgets, and the answers that it bought; rows are only ever added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "privacy_spending",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("budget", SERIAL, nullable=False),
        sa.Column("dataset", sa.String, nullable=False),
        sa.Column("question", sa.String, nullable=False),
        sa.Column("epsilon", sa.BigInteger, nullable=False),
        sa.Column("delta", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("until", sa.DateTime, nullable=False),
        sa.Column("owner", sa.JSON, nullable=False),
        sa.Column("about", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["budget"], ["document.id"], name="fk_privacy_spending_budget"),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_spending"),
        sa.CheckConstraint("epsilon > 0 AND delta >= 0", name="ck_privacy_spending_positive"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_privacy_spending_budget", "privacy_spending", ["budget"])
    op.create_index("ix_privacy_spending_question", "privacy_spending", ["question"])
    op.create_table(
        "privacy_answer",
        sa.Column("spending", SERIAL, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("answer", sa.JSON, nullable=True),
        sa.ForeignKeyConstraint(["spending"], ["privacy_spending.id"], name="fk_privacy_answer_spending"),
        sa.PrimaryKeyConstraint("spending", name="pk_privacy_answer"),
    )
