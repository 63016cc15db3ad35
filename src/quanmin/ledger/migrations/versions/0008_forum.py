"""What the public adds to the portal: whose a document is and what about, votes, public names, notices, deeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _papers()
    _people()


def _papers() -> None:
    op.create_table(
        "paper",
        sa.Column("document", SERIAL, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("publisher", sa.String, nullable=True),
        sa.Column("sort", sa.String, nullable=True),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_paper_document"),
        sa.PrimaryKeyConstraint("document", name="pk_paper"),
    )
    op.create_index("ix_paper_author_document", "paper", ["author", "document"])
    op.create_index("ix_paper_publisher_document", "paper", ["publisher", "document"])
    op.create_table(
        "paper_about",
        sa.Column("document", SERIAL, nullable=False),
        sa.Column("about", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_paper_about_document"),
        sa.PrimaryKeyConstraint("document", "about", name="pk_paper_about"),
    )
    op.create_index("ix_paper_about_about_document", "paper_about", ["about", "document"])
    op.create_table(
        "paper_vote",
        sa.Column("document", SERIAL, nullable=False),
        sa.Column("account", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_paper_vote_document"),
        sa.PrimaryKeyConstraint("document", "account", name="pk_paper_vote"),
    )


def _people() -> None:
    op.create_table(
        "public_name",
        sa.Column("account", sa.String, nullable=False),
        sa.Column("shown", sa.String, nullable=False),
        sa.Column("folded", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_public_name"),
    )
    op.create_index("ix_public_name_folded", "public_name", ["folded"], unique=True)
    op.create_table(
        "notice",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("whose", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("document", SERIAL, nullable=False),
        sa.Column("step", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("seen", sa.DateTime, nullable=True),
        sa.ForeignKeyConstraint(["document"], ["document.id"], name="fk_notice_document"),
        sa.PrimaryKeyConstraint("id", name="pk_notice"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_notice_whose_name_id", "notice", ["whose", "name", "id"])
    op.create_table(
        "deed",
        sa.Column("id", SERIAL, nullable=False),
        sa.Column("who", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deed"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deed_who_at", "deed", ["who", "at"])
