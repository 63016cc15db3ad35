"""A table whose rows can be asked for: an indexed file, opened once and read by several threads."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from quanmin.opendata.rows import cursor, search
from quanmin.opendata.rows.build import META, VERSION, Numbers
from quanmin.opendata.rows.column import Column
from quanmin.opendata.rows.errors import QueryTooSlow, UnknownField
from quanmin.opendata.rows.filter import And
from quanmin.opendata.rows.kind import kind_of
from quanmin.opendata.rows.page import Page
from quanmin.opendata.rows.plan import Plan, Planner
from quanmin.opendata.rows.query import Query
from quanmin.opendata.rows.sorting import Order

SECONDS = 10.0
"""What one query may take, unless another time is said."""
BATCH = 65_536


class Table:
    """An indexed file. `sha256` is that of the parquet file, `rows` how many it has, `columns` by their names."""

    def __init__(self, sha256: str, folder: Path, schema: pa.Schema) -> None:
        self.sha256, self.schema = sha256, schema
        meta = json.loads((folder / META).read_text("utf-8"))
        if meta["version"] != VERSION or [one["name"] for one in meta["columns"]] != schema.names:
            raise ValueError("an index of another version or file")
        if any((folder / name).stat().st_size != size for name, size in meta["files"].items()):
            raise ValueError("an index that is not whole")
        self.rows: int = meta["rows"]
        self.columns: dict[str, Column] = {}
        for place, (field, about) in enumerate(zip(schema, meta["columns"], strict=True)):
            kind = kind_of(field.type)
            assert kind is not None  # else there was no index
            stem = folder / str(place)
            self.columns[field.name] = Column(stem, field.name, field.type, kind, about["distinct"], about["nulls"])

    def page(self, query: Query, seconds: float = SECONDS) -> Page:
        """A page of what fits, with the cursor of the next one.

        Takes `seconds` at most (looked at between pieces of the work). BadParameter, UnknownField, BadValue, BadOperator,
        BadCursor, ForeignCursor, QueryTooSlow.
        """
        query.check()
        check = _deadline(seconds)
        plan, fields, orders = self._plan(query, check)
        last = None if query.after is None else cursor.read(query.after, self.sha256, query.fingerprint, self.rows)
        found = search.Search(self.rows, plan, orders, check)
        only = found.distinct([self.columns[name] for name in fields]) if query.distinct else None
        rows = found.some(query.limit + 1, query.offset, last, only)
        total = None
        if query.total:
            total = found.count() if only is None else len(only)
        some = rows[: query.limit]
        more = query.limit > 0 and len(rows) > query.limit
        following = cursor.make(self.sha256, query.fingerprint, int(some[-1])) if more else None
        return Page(self.take(some, fields), following, total, some)

    def check(self, query: Query, seconds: float = SECONDS) -> None:
        """BadParameter, UnknownField, BadValue or BadOperator, as `page` would raise them."""
        query.check()
        self._plan(query, _deadline(seconds))

    def count(self, query: Query, seconds: float = SECONDS) -> int:
        """How many rows a query finds, whatever its page."""
        check = _deadline(seconds)
        return search.Search(self.rows, self._plan(query, check)[0], (), check).count()

    def batches(self, query: Query, seconds: float) -> Iterator[pa.Table]:
        """All that a query finds, whatever its page, in order and in pieces; memory stays bounded unless it is sorted or
        made distinct (then it holds the numbers of the rows found)."""
        query.check()
        check = _deadline(seconds)
        plan, fields, orders = self._plan(query, check)
        found = search.Search(self.rows, plan, orders, check)
        only = found.distinct([self.columns[name] for name in fields]) if query.distinct else None
        for rows in found.all(only):
            for start in range(0, len(rows), BATCH):
                check()
                yield self.take(rows[start : start + BATCH], fields)

    def take(self, rows: Numbers, fields: tuple[str, ...]) -> pa.Table:
        """Rows by their numbers."""
        return pa.table({name: self.columns[name].take(rows) for name in fields})

    def arrow(self, fields: tuple[str, ...] | None = None) -> pa.Schema:
        """The schema of what queries answer."""
        return self.take(np.empty(0, dtype=np.int64), fields or tuple(self.columns)).schema

    def _plan(self, query: Query, check: Callable[[], None]) -> tuple[Plan | None, tuple[str, ...], tuple[Order, ...]]:
        fields = tuple(self.columns) if query.fields is None else query.fields
        for parameter, names in (("fields", fields), ("order", tuple(name for name, _ in query.order))):
            if not all(name in self.columns for name in names):
                raise UnknownField(parameter=parameter)
        node = And(tuple(one for one in (query.filter, query.q) if one != And()))
        plan = Planner(self.columns, self.rows, check).plan(node) if node.parts else None
        return plan, fields, tuple(Order(self.columns[name], down) for name, down in query.order)


def _deadline(seconds: float) -> Callable[[], None]:
    end = time.monotonic() + seconds

    def check() -> None:
        if time.monotonic() > end:
            raise QueryTooSlow(seconds=f"{seconds:g}")

    return check
