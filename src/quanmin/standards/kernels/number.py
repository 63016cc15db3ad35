"""Citizen numbers over columns: normalise, check, encode and take apart.

The rules of `quanmin.standards.identity.citizen_number`, eight digits at a time: the bytes of a number are read as two words of
eight digits and a tail, whose sums and decimals come out of multiplications. Values that are not 18 plain characters are
rare, and go one by one through the reference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from quanmin.standards.identity import citizen_number as reference
from quanmin.standards.kernels.buffer import (
    BLOCK,
    Mask,
    Strings,
    filled,
    from_fixed,
    from_numbers,
    gather,
    plain,
    strings,
    to_numpy,
    uniform,
    word,
)

Words = NDArray[np.uint64]
Spelling = Callable[[NDArray[np.uint8]], tuple[NDArray[np.uint8], Mask]]

_ZEROS = np.uint64(0x3030303030303030)
_ABOVE_NINE = np.uint64(0x7676767676767676)
_HIGH = np.uint64(0x8080808080808080)
_EVEN = np.uint64(0x00FF00FF00FF00FF)
_PAIRS = np.uint64(0x0000FFFF0000FFFF)
_BAD = 1024
_YEARS = reference.LAST_YEAR - reference.FIRST_YEAR + 1
_IMPOSSIBLE = np.int32(-(2**31))


def _lanes(weights: tuple[int, int, int, int]) -> np.uint64:
    """A factor whose product with four 16-bit lanes holds their weighted sum in the top lane."""
    return np.uint64(sum(weight << (48 - 16 * lane) for lane, weight in enumerate(weights)))


_W = reference.WEIGHTS
_FIRST_EVEN, _FIRST_ODD = _lanes((_W[0], _W[2], _W[4], _W[6])), _lanes((_W[1], _W[3], _W[5], _W[7]))
_SECOND_EVEN, _SECOND_ODD = _lanes((_W[8], _W[10], _W[12], _W[14])), _lanes((_W[9], _W[11], _W[13], _W[15]))


def _tail_table() -> NDArray[np.int16]:
    """Weighted sum of the 17th digit and the check character, by their two bytes; `_BAD` if they are none."""
    table = np.full(1 << 16, _BAD, dtype=np.int16)
    values = {ord(character): value for value, character in enumerate("0123456789X")} | {ord("x"): 10}
    for digit in range(10):
        for character, value in values.items():
            table[(character << 8) | (ord("0") + digit)] = digit * _W[16] + value
    return table


def _day_tables() -> tuple[NDArray[np.int16], NDArray[np.int32]]:
    """(month * 128 + day) to its day of a leap year (511: none), and (year, that day) to days since 1970."""
    of_year = np.full(1 << 14, 511, dtype=np.int16)
    leap = np.arange("2000-01-01", "2001-01-01", dtype="datetime64[D]")
    for place, day in enumerate(leap.tolist()):
        of_year[day.month * 128 + day.day] = place
    days = np.full((_YEARS + 1, 512), _IMPOSSIBLE, dtype=np.int32)
    for row in range(_YEARS):
        year = reference.FIRST_YEAR + row
        first = np.datetime64(f"{year}-01-01")
        length = int((np.datetime64(f"{year + 1}-01-01") - first).astype(int))
        slots = np.arange(366) if length == 366 else np.delete(np.arange(366), 59)
        days[row, slots] = (first + np.arange(length)).astype("datetime64[D]").astype(np.int32)
    return of_year, days.ravel()


_CHECKS = np.frombuffer(reference.CHECK_CHARACTERS.encode(), dtype=np.uint8)
_TAIL = _tail_table()
_SUM_OK = np.array([total < _BAD and total % 11 == 1 for total in range(2 * _BAD)])
_DAY_OF_YEAR, _DAYS = _day_tables()


class Numbers(NamedTuple):
    """A column of numbers, read: `text` normalised, `key` valid where `ok`, `days` of birth since 1970 where `ok`."""

    text: pa.Array
    key: NDArray[np.int64]
    ok: Mask
    days: NDArray[np.int32]

    @property
    def person_key(self) -> pa.Array:
        """The keys as int64, null where the number is unusable."""
        return from_numbers(self.key, pa.int64(), ~self.ok)


def read_numbers(array: pa.Array | pa.ChunkedArray) -> Numbers:
    """Everything about a column of numbers in one pass."""
    array = plain(array)
    text = strings(array)
    if uniform(text, 18):
        return _read_uniform(array, text)
    return _read_mixed(array, text)


def normalise_numbers(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Numbers in their canonical spelling (`identity.canonical`); null stays null."""
    return read_numbers(array).text


def check_numbers(array: pa.Array | pa.ChunkedArray) -> Mask:
    """Which values are sound numbers; null is not."""
    return read_numbers(array).ok


def encode(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Person keys, int64, null where the number is unusable."""
    return read_numbers(array).person_key


def decode(person_key: pa.Array | pa.ChunkedArray | NDArray[np.int64]) -> pa.Array:
    """The 18-character numbers of person keys; null stays null."""
    null = _null_of(person_key)
    rest = filled(person_key, 0).copy()
    characters = np.empty((len(rest), 18), dtype=np.uint8)
    total = np.zeros(len(rest), dtype=np.int64)
    for place in range(16, -1, -1):
        quotient = rest // 10
        digit = rest - quotient * 10
        characters[:, place] = digit + ord("0")
        total += digit * _W[place]
        rest = quotient
    characters[:, 17] = _CHECKS[total % 11]
    return from_fixed(characters, null)


def birth_dates(person_key: pa.Array | pa.ChunkedArray | NDArray[np.int64]) -> pa.Array:
    """Dates of birth (date32) that the keys carry; null stays null, and so does a key without a real date."""
    key = filled(person_key, 0)
    eight = (key // 1000) % 100_000_000
    year, rest = eight // 10_000, eight % 10_000
    days = _days(year, (rest // 100) * 128 + rest % 100)
    return from_numbers(days, pa.date32(), days == _IMPOSSIBLE)


def sexes(person_key: pa.Array | pa.ChunkedArray | NDArray[np.int64]) -> pa.Array:
    """Codes of GB/T 2261.1 that the keys carry: "1" man, "2" woman; null stays null."""
    key = filled(person_key, 0)
    return from_fixed((ord("2") - (key & 1)).astype(np.uint8).reshape(-1, 1), _null_of(person_key))


def regions(person_key: pa.Array | pa.ChunkedArray | NDArray[np.int64]) -> pa.Array:
    """The six-digit region codes that the keys carry, as text; null stays null."""
    rest = region_numbers(filled(person_key, 0))
    characters = np.empty((len(rest), 6), dtype=np.uint8)
    for place in range(5, -1, -1):
        quotient = rest // 10
        characters[:, place] = rest - quotient * 10 + ord("0")
        rest = quotient
    return from_fixed(characters, _null_of(person_key))


def region_numbers(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """The region codes of keys as integers."""
    regions_: NDArray[np.int64] = key // 100_000_000_000
    return regions_


def _upgraded(characters: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Mask]:
    """15-digit numbers as 18 characters, and which rows are digits throughout."""
    digits = characters - np.uint8(ord("0"))
    fit: Mask = np.asarray((digits <= 9).all(axis=1), dtype=bool)
    order = digits[:, 12:].astype(np.int64) @ np.array([100, 10, 1])
    whole = np.empty((len(characters), 18), dtype=np.uint8)
    whole[:, :6], whole[:, 8:17] = characters[:, :6], characters[:, 6:]
    whole[:, 6], whole[:, 7] = ord("1"), np.where(order >= int(reference.CENTENARIANS[0]), ord("8"), ord("9"))
    total = (whole[:, :17].astype(np.int64) - ord("0")) @ np.array(_W)
    whole[:, 17] = _CHECKS[total % 11]
    return whole, fit


def _narrowed(octets: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], Mask]:
    """18 full-width digits (the last may be X) as ASCII, and which rows are that."""
    signs = octets.reshape(-1, 18, 3)
    lead, middle, last = signs[:, :, 0], signs[:, :, 1], signs[:, :, 2]
    narrow = np.where(middle == 0xBC, last - np.uint8(0x60), last - np.uint8(0x20))  # from U+FF10 and from U+FF40
    narrow[narrow == ord("x")] = ord("X")
    fit: Mask = ((lead == 0xEF) & ((middle == 0xBC) | (middle == 0xBD))).all(axis=1)
    fit &= (narrow[:, :17] - np.uint8(ord("0")) <= 9).all(axis=1)
    return narrow, fit


def _null_of(person_key: pa.Array | pa.ChunkedArray | NDArray[np.int64]) -> Mask | None:
    if isinstance(person_key, pa.Array | pa.ChunkedArray) and person_key.null_count:
        return to_numpy(plain(person_key).is_null())
    return None


def _days(year: NDArray[np.int64], month_day: NDArray[np.int64]) -> NDArray[np.int32]:
    row = np.clip(year - reference.FIRST_YEAR, -1, _YEARS)
    row[row < 0] = _YEARS
    days: NDArray[np.int32] = _DAYS[row * 512 + _DAY_OF_YEAR[month_day]]
    return days


class _Reading:
    """A column being read: the answers so far, and the values that must be spelled anew."""

    def __init__(self, array: pa.Array) -> None:
        rows = len(array)
        self.array = array
        self.key, self.ok = np.zeros(rows, np.int64), np.zeros(rows, bool)
        self.days = np.full(rows, _IMPOSSIBLE, np.int32)
        self.respelled: list[tuple[NDArray[np.intp], pa.Array]] = []

    def take_words(self, places: NDArray[np.intp], values: pa.Array) -> None:
        """Read `values`, all of 18 bytes, as those at `places`."""
        text = strings(values)
        key, ok, days, odd = _read_words(text.data, int(text.offsets[0]), len(values))
        self.key[places], self.ok[places], self.days[places] = key, ok, days
        if odd.any():
            self.take_each(places[odd])

    def respell(self, places: NDArray[np.intp], values: pa.Array) -> None:
        """The values at `places` are to be spelled so."""
        if len(places):
            self.respelled.append((places, values.cast(self.array.type)))

    def take_each(self, places: NDArray[np.intp]) -> None:
        """Read the values at `places` by the reference."""
        texts = self.array.take(pa.array(places)).to_pylist()
        spelled = [reference.canonical(text) for text in texts]
        keys = [reference.encode(text) for text in spelled]
        self.ok[places] = [value is not None for value in keys]
        self.key[places] = [value or 0 for value in keys]
        eight = (self.key[places] // 1000) % 100_000_000
        self.days[places] = _days(eight // 10_000, (eight % 10_000) // 100 * 128 + eight % 100)
        differ = np.array([old != new for old, new in zip(texts, spelled, strict=True)], dtype=bool)
        changed = [new for old, new in zip(texts, spelled, strict=True) if old != new]
        self.respell(places[differ], pa.array(changed, type=self.array.type))

    def finish(self) -> Numbers:
        """The column, with what was respelled in its place."""
        text = self.array
        if self.respelled:
            rows = len(text)
            source = np.arange(rows)
            first = rows
            for places, values in self.respelled:
                source[places] = np.arange(first, first + len(values))
                first += len(values)
            text = pa.concat_arrays([text, *(values for _, values in self.respelled)]).take(pa.array(source))
        return Numbers(text, self.key, self.ok, self.days)


def _read_uniform(array: pa.Array, text: Strings) -> Numbers:
    """Every value is 18 bytes; those that are not plain ASCII digits and X are then read one by one."""
    rows = len(array)
    start = int(text.offsets[0])
    reading = _Reading(array)
    reading.key, reading.ok, reading.days, odd = _read_words(text.data, start, rows)
    lower = word(text.data, start + 17, 18, rows, "u1") == ord("x") if rows else np.zeros(0, bool)
    if lower.any():
        characters = text.data[start : start + 18 * rows].copy().reshape(-1, 18)
        characters[lower, 17] = ord("X")
        reading.array = from_fixed(characters).cast(array.type)
    if odd.any():
        reading.take_each(np.flatnonzero(odd))
    return reading.finish()


def _read_mixed(array: pa.Array, text: Strings) -> Numbers:
    """Values of 18 bytes, of 15 and of 18 wide characters by their own arithmetic, the rest one by one."""
    reading = _Reading(array)
    lengths = text.lengths
    usual = np.flatnonzero(lengths == 18)
    lower = usual[text.data[text.offsets[usual] + 17] == ord("x")]
    characters = gather(text, lower, 18)
    characters[:, 17] = ord("X")
    reading.respell(lower, from_fixed(characters))  # first: what is spelled anew later wins
    reading.take_words(usual, array.take(pa.array(usual)))
    rest = (lengths > 0) & (lengths != 18)
    for width, spell in ((15, _upgraded), (54, _narrowed)):
        rest[_read_width(reading, text, np.flatnonzero(lengths == width), width, spell)] = False
    if rest.any():
        reading.take_each(np.flatnonzero(rest))
    return reading.finish()


def _read_width(
    reading: _Reading, text: Strings, places: NDArray[np.intp], width: int, spell: Spelling
) -> NDArray[np.intp]:
    """Read the values of one width that `spell` can put in 18 characters; gives the rows it read soundly."""
    characters, fit = spell(gather(text, places, width))
    places, characters = places[fit], characters[fit]
    reading.take_words(places, from_fixed(characters))
    sound = reading.ok[places]
    reading.respell(places[sound], from_fixed(characters[sound]))
    return places[sound]


def _read_words(
    data: NDArray[np.uint8], start: int, rows: int
) -> tuple[NDArray[np.int64], Mask, NDArray[np.int32], Mask]:
    """Keys, soundness, days of birth, and which values hold other characters, of values 18 bytes apart."""
    key, ok = np.empty(rows, np.int64), np.empty(rows, bool)
    days, odd = np.empty(rows, np.int32), np.empty(rows, bool)
    scratch = _Scratch(min(rows, BLOCK))
    for first in range(0, rows, BLOCK):
        last = min(first + BLOCK, rows)
        block = slice(first, last)
        scratch.read(data, start + 18 * first, last - first, key[block], ok[block], days[block], odd[block])
    return key, ok, days, odd


class _Scratch:
    """The temporaries of one block, made once."""

    def __init__(self, rows: int) -> None:
        self.words = np.empty((8, rows), dtype=np.uint64)
        self.tail = np.empty(rows, dtype=np.uint16)
        self.small = np.empty(rows, dtype=np.int16)
        self.flag = np.empty(rows, dtype=bool)

    def read(
        self,
        data: NDArray[np.uint8],
        start: int,
        rows: int,
        key: NDArray[np.int64],
        ok: Mask,
        days: NDArray[np.int32],
        odd: Mask,
    ) -> None:
        """Read one block into the given slices."""
        first, second, even, head, body, total, spare, other = self.words[:, :rows]
        tail, small, flag = self.tail[:rows], self.small[:rows], self.flag[:rows]
        np.copyto(first, word(data, start, 18, rows, "<u8"))
        np.copyto(second, word(data, start + 8, 18, rows, "<u8"))
        np.copyto(tail, word(data, start + 16, 18, rows, "<u2"))
        first ^= _ZEROS
        second ^= _ZEROS
        self._mark_odd(first, second, spare, other, odd)
        self._split(first, even, head, _FIRST_EVEN, _FIRST_ODD)
        np.copyto(total, even)
        self._split(second, even, body, _SECOND_EVEN, _SECOND_ODD)
        total += even
        total >>= np.uint64(48)
        np.take(_TAIL, tail, out=small, mode="clip")
        odd |= np.equal(small, _BAD, out=flag)
        np.add(total.view(np.int64), small, out=spare.view(np.int64))
        np.take(_SUM_OK, spare.view(np.int64), out=ok, mode="clip")
        self._find_days(head, body, spare, other, days)
        ok &= np.not_equal(days, _IMPOSSIBLE, out=flag)
        ok &= np.greater_equal(head.view(np.uint8)[::8], 10, out=flag)  # no region begins with 0
        ok &= np.logical_not(odd, out=flag)
        self._octet(head, spare)
        self._octet(body, spare)
        tail &= np.uint16(0xF)
        head *= np.uint64(1_000_000_000)
        body *= np.uint64(10)
        head += body
        np.add(head.view(np.int64), tail, out=key)
        key *= ok

    @staticmethod
    def _mark_odd(first: Words, second: Words, spare: Words, other: Words, odd: Mask) -> None:
        """A byte above nine (after taking `0` away) sets the high bit of its sum with 0x76."""
        np.add(first, _ABOVE_NINE, out=spare)
        np.bitwise_or(spare, first, out=spare)
        np.add(second, _ABOVE_NINE, out=other)
        np.bitwise_or(other, second, out=other)
        np.bitwise_or(spare, other, out=spare)
        np.bitwise_and(spare, _HIGH, out=spare)
        np.not_equal(spare, 0, out=odd)

    @staticmethod
    def _split(digits: Words, total: Words, pairs: Words, even_weights: np.uint64, odd_weights: np.uint64) -> None:
        """Eight digits to four pairs (lanes of 16 bits) and to their weighted sum (top lane of `total`)."""
        np.bitwise_and(digits, _EVEN, out=total)
        digits >>= np.uint64(8)
        digits &= _EVEN
        np.multiply(total, np.uint64(10), out=pairs)
        pairs += digits
        total *= even_weights
        digits *= odd_weights
        total += digits

    @staticmethod
    def _find_days(first: Words, second: Words, spare: Words, other: Words, days: NDArray[np.int32]) -> None:
        """Days of birth from the pairs: the century ends the first word, year, month and day begin the second."""
        np.right_shift(second, np.uint64(16), out=spare)
        spare &= np.uint64(0x00FF00FF)
        spare *= np.uint64((128 << 16) | 1)
        spare >>= np.uint64(16)
        spare &= np.uint64(0x3FFF)
        of_year = np.take(_DAY_OF_YEAR, spare.view(np.int64), mode="clip")
        np.right_shift(first, np.uint64(48), out=other)
        other *= np.uint64(100)
        np.bitwise_and(second, np.uint64(0xFF), out=spare)
        other += spare
        other -= np.uint64(reference.FIRST_YEAR)  # a year before wraps around and is caught by the limit
        np.minimum(other, np.uint64(_YEARS), out=other)
        other <<= np.uint64(9)
        np.add(other.view(np.int64), of_year, out=other.view(np.int64))
        np.take(_DAYS, other.view(np.int64), out=days, mode="clip")

    @staticmethod
    def _octet(pairs: Words, spare: Words) -> None:
        """Four pairs of digits (lanes of 16 bits) to one number, in place."""
        np.right_shift(pairs, np.uint64(16), out=spare)
        pairs *= np.uint64(100)
        pairs += spare
        pairs &= _PAIRS
        np.right_shift(pairs, np.uint64(32), out=spare)
        pairs *= np.uint64(10_000)
        pairs += spare
        pairs &= np.uint64(0xFFFFFFFF)
