"""Columns of text to typed columns: `value.parse_value` over whole Arrow arrays.

Columns that repeat few texts (codes, regions, booleans) are read once for each distinct text; the others by kernels.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.standards.columns import Columns, Mask, spread
from quanmin.standards.element import Element
from quanmin.standards.kernels import (
    Numbers,
    from_numbers,
    plain,
    present_mask,
    read_decimals,
    read_integers,
    read_moments,
    read_numbers,
    strings,
    trimmed,
    without,
)
from quanmin.standards.value import UNREADABLE, WHOLE, formats_of, missing_numbers, parse_value
from quanmin.standards.value_set import ValueSet

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


class Read(NamedTuple):
    """A typed column, the rows that could not be read (None: all could), and what was learned on the way.

    `distinct` is the typed column once more, as distinct values and indices; `spelled` the text that was read, likewise.
    """

    array: pa.Array
    unreadable: Mask | None = None
    distinct: pa.DictionaryArray | None = None
    spelled: pa.DictionaryArray | None = None
    numbers: Numbers | None = None


def read_columns(
    elements: tuple[Element, ...], text: pa.Table, values: Mapping[str, ValueSet], today: date | None = None
) -> Columns:
    """Every element's column, typed; a column that `text` does not have is null. `values` are by element."""
    rows = text.num_rows
    names = set(text.column_names)
    read = {
        element.name: read_column(element, text.column(element.name), values.get(element.name))
        if element.name in names
        else Read(pa.nulls(rows, ARROW_TYPES[element.type]))
        for element in elements
    }
    unreadable = {name: one.unreadable for name, one in read.items() if one.unreadable is not None}
    columns = Columns({name: one.array for name, one in read.items()}, unreadable, today, rows)
    for name, one in read.items():
        columns.share(name, one.distinct, one.spelled, one.numbers)
    return columns


def read_column(element: Element, array: pa.Array | pa.ChunkedArray, values: ValueSet | None = None) -> Read:
    """One element's column, typed."""
    text = plain(array)
    match element.type:
        case "code" | "region" if values is not None or element.type == "region":
            return _read_distinct(element, text, values)
        case "boolean":
            return _read_distinct(element, text, None)
        case "code":
            return _read_codes(element, text)
    text = trimmed(text, element.missing)
    match element.type:
        case "citizen_number":
            return _read_numbers(text)
        case "date" | "datetime":
            return _read_moments(element, text)
        case "integer" | "decimal":
            return _read_numerals(element, text)
        case _:
            return Read(text)


def _read_distinct(element: Element, text: pa.Array, values: ValueSet | None) -> Read:
    """Read each distinct text once and lay the values over the rows."""
    spelled = text.dictionary_encode()
    old = spelled.dictionary.to_pylist()
    new = [parse_value(element, one, values) for one in old]
    if new == old:
        return Read(text, None, spelled, spelled)
    places = {one: place for place, one in enumerate(dict.fromkeys(one for one in new if _is_value(one)))}
    indices = pa.array([places.get(one) for one in new], pa.int32()).take(spelled.indices)
    distinct = pa.DictionaryArray.from_arrays(indices, pa.array(list(places), ARROW_TYPES[element.type]))
    bad = np.fromiter((one is UNREADABLE for one in new), dtype=bool, count=len(new))
    unreadable = spread(spelled, bad) if bad.any() else None
    return Read(distinct.dictionary.take(indices), unreadable, distinct, spelled)


def _is_value(one: Any) -> bool:
    return one is not None and one is not UNREADABLE


def _read_codes(element: Element, text: pa.Array) -> Read:
    """Codes that seldom repeat: only those that are not plain ASCII, or look like a number's exponent, are parsed."""
    text = trimmed(text, element.missing)
    view = strings(text)
    first, last = int(view.offsets[0]), int(view.offsets[-1])
    octets = view.data[first:last]
    places = np.flatnonzero((octets >= 0x80) | (octets == ord("e")) | (octets == ord("E")))
    if not len(places):
        return Read(text)
    odd = np.unique(np.searchsorted(view.offsets, places + first, side="right") - 1)
    if view.null is not None:
        odd = odd[~view.null[odd]]
    if not len(odd):
        return Read(text)
    part = _read_distinct(element, text.take(pa.array(odd)), None)
    source = np.arange(len(text))
    source[odd] = np.arange(len(text), len(text) + len(odd))
    typed = pa.concat_arrays([text, part.array.cast(text.type)]).take(pa.array(source))
    if part.unreadable is None:
        return Read(typed)
    unreadable = np.zeros(len(text), dtype=bool)
    unreadable[odd] = part.unreadable
    return Read(typed, unreadable)


def _read_numbers(text: pa.Array) -> Read:
    numbers = read_numbers(text)
    empty = np.diff(strings(numbers.text).offsets) == 0
    if empty.any():
        numbers = numbers._replace(text=without(numbers.text, empty))
    return Read(numbers.text, numbers=numbers)


def _read_moments(element: Element, text: pa.Array) -> Read:
    seconds, ok = read_moments(text, formats_of(element))
    if element.type == "date":
        return _typed(text, (seconds // 86_400).astype(np.int32), ok, pa.date32())
    return _typed(text, seconds * 1_000_000, ok, pa.timestamp("us"))


def _read_numerals(element: Element, text: pa.Array) -> Read:
    values: NDArray[Any]
    if element.type == "decimal":
        values, ok = read_decimals(text)
    else:
        values, ok = read_integers(text, WHOLE in element.accepts)
    read = _typed(text, values, ok, ARROW_TYPES[element.type])
    missing = missing_numbers(element)
    if not missing:
        return read
    absent = ~ok | np.isin(values, missing)
    return Read(from_numbers(values, ARROW_TYPES[element.type], absent), read.unreadable)


def _typed(text: pa.Array, values: NDArray[Any], ok: Mask, type_: pa.DataType) -> Read:
    if ok.all():
        return Read(from_numbers(values, type_))
    unreadable = present_mask(text) & ~ok
    return Read(from_numbers(values, type_, ~ok), unreadable if unreadable.any() else None)
