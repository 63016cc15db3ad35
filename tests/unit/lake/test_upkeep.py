"""Compaction and vacuum change files, never content."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.lake.errors import VersionGone


def _files(shelf: Any) -> set[str]:
    return {path.name for path in shelf.lake.settings.home.glob("lake/clean/library.loan/bucket=*/*.parquet")}


def test_compaction_makes_a_snapshot_with_the_same_content(either_shelf: Any) -> None:
    for batch in (1, 2, 3):
        either_shelf.add(range(batch * 4, batch * 4 + 4), batch)
    before = either_shelf.numbers()
    assert either_shelf.lake.compact(either_shelf.table) == 12
    snapshot = either_shelf.lake.snapshot()
    assert (snapshot.id, snapshot.stage) == (4, "upkeep")
    assert either_shelf.numbers() == before == either_shelf.numbers(snapshot=3)
    with either_shelf.lake.session("population") as session:
        found = session.entries(either_shelf.table)
        assert len(found) == 4 and {(file.first_batch, file.last_batch) for file in found} == {(1, 3)}
    assert either_shelf.lake.compact(either_shelf.table) == 0
    assert either_shelf.lake.snapshot().id == 4


def test_vacuum_keeps_every_version_that_a_retained_snapshot_pins(either_shelf: Any) -> None:
    for batch in (1, 2, 3):
        either_shelf.add(range(batch * 4, batch * 4 + 4), batch)
    either_shelf.lake.compact(either_shelf.table)
    assert either_shelf.lake.vacuum() == 0  # all of today is retained
    assert either_shelf.lake.vacuum(retain=2, within=timedelta(0)) == 0
    assert either_shelf.numbers(snapshot=3) == list(range(4, 16))
    assert either_shelf.lake.vacuum(retain=1, within=timedelta(0)) == 12
    assert either_shelf.numbers() == list(range(4, 16))
    assert len(_files(either_shelf)) == 4
    either_shelf.add([99], 4)
    assert either_shelf.numbers()[-1] == 99


def test_vacuum_removes_what_a_crash_left_and_spares_what_is_being_staged(shelf: Any) -> None:
    shelf.add(range(4), 1)
    orphan: Path = shelf.lake.settings.home / "lake/clean/library.loan/bucket=0/part-orphan.parquet"
    orphan.write_bytes(b"half a file")
    with shelf.lake.session("collect") as session:
        writer = session.writer("clean.library.book", shelf.schema, "bucket")
        writer.write(shelf.loans(range(4), 2))
        writer.close()
        assert shelf.lake.vacuum() == 1
        session.commit()
    assert not orphan.exists()
    assert shelf.numbers(table="clean.library.book") == [0, 1, 2, 3]


def test_a_change_feed_over_cleaned_files_says_so(shelf: Any) -> None:
    for batch in (1, 2):
        shelf.add(range(batch * 4, batch * 4 + 4), batch)
    shelf.lake.compact(shelf.table)
    shelf.lake.vacuum(retain=1, within=timedelta(0))
    with shelf.lake.session("population") as session, pytest.raises(VersionGone):
        session.changes(shelf.table, 1)


def test_time_keeps_snapshots_too(shelf: Any) -> None:
    for batch in (1, 2, 3):
        shelf.add([batch], batch)
    shelf.lake.compact(shelf.table)
    assert shelf.lake.vacuum(retain=1, within=timedelta(hours=1)) == 0
    later = shelf.lake.ledger.now() + timedelta(hours=2)
    shelf.lake.ledger.now = lambda: later
    assert shelf.lake.vacuum(retain=1, within=timedelta(hours=1)) == 0  # the newest one of an hour ago is kept
