"""The tables of the exchange that are no documents: the log of messages with its batches, traffic by the hour, event numbers.

Rows of the log are only ever added; `link` chains each to the one before.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, Integer, text
from sqlalchemy.orm import Mapped, mapped_column

from quanmin.ledger.table import SERIAL, Base


class ExchangeLogRow(Base):
    """A message. `entry` is its canonical JSON line, `link` the hash over the line and the link before it.

    `part` is `out` or `in`. A message that comes in a second time is refused; what goes out may be said again under its id.
    Batches are ranges of numbers, so that a row is never touched again.
    """

    __tablename__ = "exchange_log"
    __table_args__ = (
        Index(
            "uq_exchange_log_came",
            "message",
            "sender",
            unique=True,
            sqlite_where=text("part = 'in'"),
            postgresql_where=text("part = 'in'"),
        ),
        Index(None, "message"),
        Index(None, "request"),
        Index(None, "delivery"),
        Index(None, "at"),
    )
    sequence: Mapped[int] = mapped_column(SERIAL, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    part: Mapped[str]
    kind: Mapped[str]
    message: Mapped[str]
    sender: Mapped[str]
    receiver: Mapped[str]
    request: Mapped[str | None]
    delivery: Mapped[str | None]
    entry: Mapped[str]
    link: Mapped[bytes]
    body: Mapped[bytes | None]


class ExchangeBatchRow(Base):
    """A run of entries whose root is in the audit (`audit` is the number of that entry)."""

    __tablename__ = "exchange_batch"
    __table_args__ = ({"sqlite_autoincrement": True},)
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    at: Mapped[datetime]
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    root: Mapped[bytes]
    link: Mapped[bytes]
    audit: Mapped[int] = mapped_column(BigInteger)


class ExchangeTrafficRow(Base):
    """Messages of an hour (UTC, its beginning) between two members under an agreement, as this side saw them.

    `outcome` is `answered` or `<origin> <code>`; `took` sums microseconds of requests, `slow` counts those above a second.
    """

    __tablename__ = "exchange_traffic"
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    receiver: Mapped[str] = mapped_column(primary_key=True)
    agreement: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str] = mapped_column(primary_key=True)
    messages: Mapped[int] = mapped_column(BigInteger)
    bytes: Mapped[int] = mapped_column(BigInteger)
    took: Mapped[int] = mapped_column(BigInteger)
    slow: Mapped[int] = mapped_column(BigInteger)


class ExchangeEventRow(Base):
    """The number of a delivery among those of an agreement in one direction, without gaps: what a receiver misses is seen."""

    __tablename__ = "exchange_event"
    agreement: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    delivery: Mapped[str] = mapped_column(unique=True)
