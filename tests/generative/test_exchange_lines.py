"""Rows as lines of JSON against plain references: what is written, what is read back, and what is refused at which line."""

from __future__ import annotations

import json
import math
import re
import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quanmin.exchange.delivery.schema import ARROW, KINDS, Field, TableSchema, read
from quanmin.exchange.supply import lines, reader
from quanmin.exchange.supply.errors import LineBroken
from quanmin.exchange.supply.reader import Reader
from quanmin.exchange.supply.rows import Rows
from quanmin.exchange.supply.validation import passing
from quanmin.standards.reading import ARROW_TYPES

ODD = [
    "",
    " ",
    '"',
    "\\",
    "\n",
    "\r",
    "\x00",
    "\x1f",
    "\x7f",
    "\x85",
    "\u2028",
    "\u2029",
    "\U0001f600",
    "中",
    "null",
    "*",
]
texts = st.lists(st.sampled_from(ODD) | st.characters(exclude_categories=("Cs",)), max_size=4).map("".join)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "string": texts,
    "date": st.dates(),
    "datetime": st.datetimes(),
    "integer": st.integers(-(1 << 63), (1 << 63) - 1),
    "number": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
}
rows = st.lists(st.tuples(*(st.none() | VALUES[kind] for kind in KINDS)), max_size=6)
NAMES = [f"a_{kind}" for kind in KINDS]
SCHEMA = TableSchema(tuple(Field(name, kind) for name, kind in zip(NAMES, KINDS, strict=True)))


def batch(told: list[tuple[Any, ...]]) -> pa.RecordBatch:
    columns = list(zip(*told, strict=True)) or [()] * len(KINDS)
    arrays = [pa.array(one, ARROW[kind]) for one, kind in zip(columns, KINDS, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, NAMES)


def plain(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    return value.isoformat() if isinstance(value, date) else value


def reference(told: list[tuple[Any, ...]]) -> str:
    """The lines, one after another, by the library."""
    made = [{name: plain(one) for name, one in zip(NAMES, row, strict=True)} for row in told]
    text = "".join(json.dumps(one, ensure_ascii=False, separators=(",", ":")) + "\n" for one in made)
    return re.sub("[\x7f-\x9f\u2028\u2029]", lambda one: f"\\u{ord(one[0]):04x}", text)


def test_every_type_of_the_catalogue_has_a_form() -> None:
    assert {str(one) for one in ARROW_TYPES.values()} <= {str(one) for one in ARROW.values()}


@example(told=[(one, *[None] * (len(KINDS) - 1)) for one in ODD], size=1, key=())
@settings(deadline=None)
@given(told=rows, size=st.integers(1, 7), key=st.sampled_from([(), ("a_date",), ("a_date", "a_string")]))
def test_rows_are_written_as_the_library_would_and_come_back_exactly(told: Any, size: int, key: Any) -> None:
    whole = batch(told)
    some = iter([whole.slice(0, 0), *(whole.slice(at, size) for at in range(0, len(told), size))])
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "rows.ndjson"
        count, schema = lines.write(path, Rows("full", 1, None, "s", key, ("a_string",)[: len(key) - 1], some))
        text = path.read_bytes().decode()
        came = list(Reader(schema).batches(path))
        back = [row for one, _ in came for row in one.to_pylist()]
    assert (count, text, [failing for _, failing in came if failing]) == (len(told), reference(told), [])
    assert len(text.splitlines()) == count  # whatever a reader takes for the end of a line
    assert [repr(row) for row in back] == [repr(row) for row in whole.to_pylist()]
    required = {one.name for one in schema.fields if one.required}
    assert required == {name for name in key[:1] if all(row[1] is not None for row in told)}
    assert schema.names == tuple(NAMES) and read(json.loads(json.dumps(schema.to_dict()))) == schema


ODD_MOMENTS = """
2026-02-30 2026-02-28 20260228 2026-W01-1 0000-01-01 ２０２６-02-28 2026-02-28T24:00:00 2026-02-28T23:00:00 2026-02-28T23:00:00.5
2026-02-28T23:00:00.1234567 2026-02-28T23:00:00Z 2026-02-28T23:00:00+08:00 2026-02-28T23:60:00
"""
odd_texts = st.sampled_from([*ODD_MOMENTS.split(), "2026-02-28 23:00:00", "\ud800"])
moments = st.sampled_from([*ODD_MOMENTS.split(), "2026-02-28 23:00:00"])
TOLD: dict[str, st.SearchStrategy[Any]] = {kind: VALUES[kind].map(plain) | moments for kind in ("date", "datetime")}
odd = (
    st.none() | st.booleans() | st.integers(-(1 << 65), 1 << 65) | st.floats(allow_nan=False) | odd_texts | st.just([])
)
HALF = json.dumps(dict.fromkeys(NAMES)).encode()
ACROSS = [
    HALF[:-1],
    HALF + b"," + HALF,
    b'{"a_date":[{}',
    b"{}]}",
    b'{"a_date":"',
    b'{"}',
    b'{"a_date":{"b":1}',
    HALF[: HALF.index(b",")],
]
ACROSS += [HALF.replace(b"null", word, 1) for word in (b"NaN", b"Infinity")]
"""Lines that are whole only with their neighbours, or to a library that is too kind."""
raw = st.sampled_from(
    [b"", b"{}", b"[]", b"1", b"{", b'{"a":NaN}', b"[" * 5000, b"\xff", b"\xef\xbb\xbf{}", b"{}{}", *ACROSS]
)


@st.composite
def a_line(draw: st.DrawFn) -> bytes:
    """A line that is well formed, mostly, in its own way of writing."""
    if draw(st.integers(0, 9)) == 0:
        return draw(raw)
    own = {
        name: draw(st.none() | TOLD.get(kind, VALUES[kind].map(plain))) for name, kind in zip(NAMES, KINDS, strict=True)
    }
    members = draw(st.permutations(list(own.items())))
    change = draw(st.sampled_from(["", "", "", "odd", "less", "more", "twice"]))
    if change == "odd":
        members[0] = (members[0][0], draw(odd))
    elif change == "less":
        members = members[1:]
    elif change:
        members = [*members, ("b" if change == "more" else members[0][0], None)]
    told = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in members)
    return f"{{{told}}}{draw(st.sampled_from(['', ' ', chr(13)]))}".encode()


def judged(line: bytes) -> tuple[bool, list[Any] | None]:
    """The reference: whether a line is of the form, and its values where all of them are of their field."""
    try:
        members = json.JSONDecoder(
            object_pairs_hook=lambda some: ("object", some), parse_constant=lambda _: {}[0]
        ).decode(line.decode())
    except (ValueError, KeyError, RecursionError):
        return False, None
    if not isinstance(members, tuple) or sorted(name for name, _ in members[1]) != sorted(NAMES):
        return False, None
    values = [dict(members[1])[name] for name in NAMES]
    types = {"integer": (int,), "number": (int, float), "boolean": (bool,)}
    for kind, one in zip(KINDS, values, strict=True):
        if one is not None and type(one) not in types.get(kind, (str,)):
            return False, None
        if isinstance(one, str) and any(0xD800 <= ord(sign) < 0xE000 for sign in one):
            return False, None
    read_ = [meant(kind, one) for kind, one in zip(KINDS, values, strict=True)]
    return True, read_ if all(a is None or b is not None for a, b in zip(values, read_, strict=True)) else None


def meant(kind: str, value: Any) -> Any:
    """A value by its field, None where it is none of it."""
    try:
        if value is None or kind in ("string", "boolean"):
            return value
        if kind == "date":
            return datetime.strptime(value, "%Y-%m-%d").date() if len(value) == 10 and value.isascii() else None
        if kind == "datetime":
            form = "%Y-%m-%dT%H:%M:%S.%f" if "." in value else "%Y-%m-%dT%H:%M:%S"
            return datetime.strptime(value, form) if len(value) >= 19 and value.isascii() else None
        if kind == "integer":
            return value if abs(2 * value + 1) < 1 << 64 else None
        return float(value) if math.isfinite(float(value)) else None
    except (ValueError, OverflowError):
        return None


@settings(deadline=None, max_examples=300)
@given(told=st.lists(a_line(), max_size=5), at_once=st.integers(1, 4), ended=st.sampled_from([True, True, False]))
def test_lines_are_read_as_a_plain_reader_would_or_refused_where_it_would(told: Any, at_once: int, ended: bool) -> None:
    judgements = [judged(one) for one in told]
    broken = [number for number, (fits, _) in enumerate(judgements, 1) if not fits]
    if not ended and told and told[-1]:
        broken = sorted({*broken, len(told)})
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as home, mock.patch.object(reader, "ROWS", at_once):
        path = Path(home) / "rows.ndjson"
        path.write_bytes(b"".join(one + b"\n" for one in told)[: None if ended else -1])
        own, back = Reader(SCHEMA), list[list[Any]]()
        try:
            for batch, failing in own.batches(path):
                good = passing(failing)
                back += [list(row.values()) for row in (batch if good is None else batch.filter(good)).to_pylist()]
                failed += [name for name, _ in failing]
        except LineBroken as error:
            assert error.fields["line"] in broken and (at_once > 1 or error.fields["line"] == broken[0])
            return
    if not ended and told and not told[-1]:
        judgements = judgements[:-1]  # an empty last line without its end is no line
        broken = [one for one in broken if one < len(told)]
    assert broken == [] and own.count == len(judgements)
    good = [values for _, values in judgements if values is not None]
    assert list(map(repr, back)) == list(map(repr, good))
    assert bool(failed) == (len(good) < len(judgements))
