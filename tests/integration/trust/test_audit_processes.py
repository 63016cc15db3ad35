"""The log under attack A12's hard parts: a process killed while it writes, a full disk, ten writers, a broken log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit, decide, local_administrator

HEAD = """
import sys
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit
ledger = Ledger.open(Settings())
"""

ENDLESS = (
    HEAD
    + """
number = 0
while True:
    audit.append_all(ledger, [("read", "desk", {"n": number + n, "persons": [f"p{n}"]}) for n in range(50)])
    number += 50
    print(number, flush=True)
"""
)

TWENTY = (
    HEAD
    + """
for number in range(20):
    audit.append(ledger, "read", sys.argv[1], {"n": number})
"""
)


def start(settings: Settings, program: str, *words: str) -> subprocess.Popen[str]:
    """A process with this installation."""
    own = {"QUANMIN_HOME": str(settings.home)} | ({"QUANMIN_LEDGER": settings.ledger} if settings.ledger else {})
    command, env = [sys.executable, "-c", program, *words], {**os.environ, **own}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)


def test_a_writer_that_is_killed_loses_nothing_that_it_was_told_is_kept(either_settings: Settings) -> None:
    Ledger.open(either_settings).close()
    with start(either_settings, ENDLESS) as process:
        assert process.stdout is not None
        for _ in range(5):
            kept = int(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        kept = max([kept, *(int(line) for line in process.stdout if line.endswith("\n"))])
    with Ledger.open(either_settings) as ledger:
        found = audit.verify(ledger)
        assert found.sound and found.entries >= kept and found.entries % 50 == 0
        audit.append(ledger, "read", "desk", {})
        assert audit.verify(ledger).entries == found.entries + 1


def test_ten_processes_write_one_log(either_settings: Settings) -> None:
    Ledger.open(either_settings).close()
    running = [start(either_settings, TWENTY, f"w{n}") for n in range(10)]
    for process in running:
        process.communicate(timeout=120)
        assert process.returncode == 0
    with Ledger.open(either_settings) as ledger:
        assert audit.verify(ledger) == audit.Verdict(200, backwards=audit.verify(ledger).backwards)
        for n in range(10):
            own = audit.search(ledger, actor=f"w{n}")
            assert [entry.fields["n"] for entry in own] == list(range(19, -1, -1))


def test_ten_threads_share_one_log(ledger: Ledger) -> None:
    joint = audit.Joint(ledger)
    with ThreadPoolExecutor(10) as pool:
        for work in [pool.submit(joint.append, "read", "desk", {"n": n}) for n in range(200)]:
            work.result()
    assert sorted(entry.fields["n"] for entry in audit.entries(ledger)) == list(range(200))
    assert audit.verify(ledger).entries == 200


def test_on_a_full_disk_there_is_no_entry_and_no_answer(settings: Settings) -> None:
    with Ledger.open(settings) as ledger:
        audit.append(ledger, "read", "desk", {})
        with ledger.engine.connect() as connection:
            pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
        ledger.engine.dispose()
        event.listen(ledger.engine, "connect", lambda own, _record: own.execute(f"PRAGMA max_page_count = {pages}"))
        kept = 1
        with pytest.raises(OperationalError, match="full"):
            for _ in range(1000):
                audit.append_all(ledger, [("read", "desk", {"text": "x" * 500})] * 20)
                kept += 20
        assert audit.verify(ledger).entries == kept
        asked = [local_administrator(), "treatment", "linked.person", ["name"], "C-1"]
        allowed = 0
        while allowed < 1000 and decide(ledger, *asked).allowed:
            allowed += 1
        assert allowed < 1000  # from some time on there is no room for the record, and so no permission
        noted = [entry for entry in audit.entries(ledger, "decide") if entry.fields["allowed"]]
        assert len(noted) == allowed
        with pytest.raises(OperationalError, match="full"):
            audit.Joint(ledger).append("read", "desk", {"text": "x" * 5000})
        assert audit.verify(ledger) == audit.Verdict(audit.head(ledger).sequence)


def test_without_its_tree_the_log_takes_no_entry(ledger: Ledger) -> None:
    audit.append(ledger, "read", "desk", {})
    with ledger.writing() as connection:
        connection.execute(text("DELETE FROM audit_tree"))
    assert not decide(ledger, local_administrator(), "treatment", "linked.person", ["name"], "C-1").allowed
    assert audit.verify(ledger) == audit.Verdict(1, 1, "added", 1)
