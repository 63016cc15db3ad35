"""Leases: one process at a time works on a named thing.

A lease says which process holds it and until when. It is renewed by a heartbeat, taken over at once when its process is
dead on this machine, and otherwise when its time is up.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, RowMapping, delete, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from quanmin.ledger import database
from quanmin.ledger.errors import LeaseBusy, LeaseLost
from quanmin.ledger.ledger import Ledger
from quanmin.ledger.table import LeaseRow

SECONDS = 60.0
_POLL = 0.1


class Leases:
    """The leases that one piece of work holds; use it as a context manager, and take what is needed by name."""

    def __init__(self, ledger: Ledger, seconds: float = SECONDS) -> None:
        self.ledger = ledger
        self.seconds = seconds
        self.token = uuid.uuid4().hex
        self.names: set[str] = set()
        self._stop = threading.Event()
        self._beat: threading.Thread | None = None

    def __enter__(self) -> Leases:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.release()

    def take(self, name: str, wait: float = 0.0) -> None:
        """Take a lease, waiting up to `wait` seconds; LeaseBusy when somebody else still holds it."""
        deadline, pause = time.monotonic() + wait, _POLL
        while (owner := self._try(name)) is not None:
            if time.monotonic() >= deadline:
                raise LeaseBusy(name=name, owner=owner)
            time.sleep(min(pause, max(0.0, deadline - time.monotonic())))
            pause = min(2.0, pause * 1.5)
        self.names.add(name)
        if self._beat is None:
            self._beat = threading.Thread(target=self._renew, name="quanmin-lease", daemon=True)
            self._beat.start()

    def check(self, connection: Connection, names: Iterable[str]) -> None:
        """Inside a transaction: the leases are still ours, and stay so until it ends."""
        for name in names:
            database.lock(connection, f"lease {name}")
            token = connection.execute(select(LeaseRow.token).where(LeaseRow.name == name)).scalar()
            if token != self.token:
                raise LeaseLost(name=name)

    def release(self) -> None:
        """Give everything back."""
        self._stop.set()
        if self._beat is not None:
            self._beat.join()
            self._beat = None
        if self.names:
            with self.ledger.writing() as connection:
                connection.execute(delete(LeaseRow).where(LeaseRow.token == self.token))
            self.names.clear()
        self._stop.clear()

    def _try(self, name: str) -> str | None:
        """None when the lease is ours now, else who has it."""
        with self.ledger.writing() as connection:
            database.lock(connection, f"lease {name}")
            row = connection.execute(select(LeaseRow.__table__).where(LeaseRow.name == name)).mappings().first()
            if row is not None and row["token"] != self.token and not self._gone(row):
                return f"{row['host'].split('/')[0]}:{row['pid']}"
            connection.execute(delete(LeaseRow).where(LeaseRow.name == name))
            values = {"name": name, "token": self.token, "host": host(), "pid": os.getpid()}
            expires = self.ledger.now() + timedelta(seconds=self.seconds)
            connection.execute(insert(LeaseRow).values(**values, started=started(os.getpid()), expires=expires))
        return None

    def _gone(self, row: RowMapping) -> bool:
        if row["host"] == host():
            return started(row["pid"]) != str(row["started"])
        expires: datetime = row["expires"]
        return expires < self.ledger.now()

    def _renew(self) -> None:
        while not self._stop.wait(self.seconds / 4):
            expires = self.ledger.now() + timedelta(seconds=self.seconds)
            try:
                with self.ledger.writing() as connection:
                    mine = LeaseRow.token == self.token
                    connection.execute(update(LeaseRow).where(mine).values(expires=expires))
            except SQLAlchemyError:  # the next beat tries again; a lost lease is found when the work is committed
                continue


def host() -> str:
    """This machine (and, in a container, this process space)."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return f"{socket.gethostname()}/{space}"


def started(pid: int) -> str:
    """When a process of this machine started, in its own measure; empty when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        pass
    if Path("/proc/self/stat").exists():
        return ""
    try:
        os.kill(pid, 0)
    except OSError:
        return ""
    return "running"
