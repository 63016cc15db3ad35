"""Staged writing."""

from __future__ import annotations

import errno
import threading
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from quanmin.lake import writer as writing
from quanmin.lake.errors import LakeFull, SchemaDiffers


def test_rows_in_any_pieces_arrive_whole_in_few_row_groups(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "GROUP_ROWS", 100)
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        for start in range(0, 1000, 10):
            writer.write(shelf.loans(range(start, start + 10), 1))
        writer.close()
        groups = [pq.ParquetFile(uri).metadata for uri in writer.uris]
        assert len(groups) == 4 and all(one.num_row_groups <= 3 for one in groups)
        assert all(one.row_group(0).column(0).compression == "ZSTD" for one in groups)
        assert all("bucket" not in pq.ParquetFile(uri).schema_arrow.names for uri in writer.uris)
        session.commit()
    assert shelf.numbers() == list(range(1000))


def test_columns_may_come_as_dictionaries_in_some_pieces_and_plain_in_others(
    shelf: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "GROUP_ROWS", 30)
    books = ["三体", "红楼梦", None, "围城"]
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        for start in range(0, 1000, 10):
            rows = shelf.loans(range(start, start + 10), 1, books[start % 4])
            if start % 3 and books[start % 4]:
                rows = rows.set_column(1, "book", rows["book"].dictionary_encode())
            writer.write(rows)
        writer.close()
        kinds = {pq.ParquetFile(uri).schema_arrow.field("book").type for uri in writer.uris}
        assert kinds == {pa.string()}
        session.commit()
        found = shelf.query(session, "substr(loan_no, 2)::INT, book", session.relation(shelf.table))
    assert sorted(found) == [(n, books[n // 10 * 10 % 4]) for n in range(1000)]


def test_only_columns_that_repeat_are_stored_as_dictionaries_and_texts_have_no_statistics(shelf: Any) -> None:
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        writer.write(shelf.loans(range(1000), 1))
        writer.close()
        group = pq.ParquetFile(writer.uris[0]).metadata.row_group(0)
        columns = {group.column(place).path_in_schema: group.column(place) for place in range(group.num_columns)}
    assert columns["book"].has_dictionary_page and not columns["loan_no"].has_dictionary_page
    assert columns["_batch"].statistics.has_min_max and columns["loan_no"].statistics is None


def test_threads_may_write_at_once(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "GROUP_ROWS", 50)
    monkeypatch.setattr(writing, "BUFFER_BYTES", 3000)
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")

        def work(first: int) -> None:
            for n in range(first, 2000, 8):
                writer.write(shelf.loans([n], 1))

        threads = [threading.Thread(target=work, args=(first,)) for first in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session.commit()
        assert sum(file.rows for file in session.entries(shelf.table)) == 2000
    assert shelf.numbers() == list(range(2000))


def test_the_buffer_is_bounded(shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BUFFER_BYTES", 2000)
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        for n in range(0, 1000, 10):
            writer.write(shelf.loans(range(n, n + 10), 1))
            held = sum(piece.nbytes for part in writer._parts.values() for piece in part.waiting)
            assert held <= 2000 + 1000


def test_columns_may_come_in_another_order_but_not_differ(shelf: Any) -> None:
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        rows = shelf.loans([1], 1)
        writer.write(rows.select(list(reversed(rows.column_names))))
        writer.write(rows.set_column(4, "_batch", pa.array([1], pa.int32())))
        for wrong in (
            rows.drop_columns(["book"]),
            rows.append_column("more", pa.array([1])),
            rows.set_column(4, "_batch", pa.array(["x"])),
            rows.set_column(3, "bucket", pa.array([None], pa.int32())),
        ):
            with pytest.raises(SchemaDiffers):
                writer.write(wrong)
        session.commit()
    assert shelf.numbers() == [1, 1]


@pytest.mark.parametrize("when", ["create", "write"])
def test_a_full_disk_is_told_and_nothing_is_visible(shelf: Any, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    shelf.add(range(4), 1)
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(*_args: object, **_kwargs: object) -> None:
        raise full

    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket")
        if when == "create":
            monkeypatch.setattr(shelf.lake.store, "create", refuse)
        else:
            monkeypatch.setattr(writing.pq.ParquetWriter, "write_table", refuse)
        writer.write(shelf.loans(range(100, 200), 2))
        with pytest.raises(LakeFull) as caught:
            session.commit()
    monkeypatch.undo()
    assert caught.value.category == "unavailable" and "No space left" in str(caught.value)
    assert shelf.numbers() == [0, 1, 2, 3]
    assert shelf.add([9], 3).id == 2
    assert len(list(shelf.lake.settings.home.glob("lake/**/part-*.parquet"))) == 5


def test_only_row_counts_and_batches_are_in_delta_statistics(shelf: Any) -> None:
    shelf.add(range(4), 7)
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").delete("loan_no = 'L1'")
        session.commit()
        assert {(file.first_batch, file.last_batch) for file in session.entries(shelf.table)} == {(7, 7)}
    log = "".join(path.read_text() for path in shelf.lake.settings.home.glob("lake/**/*.json"))
    assert '\\"minValues\\":{\\"loan_no' not in log and "三体" not in log


def test_a_writer_follows_the_table_that_is_there(shelf: Any) -> None:
    shelf.add(range(4), 1)
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema).write(shelf.loans([6], 2))  # no word about buckets
        session.commit()
        assert [file.bucket for file in session.entries(shelf.table)] == [0, 1, 2, 2, 3]
