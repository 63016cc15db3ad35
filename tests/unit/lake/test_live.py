"""Live rows: the row of the latest batch per key."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as profile
from hypothesis import strategies as st

from quanmin.lake.key import Key


def _live(shelf: Any, session: Any, buckets: list[int] | None = None) -> list[tuple[Any, ...]]:
    relation = session.live("library.loan", buckets, key=["loan_no"])
    return shelf.query(session, "loan_no, _batch", relation)


def test_without_corrections_nothing_is_looked_at(shelf: Any) -> None:
    shelf.add([1, 2], 1)
    shelf.add([3], 2)
    with shelf.lake.session("population") as session:
        assert session.live("library.loan", key=["loan_no"]) == session.relation(shelf.table)
        assert session.superseding(shelf.table) == []


def test_a_later_batch_supersedes_and_its_withdrawal_brings_back(either_shelf: Any) -> None:
    either_shelf.add([1, 2, 3], 1)
    either_shelf.add([2, 3, 4], 2, book="球状闪电")
    with either_shelf.lake.session("population") as session:
        assert session.superseding(either_shelf.table) == [2]
        assert _live(either_shelf, session) == [("L1", 1), ("L2", 2), ("L3", 2), ("L4", 2)]
        assert _live(either_shelf, session, [2, 3]) == [("L2", 2), ("L3", 2)]
    with either_shelf.lake.session("population", snapshot=1) as session:
        assert _live(either_shelf, session) == [("L1", 1), ("L2", 1), ("L3", 1)]
    with either_shelf.lake.session("collect") as session:
        session.writer(either_shelf.table, either_shelf.schema, "bucket").delete("_batch = 2")
        session.commit()
        assert _live(either_shelf, session) == [("L1", 1), ("L2", 1), ("L3", 1)]


def test_a_batch_that_is_committed_late_is_superseded_by_the_one_before_it(shelf: Any) -> None:
    shelf.add([1, 2], 5)
    shelf.add([2, 3], 4)
    with shelf.lake.session("population") as session:
        assert session.superseding(shelf.table) == [5]
        assert _live(shelf, session) == [("L1", 5), ("L2", 5), ("L3", 4)]


def test_a_correction_may_move_a_row_to_another_bucket(shelf: Any) -> None:
    shelf.add([1], 1)
    with shelf.lake.session("collect") as session:
        moved = shelf.loans([1], 2).set_column(3, "bucket", shelf.loans([2], 2)["bucket"])
        session.writer(shelf.table, shelf.schema, "bucket", key=["loan_no"]).write(moved)
        session.commit()
        assert _live(shelf, session, [1]) == [] and _live(shelf, session, [2]) == [("L1", 2)]


def test_the_writer_counts_what_it_supersedes(shelf: Any) -> None:
    shelf.add(range(6), 1)
    with shelf.lake.session("collect") as session:
        writer = session.writer(shelf.table, shelf.schema, "bucket", key=["loan_no"])
        writer.write(shelf.loans([4, 5, 6], 2))
        seen: list[dict[int, int]] = []
        session.commit(in_transaction=lambda _connection, _snapshot: seen.append(dict(writer.superseded)))
    assert seen == [{2: 2}]


def test_a_key_with_a_missing_part_supersedes_nothing(shelf: Any) -> None:
    for batch in (1, 2):
        with shelf.lake.session("collect") as session:
            rows = shelf.loans([1, 2], batch)
            rows = rows.set_column(1, shelf.schema.field("book"), [[None, "三体"]])
            session.writer(shelf.table, shelf.schema, "bucket", key=["loan_no", "book"]).write(rows)
            session.commit()
    with shelf.lake.session("population") as session:
        relation = session.live("library.loan", key=["loan_no", "book"])
        assert shelf.query(session, "loan_no, _batch", relation) == [("L1", 1), ("L1", 2), ("L2", 2)]


def test_a_part_whose_absence_is_a_value_supersedes_where_it_is_absent_too(shelf: Any) -> None:
    key = Key(("loan_no", "book"), frozenset(("book",)))
    seen: list[dict[int, int]] = []
    for batch in (1, 2):
        with shelf.lake.session("collect") as session:
            rows = shelf.loans([1, 2], batch)
            rows = rows.set_column(1, shelf.schema.field("book"), [[None, "三体"]])
            writer = session.writer(shelf.table, shelf.schema, "bucket", key=key)
            writer.write(rows)
            session.commit()
            seen.append(dict(writer.superseded))
    assert seen == [{}, {2: 2}]
    with shelf.lake.session("population") as session:
        relation = session.live("library.loan", key=key)
        assert shelf.query(session, "loan_no, _batch", relation) == [("L1", 2), ("L2", 2)]


BATCHES = st.lists(st.sets(st.integers(0, 9), min_size=1), min_size=1, max_size=4)


@profile(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=BATCHES, withdrawn=st.integers(0, 3))
def test_live_rows_agree_with_a_dictionary(shelf: Any, batches: list[set[int]], withdrawn: int) -> None:
    _empty(shelf)
    expected: dict[int, int] = {}
    start = shelf.lake.snapshot().id + 1
    for offset, numbers in enumerate(batches):
        shelf.add(sorted(numbers), start * 10 + offset)
        expected |= {n: start * 10 + offset for n in numbers if offset != withdrawn}
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").delete(f"_batch = {start * 10 + withdrawn}")
        session.commit()
        assert _live(shelf, session) == sorted((f"L{n}", batch) for n, batch in expected.items())


def _empty(shelf: Any) -> None:
    with shelf.lake.session("collect") as session:
        session.writer(shelf.table, shelf.schema, "bucket").overwrite()
        session.commit()


def test_threads_may_ask_for_live_rows_at_once(shelf: Any) -> None:
    for batch in (1, 2):
        shelf.add(range(40), batch)
    with shelf.lake.session("population") as session, ThreadPoolExecutor(4) as pool:

        def count(bucket: int) -> int:
            relation = session.live("library.loan", [bucket], key=["loan_no"])
            rows = session.connection.cursor().execute(f"SELECT _batch FROM {relation} AS t").fetchall()
            return len(rows) if set(rows) == {(2,)} else -1

        assert list(pool.map(count, [0, 1, 2, 3])) == [10] * 4
