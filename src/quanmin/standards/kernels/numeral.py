"""Numbers over columns of text: strict decimals, never octal, hexadecimal, infinities or thousands separators."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.standards.kernels.buffer import Mask, Strings, strings, to_numpy

_INTEGER = re.compile(r"[+-]?[0-9]+")
_WHOLE = re.compile(r"([+-]?[0-9]+)\.0*")
_DECIMAL = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
_MOST_DIGITS = 18
_LONGEST = 400
"""Digits beyond which a text is no number that anybody means; reading it would cost more than telling so."""


def parse_integer(text: str, whole: bool = False) -> int | None:
    """The integer (64 bits) of a trimmed text; with `whole`, "353.0" is 353. The reference."""
    spelling = unicodedata.normalize("NFKC", text)
    match = _WHOLE.fullmatch(spelling) if whole else None
    digits = match[1] if match else spelling
    if len(digits) > _LONGEST or not _INTEGER.fullmatch(digits):
        return None
    value = int(digits)
    return value if -(2**63) <= value < 2**63 else None


def parse_decimal(text: str) -> float | None:
    """The number of a trimmed text, scientific notation included; None if it is none or not finite. The reference."""
    spelling = unicodedata.normalize("NFKC", text)
    if len(spelling) > _LONGEST or not _DECIMAL.fullmatch(spelling):
        return None
    value = float(spelling)
    return value if math.isfinite(value) else None


def read_integers(array: pa.Array, whole: bool = False) -> tuple[NDArray[np.int64], Mask]:
    """Integers of the trimmed texts, and which are integers; null is none."""
    text = strings(array)
    lengths = text.lengths
    easy = (lengths > 0) & (lengths <= _MOST_DIGITS) & ~_holding_others(text)
    values, ok = np.zeros(len(array), np.int64), easy.copy()
    if easy.all():
        return to_numpy(pc.cast(array, pa.int64())), ok
    if easy.any():
        values[easy] = to_numpy(pc.cast(array.filter(pa.array(easy)), pa.int64()))
    _read_each(array, np.flatnonzero((lengths > 0) & ~easy), lambda one: parse_integer(one, whole), values, ok)
    return values, ok


def read_decimals(array: pa.Array) -> tuple[NDArray[np.float64], Mask]:
    """Numbers of the trimmed texts, and which are numbers; null is none."""
    text = strings(array)
    present = text.lengths > 0
    values, ok = np.zeros(len(array), np.float64), np.zeros(len(array), bool)
    places = np.flatnonzero(present)
    if _plain_decimals(text):
        try:
            read = to_numpy(pc.cast(array.filter(pa.array(present)), pa.float64()))
        except pa.ArrowInvalid:
            read = np.full(1, np.nan)
        if len(read) == len(places) and np.isfinite(read).all():
            values[places], ok[places] = read, True
            return values, ok
    _read_each(array, places, parse_decimal, values, ok)
    return values, ok


def _holding_others(text: Strings) -> Mask:
    """Rows with a byte that is not a digit, a leading minus before digits apart."""
    first = int(text.offsets[0])
    span = text.data[first : int(text.offsets[-1])]
    places = np.flatnonzero(span - np.uint8(ord("0")) > 9)
    rows = np.searchsorted(text.offsets, places + first, side="right") - 1
    minus = (span[places] == ord("-")) & (places + first == text.offsets[rows])
    minus &= text.offsets[rows + 1] - text.offsets[rows] > 1
    found = np.zeros(len(text.offsets) - 1, dtype=bool)
    found[rows[~minus]] = True
    return found


def _plain_decimals(text: Strings) -> bool:
    span = text.data[int(text.offsets[0]) : int(text.offsets[-1])]
    plain = (span - np.uint8(ord("0")) <= 9) | (span - np.uint8(ord("-")) <= 1)  # minus and point are neighbours
    return bool(plain.all()) and int(text.lengths.max(initial=0)) <= _LONGEST


def _read_each(
    array: pa.Array,
    places: NDArray[np.intp],
    parse: Callable[[str], float | None],
    values: NDArray[np.generic],
    ok: Mask,
) -> None:
    if not len(places):
        return
    coded = array.take(pa.array(places)).dictionary_encode()
    found = [parse(text) for text in coded.dictionary.to_pylist()]
    indices = coded.indices.to_numpy()
    values[places] = np.array([value or 0 for value in found], dtype=values.dtype)[indices]
    ok[places] = np.array([value is not None for value in found], dtype=bool)[indices]
