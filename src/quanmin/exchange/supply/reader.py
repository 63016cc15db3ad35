"""Lines of JSON that came from outside, read by the schema of their manifest, in bounded memory.

What breaks the form (no object, members, a JSON type, UTF-8, the end of a line) refuses the delivery with the line's number, as a
Parquet file with other columns is refused. A value that is of the right JSON type and still none of its field (the 30th of
February, a number beyond 64 bits, null where one is required) fails its row, which is counted by `<element> <rule>`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import pyarrow as pa

from quanmin.exchange.delivery.schema import ARROW, Field, Kind, TableSchema
from quanmin.exchange.supply.errors import LineBroken
from quanmin.exchange.supply.lines import LONGEST

ROWS, BYTES = 50_000, 8 << 20
"""Lines that are read at once, and about how many bytes of them."""
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?")
_TYPES: Mapping[Kind, frozenset[type]] = {
    "string": frozenset({str}),
    "date": frozenset({str}),
    "datetime": frozenset({str}),
    "integer": frozenset({int}),
    "number": frozenset({int, float}),
    "boolean": frozenset({bool}),
}
_NONE = type(None)


class Reader:
    """Reads the lines of one delivery; `count` are those read so far, `faults` counts the rows that fail, by rule."""

    def __init__(self, schema: TableSchema, faults: MutableMapping[str, int]) -> None:
        self.count, self.faults = 0, faults
        self._schema, self._names = schema, schema.names
        self._arrow = schema.arrow()

    def batches(self, path: Path) -> Iterator[pa.RecordBatch]:
        """The rows that are of their schema, in batches. LineBroken."""
        with path.open("rb") as file:
            while lines := self._some(file):
                yield self._batch([self._values(number, line) for number, line in enumerate(lines, self.count + 1)])
                self.count += len(lines)

    def _some(self, file: IO[bytes]) -> list[bytes]:
        found, size = list[bytes](), 0
        while len(found) < ROWS and size < BYTES and (line := file.readline(LONGEST + 1)):
            if line[-1:] != b"\n" or len(line) > LONGEST:
                long = f"more than {LONGEST >> 20} MiB" if len(line) > LONGEST else "no newline at its end"
                raise LineBroken(line=self.count + len(found) + 1, fault=long)
            found.append(line)
            size += len(line)
        return found

    def _values(self, number: int, line: bytes) -> tuple[Any, ...]:
        """The values of a line in the order of the schema."""
        try:
            told = _JSON.decode(line.decode())
        except UnicodeDecodeError:
            raise LineBroken(line=number, fault="UTF-8") from None
        except (ValueError, RecursionError):
            raise LineBroken(line=number, fault="JSON") from None
        if type(told) is not tuple:
            raise LineBroken(line=number, fault="no object")
        names, values = zip(*told, strict=True) if told else ((), ())
        if names == self._names:
            return values
        return self._sorted(number, names, values)

    def _sorted(self, number: int, names: tuple[str, ...], values: tuple[Any, ...]) -> tuple[Any, ...]:
        own = dict(zip(names, values, strict=True))
        if len(own) < len(names):
            raise LineBroken(line=number, fault="a member twice")
        missing = [name for name in self._names if name not in own]
        if missing:
            raise LineBroken(line=number, fault=f"no member {missing[0]}")
        if len(own) > len(self._names):
            raise LineBroken(line=number, fault="an unknown member")
        return tuple(own[name] for name in self._names)

    def _batch(self, rows: Sequence[tuple[Any, ...]]) -> pa.RecordBatch:
        columns = list(zip(*rows, strict=True))
        self._typed(columns)
        arrays, failed = [], set[int]()
        for field, values in zip(self._schema.fields, columns, strict=True):
            told, bad = _read(field, values)
            arrays.append(pa.array(told, ARROW[field.type]))
            missing = [at for at, one in enumerate(values) if one is None] if field.required else []
            for rule, some in ((f"{field.name} form", bad), (f"{field.name} required", missing)):
                if some:
                    self.faults[rule] = self.faults.get(rule, 0) + len(some)
                    failed.update(some)
        batch = pa.RecordBatch.from_arrays(arrays, schema=self._arrow)
        return batch.filter(pa.array([at not in failed for at in range(len(rows))])) if failed else batch

    def _typed(self, columns: Sequence[tuple[Any, ...]]) -> None:
        """LineBroken for the first line with a value of another JSON type, or with text that is no Unicode."""
        wrong = list[tuple[int, str]]()
        for field, values in zip(self._schema.fields, columns, strict=True):
            known = _TYPES[field.type] | {_NONE}
            if not known >= set(map(type, values)):
                at = next(at for at, one in enumerate(values) if type(one) not in known)
                wrong.append((at, f"type of {field.name}"))
            elif field.type == "string" and (lone := _lone(values)) is not None:
                wrong.append((lone, f"text of {field.name}"))
        if wrong:
            at, fault = min(wrong)
            raise LineBroken(line=self.count + at + 1, fault=fault)


def _never(_word: str) -> Any:
    raise ValueError("NaN and infinity are no JSON")


_JSON = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_never)
"""An object is a tuple of its members, so that one that comes twice is seen."""


def _lone(values: Sequence[str | None]) -> int | None:
    """The first text with half of a surrogate pair."""
    try:
        "".join(one for one in values if one is not None).encode()
    except UnicodeEncodeError:
        return next(at for at, one in enumerate(values) if one is not None and _SURROGATE.search(one))
    return None


_SURROGATE = re.compile("[\ud800-\udfff]")


def _read(field: Field, values: Sequence[Any]) -> tuple[Sequence[Any], list[int]]:
    """The values as they are kept, and the places of those that are none of the field (there None is kept)."""
    parse = _PARSE.get(field.type)
    if parse is None:
        return values, []
    told = list(map(parse, values))
    return told, [at for at, one in enumerate(told) if one is None and values[at] is not None]


@lru_cache(1 << 16)
def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text is not None and _DATE.fullmatch(text) else None
    except ValueError:
        return None


@lru_cache(1 << 16)
def _datetime(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text is not None and _DATETIME.fullmatch(text) else None
    except ValueError:
        return None


def _integer(value: int | None) -> int | None:
    return value if value is not None and -(1 << 63) <= value < 1 << 63 else None


def _number(value: float | None) -> float | None:
    try:
        told = math.nan if value is None else float(value)
    except OverflowError:
        return None
    return told if math.isfinite(told) else None


_PARSE: Mapping[Kind, Callable[[Any], Any]] = {
    "date": _date,
    "datetime": _datetime,
    "integer": _integer,
    "number": _number,
}
