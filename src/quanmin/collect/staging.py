"""The three zones of a batch on their way into the lake: raw (every row), clean (accepted), quarantine (refused)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.collect.chunk import Int64s
from quanmin.collect.heading import extra
from quanmin.collect.proof import Proven
from quanmin.collect.row_set import RowSet
from quanmin.lake import Session
from quanmin.standards import Dataset
from quanmin.standards.kernels import bucket_of

Mask = npt.NDArray[np.bool_]

ARROW_TYPES: dict[str, pa.DataType] = {
    "text": pa.string(),
    "code": pa.string(),
    "citizen_number": pa.string(),
    "region": pa.string(),
    "date": pa.date32(),
    "datetime": pa.timestamp("us"),
    "integer": pa.int64(),
    "decimal": pa.float64(),
    "boolean": pa.bool_(),
}
_PLACE = [("_batch", pa.int64()), ("_source", pa.string()), ("_row", pa.int64())]
QUARANTINE = pa.schema([*_PLACE, ("_line", pa.int64()), ("text", pa.string()), ("reasons", pa.string())])


def raw_schema(dataset: Dataset) -> pa.Schema:
    """Every element as text, what the standard does not know as JSON, and the place of the row."""
    names = [(element.name, pa.string()) for element in dataset.elements]
    return pa.schema([*names, ("_extra", pa.string()), *_PLACE])


def clean_schema(dataset: Dataset) -> pa.Schema:
    """Every element typed; the person's key and bucket where the dataset speaks of a person."""
    fields = [(element.name, ARROW_TYPES[element.type]) for element in dataset.elements]
    person = [("person_key", pa.int64()), ("bucket", pa.int32())] if dataset.person else []
    return pa.schema([*fields, *person, ("_flags", pa.string()), *_PLACE])


class Staging:
    """Writers of the three tables of a dataset, open in one session."""

    def __init__(self, session: Session, dataset: Dataset, batch: int, source: str, buckets: int) -> None:
        self._dataset, self._batch, self._source, self._buckets = dataset, batch, source, buckets
        partition = "bucket" if dataset.person else None
        self.raw = session.writer(f"raw.{dataset.id}", raw_schema(dataset))
        self.clean = session.writer(f"clean.{dataset.id}", clean_schema(dataset), partition, key=dataset)
        self.quarantine = session.writer(f"quarantine.{dataset.id}", QUARANTINE)
        self._warnings = [rule.id for rule in dataset.rules if rule.severity == "warn"]
        self._refusals = [rule.id for rule in dataset.rules if rule.severity == "reject"]

    def keep(self, proven: Proven) -> None:
        """Stage one proven chunk."""
        self.raw.write(self._placed(proven.text, proven.rows, _extra=extra(proven.chunk, proven.heading)))
        self.clean.write(self._clean(proven))
        self._refuse(proven)

    def refuse(self, rows: Int64s, lines: Int64s, texts: Sequence[str], reasons: pa.Array) -> None:
        """Stage refused rows with their original text and the rules they broke."""
        table = pa.table(
            {"_line": pa.array(lines, pa.int64()), "text": pa.array(texts, pa.string()), "reasons": reasons}
        )
        if table.num_rows:
            self.quarantine.write(self._placed(table, rows))

    def settle(self, failing: Mapping[str, RowSet], rows: int) -> RowSet:
        """After all `rows` of the file have been seen: take rows out of clean again, and add flags to others.

        `failing` has the rows by the rule on sets that they break. The set of the rows taken out.
        """
        refused = RowSet(rows).update(failing[rule] for rule in self._refusals if rule in failing)

        def change(table: pa.Table) -> pa.Table | None:
            numbers = table["_row"].to_numpy()
            out = refused.among(numbers)
            flags = _asked(failing, self._warnings, numbers)
            if not out.any() and flags.null_count == len(flags):
                return None
            return _flagged(table, flags).filter(pa.array(~out))

        if failing:
            self.clean.revise(change)
        return refused

    def reasons(self, failing: Mapping[str, RowSet], numbers: Int64s) -> pa.Array:
        """The rules on sets for which rows are refused."""
        return _asked(failing, self._refusals, numbers)

    def _clean(self, proven: Proven) -> pa.Table:
        columns: dict[str, Any] = {"_flags": joined(proven.failing, self._warnings, len(proven.rows))}
        if proven.person_key is not None:
            columns["person_key"] = proven.person_key
            columns["bucket"] = pa.array(bucket_of(proven.person_key, pa.array(proven.rows), self._buckets), pa.int32())
        table = self._placed(proven.typed, proven.rows, **columns)
        return table.filter(pa.array(~proven.rejected)) if proven.rejected.any() else table

    def _refuse(self, proven: Proven) -> None:
        places = np.flatnonzero(proven.rejected)
        if len(places):
            reasons = joined(proven.failing, self._refusals, len(proven.rows)).take(pa.array(places))
            texts = [proven.chunk.text(int(place)) for place in places]
            self.refuse(proven.rows[places], proven.chunk.lines[places], texts, reasons)
        bad = proven.chunk.malformed
        rows = np.array([proven.base + row.offset + 1 for row in bad], np.int64)
        lines = np.array([row.line for row in bad], np.int64)
        self.refuse(rows, lines, [row.text for row in bad], pa.array([row.reason for row in bad], pa.string()))

    def _placed(self, table: pa.Table, rows: Int64s, **columns: Any) -> pa.Table:
        """The table with further columns and the place of each row."""
        for name, column in columns.items():
            table = table.append_column(name, column)
        table = table.append_column("_batch", pa.repeat(pa.scalar(self._batch, pa.int64()), len(rows)))
        table = table.append_column("_source", pa.repeat(pa.scalar(self._source, pa.string()), len(rows)))
        return table.append_column("_row", pa.array(rows, pa.int64()))


def joined(failing: Mapping[str, Mask], rules: Sequence[str], rows: int) -> pa.Array:
    """For each row the rules of `rules` that it failed, separated by a space; null where it failed none."""
    failed = [rule for rule in rules if rule in failing]
    if not failed:
        return pa.nulls(rows, pa.string())
    packed = np.packbits(np.stack([failing[rule] for rule in failed], axis=1), axis=1)
    distinct, places = (
        np.unique(packed, axis=0, return_inverse=True) if len(packed) else (packed, np.zeros(0, np.int64))
    )
    names = [
        " ".join(rule for rule, bit in zip(failed, np.unpackbits(one), strict=False) if bit) or None for one in distinct
    ]
    return pa.array(names, pa.string()).take(pa.array(places.reshape(-1)))


def _asked(failing: Mapping[str, RowSet], rules: Sequence[str], numbers: Int64s) -> pa.Array:
    """For each of the rows the rules of `rules` that it is in `failing` for; null where there is none."""
    asked = [rule for rule in rules if rule in failing]
    return joined({rule: failing[rule].among(numbers) for rule in asked}, asked, len(numbers))


def _flagged(table: pa.Table, more: pa.Array) -> pa.Table:
    """The table with more flags behind those it has."""
    flags = table["_flags"].combine_chunks()
    both = pc.coalesce(pc.binary_join_element_wise(flags, more, " "), flags, more)
    return table.set_column(table.schema.get_field_index("_flags"), "_flags", both)
