"""The log as a node writes it: callers wait together for one transaction, in which the chain goes on.

A commit is on disk when it returns (SQLite's WAL with `synchronous = FULL`, PostgreSQL's default): whoever was released by
`append` may answer. Entries of one caller are kept together or not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import UTC
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, func, insert, literal_column, select

from quanmin.exchange.log import traffic
from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.errors import LogClosed, Replayed
from quanmin.exchange.log.line import START, line, link
from quanmin.ledger import Ledger, database
from quanmin.ledger.exchange import ExchangeLogRow

GROUP = 500
"""Callers whose entries go into one transaction at most."""
GATHER = 0.002
"""Seconds to wait for more of them where the last transaction had several (PostgreSQL's `commit_delay` and `commit_siblings`)."""


class _Waiting(NamedTuple):
    """A caller: a thread that waits for `done`, or a task of an event loop, which is told there."""

    entries: Sequence[Entry]
    done: Future[None] | asyncio.Future[None]
    loop: asyncio.AbstractEventLoop | None = None


class LedgerJournal:
    """A `Journal` in the ledger, with one thread that writes. `close` waits for what was given to it."""

    def __init__(self, ledger: Ledger, told: Callable[[], None] = lambda: None) -> None:
        self._ledger, self._told = ledger, told
        self._waiting: list[_Waiting] = []
        self._turn = threading.Condition()
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="exchange-log", daemon=True)
        self._thread.start()

    def append(self, *entries: Entry) -> None:
        """Keep entries; they are on disk when it returns. Replayed, LogClosed."""
        done: Future[None] = Future()
        self._wait(_Waiting(entries, done))
        done.result()

    async def appended(self, *entries: Entry) -> None:
        """The same without blocking an event loop."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        self._wait(_Waiting(entries, done, loop))
        await done

    def close(self) -> None:
        """Write what waits, and take nothing more."""
        with self._turn:
            self._closing = True
            self._turn.notify()
        self._thread.join()

    def _wait(self, caller: _Waiting) -> None:
        with self._turn:
            if self._closing:
                raise LogClosed(reason="closing")
            self._waiting.append(caller)
            self._turn.notify()

    def _work(self) -> None:
        callers = 0
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._waiting or self._closing)
            if callers > 1:
                time.sleep(GATHER)
            with self._turn:
                group, self._waiting = self._waiting[:GROUP], self._waiting[GROUP:]
                if not group:
                    return
            self._write(group)
            callers = len(group)

    def _write(self, group: list[_Waiting]) -> None:
        outcome: list[Exception | None]
        try:
            with self._ledger.writing() as connection:
                database.lock(connection, "exchange log")
                outcome = _kept(connection, group)
        except Exception as error:  # whatever the database says: nobody may believe that it was kept
            outcome = [LogClosed(reason=type(error).__name__)] * len(group)
        _release(group, outcome)
        self._told()


def _release(group: list[_Waiting], outcome: list[Exception | None]) -> None:
    """Tell every caller; those of one event loop by one call into it, since each such call wakes it."""
    told: dict[asyncio.AbstractEventLoop | None, list[tuple[_Waiting, Exception | None]]] = {}
    for one, refusal in zip(group, outcome, strict=True):
        told.setdefault(one.loop, []).append((one, refusal))
    for loop, callers in told.items():
        if loop is None:
            _settle(callers)
            continue
        with contextlib.suppress(RuntimeError):  # a loop that was closed has nobody who waits
            loop.call_soon_threadsafe(_settle, callers)


def _settle(callers: list[tuple[_Waiting, Exception | None]]) -> None:
    for one, refusal in callers:
        if one.done.done():  # given up meanwhile
            continue
        if refusal is not None:
            one.done.set_exception(refusal)
        else:
            one.done.set_result(None)


def _kept(connection: Connection, group: list[_Waiting]) -> list[Exception | None]:
    """Add the entries of every caller whose incoming messages are new; for each caller nothing, or Replayed."""
    before = _seen(connection, [entry for one in group for entry in one.entries])
    sequence, chain = last(connection)
    outcome: list[Exception | None] = []
    rows: list[dict[str, Any]] = []
    for one in group:
        names = _came(one.entries)
        again = next((name for place, name in enumerate(names) if name in before or name in names[:place]), None)
        if again is not None:
            outcome.append(Replayed(message=again[0]))
            continue
        before |= set(names)
        for entry in one.entries:
            sequence += 1
            row = _row(sequence, chain, entry)
            chain = row["link"]
            rows.append(row)
        outcome.append(None)
    if rows:
        connection.execute(_ADD, rows)
        told = [entry for one, error in zip(group, outcome, strict=True) if error is None for entry in one.entries]
        traffic.count(connection, told)
    return outcome


def _came(entries: Sequence[Entry]) -> list[tuple[str, str]]:
    """Message and sender of those that came in; what goes out may be said again under its id."""
    return [(entry.message, entry.sender) for entry in entries if entry.direction == "in"]


def _seen(connection: Connection, entries: Sequence[Entry]) -> set[tuple[str, str]]:
    """Which of these messages came in before."""
    found: set[tuple[str, str]] = set()
    names = [name for name, _ in _came(entries)]
    for start in range(0, len(names), 500):
        found |= {(row[0], row[1]) for row in connection.execute(_CAME, {"names": names[start : start + 500]})}
    return found


def last(connection: Connection) -> tuple[int, bytes]:
    """The number and link of the newest entry; 0 and the beginning where there is none."""
    row = connection.execute(_LAST).first()
    return (row.sequence, row.link) if row is not None else (0, START)


def _row(sequence: int, before: bytes, entry: Entry) -> dict[str, Any]:
    text = line(sequence, entry)
    return {
        "sequence": sequence,
        "at": entry.at.astimezone(UTC),
        "part": entry.direction,
        "kind": entry.kind,
        "message": entry.message,
        "sender": entry.sender,
        "receiver": entry.receiver,
        "request": entry.request,
        "delivery": entry.delivery,
        "entry": text,
        "link": link(before, text),
        "body": entry.body,
    }


_CAME = select(ExchangeLogRow.message, ExchangeLogRow.sender).where(
    ExchangeLogRow.part == literal_column("'in'"), ExchangeLogRow.message.in_(bindparam("names", expanding=True))
)
_LAST = select(ExchangeLogRow.sequence, ExchangeLogRow.link).where(
    ExchangeLogRow.sequence == select(func.max(ExchangeLogRow.sequence)).scalar_subquery()
)
_ADD = insert(ExchangeLogRow)
