"""How numbers and names are written wrongly, or unusually."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from quanmin.standards import variants
from quanmin.synth.given_name import ERAS
from quanmin.synth.name import INTERPUNCT

Bytes = NDArray[np.uint8]

_WIDE = str.maketrans({chr(sign): chr(sign + 0xFEE0) for sign in range(0x21, 0x7F)})


def _texts(characters: Bytes) -> list[str | None]:
    return [bytes(row).decode("ascii") for row in characters]


def mistyped(rng: np.random.Generator, characters: Bytes) -> list[str | None]:
    """One of the last four digits before the check character is another: the check always fails (MOD 11-2)."""
    rows, place = np.arange(len(characters)), rng.integers(14, 17, len(characters))
    digit = characters[rows, place] - 48
    characters[rows, place] = (digit + rng.integers(1, 10, len(rows))) % 10 + 48
    return _texts(characters)


def transposed(rng: np.random.Generator, characters: Bytes) -> list[str | None]:
    """Two different neighbours change places: the check always fails (MOD 11-2). Needs no draw."""
    for row in characters:
        places = [place for place in range(15, 5, -1) if row[place] != row[place + 1]] or [0]
        row[places[0]], row[places[0] + 1] = row[places[0] + 1], row[places[0]]
    return _texts(characters)


def respelled(kind: str, characters: Bytes) -> list[str | None]:
    """The number in another spelling that means the same."""
    texts = [text or "" for text in _texts(characters)]
    if kind == "lower_case":
        return [text.lower() for text in texts]
    if kind == "old_number":
        return [text[:6] + text[8:17] for text in texts]
    return [text.translate(_WIDE) for text in texts]


@cache
def _variants() -> tuple[dict[str, str], dict[str, list[str]]]:
    """The representative of every character that has one, and the variants of every representative."""
    table = {pair.character: pair.representative for pair in variants()}
    back: dict[str, list[str]] = {}
    for character, representative in sorted(table.items()):
        back.setdefault(representative, []).append(character)
    return table, back


def misnamed(rng: np.random.Generator, name: str, kind: str) -> str | None:
    """The name with a variant or a wrong character; None where that cannot be done."""
    if INTERPUNCT in name:
        return None
    table, back = _variants()
    if kind == "variant_character":
        places = [place for place, sign in enumerate(name) if sign in back]
        if not places:
            return None
        at = places[rng.integers(len(places))]
        choice = back[name[at]]
        return name[:at] + choice[rng.integers(len(choice))] + name[at + 1 :]
    pool = ERAS[2].male + ERAS[2].female
    other = pool[rng.integers(len(pool))]
    if table.get(other, other) == table.get(name[-1], name[-1]):
        return None
    return name[:-1] + other
