"""Numbered forms: holders, ranges of numbers, what became of each, certificates of birth, what is owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _holders()
    _numbers()
    _certificates()
    _owed()


def _document(name: str = "document", nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, SERIAL, nullable=nullable, autoincrement=False)


def _to_document(table: str, name: str = "document") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], ["document.id"], name=f"fk_{table}_{name}_document")


def _to_holder(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["holder"], ["blank_holder.code"], name=f"fk_{table}_holder_blank_holder")


def _holders() -> None:
    op.create_table(
        "blank_holder",
        sa.Column("code", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("level", sa.String, nullable=False),
        sa.Column("region", sa.String, nullable=False),
        sa.Column("parent", sa.String, nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("births", sa.Boolean, nullable=False),
        sa.Column("home_births", sa.Boolean, nullable=False),
        _document(),
        _to_document("blank_holder"),
        sa.PrimaryKeyConstraint("code", name="pk_blank_holder"),
    )
    op.create_index("ix_blank_holder_parent", "blank_holder", ["parent"])


def _numbers() -> None:
    op.create_table(
        "blank_range",
        sa.Column("first", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        _document("movement", nullable=True),
        _to_holder("blank_range"),
        _to_document("blank_range", "movement"),
        sa.PrimaryKeyConstraint("first", name="pk_blank_range"),
    )
    op.create_index("ix_blank_range_holder_edition", "blank_range", ["holder", "edition"])
    op.create_index("ix_blank_range_last", "blank_range", ["last"])
    op.create_index("ix_blank_range_movement", "blank_range", ["movement"])
    op.create_table(
        "blank_use",
        sa.Column("number", sa.BigInteger, nullable=False, autoincrement=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        _document(),
        sa.Column("at", sa.DateTime, nullable=False),
        _to_holder("blank_use"),
        _to_document("blank_use"),
        sa.PrimaryKeyConstraint("number", name="pk_blank_use"),
    )
    op.create_index("ix_blank_use_holder_state", "blank_use", ["holder", "state"])
    op.create_index("ix_blank_use_document", "blank_use", ["document"])


def _certificates() -> None:
    op.create_table(
        "birth_certificate",
        _document(),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("edition", sa.Integer, nullable=False),
        *(sa.Column(name, sa.String, nullable=False) for name in ("kind", "newborn", "delivery", "mother", "holder")),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("valid", sa.Boolean, nullable=False),
        sa.Column("code", sa.String, nullable=False),
        sa.Column("born_on", sa.Date, nullable=False),
        sa.Column("issued_on", sa.Date, nullable=True),
        sa.Column("before", sa.BigInteger, nullable=True),
        _to_document("birth_certificate"),
        _to_holder("birth_certificate"),
        sa.ForeignKeyConstraint(["number"], ["blank_use.number"], name="fk_birth_certificate_number_blank_use"),
        sa.PrimaryKeyConstraint("document", name="pk_birth_certificate"),
        *(sa.UniqueConstraint(name, name=f"uq_birth_certificate_{name}") for name in ("number", "code", "before")),
    )
    op.create_index(
        "uq_birth_certificate_newborn",
        "birth_certificate",
        ["newborn"],
        unique=True,
        sqlite_where=sa.text("valid"),
        postgresql_where=sa.text("valid"),
    )
    for columns in (["newborn"], ["delivery"], ["mother"], ["holder", "state"]):
        op.create_index(f"ix_birth_certificate_{'_'.join(columns)}", "birth_certificate", columns)


def _owed() -> None:
    op.create_table(
        "owed",
        sa.Column("id", SERIAL, nullable=False),
        _document(),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("holder", sa.String, nullable=False),
        sa.Column("due", sa.DateTime, nullable=False),
        sa.Column("done", sa.DateTime, nullable=True),
        _to_document("owed"),
        _to_holder("owed"),
        sa.PrimaryKeyConstraint("id", name="pk_owed"),
        sa.UniqueConstraint("document", "what", name="uq_owed_document_what"),
    )
    op.create_index("ix_owed_holder_done_due", "owed", ["holder", "done", "due"])
    op.create_index("ix_owed_done_due", "owed", ["done", "due"])
