"""Lines of JSON that came from outside, read by the schema of their manifest, in bounded memory.

What breaks the form (no object, members, a JSON type, UTF-8, the end of a line) refuses the delivery with the line's number, as a
Parquet file with other columns is refused. A value that is of the right JSON type and still none of its field (the 30th of
February, a number beyond 64 bits, null where one is required) fails its row, and is null there.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa

from quanmin.exchange.delivery.schema import ARROW, Field, Kind, TableSchema
from quanmin.exchange.supply.errors import LineBroken
from quanmin.exchange.supply.fault import FORM, REQUIRED, rule
from quanmin.exchange.supply.lines import LONGEST
from quanmin.exchange.supply.validation import Failing

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
    """Reads the lines of one delivery; `count` are those read so far."""

    def __init__(self, schema: TableSchema) -> None:
        self.count = 0
        self._schema, self._names = schema, schema.names
        self._arrow = schema.arrow()

    def batches(self, path: Path) -> Iterator[tuple[pa.RecordBatch, Failing]]:
        """The rows in batches, with the rules of their schema that some fail. LineBroken."""
        with path.open("rb") as file:
            while lines := self._some(file):
                yield self._batch(lines)
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

    def _batch(self, lines: Sequence[bytes]) -> tuple[pa.RecordBatch, Failing]:
        columns = self._together(lines) or self._each(lines)
        self._typed(lines, columns)
        arrays, failing = [], Failing()
        for field, values in zip(self._schema.fields, columns, strict=True):
            array, bad = _read(field, values)
            arrays.append(array)
            missing = _places(values) if field.required and None in values else []
            failing += [
                (rule(field.name, kind), _at(some, len(lines)))
                for kind, some in ((FORM, bad), (REQUIRED, missing))
                if some
            ]
        return pa.RecordBatch.from_arrays(arrays, schema=self._arrow), failing

    def _together(self, lines: Sequence[bytes]) -> list[list[Any]] | None:
        """The columns of lines that are read as one list: fast. None where each has to be looked at.

        Each line begins an object and no text goes over the end of a line, so that, unless a value is an object or a list (which
        `_typed` sees), what is between two lines is between two objects; and there are as many objects as lines.
        """
        if not all(line[0] == _OPENS for line in lines):
            return None
        try:
            told = _JSON.decode(f"[{b','.join(lines).decode()}]")
        except (ValueError, RecursionError):
            return None
        wide = len(self._names)
        if len(told) != len(lines) or set(map(len, told)) != {wide}:
            return None
        members = list(chain.from_iterable(told))
        if list(map(_NAME, members)) != list(self._names) * len(lines):
            return None
        values = list(map(_VALUE, members))
        return [values[at::wide] for at in range(wide)]

    def _each(self, lines: Sequence[bytes]) -> list[list[Any]]:
        """The columns of lines that are read one by one. LineBroken."""
        rows = [self._values(number, line) for number, line in enumerate(lines, self.count + 1)]
        return [list(one) for one in zip(*rows, strict=True)]

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
        own = dict(told)
        if len(own) < len(told):
            raise LineBroken(line=number, fault="a member twice")
        missing = [name for name in self._names if name not in own]
        if missing:
            raise LineBroken(line=number, fault=f"no member {missing[0]}")
        if len(own) > len(self._names):
            raise LineBroken(line=number, fault="an unknown member")
        return tuple(own[name] for name in self._names)

    def _typed(self, lines: Sequence[bytes], columns: Sequence[list[Any]]) -> None:
        """LineBroken for the first line with a value of another JSON type, or with text that is no Unicode."""
        wrong = list[tuple[int, str]]()
        for field, values in zip(self._schema.fields, columns, strict=True):
            known = _TYPES[field.type] | {_NONE}
            if not known >= set(map(type, values)):
                at = next(at for at, one in enumerate(values) if type(one) not in known)
                wrong.append((at, f"type of {field.name}"))
            elif str in known and (lone := _lone(values)) is not None:
                wrong.append((lone, f"text of {field.name}"))
        if wrong:
            self._each(lines)  # a line that is broken by itself is told first
            at, fault = min(wrong)
            raise LineBroken(line=self.count + at + 1, fault=fault)


def _never(_word: str) -> Any:
    raise ValueError("NaN and infinity are no JSON")


_JSON = json.JSONDecoder(object_pairs_hook=tuple, parse_constant=_never)
"""An object is a tuple of its members, so that one that comes twice is seen."""
_NAME, _VALUE, _OPENS = itemgetter(0), itemgetter(1), ord("{")
_SURROGATE = re.compile("[\ud800-\udfff]")


def _lone(values: Sequence[str | None]) -> int | None:
    """The first text with half of a surrogate pair."""
    try:
        "".join(filter(None, values)).encode()
    except UnicodeEncodeError:
        return next(at for at, one in enumerate(values) if one is not None and _SURROGATE.search(one))
    return None


def _read(field: Field, values: Sequence[Any]) -> tuple[pa.Array, list[int]]:
    """The values as they are kept, and the places of those that are none of the field (there null is kept)."""
    kind = ARROW[field.type]
    if field.type in ("string", "boolean"):
        return pa.array(values, kind), []
    parse = _PARSE[field.type]
    if field.type in ("integer", "number"):
        told = list(map(parse, values))
        bad = [at for at in _places(told) if values[at] is not None] if None in told else []
        return pa.array(told, kind), bad
    spelled = pa.array(values, pa.string()).dictionary_encode()
    parsed = list(map(parse, spelled.dictionary.to_pylist()))
    array = pa.array(parsed, kind).take(spelled.indices)
    bad = [at for at in _places(array.to_pylist()) if values[at] is not None] if None in parsed else []
    return array, bad


def _at(places: Sequence[int], size: int) -> pa.BooleanArray:
    """True at these places."""
    found = np.zeros(size, bool)
    found[places] = True
    return pa.array(found)


def _places(values: Sequence[Any]) -> list[int]:
    """Where there is none."""
    return [at for at, one in enumerate(values) if one is None]


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


def _datetime(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _DATETIME.fullmatch(text) else None
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
