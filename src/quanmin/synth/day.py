"""Days as 32-bit integers since 1970-01-01, and how agencies write them."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.synth.stream import Ints, Mask

NEVER = np.int32(np.iinfo(np.int32).min)
"""The day of what never happened."""

_EPOCH = date(1970, 1, 1)
_FIRST = date(1900, 1, 1)
_LAST = date(2199, 12, 31)
_ORIGIN = (_FIRST - _EPOCH).days


def day_of(year: int, month: int = 1, day: int = 1) -> int:
    """The day number of a calendar date."""
    return (date(year, month, day) - _EPOCH).days


_ALL = np.arange(np.datetime64(_FIRST), np.datetime64(_LAST) + 1)
_YEAR = (_ALL.astype("datetime64[Y]").astype(np.int32) + 1970).astype(np.int32)
_MONTH = (_ALL.astype("datetime64[M]").astype(np.int32) % 12 + 1).astype(np.int32)
_DAY = ((_ALL - _ALL.astype("datetime64[M]")).astype(np.int32) + 1).astype(np.int32)
_YMD = (_YEAR * 10000 + _MONTH * 100 + _DAY).astype(np.int64)


def years(days: Ints) -> Ints:
    """The calendar years of days between 1900 and 2199 (NEVER gives 1900)."""
    return _YEAR[_index(days)]


def numbers(days: Ints) -> NDArray[np.int64]:
    """The days as YYYYMMDD."""
    found: NDArray[np.int64] = _YMD[_index(days)]
    return found


def anniversary(days: Ints, after: Ints | int) -> Ints:
    """The same calendar day `after` years later (29 February becomes 1 March in a common year)."""
    at = _index(days)
    months = ((_YEAR[at] + after - 1970) * 12 + _MONTH[at] - 1).astype("datetime64[M]")
    return np.asarray((months.astype("datetime64[D]").astype(np.int64) + _DAY[at] - 1).astype(np.int32))


def swapped(days: Ints) -> Ints:
    """The days with day and month exchanged; NEVER where that is no other date."""
    at = _index(days)
    possible = (_DAY[at] <= 12) & (_DAY[at] != _MONTH[at]) & (days != NEVER)
    months = ((_YEAR[at] - 1970) * 12 + np.where(possible, _DAY[at], 1) - 1).astype("datetime64[M]")
    other = months.astype("datetime64[D]").astype(np.int64) + _MONTH[at] - 1
    return np.where(possible, other, NEVER).astype(np.int32)


def known(days: Ints) -> Mask:
    """Where there is a day."""
    return np.asarray(days != NEVER)


def written(days: Ints, form: str) -> pa.Array:
    """The days as text in one of strptime's forms, null for NEVER."""
    return _texts(form).take(pa.array(_index(days), mask=days == NEVER))


_TEXTS: dict[str, pa.Array] = {}


def _texts(form: str) -> pa.Array:
    if form not in _TEXTS:
        parts = {
            "%Y": _YEAR.astype("U4"),
            "%m": np.char.zfill(_MONTH.astype("U2"), 2),
            "%d": np.char.zfill(_DAY.astype("U2"), 2),
        }
        texts = np.full(len(_ALL), "", dtype="U16")
        for piece in _pieces(form):
            texts = np.char.add(texts, parts.get(piece, piece))
        _TEXTS[form] = pa.array(texts.tolist(), type=pa.string())
    return _TEXTS[form]


def _pieces(form: str) -> list[str]:
    pieces: list[str] = []
    while form:
        size = 2 if form[0] == "%" else 1
        pieces.append(form[:size])
        form = form[size:]
    return pieces


def _index(days: Ints) -> NDArray[np.int64]:
    return np.asarray(np.clip(days.astype(np.int64) - _ORIGIN, 0, len(_ALL) - 1))
