"""Two processes at one lake: a reader and a writer, two writers, and a process that is killed between its commits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import pytest
from deltalake import DeltaTable

from quanmin.ledger.errors import LeaseBusy

WRITER = """
import sys
import pyarrow as pa
from quanmin.lake import Lake
from quanmin.settings import Settings

lake = Lake.open(Settings(buckets=4))
schema = pa.schema([("loan_no", pa.string()), ("book", pa.string()), ("returned", pa.date32()), ("bucket", pa.int32()),
                    ("_batch", pa.int64())])

def wait(word):
    print(word, flush=True)
    sys.stdin.readline()

def stage(session, table, batch):
    rows = pa.table([[f"L{n}" for n in range(100, 104)], ["x"] * 4, [None] * 4, [0, 1, 2, 3], [batch] * 4], schema=schema)
    session.writer(table, schema, "bucket").write(rows)
"""

COMMITS = """
wait("ready")
with lake.session("collect", transaction="child") as session:
    stage(session, "clean.library.loan", 50)
    stage(session, "clean.library.book", 50)
    wait("staged")
    session.commit()
wait("committed")
"""

DIES = """
wait("ready")
with lake.session("collect", transaction="child") as session:
    stage(session, "clean.library.loan", 50)
    stage(session, "clean.library.book", 50)
    session.commit(in_transaction=lambda connection, snapshot: wait("between"))
"""


class Child:
    """A process that works on the same lake and stops where the test wants it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def reaches(self, word: str) -> None:
        """Wait until the process says that it is there."""
        out: IO[str] | None = self.process.stdout
        assert out is not None and out.readline().strip() == word

    def go_on(self) -> None:
        """Let it go on."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def child(shelf: Any, work: str) -> Iterator[Child]:
    """A second process on the shelf's lake."""
    settings = shelf.lake.settings
    own = {"QUANMIN_HOME": str(settings.home), **({"QUANMIN_LEDGER": settings.ledger} if settings.ledger else {})}
    command = [sys.executable, "-c", WRITER + work]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env={**os.environ, **own}) as process:
        try:
            yield Child(process)
        finally:
            process.kill()


def test_a_reader_and_a_second_writer_while_another_process_writes(either_shelf: Any) -> None:
    lake = either_shelf.lake
    either_shelf.add(range(4), 1)
    with child(either_shelf, COMMITS) as other:
        other.reaches("ready")
        with lake.session("population") as reader:
            other.go_on()
            other.reaches("staged")
            assert either_shelf.numbers() == [0, 1, 2, 3]
            with lake.session("collect", wait=0.2) as late, pytest.raises(LeaseBusy):
                late.writer(either_shelf.table, either_shelf.schema, "bucket")
            either_shelf.add([7], 2, table="clean.library.shelf")  # another table is free
            other.go_on()
            with lake.session("collect", wait=30) as waiting:
                waiting.writer(either_shelf.table, either_shelf.schema, "bucket").write(either_shelf.loans([5], 3))
                waiting.commit()
            other.reaches("committed")
            assert either_shelf.query(reader, "count(*)", reader.relation(either_shelf.table)) == [(4,)]
        assert either_shelf.numbers() == [0, 1, 2, 3, 5, 100, 101, 102, 103]
        assert either_shelf.numbers(table="clean.library.book") == [100, 101, 102, 103]
        assert either_shelf.numbers(table="clean.library.shelf") == [7]
        assert [one.stage for one in lake.history()] == ["collect"] * 4


def test_killed_between_its_commits_a_process_leaves_nothing_and_blocks_nobody(either_shelf: Any) -> None:
    lake = either_shelf.lake
    either_shelf.add(range(4), 1)
    before = lake.snapshot()
    with child(either_shelf, DIES) as other:
        other.reaches("ready")
        other.go_on()
        other.reaches("between")
        other.process.send_signal(signal.SIGKILL)
        other.process.wait()
    versions = {
        table: DeltaTable(lake.table(table).uri).version() for table in ("clean.library.loan", "clean.library.book")
    }
    assert versions == {"clean.library.loan": 2, "clean.library.book": 1}  # the files' side had been committed
    assert lake.snapshot() == before and either_shelf.numbers() == [0, 1, 2, 3]
    either_shelf.add([9], 2)
    either_shelf.add([8], 2, table="clean.library.book")
    assert either_shelf.numbers() == [0, 1, 2, 3, 9]
    assert either_shelf.numbers(table="clean.library.book") == [8]
    with lake.session("population") as session:
        rows = session.changes(either_shelf.table, before).relation
        assert either_shelf.query(session, "loan_no", rows) == [("L9",)]
    with lake.session("collect", transaction="child") as session:  # the same work can be done again, once
        session.writer(either_shelf.table, either_shelf.schema, "bucket").write(either_shelf.loans([6], 50))
        session.commit()
    assert either_shelf.numbers() == [0, 1, 2, 3, 6, 9]


def test_temporary_files_of_dead_processes_are_swept(shelf: Any) -> None:
    from quanmin.lake import Lake

    folder = shelf.lake.settings.home / "tmp" / "engine"
    (folder / "4194305-1-abcdef").mkdir(parents=True)
    with shelf.lake.session("collect") as session:
        session.connection.execute("SELECT 1").fetchall()
        mine = session._engine._folder
        mine.mkdir(parents=True, exist_ok=True)
        with Lake.open(shelf.lake.settings):
            assert list(folder.iterdir()) == [mine]
