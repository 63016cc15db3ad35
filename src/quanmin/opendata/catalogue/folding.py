"""Text as it is searched: one width, one case, no accents, simplified characters; what is no letter or digit divides.

Texts and queries are folded alike, sign by sign, so that a place in the folded text can be led back to the text. Traditional
characters become simplified ones by the tables of OpenCC, each for itself: a word that differs by region stays as it is.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from opencc import OpenCC

JOINERS = "-._/"
"""Signs that join parts of a code; they divide it, too."""

_RANGES = (
    (0x3005, 0x3007),
    (0x3040, 0x30FF),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xAC00, 0xD7AF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
SIGNS = "".join(f"{chr(first)}-{chr(last)}" for first, last in _RANGES)
"""Signs that are written without spaces between words (Chinese, kana, Hangul), as the inside of a regular expression's class."""


def is_sign(code: int) -> bool:
    """Whether a code point is one of `SIGNS`."""
    return any(first <= code <= last for first, last in _RANGES)


def signs(size: int) -> npt.NDArray[np.bool_]:
    """Of the first so many code points, which are `SIGNS`."""
    known = np.zeros(size, bool)
    for first, last in _RANGES:
        known[first : last + 1] = True
    return known


@functools.cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")


class _Folds(dict[str, str]):
    """What each sign becomes; worked out once."""

    def __missing__(self, sign: str) -> str:
        plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", sign).casefold())
        plain = unicodedata.normalize("NFC", "".join(one for one in plain if unicodedata.category(one) != "Mn"))
        if any(is_sign(ord(one)) for one in plain):
            plain = _simplified().convert(plain)
        self[sign] = folded = "".join(one if one.isalnum() or one in JOINERS else " " for one in plain)
        return folded


_FOLDS = _Folds()
_ASCII = "".join(_FOLDS[chr(code)] for code in range(128))


def fold(text: str) -> str:
    """The text as it is searched."""
    if text.isascii():
        return text.translate(_ASCII)  # the same, much faster
    return "".join(map(_FOLDS.__getitem__, text))


class Folded(NamedTuple):
    """A folded text in which each sign knows where it comes from: `places[i]` is the place in the text of sign `i`."""

    text: str
    places: Sequence[int]


def fold_with_places(text: str) -> Folded:
    """The folded text with the way back; one place more than signs, the end."""
    if text.isascii():
        return Folded(fold(text), range(len(text) + 1))
    pieces = list(map(_FOLDS.__getitem__, text))
    folded = "".join(pieces)
    if len(folded) == len(pieces) and "" not in pieces:  # then each became one
        return Folded(folded, range(len(folded) + 1))
    return Folded(folded, list(_places(pieces)))


def _places(pieces: list[str]) -> Iterator[int]:
    for place, piece in enumerate(pieces):
        for _ in piece:
            yield place
    yield len(pieces)
