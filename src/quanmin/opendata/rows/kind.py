"""The kinds of columns that rows can be asked of: which Arrow types they are, and how a value for one is read.

Nothing is guessed: a column has the type that its publisher gave it. Text stays text ("010" is not 10).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import pyarrow as pa
import pyarrow.types as pt

from quanmin.opendata.rows.errors import BadValue
from quanmin.text import Text

LONGEST = 10_000
"""Characters that a value to compare with may have."""

_NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})([eE][+-]?\d{1,4})?", re.ASCII)


@dataclass(frozen=True)
class Kind:
    """A kind of column: its name in documents, what its values are called, and how one is read from a filter."""

    name: str
    title: Text
    read: Callable[[Any, pa.DataType], Any]


def kind_of(arrow: pa.DataType) -> Kind | None:
    """The kind of an Arrow type; None where rows cannot be asked of it (nested, binary, intervals)."""
    return next((KINDS[name] for name, fits in _TYPES.items() if fits(arrow)), None)


def value(kind: Kind, field: str, arrow: pa.DataType, given: object) -> Any:
    """A value of a filter as the column's own kind; BadValue."""
    try:
        if isinstance(given, str) and (len(given) > LONGEST or (not given.isascii() and not _whole(given))):
            raise ValueError
        return kind.read(given, arrow)
    except (ValueError, TypeError, OverflowError, InvalidOperation):
        raise BadValue(element=field, kind=kind.title) from None


def _whole(given: str) -> bool:
    """Whether it is Unicode without half characters."""
    return not any("\ud800" <= one <= "\udfff" for one in given)


def _text(given: Any, _arrow: pa.DataType) -> str:
    if isinstance(given, bool) or not isinstance(given, str | int | Decimal):
        raise ValueError
    return str(given)


def _number(given: Any, _arrow: pa.DataType) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, str | int | float | Decimal):
        raise ValueError
    if not _NUMBER.fullmatch(str(given)):
        raise ValueError
    return Decimal(str(given))


def _float(given: Any, _arrow: pa.DataType) -> float:
    read = float(_number(given, _arrow))
    if not math.isfinite(read):
        raise ValueError
    return read


def _boolean(given: Any, _arrow: pa.DataType) -> bool:
    if isinstance(given, bool):
        return given
    return {"true": True, "false": False}[given] if given in ("true", "false") else _wrong()


def _date(given: Any, _arrow: pa.DataType) -> date:
    return date.fromisoformat(given)


def _moment(given: Any, arrow: pa.DataType) -> datetime:
    read = datetime.fromisoformat(given)
    if arrow.tz is None:
        return read if read.tzinfo is None else _wrong()
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def _time(given: Any, _arrow: pa.DataType) -> time:
    read = time.fromisoformat(given)
    return read if read.tzinfo is None else _wrong()


def _wrong() -> Any:
    raise ValueError


KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind("text", Text("文本", "text"), _text),
        Kind("integer", Text("数值", "a number"), _number),
        Kind("decimal", Text("数值", "a number"), _number),
        Kind("number", Text("数值", "a number"), _float),
        Kind("boolean", Text("true 或 false", "true or false"), _boolean),
        Kind("date", Text("日期（YYYY-MM-DD）", "a date (YYYY-MM-DD)"), _date),
        Kind("datetime", Text("时间（ISO 8601）", "a time (ISO 8601)"), _moment),
        Kind("time", Text("时刻（HH:MM:SS）", "a time of day (HH:MM:SS)"), _time),
    )
}
_TYPES: Mapping[str, Callable[[pa.DataType], bool]] = {
    "text": lambda one: pt.is_string(one) or pt.is_large_string(one),
    "integer": pt.is_integer,
    "decimal": pt.is_decimal,
    "number": pt.is_floating,
    "boolean": pt.is_boolean,
    "date": pt.is_date,
    "datetime": pt.is_timestamp,
    "time": pt.is_time,
}
