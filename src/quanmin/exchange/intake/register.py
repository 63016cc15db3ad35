"""The register of what was told of one delivery: each error once, in which case, and whether it stands.

A Parquet file per delivery and case (`home/exchange/told/<delivery>/<case>.parquet`), written whole before the case is known;
that of the case acknowledged last is what counts as told. Without it everything is told again, which is safe.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from quanmin.population.feedback import COLUMNS

TOLD = (*COLUMNS, "key")
"""What is told of an error; `key` finds a row that was supplied (`supply.mark`), and is empty of a file's."""
ERROR = ("row", "element", "code", "title_en")
"""What makes an error of a delivery the same as one that was told."""
SCHEMA = pa.schema(
    [
        ("batch", pa.int64()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("element", pa.string()),
        ("code", pa.string()),
        ("title_zh", pa.string()),
        ("title_en", pa.string()),
        ("expected_zh", pa.string()),
        ("expected_en", pa.string()),
        ("due_on", pa.date32()),
        ("key", pa.string()),
        ("case", pa.string()),
        ("stands", pa.bool_()),
    ]
)


def folder(home: Path, delivery: str) -> Path:
    """Where the registers of a delivery are; its id is another's, so it becomes no part of a path."""
    return home / "exchange" / "told" / hashlib.sha256(delivery.encode()).hexdigest()[:32]


def write(home: Path, delivery: str, case: str, told: pa.Table) -> Path:
    """Keep a register, whole or not at all."""
    place = folder(home, delivery)
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{case}.parquet"
    draft = path.with_suffix(f".{os.getpid()}.tmp")
    pq.write_table(told.cast(SCHEMA), draft, compression="zstd")
    draft.replace(path)
    return path


def read(home: Path, delivery: str, case: str | None) -> pa.Table:
    """The register of a case; an empty one where there is none."""
    path = folder(home, delivery) / f"{case}.parquet"
    if case is None or not path.is_file():
        return SCHEMA.empty_table()
    with pq.ParquetFile(path) as file:
        found = file.read()
    if "key" not in found.schema.names:  # of before rows were told of
        found = found.append_column("key", pa.nulls(len(found), pa.string()))
    return found.select(SCHEMA.names)


def marks(table: pa.Table) -> pa.Array:
    """One text per line that is the same for the same error."""
    texts = [pc.coalesce(pc.cast(table.column(name), pa.string()), pa.scalar("-")) for name in ERROR]
    joined = pc.binary_join_element_wise(*texts, "\x1f")
    return joined.combine_chunks() if isinstance(joined, pa.ChunkedArray) else joined


def news(told: pa.Table, found: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Of what stands now, what was not told as standing; and of what was, what stands no more."""
    standing = told.filter(told.column("stands"))
    before, now = marks(standing), marks(found)
    new = found.filter(pc.invert(pc.is_in(now, value_set=before)))
    gone = standing.filter(pc.invert(pc.is_in(before, value_set=now)))
    return new.select(TOLD), gone.select(TOLD)


def after(told: pa.Table, new: pa.Table, gone: pa.Table, case: str) -> pa.Table:
    """The register when this is told: the new ones stand, told in `case`; those gone stand no more."""
    fresh = marks(new)
    others = told.filter(pc.invert(pc.is_in(marks(told), value_set=fresh)))
    stands = pc.and_(others.column("stands"), pc.invert(pc.is_in(marks(others), value_set=marks(gone))))
    others = others.set_column(others.schema.get_field_index("stands"), "stands", stands)
    added = new.append_column("case", pa.repeat(pa.scalar(case), len(new)))
    added = added.append_column("stands", pa.repeat(pa.scalar(True), len(new)))
    return pa.concat_tables([others.cast(SCHEMA), added.cast(SCHEMA)])
