"""How long the exchange goes on without time stamps: an alarm at 70 % of the limit, and after it no new message is taken.

Without an authority in the settings there is no limit. The time counts from the newest head that has a stamp; before the first
one from the first message. X-Road stops likewise (4 h by default), so that nobody relies on a log that nobody vouches for.
"""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

from sqlalchemy import select

from quanmin.exchange.log.errors import StampOverdue
from quanmin.ledger import SYSTEM, Ledger
from quanmin.ledger.exchange import ExchangeLogRow
from quanmin.ledger.table import AuditHeadRow, AuditRow
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.audit.alarm import UNSTAMPED

WARN = 0.7
_AGAIN = 1.0
"""Seconds for which what the ledger said of the newest stamp is believed."""


def since(ledger: Ledger) -> datetime | None:
    """The time of the newest head with a stamp, or of the first message; None where there is neither."""
    stamped = select(AuditHeadRow.at).where(AuditHeadRow.token.is_not(None)).order_by(AuditHeadRow.id.desc()).limit(1)
    first = select(ExchangeLogRow.at).order_by(ExchangeLogRow.sequence).limit(1)
    with ledger.reading() as connection:
        return connection.execute(stamped).scalar() or connection.execute(first).scalar()


def waited(ledger: Ledger, settings: Settings) -> timedelta | None:
    """How long there was no stamp; None without an authority, or with nothing to be stamped."""
    if settings.timestamp_authority is None:
        return None
    begun = since(ledger)
    return None if begun is None else abs(ledger.now() - begun)  # one from a time to come is none


class Limit:
    """Asked before every new message: cheap while all is well."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self._limit = timedelta(seconds=settings.exchange_stamp_limit)
        self._lock = threading.Lock()
        self._since: datetime | None = None
        self._read = float("-inf")

    def require(self) -> None:
        """StampOverdue while the newest stamp is older than the limit."""
        if self._settings.timestamp_authority is None:
            return
        over = self._over()
        if over is not None:
            limit = self._settings.exchange_stamp_limit
            raise StampOverdue(seconds=int(over.total_seconds()), limit=limit)

    def _over(self) -> timedelta | None:
        with self._lock:
            if self._since is None or time.monotonic() - self._read > _AGAIN or self._late():
                self._since, self._read = since(self._ledger), time.monotonic()
            return self._late()

    def _late(self) -> timedelta | None:
        if self._since is None:
            return None
        over = abs(self._ledger.now() - self._since)
        return over if over > self._limit else None


def require(ledger: Ledger, settings: Settings) -> None:
    """The same, once."""
    Limit(ledger, settings).require()


def warn(ledger: Ledger, settings: Settings) -> bool:
    """Write into the audit that stamps are late, once until the next stamp; whether it was written now."""
    over, begun = waited(ledger, settings), since(ledger)
    if over is None or begun is None or over < WARN * timedelta(seconds=settings.exchange_stamp_limit):
        return False
    told = select(AuditRow.sequence).where(AuditRow.event == UNSTAMPED, AuditRow.at >= begun).limit(1)
    with ledger.reading() as connection:
        if connection.execute(told).scalar() is not None:
            return False
    fields = {"seconds": int(over.total_seconds()), "limit": settings.exchange_stamp_limit}
    audit.append(ledger, UNSTAMPED, SYSTEM, fields)
    return True
