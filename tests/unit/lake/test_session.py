"""Sessions: what a stage sees and how its work becomes visible."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from quanmin.lake.errors import BadAddress, LakeMoved, LakeUndeclared, SchemaDiffers, UnknownTable
from quanmin.ledger.errors import LeaseBusy, UnknownSnapshot


def test_many_tables_change_together(either_shelf: Any) -> None:
    lake = either_shelf.lake
    with lake.session("collect") as session:
        for table in ("raw.library.loan", "clean.library.loan"):
            session.writer(table, either_shelf.schema, "bucket").write(either_shelf.loans(range(8), 1))
        assert lake.snapshot().tables == {}
        snapshot = session.commit(note={"rows": 8})
    assert snapshot.tables == {"raw.library.loan": 1, "clean.library.loan": 1} and snapshot.note == {"rows": 8}
    assert lake.snapshot() == snapshot
    assert either_shelf.numbers() == list(range(8))


def test_a_session_that_is_left_without_commit_leaves_nothing(shelf: Any) -> None:
    lake = shelf.lake
    with lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        writer.write(shelf.loans(range(8), 1))
        writer.close()
        assert len(writer.uris) == 4
    assert lake.snapshot().id == 0
    folder = lake.settings.home / "lake" / "clean" / "library.loan"
    assert list(folder.glob("**/*.parquet")) == []
    assert list((lake.settings.home / "tmp" / "engine").glob("*")) == []


def test_a_reader_keeps_the_snapshot_it_pinned(either_shelf: Any) -> None:
    first = either_shelf.add(range(4), 1)
    with either_shelf.lake.session("population") as reader:
        either_shelf.add(range(4, 10), 2)
        assert either_shelf.query(reader, "count(*)", reader.relation(either_shelf.table)) == [(4,)]
    assert either_shelf.numbers() == list(range(10))
    assert either_shelf.numbers(snapshot=first.id) == list(range(4))


def test_a_stage_touches_only_what_the_map_gives_it(shelf: Any) -> None:
    shelf.add(range(4), 1)
    lake = shelf.lake
    with lake.session("population") as session:
        with pytest.raises(LakeUndeclared):
            session.writer(shelf.table, shelf.schema, "bucket")
        for read in (session.relation, session.files, session.exists, session.schema):
            with pytest.raises(LakeUndeclared):
                read("raw.library.loan")
        with pytest.raises(LakeUndeclared):
            session.changes("raw.library.loan", 0)
        assert session.tables() == [shelf.table]
        session.files(shelf.table)
    assert lake.touched["population"] == {"reads": {shelf.table}, "writes": set()}
    assert lake.touched["collect"] == {"reads": set(), "writes": {shelf.table}}
    with pytest.raises(KeyError):
        lake.session("nobody")


def test_addresses_and_tables_that_are_not_there(shelf: Any) -> None:
    with shelf.lake.session("collect") as session:
        assert not session.exists("clean.library.loan")
        with pytest.raises(UnknownTable):
            session.files("clean.library.loan")
        for address in ("clean.", "clean.../up", "clean.A", "clean.a b"):
            with pytest.raises(BadAddress):
                session.writer(address, shelf.schema)
    with pytest.raises(UnknownSnapshot):
        shelf.lake.session("collect", snapshot=9)


def test_the_same_work_is_committed_once(either_shelf: Any) -> None:
    first = either_shelf.add(range(4), 1)
    seen: list[int] = []
    with either_shelf.lake.session("collect", transaction="None 1") as session:
        session.writer(either_shelf.table, either_shelf.schema, "bucket").write(either_shelf.loans(range(4), 1))
        assert session.commit(in_transaction=lambda connection, snapshot: seen.append(snapshot.id)) == first
    assert seen == [] and either_shelf.numbers() == [0, 1, 2, 3]
    table = DeltaTable(either_shelf.lake.table(either_shelf.table).uri)
    assert table.transaction_version("None 1") == 1  # Delta knows the work by its name too


def test_what_is_added_in_the_transaction_stands_or_falls_with_the_snapshot(either_shelf: Any) -> None:
    lake = either_shelf.lake

    def fails(_connection: object, _snapshot: object) -> None:
        raise ZeroDivisionError

    with lake.session("collect") as session:
        session.writer(either_shelf.table, either_shelf.schema, "bucket").write(either_shelf.loans(range(4), 1))
        with pytest.raises(ZeroDivisionError):
            session.commit(in_transaction=fails)
    assert lake.snapshot().id == 0 and lake.lineage() == []
    either_shelf.add(range(2), 2)  # the versions that nobody points to are put back first
    assert either_shelf.numbers() == [0, 1]


def test_a_second_writer_of_a_table_waits_and_of_another_does_not(either_shelf: Any) -> None:
    lake = either_shelf.lake
    with lake.session("collect") as first, lake.session("collect", wait=0.2) as second:
        first.writer(either_shelf.table, either_shelf.schema, "bucket").write(either_shelf.loans(range(4), 1))
        second.writer("clean.library.book", either_shelf.schema, "bucket").write(either_shelf.loans(range(2), 1))
        with pytest.raises(LeaseBusy):
            second.writer(either_shelf.table, either_shelf.schema, "bucket")
        second.commit()
        snapshot = first.commit()
    assert snapshot.tables == {"clean.library.loan": 1, "clean.library.book": 1}


def test_a_session_that_read_an_old_table_must_not_write_it(shelf: Any) -> None:
    shelf.add(range(4), 1)
    with shelf.lake.session("collect") as session:
        session.files(shelf.table)
        shelf.add(range(4, 6), 2)
        with pytest.raises(LakeMoved):
            session.writer(shelf.table, shelf.schema, "bucket")
    with shelf.lake.session("collect") as session:
        shelf.add(range(6, 8), 3)
        writer = session.writer(shelf.table, shelf.schema, "bucket")  # had read nothing: it sees the newest
        assert shelf.query(session, "count(*)", session.relation(shelf.table)) == [(8,)]
        writer.write(shelf.loans([9], 4))
        session.commit()
    assert shelf.numbers() == [0, 1, 2, 3, 4, 5, 6, 7, 9]


def test_overwrite_buckets_table_and_delete(shelf: Any) -> None:
    shelf.add(range(8), 1)
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        writer.write(shelf.loans([4], 2))
        writer.replace_buckets([0, 1])
        session.commit()
    assert shelf.numbers() == [2, 3, 4, 6, 7]
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").delete("_batch = 1")
        session.commit()
    assert shelf.numbers() == [4]
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        writer.overwrite()
        writer.write(shelf.loans([5, 6], 3))
        session.commit()
    assert shelf.numbers() == [5, 6]
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").replace_buckets([1, 2])
        empty = session.commit()
        assert shelf.query(session, "count(*)", session.relation(shelf.table)) == [(0,)]
    assert [one.id for one in shelf.lake.history(shelf.table)] == [1, 2, 3, 4, 5] and empty.id == 5
    assert shelf.numbers(snapshot=2) == [2, 3, 4, 6, 7]


def test_an_empty_table_has_its_columns(shelf: Any) -> None:
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket")
        session.commit()
        relation = session.relation(shelf.table)
        described = session.connection.execute(f"DESCRIBE SELECT * FROM {relation} AS t").fetchall()
    shown = [(row[0], row[1]) for row in described]
    assert shown == [
        ("loan_no", "VARCHAR"),
        ("book", "VARCHAR"),
        ("returned", "DATE"),
        ("bucket", "INTEGER"),
        ("_batch", "BIGINT"),
    ]


def test_buckets_choose_files_and_columns_keep_their_types(shelf: Any) -> None:
    shelf.add(range(8), 1)
    with shelf.lake.session("collect") as session:
        assert [file.bucket for file in session.entries(shelf.table, [1, 3])] == [1, 3]
        rows = shelf.query(session, "loan_no, bucket", session.relation(shelf.table, [1]))
        assert rows == [("L1", 1), ("L5", 1)]
        found = session.read(shelf.table).to_pyarrow()
        assert found.schema == shelf.schema and found.num_rows == 8
        assert session.read(shelf.table).to_pyarrow_batches().read_all().num_rows == 8


def test_a_new_column_is_added_and_old_rows_have_none(shelf: Any) -> None:
    shelf.add(range(2), 1)
    wider = shelf.schema.append(pa.field("shelf", pa.string()))
    with shelf.lake.session("collect") as session:
        rows = shelf.loans([9], 2).append_column("shelf", pa.array(["B3"]))
        session.writer(shelf.table, wider, "bucket").write(rows)
        session.commit()
        found = shelf.query(session, "loan_no, shelf", session.relation(shelf.table))
    assert found == [("L0", None), ("L1", None), ("L9", "B3")]
    assert shelf.numbers(snapshot=1) == [0, 1]
    with shelf.lake.session("collect") as session, pytest.raises(SchemaDiffers) as caught:
        session.writer(shelf.table, wider.set(1, pa.field("book", pa.int64())), "bucket")
    assert "book" in str(caught.value)


def test_lineage_says_who_wrote_what_from_what(shelf: Any) -> None:
    shelf.add(range(4), 1)
    with shelf.lake.session("population") as session:
        session.files(shelf.table)
        writer = session.writer("linked.person", pa.schema([("n", pa.int64())]))
        writer.write(pa.table({"n": [1, 2]}))
        made = session.commit()
    [line] = shelf.lake.lineage("linked.person")
    assert (line.snapshot, line.version, line.stage, line.read_snapshot) == (made.id, 1, "population", 1)
    assert line.reads == [shelf.table] and line.rows == 2 and line.package.startswith("quanmin ")
    assert [one.table for one in shelf.lake.lineage(snapshot=1)] == [shelf.table]
