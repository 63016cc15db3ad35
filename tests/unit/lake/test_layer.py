"""Layered tables: what stands is what a plain model of replacing says, however it is read."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from quanmin.lake import Lake, layer
from quanmin.lake.lookup import _read
from quanmin.lake.table import BUCKET
from quanmin.standards import kernels

TABLE = "linked.person"
BUCKETS = 4
SCHEMA = pa.schema([("bucket", pa.int32()), ("person_key", pa.int64()), ("word", pa.string())])
Row = tuple[int, int | None, str]


def bucket_of(key: int) -> int:
    return int(kernels.bucket_of(pa.array([key], pa.int64()), pa.array([0], pa.int64()), BUCKETS)[0])


def rows_of(chance: random.Random, people: list[tuple[int, int | None]]) -> list[Row]:
    """None to three rows for each person."""
    return [(b, k, str(chance.randrange(1000))) for b, k in people for _ in range(chance.randrange(4))]


def table(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA)


def write(lake: Lake, rows: list[Row], replaced: list[tuple[int, int | None]] | None = None) -> None:
    """The whole table, or a layer in which these people get these rows."""
    with lake.session("population") as session:
        writer = session.writer(TABLE, SCHEMA, "bucket", layered=True)
        if replaced is None:
            writer.overwrite()
        else:
            writer.above()
            writer.mark(table([(b, k, "") for b, k in replaced]))
        writer.write(table(rows))
        session.commit()


def stands(lake: Lake, buckets: list[int] | None = None) -> Counter[Row]:
    with lake.session("population") as session:
        relation = session.relation(TABLE, buckets)
        return Counter(session.connection.execute(f"SELECT bucket, person_key, word FROM {relation}").fetchall())


def laid_out(lake: Lake, bucket: int) -> Counter[Row]:
    """The rows of a bucket by the way of look-ups."""
    known, version = lake.table(TABLE), lake.snapshot().tables[TABLE]
    stored = pa.schema([field for field in known.schema(version) if field.name != BUCKET])
    parts = [_read(known, file, stored) for file in known.files(version) if file.bucket == bucket]
    found = layer.standing(pa.concat_tables(parts or [stored.empty_table()]))
    assert found.column_names == ["person_key", "word"]
    return Counter((bucket, row["person_key"], row["word"]) for row in found.to_pylist())


def changed(lake: Lake, since: int) -> Counter[tuple[str, Row]]:
    with lake.session("population") as session:
        query = f"SELECT _change, bucket, person_key, word FROM {session.changes(TABLE, since).relation}"
        return Counter((how, (b, k, w)) for how, b, k, w in session.connection.execute(query).fetchall())


@pytest.mark.parametrize("seed", range(8))
def test_layers_read_as_if_rows_had_been_replaced(lake: Lake, seed: int) -> None:
    chance = random.Random(seed)
    keys = [chance.randrange(10**16, 10**17) for _ in range(12)]
    people: list[tuple[int, int | None]] = [(bucket_of(key), key) for key in keys]
    people += [(bucket, None) for bucket in range(BUCKETS)]
    held = rows_of(chance, chance.sample(people, 10))
    write(lake, held)
    snapshot, before = lake.snapshot().id, Counter(held)
    for step in range(7):
        chosen = chance.sample(people, chance.randrange(1, 6))
        fresh = rows_of(chance, chosen)
        held = [row for row in held if row[:2] not in chosen] + fresh
        if step == 4:
            write(lake, held)  # the whole table again: the layers end
        else:
            write(lake, fresh, chosen)
        if chance.random() < 0.3:
            lake.compact(TABLE)
        now = Counter(held)
        assert stands(lake) == now
        one = chance.randrange(BUCKETS)
        assert stands(lake, [one]) == Counter({row: n for row, n in now.items() if row[0] == one})
        assert laid_out(lake, one) == Counter({row: n for row, n in now.items() if row[0] == one})
        with lake.session("population") as session:
            assert session.count(TABLE) == len(held)
            assert session.schema(TABLE) == SCHEMA
        gone = Counter({("delete", row): n for row, n in (before - now).items()})
        come = Counter({("insert", row): n for row, n in (now - before).items()})
        assert changed(lake, snapshot) == gone + come


def test_a_bucket_that_is_written_as_a_whole_ends_its_layers_only(lake: Lake) -> None:
    keys = [key for key in range(10**16, 10**16 + 200) if bucket_of(key) in (0, 1)][:20]
    people = [(bucket_of(key), key) for key in keys]
    write(lake, [(b, k, "first") for b, k in people])
    write(lake, [(b, k, "second") for b, k in people[:10]], list(people[:10]))
    kept = [row for row in stands(lake) if row[0] == 0]
    with lake.session("population") as session:
        writer = session.writer(TABLE, SCHEMA, "bucket", layered=True)
        writer.write(table(kept))
        writer.replace_buckets([0])
        session.commit()
        files = session.entries(TABLE)
    assert {file.last_layer for file in files if file.bucket == 0} == {0}
    assert {file.last_layer for file in files if file.bucket == 1} == {0, 1}
    assert Counter(word for _, _, word in stands(lake)) == {"first": 10, "second": 10}


def test_a_layer_over_nothing_has_marks_that_nobody_reads(lake: Lake) -> None:
    write(lake, [])
    write(lake, [(bucket_of(7), 7, "only")], [(bucket_of(7), 7), (bucket_of(9), 9)])
    assert stands(lake) == Counter([(bucket_of(7), 7, "only")])
    with lake.session("population") as session:
        assert session.count(TABLE) == 1


def test_a_table_made_before_it_had_layers_takes_them(lake: Lake) -> None:
    people: list[Any] = [(bucket_of(key), key) for key in (5, 6, 7)]
    with lake.session("population") as session:
        session.writer(TABLE, SCHEMA, "bucket").write(table([(b, k, "old") for b, k in people]))
        session.commit()
    write(lake, [(*people[0], "new")], [people[0], people[1]])
    assert stands(lake) == Counter([(*people[0], "new"), (*people[2], "old")])
