"""The tables of numbered forms and of the certificates on them: who holds which numbers, what became of each, what is owed.

A number lies in exactly one range, and a range has one holder; what became of a number that was used stands once, under it.
Rows repeat nothing of what a certificate says of people: keyed digests stand for them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, Date, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from quanmin.ledger.table import SERIAL, Base


class HolderRow(Base):
    """An authority or institution that may hold forms. `document` is its course."""

    __tablename__ = "blank_holder"
    __table_args__ = (Index(None, "parent"),)
    code: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    level: Mapped[str]
    region: Mapped[str]
    parent: Mapped[str | None]
    state: Mapped[str]
    births: Mapped[bool]
    home_births: Mapped[bool]
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"))


class BlankRangeRow(Base):
    """Numbers from `first` to `last` of one edition that one holder answers for; `movement` is on its way with them."""

    __tablename__ = "blank_range"
    __table_args__ = (Index(None, "holder", "edition"), Index(None, "last"), Index(None, "movement"))
    first: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)
    edition: Mapped[int]
    holder: Mapped[str] = mapped_column(ForeignKey("blank_holder.code"))
    movement: Mapped[int | None] = mapped_column(SERIAL, ForeignKey("document.id"))


class BlankUseRow(Base):
    """What became of a number: `bound` to a certificate, `void`, `lost` or `destroyed`; `document` says the rest."""

    __tablename__ = "blank_use"
    __table_args__ = (Index(None, "holder", "state"), Index(None, "document"))
    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    holder: Mapped[str] = mapped_column(ForeignKey("blank_holder.code"))
    edition: Mapped[int]
    state: Mapped[str]
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"))
    at: Mapped[datetime]


class BirthCertificateRow(Base):
    """A certificate as it is found: by number, by newborn, by mother, by holder. Of one newborn at most one is `valid`."""

    __tablename__ = "birth_certificate"
    __table_args__ = (
        Index(
            "uq_birth_certificate_newborn",
            "newborn",
            unique=True,
            sqlite_where=text("valid"),
            postgresql_where=text("valid"),
        ),
        UniqueConstraint("number"),
        UniqueConstraint("code"),
        UniqueConstraint("before"),
        Index(None, "newborn"),
        Index(None, "delivery"),
        Index(None, "mother"),
        Index(None, "holder", "state"),
    )
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"), primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger, ForeignKey("blank_use.number"))
    edition: Mapped[int]
    kind: Mapped[str]
    newborn: Mapped[str]
    delivery: Mapped[str]
    mother: Mapped[str]
    holder: Mapped[str] = mapped_column(ForeignKey("blank_holder.code"))
    state: Mapped[str]
    valid: Mapped[bool]
    code: Mapped[str]
    born_on: Mapped[date] = mapped_column(Date)
    issued_on: Mapped[date | None] = mapped_column(Date)
    before: Mapped[int | None] = mapped_column(BigInteger)


class OwedRow(Base):
    """Something that a holder owes by a moment; `done` is when it came."""

    __tablename__ = "owed"
    __table_args__ = (
        UniqueConstraint("document", "what"),
        Index(None, "holder", "done", "due"),
        Index(None, "done", "due"),
    )
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"))
    what: Mapped[str]
    holder: Mapped[str] = mapped_column(ForeignKey("blank_holder.code"))
    due: Mapped[datetime]
    done: Mapped[datetime | None]
