"""How a name sounds: asked by its syllables (`zhang wei`, `zhangwei`) or by characters, answered by all names that may sound so.

Many surnames have a reading of their own (曾 is Zeng, not Ceng; 单 is Shan), so each character counts with all its readings.
A name asked for becomes one pattern of characters, which is matched against a column; `sounds` is the reference for one pair.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from itertools import islice

from quanmin.standards import kernels
from quanmin.standards.kernels.name import INTERPUNCT

MOST_LETTERS = 60
"""No name has more syllables than fit in these; a longer text is no spelling of one."""
MOST_WAYS = 64
"""So many ways to cut a spelling into syllables are tried (`xian` has two, `xi an` and `xian`)."""
_SPELLING = re.compile(r"[a-zü]+[1-5]?(?:[\s'’·-]*[a-zü]+[1-5]?)*")
_UMLAUT = "\u0308"
_SIZES = range(1, 7)
"""A syllable has one letter to six (zhuang)."""


def letters(text: str) -> str:
    """A reading or a spelling without tones, in small letters, ü as v: `Lǚ` is `lv`."""
    marked = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).lower())
    kept = "".join(sign for sign in marked if sign == _UMLAUT or not unicodedata.combining(sign))
    return unicodedata.normalize("NFC", kept).replace("ü", "v")


def spelling(name: str) -> tuple[str, ...] | None:
    """The words of a name that is written in letters; None for one in characters."""
    plain = letters(name).replace("v", "ü").strip()
    if len(plain) > MOST_LETTERS or not _SPELLING.fullmatch(plain):
        return None
    return tuple(word.replace("ü", "v") for word in re.split(r"[^a-zü]+", plain) if word)


@cache
def readings() -> dict[str, frozenset[str]]:
    """Every character with the syllables that it may stand for."""
    from pypinyin.constants import PINYIN_DICT  # its tables take a while to load; most questions do without

    return {chr(code): frozenset(map(letters, spoken.split(","))) for code, spoken in PINYIN_DICT.items()}


@cache
def characters() -> dict[str, str]:
    """Every syllable with the characters that may stand for it."""
    found: dict[str, list[str]] = {}
    for character, syllables in readings().items():
        for syllable in syllables:
            found.setdefault(syllable, []).append(character)
    for syllable in [one for one in found if one[0] in "ln" and "v" in one]:  # passports write LYU for ü, keyboards v
        found[syllable.replace("v", "yu")] = found[syllable]
    return {syllable: "".join(sorted(signs)) for syllable, signs in found.items()}


def ways(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The ways to cut words into syllables, MOST_WAYS at most; a space is always a cut."""
    found: list[tuple[str, ...]] = [()]
    for word in words:
        cuts = list(islice(_cuts(word, _ends(word), 0), MOST_WAYS))
        found = [(*before, *cut) for before in found for cut in cuts][:MOST_WAYS]
    return found


def _ends(word: str) -> set[int]:
    """The places of a word from which on it can be cut to its end, so that no way is tried in vain."""
    found = {len(word)}
    for place in reversed(range(len(word))):
        if any(place + size in found and word[place : place + size] in characters() for size in _SIZES):
            found.add(place)
    return found


def _cuts(word: str, ends: set[int], place: int) -> Iterator[tuple[str, ...]]:
    if place == len(word):
        yield ()
    for size in _SIZES:
        if place + size in ends and word[place : place + size] in characters():
            for rest in _cuts(word, ends, place + size):
                yield (word[place : place + size], *rest)


def pattern(name: str) -> str | None:
    """A pattern (RE2) of all normalised names that sound like a name in letters or in characters; None where none can."""
    words = spelling(name)
    if words is not None:
        found = [_joined([characters()[syllable] for syllable in way]) for way in ways(words)]
        return "|".join(found) or None
    signs = kernels.normalise_name(name).replace(INTERPUNCT, "")
    return _joined([_alike(sign) for sign in signs]) if signs else None


def _alike(sign: str) -> str:
    """The characters that share a reading with a character; itself if it has none."""
    return "".join(sorted({sign, *(one for syllable in readings().get(sign, ()) for one in characters()[syllable])}))


def _joined(classes: list[str]) -> str:
    """One character of each class, perhaps with interpuncts between them."""
    return f"{INTERPUNCT}?".join(f"[{re.escape(signs)}]" for signs in classes)


def sounds(name: str, held: str | None) -> bool:
    """Whether a name that is held may sound like the one asked for: the reference."""
    if held is None:
        return False
    plain = kernels.normalise_name(held)
    if plain.startswith(INTERPUNCT) or plain.endswith(INTERPUNCT) or INTERPUNCT * 2 in plain:
        return False
    signs, words = plain.replace(INTERPUNCT, ""), spelling(name)
    if words is not None:
        return any(
            len(way) == len(signs)
            and all(sign in characters()[syllable] for sign, syllable in zip(signs, way, strict=True))
            for way in ways(words)
        )
    asked = kernels.normalise_name(name).replace(INTERPUNCT, "")
    pairs = zip(asked, signs, strict=False)
    return len(asked) == len(signs) > 0 and all(
        a == b or bool(readings().get(a, frozenset()) & readings().get(b, frozenset())) for a, b in pairs
    )
