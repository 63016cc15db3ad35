"""The log: what was told to be kept is kept, chained, once, whoever writes at the same time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select

from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.errors import LogClosed, Replayed
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.log.line import START, link
from quanmin.exchange.log.line import entry as read
from quanmin.ledger import Ledger
from quanmin.ledger.exchange import ExchangeLogRow, ExchangeTrafficRow
from quanmin.settings import Settings

Made = Callable[..., Entry]


def rows(ledger: Ledger) -> list[ExchangeLogRow]:
    with ledger.reading() as connection:
        return list(connection.execute(select(ExchangeLogRow.__table__).order_by(ExchangeLogRow.sequence)))


def test_entries_are_chained_and_read_back(either_settings: Settings, entry: Made) -> None:
    with Ledger.open(either_settings) as ledger:
        journal = LedgerJournal(ledger)
        given = [entry(f"m{number}", body=b"x" if number == 1 else None) for number in range(3)]
        journal.append(*given)
        journal.close()
        before = START
        for number, row in enumerate(rows(ledger)):
            assert link(before, row.entry) == row.link
            before = row.link
            assert read(row.entry, row.body) == (number + 1, given[number])


def test_a_message_that_was_here_is_refused_to_its_caller_only(either_settings: Settings, entry: Made) -> None:
    with Ledger.open(either_settings) as ledger:
        journal = LedgerJournal(ledger)
        journal.append(entry("a"))
        with pytest.raises(Replayed):
            journal.append(entry("b"), entry("a"))
        with pytest.raises(Replayed):
            journal.append(entry("c"), entry("c"))
        journal.append(entry("a", direction="out"), entry("a", sender="education"), entry("d"))
        journal.append(entry("a", direction="out", base=b"said again"))
        journal.close()
        assert [row.message for row in rows(ledger)] == ["a", "a", "a", "d", "a"]


def test_many_threads_and_two_journals_make_one_chain(either_settings: Settings, entry: Made) -> None:
    with Ledger.open(either_settings) as ledger:
        journals = [LedgerJournal(ledger), LedgerJournal(ledger)]
        refused: list[str] = []

        def work(thread: int) -> None:
            for number in range(25):
                try:
                    journals[thread % 2].append(entry(f"{number}"))  # every thread the same: one of them is first
                except Replayed as error:
                    refused.append(str(error.fields["message"]))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        for journal in journals:
            journal.close()
        found, before = rows(ledger), START
        for row in found:
            assert link(before, row.entry) == row.link
            before = row.link
        assert sorted(int(row.message) for row in found) == list(range(25)) and len(refused) == 7 * 25


def test_traffic_is_counted_with_the_entries(either_settings: Settings, entry: Made) -> None:
    with Ledger.open(either_settings) as ledger:
        journal = LedgerJournal(ledger)
        journal.append(entry("a"), entry("b"))
        journal.append(entry("c", took=2_000_000), entry("d", fault="provider QM-LAKE-001", took=5))
        journal.close()
        with ledger.reading() as connection:
            found = {row.outcome: row for row in connection.execute(select(ExchangeTrafficRow.__table__))}
        assert (found["answered"].messages, found["answered"].bytes, found["answered"].slow) == (3, 36, 1)
        assert (found["provider QM-LAKE-001"].messages, found["provider QM-LAKE-001"].took) == (1, 5)


def test_a_closed_log_takes_nothing(either_settings: Settings, entry: Made) -> None:
    with Ledger.open(either_settings) as ledger:
        journal = LedgerJournal(ledger)
        journal.close()
        with pytest.raises(LogClosed):
            journal.append(entry("a"))


def test_a_ledger_that_fails_is_told_and_nothing_is_believed_kept(
    settings: Settings, entry: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Ledger.open(settings) as ledger:
        journal = LedgerJournal(ledger)
        with monkeypatch.context() as broken:
            broken.setattr(ledger, "writing", lambda: (_ for _ in ()).throw(OSError("away")))
            with pytest.raises(LogClosed):
                journal.append(entry("a"))
        journal.append(entry("a"))
        journal.close()
        assert [row.message for row in rows(ledger)] == ["a"]


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.ledger import Ledger
from quanmin.settings import Settings

ledger = Ledger.open(Settings())
with ledger.reading() as connection:
    print(connection.exec_driver_sql("PRAGMA synchronous").scalar(), flush=True)
journal = LedgerJournal(ledger)
made = Entry("in", "request", "kept", "a", "b", datetime.now(UTC), "00" * 32, 0, b"x", "a/signature/1", b"")
journal.append(made)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_was_released_outlasts_a_kill_and_is_synced_to_the_disk(settings: Settings) -> None:
    """2 is FULL: the write-ahead log is synced at every commit. In a process of its own, as tests sync nothing."""
    environment = {**os.environ, "QUANMIN_HOME": str(settings.home)}
    command = [sys.executable, "-c", KILLED]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip()) == (-signal.SIGKILL, "2"), done.stderr
    with Ledger.open(settings) as ledger:
        assert [row.message for row in rows(ledger)] == ["kept"]
