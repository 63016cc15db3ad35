"""The tables of what the public adds to the portal that are no documents: whose a document is, votes, names, notices, deeds.

Rows repeat nothing of what somebody wrote; lists are found by them without folding every document.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from quanmin.ledger.table import SERIAL, Base


class PaperRow(Base):
    """Who wrote a document of the public, whose it is to answer, and what sort it is."""

    __tablename__ = "paper"
    __table_args__ = (Index(None, "author", "document"), Index(None, "publisher", "document"))
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"), primary_key=True, autoincrement=False)
    author: Mapped[str]
    publisher: Mapped[str | None]
    sort: Mapped[str | None]


class PaperAboutRow(Base):
    """What a document of the public is about: the id of a record, or (`address:…`) the digest of an address."""

    __tablename__ = "paper_about"
    __table_args__ = (Index(None, "about", "document"),)
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"), primary_key=True, autoincrement=False)
    about: Mapped[str] = mapped_column(primary_key=True)


class PaperVoteRow(Base):
    """An account is for a document; gone when it takes that back."""

    __tablename__ = "paper_vote"
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"), primary_key=True, autoincrement=False)
    account: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class PublicNameRow(Base):
    """What an account is called in public; `folded` is the one spelling by which no two are alike."""

    __tablename__ = "public_name"
    __table_args__ = (Index(None, "folded", unique=True),)
    account: Mapped[str] = mapped_column(primary_key=True)
    shown: Mapped[str]
    folded: Mapped[str]
    at: Mapped[datetime]


class NoticeRow(Base):
    """Something was done with a document that somebody should know: an account, a publisher or the moderators."""

    __tablename__ = "notice"
    __table_args__ = (Index(None, "whose", "name", "id"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    whose: Mapped[str]
    name: Mapped[str]
    document: Mapped[int] = mapped_column(SERIAL, ForeignKey("document.id"))
    step: Mapped[str]
    at: Mapped[datetime]
    seen: Mapped[datetime | None]


class DeedRow(Base):
    """Somebody wrote something, or an address asked for an account; counted for limits and dropped after two days."""

    __tablename__ = "deed"
    __table_args__ = (Index(None, "who", "at"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    who: Mapped[str]
    at: Mapped[datetime]
