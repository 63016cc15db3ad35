"""A page of rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Any

import pyarrow as pa

from quanmin.opendata.rows.build import Numbers


@dataclass(frozen=True)
class Page:
    """Rows in order; `next` is the cursor of the page behind (None: this is the last), `total` what was found if that was
    asked, `numbers` the numbers of the rows in the file (the first is 0)."""

    rows: pa.Table
    next: str | None
    total: int | None
    numbers: Numbers

    def records(self) -> list[dict[str, Any]]:
        """The rows as JSON has them: dates and times in ISO 8601, decimals as text so that no digit is lost, no NaN."""
        return records(self.rows)


def records(rows: pa.Table) -> list[dict[str, Any]]:
    """The rows of a table as JSON has them."""
    columns = [_said(rows.column(name)) for name in rows.column_names]
    return [dict(zip(rows.column_names, row, strict=True)) for row in zip(*columns, strict=True)]


def _said(column: pa.ChunkedArray) -> list[Any]:
    values: list[Any] = column.to_pylist()
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_integer(column.type):
        return values
    return [said(one) for one in values]


def said(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return None if isinstance(value, float) and not isfinite(value) else value
