"""Names of people: a family name from the father's line, a given name of the generation, now and then a former name."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from quanmin.synth.column import replaced
from quanmin.synth.day import years
from quanmin.synth.given_name import ERAS, PEOPLES, RARE
from quanmin.synth.pyramid import FEMALE, MALE
from quanmin.synth.stream import Ints, Mask, Weighted, chosen, zipf
from quanmin.synth.surname import SHARES, SURNAMES

INTERPUNCT = "·"

_CHARACTERS: tuple[str, ...] = ("", *dict.fromkeys("".join(era.male + era.female for era in ERAS) + RARE))
_PLACE = {character: place for place, character in enumerate(_CHARACTERS)}
_GIVEN = pa.array(_CHARACTERS, type=pa.string())
_FAMILY = pa.array(SURNAMES, type=pa.string())
_DRAW_FAMILY = Weighted(SHARES)
_POOLS = [
    {
        sex: np.array([_PLACE[c] for c in dict.fromkeys(text)], dtype=np.int32)
        for sex, text in ((MALE, e.male), (FEMALE, e.female))
    }
    for e in ERAS
]
_DRAW_GIVEN = {size: Weighted(zipf(size, 0.85, 3.0)) for pools in _POOLS for size in map(len, pools.values())}
_RARE = np.array([_PLACE[c] for c in RARE], dtype=np.int32)
_RARE_SHARE = 0.0004


@dataclass
class Names:
    """Family name and given characters as places in tables, and the written name; `former` is null for most."""

    family: Ints
    first: Ints
    second: Ints
    full: pa.Array
    former: pa.Array


def family_names(rng: np.random.Generator, root: Ints) -> Ints:
    """Places in the table of family names: everybody has that of the founder of the line."""
    return _DRAW_FAMILY.draw(rng, len(root))[root]


def given_characters(rng: np.random.Generator, sex: NDArray[np.int8], born: Ints) -> tuple[Ints, Ints]:
    """The one or two characters of each given name, the second 0 (none) where there is one."""
    first, second = np.zeros(len(sex), dtype=np.int32), np.zeros(len(sex), dtype=np.int32)
    year = years(born)
    start = 0
    for era, pools in zip(ERAS, _POOLS, strict=True):
        for code, pool in pools.items():
            rows = np.flatnonzero((year >= start) & (year < era.until) & (sex == code))
            draw = _DRAW_GIVEN[len(pool)]
            first[rows] = pool[draw.draw(rng, len(rows))]
            second[rows] = np.where(chosen(rng, len(rows), era.single), 0, pool[draw.draw(rng, len(rows))])
        start = era.until
    rare = np.flatnonzero(chosen(rng, len(sex), _RARE_SHARE))
    first[rare] = _RARE[rng.integers(0, len(_RARE), len(rare))]
    return first, second


def written(family: Ints, first: Ints, second: Ints) -> pa.Array:
    """The names as text."""
    return pc.binary_join_element_wise(_FAMILY.take(family), _GIVEN.take(first), _GIVEN.take(second), "")


def name_people(
    rng: np.random.Generator, sex: NDArray[np.int8], born: Ints, root: Ints, people: dict[str, Mask]
) -> Names:
    """Names for everybody; `people` says by its Chinese name who is of a people with names of another form."""
    family = family_names(rng, root)
    first, second = given_characters(rng, sex, born)
    full = written(family, first, second)
    other = np.zeros(len(sex), dtype=bool)
    for title, pools in PEOPLES.items():
        rows = np.flatnonzero(people[title])
        other[rows] = True
        names: list[str | None] = [_own_and_fathers(rng, pools[int(sex[row])], pools[MALE]) for row in rows]
        full = replaced(full, rows, names)
    return Names(family, first, second, full, _former(rng, sex, born, family, first, second, other))


def _own_and_fathers(rng: np.random.Generator, own: tuple[str, ...], fathers: tuple[str, ...]) -> str:
    return own[rng.integers(len(own))] + INTERPUNCT + fathers[rng.integers(len(fathers))]


def _former(
    rng: np.random.Generator, sex: NDArray[np.int8], born: Ints, family: Ints, first: Ints, second: Ints, other: Mask
) -> pa.Array:
    """A former name for about one in a hundred: the same family name, another given name."""
    changed = np.flatnonzero(chosen(rng, len(sex), 0.012) & ~other)
    one, two = given_characters(rng, sex[changed], born[changed])
    new = (one != first[changed]) & (two != second[changed])
    rows = changed[new]
    names = written(family[rows], one[new], two[new]).to_pylist()
    return replaced(pa.nulls(len(sex), pa.string()), rows, names)
