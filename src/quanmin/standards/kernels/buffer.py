"""Arrow buffers seen as NumPy arrays: the ground that every kernel stands on.

Strings are one run of bytes and one run of offsets. Where all values have the same length, a word of eight bytes at a fixed
place in each value is a strided view, and digits can be read eight at a time in one machine word.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
BLOCK = 8192
"""Rows worked on at once, so that a block's temporaries stay in the processor's cache."""


class Strings(NamedTuple):
    """A string array's bytes, its offsets (rows + 1) into them, and which rows are null (None: none is)."""

    data: NDArray[np.uint8]
    offsets: NDArray[np.signedinteger[Any]]
    null: Mask | None

    @property
    def lengths(self) -> NDArray[np.signedinteger[Any]]:
        """Bytes of each value; null values count none."""
        lengths = np.diff(self.offsets)
        if self.null is not None:
            lengths[self.null] = 0
        return lengths


def plain(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array, strings as `string` (or `large_string` beyond 2 GB), dictionaries decoded."""
    if isinstance(array, pa.ChunkedArray):
        array = array.chunk(0) if array.num_chunks == 1 else array.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.cast(pa.large_string()).chunks)
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_string_view(array.type):
        array = array.cast(pa.string())
    return array.cast(pa.string()) if pa.types.is_null(array.type) else array


def strings(array: pa.Array) -> Strings:
    """The buffers of a `string` or `large_string` array, its slice taken into account."""
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, offsets, data = array.buffers()
    rows = len(array)
    if rows == 0 or offsets is None:
        return Strings(np.zeros(0, np.uint8), np.zeros(rows + 1, width), null_mask(array))
    places: NDArray[np.signedinteger[Any]] = np.frombuffer(
        offsets, dtype=width, count=rows + 1, offset=array.offset * np.dtype(width).itemsize
    )
    octets = np.zeros(0, np.uint8) if data is None else np.frombuffer(data, dtype=np.uint8)
    return Strings(octets, places, null_mask(array))


def null_mask(array: pa.Array) -> Mask | None:
    """Which rows are null; None if none is."""
    return None if array.null_count == 0 else to_numpy(array.is_null())


def present_mask(array: pa.Array) -> Mask:
    """Which rows hold a value."""
    return np.ones(len(array), dtype=bool) if array.null_count == 0 else to_numpy(array.is_valid())


def to_numpy(array: pa.Array) -> NDArray[Any]:
    """A null-free array as NumPy, without a copy where Arrow allows it."""
    return np.asarray(array.to_numpy(zero_copy_only=False))


def uniform(text: Strings, width: int) -> bool:
    """Whether every row is a value of exactly `width` bytes."""
    return text.null is None and bool((np.diff(text.offsets) == width).all())


def from_fixed(characters: NDArray[np.uint8], null: Mask | None = None) -> pa.Array:
    """A string array from a matrix of ASCII bytes, one row a value."""
    rows, width = characters.shape
    if rows * width > np.iinfo(np.int32).max:
        middle = rows // 2
        halves = (slice(0, middle), slice(middle, rows))
        parts = [from_fixed(characters[half], None if null is None else null[half]) for half in halves]
        return pa.concat_arrays([part.cast(pa.large_string()) for part in parts])
    offsets = np.arange(0, (rows + 1) * width, width, dtype=np.int32) if width else np.zeros(rows + 1, np.int32)
    valid = None if null is None or not null.any() else pa.py_buffer(np.packbits(~null, bitorder="little").tobytes())
    data = pa.py_buffer(np.ascontiguousarray(characters))
    return pa.Array.from_buffers(pa.string(), rows, [valid, pa.py_buffer(offsets), data])


def from_numbers(values: NDArray[Any], type_: pa.DataType, null: Mask | None = None) -> pa.Array:
    """A primitive Arrow array over the values, without a copy."""
    valid = None if null is None or not null.any() else pa.py_buffer(np.packbits(~null, bitorder="little").tobytes())
    return pa.Array.from_buffers(type_, len(values), [valid, pa.py_buffer(np.ascontiguousarray(values))])


def filled(values: pa.Array | NDArray[np.int64], fill: int) -> NDArray[np.int64]:
    """Integers as NumPy, null replaced by `fill`."""
    if not isinstance(values, pa.Array | pa.ChunkedArray):
        return np.asarray(values, dtype=np.int64)
    array = plain(values)
    return to_numpy(pc.fill_null(array, fill) if array.null_count else array).astype(np.int64, copy=False)


def word(data: NDArray[np.uint8], start: int, stride: int, rows: int, kind: str) -> NDArray[Any]:
    """The machine words (`kind`: "<u8", "<u2") at `start`, `start + stride`, … as a view."""
    return np.ndarray((rows,), dtype=kind, buffer=data, offset=start, strides=(stride,))


def gather(text: Strings, places: NDArray[np.intp], width: int) -> NDArray[np.uint8]:
    """The first `width` bytes of the values at `places`, one row each."""
    octets: NDArray[np.uint8] = text.data[text.offsets[places, None] + np.arange(width)]
    return octets


def span_of(text: Strings) -> NDArray[np.uint8]:
    """The bytes of all values, one after the other."""
    return text.data[int(text.offsets[0]) : int(text.offsets[-1])]


def rows_of(text: Strings, places: NDArray[np.intp]) -> Mask:
    """Which rows hold the bytes at these places of the span; null rows never do."""
    found = np.zeros(len(text.offsets) - 1, dtype=bool)
    found[np.searchsorted(text.offsets, places + int(text.offsets[0]), side="right") - 1] = True
    if text.null is not None:
        found &= ~text.null
    return found
