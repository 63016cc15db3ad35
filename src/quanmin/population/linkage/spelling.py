"""Names as they are compared, and dates and numbers as they are mistaken: columns that are computed once, before any pair.

Each is the same on both sides of a pair, so that a comparison is an equality or one distance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.standards import kernels
from quanmin.standards.identity import citizen_number


@cache
def syllable(character: str) -> str:
    """The commonest reading of a character, without its tone; the character itself if it has none."""
    from pypinyin import Style, lazy_pinyin  # its tables take a while to load; only linkage asks for readings

    return str(lazy_pinyin(character, style=Style.NORMAL)[0])


def sounded(name: str) -> str:
    """A name as its syllables, each character read by itself: the same characters always sound the same."""
    return " ".join(map(syllable, name))


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
    places, texts = list[int](), list[str]()
    for place, (text, key) in enumerate(zip(numbers.to_pylist(), own.to_pylist(), strict=True)):
        found = [text] if key is not None else sorted(set(_slips(text))) if text and len(text) == 18 else []
        places += [place] * len(found)
        texts += found
    table = pa.table({"place": pa.array(places, pa.int64()), "key": kernels.encode(pa.array(texts, pa.string()))})
    return table.filter(pc.is_valid(table.column("key")))


def _slips(number: str) -> Iterator[str]:
    """Texts one slip away; those that the check character rules out are left out where that is cheap."""
    yield number[:16] + number[17] + number[16]
    digits = ["0123456789".find(character) for character in number[:17]]
    check = citizen_number.CHECK_CHARACTERS.find(number[17])
    wrong = [place for place, digit in enumerate(digits) if digit < 0]
    if len(wrong) > 1:
        return
    weights = citizen_number.WEIGHTS
    total = sum(max(digit, 0) * weight for digit, weight in zip(digits, weights, strict=True))
    if not wrong:
        yield number[:17] + citizen_number.CHECK_CHARACTERS[total % 11]
    for place in wrong or range(17):
        for digit in range(10):
            if (total + (digit - max(digits[place], 0)) * weights[place]) % 11 == check:
                yield f"{number[:place]}{digit}{number[place + 1 :]}"
    for place in range(0 if wrong else 16):
        change = (digits[place + 1] - digits[place]) * (weights[place] - weights[place + 1])
        if change and (total + change) % 11 == check:
            yield number[:place] + number[place + 1] + number[place] + number[place + 2 :]
