"""The change feed."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def _changed(shelf: Any, since: int) -> list[tuple[Any, ...]]:
    with shelf.lake.session("population") as session:
        return shelf.query(session, "_change, loan_no", session.changes(shelf.table, since).relation)


def test_added_rows_and_files(either_shelf: Any) -> None:
    either_shelf.add([0, 1], 1)
    either_shelf.add([2], 2)
    assert _changed(either_shelf, 1) == [("insert", "L2")]
    assert _changed(either_shelf, 0) == [("insert", "L0"), ("insert", "L1"), ("insert", "L2")]
    with either_shelf.lake.session("population") as session:
        changes = session.changes(either_shelf.table, 1)
        assert [file.bucket for file in changes.added] == [2] and changes.removed == () and changes
        assert not session.changes(either_shelf.table, 2)


def test_a_withdrawal_shows_only_the_rows_that_went(shelf: Any) -> None:
    shelf.add(range(8), 1)
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").delete("loan_no IN ('L1', 'L2')")
        session.commit()
    assert _changed(shelf, 1) == [("delete", "L1"), ("delete", "L2")]


def test_what_came_and_went_in_between_is_not_shown(shelf: Any) -> None:
    shelf.add([0], 1)
    shelf.add([1], 2)
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").delete("_batch = 2")
        session.commit()
    assert _changed(shelf, 1) == []


def test_compaction_is_not_a_change_even_between_changes(shelf: Any) -> None:
    shelf.add(range(4), 1)
    shelf.add(range(4, 8), 2)
    assert shelf.lake.compact(shelf.table) == 8
    assert _changed(shelf, 2) == []
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").delete("loan_no = 'L5'")
        session.commit()
    assert _changed(shelf, 2) == [("delete", "L5")]
    assert _changed(shelf, 1) == [("insert", "L4"), ("insert", "L6"), ("insert", "L7")]


def test_versions_that_a_crash_left_behind_are_not_changes(shelf: Any) -> None:
    shelf.add([0], 1)
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").write(shelf.loans([7], 2))
        session._writers[shelf.table].close()
        session._publish(session._writers[shelf.table])  # and then the process is gone
        session._writers.clear()
    shelf.add([1], 3)
    assert _changed(shelf, 1) == [("insert", "L1")]


def test_a_table_that_is_not_there_has_no_changes(shelf: Any) -> None:
    with shelf.lake.session("population") as session:
        changes = session.changes("clean.library.book", 0)
        assert not changes
        assert session.connection.execute(f"SELECT * FROM {changes.relation} AS t").fetchall() == []


def test_identical_rows_are_counted_not_merged(shelf: Any) -> None:
    shelf.add([1], 1)
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        writer.write(pa.concat_tables([shelf.loans([1], 1)] * 3))
        writer.replace_buckets([1])
        session.commit()
    assert _changed(shelf, 1) == [("insert", "L1"), ("insert", "L1")]
