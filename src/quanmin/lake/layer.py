"""Tables whose rows are replaced by person, in layers that are put together when they are read.

Few changed people are spread over all buckets, so that to write their buckets again is to write nearly everything again. A
layered table takes the new rows of some people as one more layer, with a mark for each of them: a mark takes the place of
every row of its person in lower layers (a log-structured table; O'Neil et al. 1996). Rows without a person are replaced
together, bucket by bucket. Layer 0 has no marks; whoever writes a bucket as a whole writes it there and ends its layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa

from quanmin.lake import engine
from quanmin.lake.table import BUCKET, LAYER, MARK, File
from quanmin.standards.kernels import filled

KEY = "person_key"
FIELDS = (pa.field(LAYER, pa.int32()), pa.field(MARK, pa.bool_()))


def is_layered(schema: pa.Schema) -> bool:
    """Whether a stored schema is that of a layered table."""
    return LAYER in schema.names


def layered(schema: pa.Schema) -> pa.Schema:
    """The stored schema of a layered table with these columns."""
    return schema if is_layered(schema) else pa.schema([*schema, *FIELDS])


def outward(schema: pa.Schema) -> pa.Schema:
    """The columns of a table as its readers know them."""
    return pa.schema([field for field in schema if field.name not in (LAYER, MARK)])


def top(files: Iterable[File]) -> int:
    """The highest layer of some files, 0 where there is none."""
    return max((file.last_layer or 0 for file in files), default=0)


def covering(files: Iterable[File]) -> list[File]:
    """The files that may hold marks: those above layer 0, which is written as a whole."""
    return [file for file in files if file.last_layer is None or file.last_layer > 0]


def current(files: Sequence[File], schema: pa.Schema, evolved: bool = False) -> str:
    """SQL of the rows that stand, usable after FROM, from all files of some buckets; `schema` is the stored one."""
    if not is_layered(schema):
        return engine.scan([file.uri for file in files], schema, evolved)
    columns = ", ".join(f"r.{engine.quote(name)}" for name in outward(schema).names)
    rows = f"{engine.scan([file.uri for file in files], schema, evolved)} AS r"
    over = covering(files)
    if not over:
        return f"(SELECT {columns} FROM {rows})"
    marking = pa.schema([schema.field(name) for name in (BUCKET, KEY, LAYER, MARK)])
    marks = (
        f"(SELECT {BUCKET}, {KEY}, max({LAYER}) AS layer FROM {engine.scan([file.uri for file in over], marking, evolved)} "
        f"WHERE {MARK} GROUP BY ALL)"
    )
    return (
        f"(SELECT {columns} FROM {rows} ANTI JOIN {marks} AS m ON m.{BUCKET} = r.{BUCKET} "
        f"AND m.{KEY} IS NOT DISTINCT FROM r.{KEY} AND m.layer > coalesce(r.{LAYER}, 0) WHERE NOT coalesce(r.{MARK}, false))"
    )


def marks(people: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows of a table, `schema` as its readers know it, that carry nothing but `bucket` and `person_key` of `people`."""
    told = {name: people.column(name) for name in (BUCKET, KEY)}
    return pa.table([told.get(f.name, pa.nulls(people.num_rows, f.type)) for f in schema], schema=schema)


def stored(rows: pa.Table, layer: int, mark: bool) -> pa.Table:
    """Rows as they are stored in a layer."""
    for field, value in zip(FIELDS, (layer, mark), strict=True):
        rows = rows.append_column(field, pa.repeat(pa.scalar(value, field.type), rows.num_rows))
    return rows


def standing(rows: pa.Table) -> pa.Table:
    """The rows that stand, without what only their layer needs, of all rows of one bucket as they are stored."""
    if not is_layered(rows.schema):
        return rows
    keys, layers = (filled(rows.column(name), 0) for name in (KEY, LAYER))
    marked = filled(rows.column(MARK).cast(pa.int8()), 0).astype(bool)
    stands = ~marked
    if marked.any():
        order = np.lexsort((layers[marked], keys[marked]))
        known, above = keys[marked][order], layers[marked][order]
        place = np.searchsorted(known, keys, side="right") - 1  # the highest mark of the key, where it has one
        covered = (place >= 0) & (known[place] == keys) & (above[place] > layers)
        stands &= ~covered
    return rows.select(outward(rows.schema).names).filter(pa.array(stands))
