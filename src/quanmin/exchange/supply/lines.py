"""Rows as lines of JSON (NDJSON): one object a line with every column as a member, for programs that read no Parquet.

Dates are ISO 8601, times have microseconds and no zone, numbers are the shortest text that reads back as the same number, what is
absent is null. Whole columns are written in Arrow. Signs at which some readers end a line (U+0085, U+2028) are escaped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.exchange.delivery.schema import ARROW, Field, Kind, TableSchema
from quanmin.exchange.supply.errors import FormUnwritable
from quanmin.exchange.supply.rows import Rows

LONGEST = 4 << 20
"""Bytes of a line with its end, at most."""
ROWS, BYTES = 50_000, 16 << 20
"""Rows that are written at once, and about how large they may be."""
_ODD = r'["\\\x00-\x1f\x7f-\x{9f}\x{2028}\x{2029}]'
_ENDS = re.compile("[\x7f-\x9f\u2028\u2029]")
_FIRST, _LAST = (one.toordinal() - date(1970, 1, 1).toordinal() for one in (date.min, date.max))
_DAY = 86_400_000_000
_WITHIN: Mapping[Kind, tuple[int, int]] = {"date": (_FIRST, _LAST), "datetime": (_FIRST * _DAY, (_LAST + 1) * _DAY - 1)}
"""The days and the microseconds of the years 1 to 9999."""


def write(path: Path, rows: Rows) -> tuple[int, TableSchema]:
    """Write the lines; how many, and their schema. FormUnwritable."""
    columns = [Field(one.name, _kind(one)) for one in next(rows.batches).schema]
    needed = [name for name in rows.key if name not in rows.optional]
    count, lacking = 0, set[str]()
    with path.open("wb") as file:
        for batch in rows.batches:
            lacking |= {name for name in needed if batch.column(name).null_count}
            for piece in _pieces(batch):
                file.write(text(columns, piece))
                count += len(piece)
    fields = [Field(one.name, one.type, one.name in needed and one.name not in lacking) for one in columns]
    return count, TableSchema(tuple(fields), rows.key, rows.optional)


def text(fields: list[Field], batch: pa.RecordBatch) -> memoryview:
    """The lines of a batch that has these columns in this order. FormUnwritable."""
    parts: list[Any] = []
    for number, one in enumerate(fields):
        parts.append(f"{',' if number else '{'}{json.dumps(one.name)}:")
        parts.append(pc.fill_null(_column(one, batch.column(number)), "null"))
    made = pc.binary_join_element_wise(*parts, "}\n", "")
    sizes = pc.min_max(pc.binary_length(made)).as_py()
    if (sizes["max"] or 0) > LONGEST:
        raise FormUnwritable(column="-", fault=f"a row of more than {LONGEST >> 20} MiB")
    return memoryview(made.buffers()[2] or b"")[: int(pc.sum(pc.binary_length(made)).as_py() or 0)]


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    step = max(1, min(ROWS, len(batch) * BYTES // max(1, batch.nbytes)))
    for start in range(0, len(batch), step):
        yield batch.slice(start, step)


def _kind(column: pa.Field) -> Kind:
    found = next((kind for kind, fits in _KINDS.items() if any(one(column.type) for one in fits)), None)
    if found is None or getattr(column.type, "tz", None) is not None:
        raise FormUnwritable(column=column.name, fault=str(column.type))
    return found


_KINDS: Mapping[Kind, tuple[Callable[[pa.DataType], bool], ...]] = {
    "string": (pa.types.is_string, pa.types.is_large_string, pa.types.is_null),
    "date": (pa.types.is_date,),
    "datetime": (pa.types.is_timestamp,),
    "integer": (pa.types.is_integer,),
    "number": (pa.types.is_floating,),
    "boolean": (pa.types.is_boolean,),
}


def _column(field: Field, values: pa.Array) -> pa.Array:
    """The JSON of each value, null where there is none."""
    try:
        values = pc.cast(values, ARROW[field.type])
    except pa.ArrowInvalid:
        raise FormUnwritable(column=field.name, fault=f"a value outside of {ARROW[field.type]}") from None
    match field.type:
        case "string":
            return _quoted(values)
        case "date" | "datetime":
            _within(field, values)
            told = pc.replace_substring(pc.cast(values, pa.string()), " ", "T")
            return pc.binary_join_element_wise('"', told, '"', "")
        case "number":
            if pc.all(pc.is_finite(values)).as_py() is False:
                raise FormUnwritable(column=field.name, fault="NaN or infinity")
            return pa.array([None if one is None else repr(one) for one in values.to_pylist()], pa.string())
        case _:
            return pc.cast(values, pa.string())


def _within(field: Field, values: pa.Array) -> None:
    found = pc.min_max(values.view(pa.int32() if field.type == "date" else pa.int64())).as_py()
    first, last = _WITHIN[field.type]
    if found["min"] is not None and not first <= found["min"] <= found["max"] <= last:
        raise FormUnwritable(column=field.name, fault="a year before 1 or after 9999")


def _quoted(values: pa.Array) -> pa.Array:
    odd = pc.fill_null(pc.match_substring_regex(values, _ODD), False)
    if pc.any(odd).as_py():
        told = [_escaped(one) for one in values.filter(odd).to_pylist()]
        values = pc.replace_with_mask(values, odd, pa.array(told, pa.string()))
    return pc.binary_join_element_wise('"', values, '"', "")


def _escaped(value: str) -> str:
    return _ENDS.sub(lambda one: f"\\u{ord(one[0]):04x}", json.dumps(value, ensure_ascii=False)[1:-1])
