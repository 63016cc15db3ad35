"""The index of a table, made once from its parquet file: every column as ranks of its sorted values, and its rows by rank.

A column becomes four files. `values`: its distinct values in order. `codes`: for each row the rank of its value (NULL is the
last rank). `rows`: the row numbers sorted by rank, then by row. `offsets`: where each rank begins in `rows`. A comparison is
then a range of whole numbers, a sort is an order that is there already, a count is a difference, and a row is looked up by
its number; text is compared as UTF-8 bytes, which is the order of Unicode code points (COLLATE "C").
"""

from __future__ import annotations

import contextlib
import errno
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from quanmin.opendata.rows.errors import IndexFailed, TableUnsupported
from quanmin.opendata.rows.kind import kind_of
from quanmin.text import Text

VERSION = 1
META = "meta.json"
MOST_ROWS = 2**31 - 1
MOST_COLUMNS = 2_000
_TRIES = 5
Numbers = npt.NDArray[Any]


def build(source: Path, target: Path, sound: Callable[[], bool]) -> None:
    """Make the index of a parquet file in the folder `target`, wholly or not at all; TableUnsupported, IndexFailed.

    `sound` says whether what stands there can be read: another process may have been first.
    """
    with opened(source) as file:
        beside: Path | None = None
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=target.parent))
            _write(file, beside)
            _place(beside, target, sound)
        except OSError as error:
            raise IndexFailed() from error
        finally:
            if beside is not None:
                shutil.rmtree(beside, ignore_errors=True)


def _place(beside: Path, target: Path, sound: Callable[[], bool]) -> None:
    """Move it to its place, unless a sound one stands there."""
    for _ in range(_TRIES):
        try:
            beside.rename(target)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            if sound():
                return
        away = Path(tempfile.mkdtemp(prefix=".old-", dir=target.parent))
        with contextlib.suppress(OSError):  # another process took it away
            target.rename(away)
        shutil.rmtree(away, ignore_errors=True)
    raise OSError(errno.EAGAIN, "an index that is always changed")


def opened(source: Path) -> pq.ParquetFile:
    """A parquet file whose rows can be asked for; TableUnsupported."""
    try:
        file = pq.ParquetFile(source, memory_map=True)
    except (pa.ArrowException, OSError):
        raise TableUnsupported(reason=Text("不是 Parquet 文件", "not a Parquet file")) from None
    names = file.schema_arrow.names
    wrong = next((one.name for one in file.schema_arrow if kind_of(one.type) is None), None)
    if wrong is not None:
        raise TableUnsupported(reason=Text("含不支持的列类型", "a column of a type that is not supported"))
    if len(set(names)) != len(names) or not names or len(names) > MOST_COLUMNS:
        raise TableUnsupported(reason=Text("列名重复、没有列或列过多", "columns of the same name, none, or too many"))
    if file.metadata.num_rows > MOST_ROWS:
        raise TableUnsupported(reason=Text("行数过多", "too many rows"))
    return file


def _write(file: pq.ParquetFile, folder: Path) -> None:
    columns = []
    for place, field in enumerate(file.schema_arrow):
        column = file.read(columns=[field.name], use_threads=False).column(field.name)
        count = _column(_plain(column), folder / str(place))
        columns.append({"name": field.name, "distinct": count, "nulls": column.null_count})
    sizes = {one.name: one.stat().st_size for one in sorted(folder.iterdir())}
    meta = {"version": VERSION, "rows": file.metadata.num_rows, "columns": columns, "files": sizes}
    (folder / META).write_text(json.dumps(meta, ensure_ascii=False), encoding="utf-8")


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column in the type that it is kept in: text with long offsets, no negative zero, times in microseconds."""
    if pt.is_string(column.type):
        return column.cast(pa.large_string())
    if pt.is_floating(column.type):
        return pc.add(column.cast(pa.float64()), 0.0)
    try:
        if pt.is_timestamp(column.type) and column.type.unit == "ns":
            return column.cast(pa.timestamp("us", column.type.tz))
        return column.cast(pa.time64("us")) if pt.is_time64(column.type) else column
    except pa.ArrowInvalid:
        raise TableUnsupported(reason=Text("时间精度高于微秒", "times finer than a microsecond")) from None


def _column(column: pa.ChunkedArray, stem: Path) -> int:
    """Write the four files of a column; how many distinct values it has."""
    encoded = column.dictionary_encode()
    values, indices = _parts(encoded)
    order = pc.array_sort_indices(values).to_numpy()
    count = len(values)
    rank = np.empty(count + 1, dtype=np.uint32)
    rank[order] = np.arange(count, dtype=np.uint32)
    rank[count] = count
    codes = rank[indices].astype(_narrow(count))
    offsets = np.zeros(count + 2, dtype=np.int64)
    np.cumsum(np.bincount(codes, minlength=count + 1), out=offsets[1:])
    np.save(stem.with_suffix(".codes.npy"), codes)
    np.save(stem.with_suffix(".offsets.npy"), offsets)
    np.save(stem.with_suffix(".rows.npy"), _by_rank(codes))
    table = pa.table({"value": values.take(pa.array(order))})
    with pa.OSFile(str(stem.with_suffix(".values.arrow")), "wb") as out, pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)
    return count


def _parts(encoded: pa.ChunkedArray) -> tuple[pa.Array, Numbers]:
    """The distinct values in no order, and for each row the place of its own (for NULL the place after the last)."""
    if encoded.num_chunks == 0:
        return pa.array([], encoded.type.value_type), np.empty(0, dtype=np.int64)
    chunks = encoded.unify_dictionaries().chunks
    values = chunks[-1].dictionary
    places = [pc.fill_null(one.indices, len(values)).to_numpy(zero_copy_only=False) for one in chunks]
    return values, np.concatenate(places)


def _by_rank(codes: Numbers) -> Numbers:
    """Row numbers by rank, equal ranks by row: a stable radix sort, 16 bits at a time."""
    if codes.dtype != np.uint32:
        return np.argsort(codes, kind="stable").astype(np.uint32)
    low = np.argsort((codes & 0xFFFF).astype(np.uint16), kind="stable").astype(np.uint32)
    high = np.argsort((codes[low] >> 16).astype(np.uint16), kind="stable")
    return low[high]


def _narrow(count: int) -> type[np.unsignedinteger[Any]]:
    return np.uint8 if count < 2**8 else np.uint16 if count < 2**16 else np.uint32
