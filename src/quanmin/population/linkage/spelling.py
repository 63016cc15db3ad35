"""Names as they are compared, and dates and numbers as they are mistaken: columns that are computed once, before any pair.

Each is the same on both sides of a pair, so that a comparison is an equality or one distance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.standards import kernels
from quanmin.standards.identity import citizen_number
from quanmin.standards.kernels.name import INTERPUNCT

Points = NDArray[np.uint32]
Rows = NDArray[np.int64]
SLIPS_AT_ONCE = 10_000
"""Numbers corrected together: what one slip can have made of each is tried side by side."""

_CHECKS = np.frombuffer(citizen_number.CHECK_CHARACTERS.encode(), np.uint8)


@cache
def syllable(character: str) -> str:
    """The commonest reading of a character, without its tone; the character itself if it has none."""
    from pypinyin import Style, lazy_pinyin  # its tables take a while to load; only linkage asks for readings

    return str(lazy_pinyin(character, style=Style.NORMAL)[0])


def sounded(name: str) -> str:
    """A name as its syllables, each character read by itself: the same characters always sound the same."""
    return " ".join(map(syllable, name))


def arranged(name: str) -> str:
    """The characters of a name in a fixed order, without the interpunct: the same for names whose parts change places."""
    return "".join(sorted(name.replace(INTERPUNCT, "")))


def of_names(names: pa.Array) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Names normalised, with variants folded, and as syllables; null stays null, and an empty name is null."""
    plain = kernels.normalise_names(names)
    plain = pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain)
    folded = kernels.fold_variants(plain)
    return plain, folded, mapped(folded, sounded)


def mapped(texts: pa.Array, function: Callable[[str], str | None]) -> pa.Array:
    """A function of texts over a column, once for each different text."""
    encoded = pc.dictionary_encode(texts)
    changed = pa.array([function(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return changed.take(encoded.indices)


def masked(names: pa.Array) -> pa.Array:
    """Each name with one character at a time left open: two names share one of these if they differ in one character.

    The engine's distances count bytes, of which an ideograph has three; numbers and dates have one a character.
    """
    encoded = pc.dictionary_encode(names)
    lists = [[f"{name[:i]}_{name[i + 1 :]}" for i in range(len(name))] for name in encoded.dictionary.to_pylist()]
    return pa.array(lists, pa.list_(pa.string())).take(encoded.indices)


def swapped(text: str) -> str | None:
    """An ISO date with day and month changed round; None where that is no other date."""
    if text[5:7] == text[8:10]:
        return None
    try:
        return dt.date.fromisoformat(f"{text[:4]}-{text[8:10]}-{text[5:7]}").isoformat()
    except ValueError:
        return None


def corrections(numbers: pa.Array) -> pa.Table:
    """The keys of all sound numbers that one slip (a wrong character, two neighbours exchanged) can have made each text of.

    Columns `place` (of the text) and `key`. MOD 11-2 finds every such slip, so a sound number is a slip of none: its own key is
    all there is. Of any other text at most one digit fits each place, so that there are few.
    """
    own = kernels.encode(numbers)
    sound = np.flatnonzero(kernels.present_mask(own))
    rest = pc.and_(pc.is_null(own), pc.equal(pc.utf8_length(numbers), 18))
    unsound = np.flatnonzero(kernels.to_numpy(pc.fill_null(rest, False)))
    found = [(sound, own.drop_null())]
    for start in range(0, len(unsound), SLIPS_AT_ONCE):
        places = unsound[start : start + SLIPS_AT_ONCE]
        found += [_sound(places, *slip) for slip in _slips(characters(numbers.take(pa.array(places))))]
    place = np.concatenate([each[0] for each in found])
    table = pa.table({"place": place, "key": pa.chunked_array([each[1] for each in found], pa.int64())})
    return pa.table({"place": place, "key": table["key"]}).group_by(["place", "key"]).aggregate([]).sort_by("place")


def characters(texts: pa.Array) -> Points:
    """The code points of texts of 18 characters, a row each."""
    joined = "".join(texts.to_pylist()).encode("utf-32-le")
    return np.frombuffer(joined, np.uint32).reshape(-1, 18)


def _sound(places: Rows, row: Rows, texts: Points) -> tuple[Rows, pa.Array]:
    """The places and keys of those texts that are sound numbers."""
    plain = np.flatnonzero((texts < 128).all(axis=1))
    keys = kernels.encode(kernels.from_fixed(texts[plain].astype(np.uint8)))
    return places[row[plain[kernels.present_mask(keys)]]], keys.drop_null()


def _slips(points: Points) -> Iterator[tuple[Rows, Points]]:
    """Texts one slip away, with the row of the text each is of; only those that the check character does not rule out."""
    every = np.arange(len(points))
    weights = np.array(citizen_number.WEIGHTS)
    digits = points[:, :17].astype(np.int64) - ord("0")
    odd = (digits < 0) | (digits > 9)
    wrong, digits = odd.sum(axis=1), np.where(odd, 0, digits)
    total = digits @ weights
    yield every, _exchanged(points, every, np.full(len(points), 16))
    if len(row := np.flatnonzero(wrong == 0)):
        fixed = points[row].copy()
        fixed[:, 17] = _CHECKS[total[row] % 11]
        yield row, fixed
    check = np.full(128, -1)
    check[_CHECKS] = np.arange(11)
    due = check[np.minimum(points[:, 17], 127)]
    change = (np.arange(10) - digits[:, :, None]) * weights[:, None]
    fits = (total[:, None, None] + change) % 11 == due[:, None, None]
    row, place, digit = np.nonzero(fits & (odd | (wrong == 0)[:, None])[:, :, None] & (wrong <= 1)[:, None, None])
    changed = points[row].copy()
    changed[np.arange(len(row)), place] = digit + ord("0")
    yield row, changed
    change = (digits[:, 1:] - digits[:, :-1]) * (weights[:-1] - weights[1:])
    row, place = np.nonzero(((total[:, None] + change) % 11 == due[:, None]) & (wrong == 0)[:, None])
    yield row, _exchanged(points, row, place)


def _exchanged(points: Points, row: Rows, place: Rows) -> Points:
    """These rows with two neighbours exchanged."""
    changed, at = points[row].copy(), np.arange(len(row))
    changed[at, place], changed[at, place + 1] = points[row, place + 1], points[row, place]
    return changed
