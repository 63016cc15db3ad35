"""Dates and times over columns of text: digits at fixed places, eight bytes at a time.

A `Layout` is one strptime format of fixed width, compiled to words, checks and factors. Values of another width (single-digit
months, say) go through the reference, each distinct one once. The letters known are Y m d H M S.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.standards.kernels.buffer import BLOCK, Mask, Strings, gather, strings, word

_EVEN = np.uint64(0x00FF00FF00FF00FF)
_HIGH = np.uint64(0x8080808080808080)
_MIDNIGHT = re.compile(r"[ T]00:00(:00(\.0+)?)?$")
_FIELD = re.compile(r"(%[YmdHMS])")
_LETTERS = "YmdHMS"


def parse_moment(text: str, formats: Sequence[str]) -> datetime | None:
    """The moment that a trimmed text means in the first of `formats` that fits; None if none does. The reference.

    Full-width digits are read. Where a format has signs between its fields, these may have one digit; years have four.
    A date may be followed by a midnight, as spreadsheets write it. Days that never were (1900-02-29) are refused.
    """
    for spelling in dict.fromkeys((text, unicodedata.normalize("NFKC", text))):
        for candidate in dict.fromkeys((spelling, _MIDNIGHT.sub("", spelling))):
            for form in formats:
                match = _expression(form).fullmatch(candidate)
                if match:
                    return _moment(match.groupdict())
    return None


def _moment(fields: dict[str, str]) -> datetime | None:
    number = {letter: int(fields.get(letter, 1 if letter in "md" else 0)) for letter in _LETTERS}
    try:
        return datetime(*(number[letter] for letter in _LETTERS))  # type: ignore[arg-type]
    except ValueError:
        return None


@cache
def _expression(form: str) -> re.Pattern[str]:
    parts = _FIELD.split(form)
    tight = any(part == "" for part in parts[2:-2:2])  # two fields touch: only widths tell them apart
    found = [
        re.escape(part) if place % 2 == 0 else f"(?P<{part[1]}>[0-9]{{{_digits(part, tight)}}})"
        for place, part in enumerate(parts)
    ]
    return re.compile("".join(found))


def _digits(field: str, tight: bool) -> str:
    return "4" if field == "%Y" else "2" if tight else "1,2"


class _Word(NamedTuple):
    start: int
    xor: np.uint64
    add: np.uint64
    factors: dict[str, tuple[np.uint64, np.uint64]]


class Layout(NamedTuple):
    """One format as machine words: bytes wide, and per word what to check and the factors of its fields."""

    width: int
    words: tuple[_Word, ...]


@cache
def layout(form: str) -> Layout | None:
    """The layout of a format; None if it is shorter than a word."""
    octets: list[tuple[int, str, int]] = []  # (literal byte, field letter or "", power of ten)
    for place, part in enumerate(_FIELD.split(form)):
        if place % 2 == 0:
            octets.extend((octet, "", 0) for octet in part.encode())
        else:
            size = 4 if part == "%Y" else 2
            octets.extend((0x30, part[1], 10 ** (size - 1 - digit)) for digit in range(size))
    if len(octets) < 8:
        return None
    starts = [*range(0, len(octets) - 8, 8), len(octets) - 8]
    taken = [0, *(start + 8 for start in starts)]
    return Layout(len(octets), tuple(_word(octets, start, done) for start, done in zip(starts, taken, strict=False)))


def _word(octets: list[tuple[int, str, int]], start: int, done: int) -> _Word:
    """The word at `start`; bytes before `done` were counted by the word before."""
    xor = add = 0
    lanes: dict[str, list[int]] = {}
    for place in range(8):
        literal, letter, power = octets[start + place]
        xor |= literal << (8 * place)
        add |= (0x76 if letter else 0x7F) << (8 * place)
        if letter and start + place >= done:
            pair = lanes.setdefault(letter, [0, 0])
            pair[place % 2] += power << (48 - 16 * (place // 2))
    factors = {letter: (np.uint64(even), np.uint64(odd)) for letter, (even, odd) in lanes.items()}
    return _Word(start, np.uint64(xor), np.uint64(add), factors)


def _calendar() -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int32], NDArray[np.int32]]:
    """By year: first day since 1970, and 128 if it is a leap year; by that and month: days before it, days in it."""
    years = np.arange(10_000)
    starts = (years - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int32)
    leap = ((years % 4 == 0) & (years % 100 != 0)) | (years % 400 == 0)
    before, inside = np.zeros(256, dtype=np.int32), np.zeros(256, dtype=np.int32)
    for kind, february in ((0, 28), (128, 29)):
        lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        inside[kind + 1 : kind + 13] = lengths
        before[kind + 1 : kind + 13] = np.cumsum([0, *lengths[:-1]])
    return starts, np.where(leap, 128, 0), before, inside


_STARTS, _LEAP, _BEFORE, _INSIDE = _calendar()


def read_moments(array: pa.Array, formats: Sequence[str]) -> tuple[NDArray[np.int64], Mask]:
    """Seconds since 1970 of each trimmed text, and which texts are moments; null is none."""
    rows, text = len(array), strings(array)
    seconds, ok = np.zeros(rows, np.int64), np.zeros(rows, bool)
    lengths = text.lengths
    rest = lengths > 0
    for form in formats:
        form_layout = layout(form)
        if form_layout is not None and rest.any():
            _read_layout(text, form_layout, rest & (lengths == form_layout.width), seconds, ok)
            rest &= ~ok
    if rest.any():
        _read_each(array, np.flatnonzero(rest), formats, seconds, ok)
    return seconds, ok


def _read_layout(text: Strings, form: Layout, rows: Mask, seconds: NDArray[np.int64], ok: Mask) -> None:
    if rows.all() and bool((np.diff(text.offsets) == form.width).all()):
        data, start, places = text.data, int(text.offsets[0]), None
    else:
        places = np.flatnonzero(rows)
        data, start = np.ascontiguousarray(gather(text, places, form.width)).ravel(), 0
    count = len(seconds) if places is None else len(places)
    for first in range(0, count, BLOCK):
        last = min(first + BLOCK, count)
        found, good = _read_block(data, start + first * form.width, form, last - first)
        target = slice(first, last) if places is None else places[first:last]
        seconds[target], ok[target] = found, good


def _read_block(data: NDArray[np.uint8], start: int, form: Layout, rows: int) -> tuple[NDArray[np.int64], Mask]:
    fields = {letter: np.zeros(rows, np.uint64) for letter in _LETTERS}
    bad = np.zeros(rows, np.uint64)
    for part in form.words:
        digits = word(data, start + part.start, form.width, rows, "<u8") ^ part.xor
        bad |= (digits + part.add) | digits
        even = digits & _EVEN
        odd = (digits >> np.uint64(8)) & _EVEN
        for letter, (even_factor, odd_factor) in part.factors.items():
            fields[letter] += (even * even_factor + odd * odd_factor) >> np.uint64(48)
    seconds, ok = _seconds(fields, form)
    ok &= (bad & _HIGH) == 0
    return seconds * ok, ok


def _seconds(fields: dict[str, NDArray[np.uint64]], form: Layout) -> tuple[NDArray[np.int64], Mask]:
    given = {letter for part in form.words for letter in part.factors}
    year, month, day, hour, minute, second = (fields[letter].view(np.int64) for letter in _LETTERS)
    for letter, value in (("m", month), ("d", day)):
        if letter not in given:
            value += 1
    kind = np.take(_LEAP, year, mode="clip") + np.minimum(month, 127)
    days = np.take(_STARTS, year, mode="clip").astype(np.int64)
    days += np.take(_BEFORE, kind, mode="clip")
    days += day - 1
    ok = (day >= 1) & (day <= np.take(_INSIDE, kind, mode="clip")) & (year >= 1)
    if not given & set("HMS"):
        return days * 86_400, ok
    ok &= (hour <= 23) & (minute <= 59) & (second <= 59)
    return days * 86_400 + hour * 3600 + minute * 60 + second, ok


def _read_each(
    array: pa.Array, places: NDArray[np.intp], formats: Sequence[str], seconds: NDArray[np.int64], ok: Mask
) -> None:
    coded = array.take(pa.array(places)).dictionary_encode()
    moments = [parse_moment(text, formats) for text in coded.dictionary.to_pylist()]
    epoch = datetime(1970, 1, 1)
    found = [0 if moment is None else int((moment - epoch).total_seconds()) for moment in moments]
    indices = coded.indices.to_numpy()
    seconds[places] = np.array(found, dtype=np.int64)[indices]
    ok[places] = np.array([moment is not None for moment in moments], dtype=bool)[indices]
