"""The ledger's tables, typed. Every change to them needs a migration in `migrations/versions`.

Documents with their actions and how far their work is, leases, snapshots with their lineage, the audit log with its
tree, the records of the open catalogue with their files, the use of the data API, what the public adds, and what was spent of
privacy budgets.
Times are stored in UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

SERIAL = BigInteger().with_variant(Integer, "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """An aware time, stored as UTC without zone (the same on SQLite and PostgreSQL)."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware to UTC; a naive time is a mistake of the caller."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("a time for the ledger needs a zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """UTC, aware."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables of the ledger."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcTime(), dict[str, Any]: JSON(), list[str]: JSON(), dict[str, int]: JSON()}  # noqa: RUF012


class DocumentRow(Base):
    """A document. `state` and `since` repeat the fold of its actions, so that documents can be found by state."""

    __tablename__ = "document"
    __table_args__ = (
        Index(None, "kind", "ref"),
        Index(None, "kind", "state"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    kind: Mapped[str]
    ref: Mapped[str | None]
    state: Mapped[str]
    since: Mapped[datetime]
    at: Mapped[datetime]


class ActionRow(Base):
    """One action on a document; rows are only ever added."""

    __tablename__ = "action"
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"), primary_key=True)
    sequence: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str]
    role: Mapped[str | None]
    actor: Mapped[str]
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class ProgressRow(Base):
    """How far the work of a document is; overwritten while it goes on."""

    __tablename__ = "progress"
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"), primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class LeaseRow(Base):
    """Who works on something now; gone when the work is done."""

    __tablename__ = "lease"
    name: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int] = mapped_column(BigInteger)
    started: Mapped[str]
    expires: Mapped[datetime]


class SnapshotRow(Base):
    """Which version of every lake table belongs together; `transaction` names the work, once."""

    __tablename__ = "snapshot"
    __table_args__ = (UniqueConstraint("transaction"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    parent: Mapped[int | None] = mapped_column(SERIAL, ForeignKey("snapshot.id"))
    tables: Mapped[dict[str, int]]
    stage: Mapped[str]
    transaction: Mapped[str | None]
    document: Mapped[int | None] = mapped_column(SERIAL, ForeignKey("document.id"))
    note: Mapped[dict[str, Any]]
    at: Mapped[datetime]


class LineageRow(Base):
    """Who wrote one version of a table, and from what."""

    __tablename__ = "lineage"
    __table_args__ = (Index(None, "lake_table", "version"),)
    snapshot: Mapped[int] = mapped_column(SERIAL, ForeignKey("snapshot.id"), primary_key=True)
    lake_table: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    stage: Mapped[str]
    package: Mapped[str]
    read_snapshot: Mapped[int | None] = mapped_column(BigInteger)
    reads: Mapped[list[str]]
    rows: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class SupersedeRow(Base):
    """A batch of a table holds `rows` rows whose key an earlier batch has too."""

    __tablename__ = "supersede"
    snapshot: Mapped[int] = mapped_column(SERIAL, ForeignKey("snapshot.id"), primary_key=True)
    lake_table: Mapped[str] = mapped_column(primary_key=True)
    batch: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)


class AuditRow(Base):
    """One entry of the audit log; `leaf` is the hash over all other columns."""

    __tablename__ = "audit"
    __table_args__ = (
        Index(None, "event", "sequence"),
        Index(None, "actor", "sequence"),
        Index(None, "purpose", "sequence"),
        Index(None, "at"),
    )
    sequence: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    event: Mapped[str]
    actor: Mapped[str]
    purpose: Mapped[str | None]
    entry: Mapped[str]
    leaf: Mapped[bytes]


class AuditTreeRow(Base):
    """The one row of the tree over the audit log: its hash function, and its peaks, from which it goes on."""

    __tablename__ = "audit_tree"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    hash: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    peaks: Mapped[bytes]


class AuditNodeRow(Base):
    """A whole subtree of 256, 65,536, … entries."""

    __tablename__ = "audit_node"
    level: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes]


class AuditLinkRow(Base):
    """Under which pseudonym or decision an entry can be found."""

    __tablename__ = "audit_link"
    __table_args__ = ({"sqlite_with_rowid": False},)
    key: Mapped[str] = mapped_column(primary_key=True)
    sequence: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)


class AuditHeadRow(Base):
    """A signed head: so many entries, the root over them, and who vouches for it. Rows are only ever added."""

    __tablename__ = "audit_head"
    __table_args__ = (Index(None, "size"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    at: Mapped[datetime]
    size: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes]
    hash: Mapped[str]
    algorithm: Mapped[str]
    key: Mapped[str]
    signature: Mapped[bytes]
    token: Mapped[bytes | None]


class CatalogueRow(Base):
    """One action on a record of the open catalogue, with the document as it then was; rows are only ever added."""

    __tablename__ = "catalogue"
    __table_args__ = (Index(None, "record", "sequence"), {"sqlite_autoincrement": True})
    sequence: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    record: Mapped[str]
    action: Mapped[str]
    actor: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str | None]
    document: Mapped[str | None]


class CatalogueNameRow(Base):
    """Whose a name of the open catalogue is; it stays so when the record is called otherwise."""

    __tablename__ = "catalogue_name"
    name: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str]


class CatalogueCountRow(Base):
    """How often a record of the open catalogue was looked at, downloaded and made use of, as last counted."""

    __tablename__ = "catalogue_count"
    record: Mapped[str] = mapped_column(primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    downloads: Mapped[int] = mapped_column(BigInteger)
    reuses: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(index=True)


class CatalogueFileRow(Base):
    """A record of the open catalogue of which some published version gives away a file of the portal."""

    __tablename__ = "catalogue_file"
    sha256: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[str] = mapped_column(primary_key=True)


class ApiUseRow(Base):
    """How many requests were made with a key of the data API on a day (in UTC, `2026-01-31`); counted on while it lasts."""

    __tablename__ = "api_use"
    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[str] = mapped_column(primary_key=True)
    requests: Mapped[int] = mapped_column(BigInteger)


class PrivacySpendingRow(Base):
    """What one question took of a privacy budget, written before it is answered; rows are only ever added.

    `epsilon` in millionths, `delta` in 10^-15; `question` is the digest of what was asked, `about` what it says; `owner` is the
    process that answers, until when.
    """

    __tablename__ = "privacy_spending"
    __table_args__ = (
        CheckConstraint("epsilon > 0 AND delta >= 0", name="ck_privacy_spending_positive"),
        {"sqlite_autoincrement": True},
    )
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    budget: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"), index=True)
    dataset: Mapped[str]
    question: Mapped[str] = mapped_column(index=True)
    epsilon: Mapped[int] = mapped_column(BigInteger)
    delta: Mapped[int] = mapped_column(BigInteger)
    actor: Mapped[str]
    at: Mapped[datetime]
    until: Mapped[datetime]
    owner: Mapped[dict[str, Any]]
    about: Mapped[dict[str, Any]]


class PrivacyAnswerRow(Base):
    """What became of a spending: its answer, or none where the worker failed; rows are only ever added."""

    __tablename__ = "privacy_answer"
    spending: Mapped[int] = mapped_column(
        SERIAL, ForeignKey("privacy_spending.id"), primary_key=True, autoincrement=False
    )
    at: Mapped[datetime]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
