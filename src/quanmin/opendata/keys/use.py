"""Counting the use of keys: in memory, written down together; a day's quota and a minute's.

What another process counted meanwhile is known when this one writes: a day's quota may be passed by what the others count within
`EVERY` seconds. The minute's quota is one process's own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from quanmin.ledger import Ledger
from quanmin.ledger.table import ApiUseRow
from quanmin.opendata.keys.errors import QuotaSpent

EVERY = 5.0
"""Seconds after which what was counted is written down by the request that comes then."""


@dataclass
class _Count:
    """Of one key on one day: what is written, what is not yet; and the bucket of the minute."""

    day: str
    written: int
    waiting: int = 0
    left: float = 0.0
    at: float = field(default_factory=time.monotonic)


class Counter:
    """Counts uses of keys and says when one was used too often."""

    def __init__(self, ledger: Ledger, day_quota: int, minute_quota: int, clock: Callable[[], float]) -> None:
        self._ledger, self._day, self._minute, self._clock = ledger, day_quota, minute_quota, clock
        self._counts: dict[int, _Count] = {}
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._flushed = clock()

    def count(self, key: int) -> None:
        """One use; QuotaSpent, which does not count."""
        now = self._ledger.now()
        day = now.date().isoformat()
        known = self._counts.get(key)
        if known is None or known.day != day:
            self.flush()
            known = self._begin(key, day)
        with self._lock:
            if known.written + known.waiting >= self._day:
                raise QuotaSpent(limit=self._day, seconds=_rest(now))
            wait = self._take(known)
            if wait:
                raise QuotaSpent(limit=self._minute, seconds=wait)
            known.waiting += 1
        if self._clock() - self._flushed > EVERY:
            self.flush()

    def flush(self) -> None:
        """Write down what waits, and read what others wrote."""
        with self._flushing:
            self._flushed = self._clock()
            with self._lock:
                waiting = {key: (one, one.waiting) for key, one in self._counts.items() if one.waiting}
            for key, (known, count) in waiting.items():
                total = self._add(key, known.day, count)
                with self._lock:
                    known.written, known.waiting = total, known.waiting - count

    def _begin(self, key: int, day: str) -> _Count:
        with self._ledger.reading() as connection:
            query = select(ApiUseRow.requests).where(ApiUseRow.key == key, ApiUseRow.day == day)
            written = connection.execute(query).scalar() or 0
        with self._lock:
            known = self._counts.get(key)
            if known is None or known.day != day:
                known = _Count(day, written, left=float(self._minute), at=self._clock())
                self._counts[key] = known
            return known

    def _take(self, known: _Count) -> int:
        """Seconds to wait until the minute's bucket has one more; 0: one was taken."""
        now, rate = self._clock(), self._minute / 60
        known.left = min(float(self._minute), known.left + (now - known.at) * rate)
        known.at = now
        if known.left < 1:
            return max(1, round((1 - known.left) / rate))
        known.left -= 1
        return 0

    def _add(self, key: int, day: str, count: int) -> int:
        where = (ApiUseRow.key == key, ApiUseRow.day == day)
        with self._ledger.writing() as connection:
            raised = update(ApiUseRow).where(*where).values(requests=ApiUseRow.requests + count)
            if connection.execute(raised).rowcount == 0:
                try:
                    with connection.begin_nested():
                        connection.execute(insert(ApiUseRow).values(key=key, day=day, requests=count))
                except IntegrityError:  # another process was first
                    connection.execute(raised)
            return int(connection.execute(select(ApiUseRow.requests).where(*where)).scalar_one())


def _rest(now: datetime) -> int:
    """Seconds until the day is over."""
    tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(1, round((tomorrow - now).total_seconds()))
