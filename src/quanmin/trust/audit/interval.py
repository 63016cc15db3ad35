"""Heads at intervals without a timer: an append that finds the newest head too old has one signed, in a thread of its own.

The append neither waits for it nor fails with it. What fails is noted in the log, where it alarms, and tried again later.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from quanmin.errors import QuanminError
from quanmin.ledger import SYSTEM, Ledger
from quanmin.ledger.table import AuditRow
from quanmin.settings import Settings
from quanmin.trust.audit import heads, log
from quanmin.trust.keys.errors import MasterMissing

FAILED = "head.failed"
"""The event that no head could be signed."""
RETRY = timedelta(minutes=10)
_NEVER = datetime.max.replace(tzinfo=UTC)


class Interval:
    """Signs for one ledger while it is open; see `keep_signing`."""

    def __init__(self, ledger: Ledger, settings: Settings) -> None:
        self._ledger, self._settings = ledger, settings
        self.every = timedelta(minutes=settings.audit_head_every)
        self._busy = threading.Lock()
        self._thread: threading.Thread | None = None
        self.next = self._after() if self.every else _NEVER

    def appended(self) -> None:
        """Entries were added: when the newest head is too old, begin to sign one. Returns at once and raises nothing."""
        if self._ledger.now() < self.next or not self._busy.acquire(blocking=False):
            return
        try:
            self._thread = threading.Thread(target=self._work, name="audit head")
            self._thread.start()
        except RuntimeError:  # the program ends, or has no room for a thread
            self._busy.release()

    def close(self) -> None:
        """Wait until what was begun is done."""
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def _work(self) -> None:
        try:
            self.next = self._signed()
        finally:
            self._busy.release()

    def _signed(self) -> datetime:
        try:
            heads.due(self._ledger, self._settings, self.every)
            return self._after()
        except MasterMissing:  # whoever signs here is elsewhere: no failure
            return self._ledger.now() + self.every
        except Exception as error:  # whatever it was, the log goes on and says so
            with suppress(Exception):
                self._failed(error)
            return self._ledger.now() + min(self.every, RETRY)

    def _after(self) -> datetime:
        """When the next head is due: `every` after the newest, or after the first entry."""
        now, since = self._ledger.now(), heads.since(self._ledger)
        if since is not None and since - now >= self.every:  # signed while the clock was wrong
            return now
        return (now if since is None else since) + self.every

    def _failed(self, error: Exception) -> None:
        """One entry each interval, however many programs try."""
        newest = select(AuditRow.at).where(AuditRow.event == FAILED).order_by(AuditRow.sequence.desc()).limit(1)
        with self._ledger.reading() as connection:
            last = connection.execute(newest).scalar()
        if last is None or self._ledger.now() - last >= self.every:
            reason = error.code if isinstance(error, QuanminError) else type(error).__name__
            with self._ledger.writing() as connection:
                log.append(self._ledger, FAILED, SYSTEM, {"reason": reason}, connection)


def keep_signing(ledger: Ledger, settings: Settings) -> Interval:
    """From now on appends to this ledger have heads signed every QUANMIN_AUDIT_HEAD_EVERY minutes, until it is closed."""
    made = Interval(ledger, settings)
    ledger.watch = made
    return made
