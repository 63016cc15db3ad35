"""What counts as nothing: white space around a value goes, and a value of white space alone is missing."""

from __future__ import annotations

from collections.abc import Callable, Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.standards.kernels.buffer import Mask, plain, span_of, strings, to_numpy

# The first bytes of white space: controls and space, U+0085 and U+00A0, U+1680 to U+3000
_EDGES = np.zeros(256, dtype=bool)
_EDGES[[*range(0x21), 0xC2, 0xE1, 0xE2, 0xE3]] = True


def trimmed(array: pa.Array | pa.ChunkedArray, missing: Collection[str] = ()) -> pa.Array:
    """Values without white space around them (`str.strip`); empty ones and those that are in `missing` are null."""
    array = plain(array)
    array = rewritten(array, np.flatnonzero(_edged(array)), str.strip)
    if missing:
        array = without(array, to_numpy(pc.is_in(array, value_set=pa.array(sorted(missing), type=array.type))))
    lengths = np.diff(strings(array).offsets)
    return without(array, lengths == 0) if (lengths == 0).any() else array


def without(array: pa.Array, rows: Mask) -> pa.Array:
    """The column with these rows null, over the same buffers."""
    text = strings(array)
    null = rows if text.null is None else rows | text.null
    if not null.any() or not len(array):
        return array
    valid = pa.py_buffer(np.packbits(~null, bitorder="little").tobytes())
    offsets = pa.py_buffer(np.ascontiguousarray(text.offsets))
    return pa.Array.from_buffers(array.type, len(array), [valid, offsets, array.buffers()[2]])


def rewritten(array: pa.Array, places: NDArray[np.intp], rewrite: Callable[[str], str]) -> pa.Array:
    """The column with the values at `places` rewritten, each distinct one once."""
    if not len(places):
        return array
    coded = array.take(pa.array(places)).dictionary_encode()
    old = coded.dictionary.to_pylist()
    new = [rewrite(text) for text in old]
    if new == old:
        return array
    values = pa.array(new, type=array.type).take(coded.indices)
    source = np.arange(len(array))
    source[places] = np.arange(len(array), len(array) + len(places))
    return pa.concat_arrays([array, values]).take(pa.array(source))


def _edged(array: pa.Array) -> Mask:
    """Rows whose first or last character may be white space."""
    text = strings(array)
    span = span_of(text)
    rows = np.zeros(len(array), dtype=bool)
    if not ((span <= 0x20) | (span == 0xC2) | (span - np.uint8(0xE1) <= 2)).any():
        return rows
    lengths = text.lengths
    full = np.flatnonzero(lengths > 0)
    first, last, size = text.offsets[:-1][full], text.offsets[1:][full] - 1, lengths[full]
    edged = _EDGES[text.data[first]] | (text.data[last] <= 0x20)
    edged |= (text.data[last - np.minimum(size - 1, 1)] == 0xC2) & (size >= 2)
    edged |= (text.data[last - np.minimum(size - 1, 2)] - np.uint8(0xE1) <= 2) & (size >= 3)
    rows[full] = edged
    return rows
