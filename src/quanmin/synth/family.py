"""Who married whom and when, who was born to whom, and who lives together.

Couples are found by rank: men and women in the order of their birthdays with some noise, so that most husbands are a few
years older. A child looks for a married woman who was of a drawn age at its birth; who finds none has a mother elsewhere.
Ages at marriage keep the law of today (22 for men, 20 for women: Civil Code art. 1047) for all generations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from quanmin.synth.day import NEVER, anniversary
from quanmin.synth.pyramid import AS_OF, FEMALE, MALE
from quanmin.synth.stream import Ints, Mask, chosen

LEAST_AGE = {MALE: 22, FEMALE: 20}
YEAR = 365.25
NOBODY = np.int32(-1)

_NOISE_DAYS = 800
_WIDEST_GAP = 15 * YEAR
_BETWEEN_BIRTHS = 310
_TRIES = 4


@dataclass
class Families:
    """Ties inside one partition, by row; NOBODY and NEVER where there is none.

    `spouse` is the partner of the only marriage (kept after divorce and death), `married` and `divorced` its days.
    `father` is the mother's husband; `grandfather` is set for children who live with him while the parents are elsewhere.
    `household` is the row of the person whose household it is.
    """

    spouse: Ints
    married: Ints
    divorced: Ints
    mother: Ints
    father: Ints
    grandfather: Ints
    household: Ints


def found(rng: np.random.Generator, sex: NDArray[np.int8], born: Ints, died: Ints, free: Mask) -> Families:
    """The families of a partition's people; who is not `free` marries nobody and has no parents here."""
    spouse, married, divorced = _couples(rng, sex, born, died, free)
    mother = _mothers(rng, sex, born, died, spouse, married, divorced, free)
    father = np.where(mother >= 0, spouse[mother], NOBODY).astype(np.int32)
    families = Families(
        spouse, married, divorced, mother, father, np.full_like(mother, NOBODY), np.arange(len(sex), dtype=np.int32)
    )
    _dwell(rng, families, sex, born, free)
    return families


def _couples(
    rng: np.random.Generator, sex: NDArray[np.int8], born: Ints, died: Ints, free: Mask
) -> tuple[Ints, Ints, Ints]:
    men = _in_order(rng, np.flatnonzero((sex == MALE) & free & chosen(rng, len(sex), 0.97)), born, 0)
    women = _in_order(rng, np.flatnonzero((sex == FEMALE) & free & chosen(rng, len(sex), 0.985)), born, -2 * YEAR)
    count = min(len(men), len(women))
    men, women = _thinned(rng, men, count), _thinned(rng, women, count)
    earliest = np.maximum(anniversary(born[men], LEAST_AGE[MALE]), anniversary(born[women], LEAST_AGE[FEMALE]))
    wedding = (earliest + 20 + rng.standard_exponential(count) * 2.8 * YEAR).astype(np.int32)
    end = np.minimum(_end(died[men]), _end(died[women]))
    real = (wedding < end - 30) & (np.abs(born[men].astype(np.int64) - born[women]) < _WIDEST_GAP)
    parting = (wedding + YEAR + rng.standard_exponential(count) * 9 * YEAR).astype(np.int32)
    parted = chosen(rng, count, 0.09) & (parting < end - 30)
    spouse, married, divorced = (np.full(len(sex), value, dtype=np.int32) for value in (NOBODY, NEVER, NEVER))
    for one, other in ((men, women), (women, men)):
        spouse[one[real]] = other[real]
        married[one[real]] = wedding[real]
        divorced[one[real & parted]] = parting[real & parted]
    return spouse, married, divorced


def _in_order(rng: np.random.Generator, rows: NDArray[np.int64], born: Ints, shift: float) -> NDArray[np.int64]:
    return rows[np.argsort(born[rows] + shift + rng.normal(0, _NOISE_DAYS, len(rows)), kind="stable")]


def _thinned(rng: np.random.Generator, rows: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """`count` of the rows, in their order."""
    dropped = rng.choice(len(rows), len(rows) - count, replace=False)
    return np.delete(rows, dropped)


def _end(died: Ints) -> Ints:
    return np.where(died == NEVER, AS_OF, died).astype(np.int32)


def _mothers(
    rng: np.random.Generator,
    sex: NDArray[np.int8],
    born: Ints,
    died: Ints,
    spouse: Ints,
    married: Ints,
    divorced: Ints,
    free: Mask,
) -> Ints:
    mother = np.full(len(sex), NOBODY, dtype=np.int32)
    women = np.flatnonzero((sex == FEMALE) & (spouse >= 0))
    if not len(women):
        return mother
    women = women[np.argsort(born[women], kind="stable")].astype(np.int32)
    until = np.minimum(_end(died[women]), _end(died[spouse[women]]) + 200)
    until = np.where(divorced[women] == NEVER, until, np.minimum(until, divorced[women] + 200))
    for _ in range(_TRIES):
        rows = np.flatnonzero((mother < 0) & free)
        age = np.clip(rng.normal(26.3, 4.3, len(rows)), 20.8, 44.5) * YEAR
        place = np.minimum(np.searchsorted(born[women], born[rows] - age), len(women) - 1)
        candidate = women[place]
        years = (born[rows] - born[candidate]) / YEAR
        fits = (years > 20) & (years < 46) & (born[rows] > married[candidate] + 250) & (born[rows] <= until[place])
        mother[rows[fits]] = candidate[fits]
        _space(mother, born)
    return mother


def _space(mother: Ints, born: Ints) -> None:
    """Take back the mother of who was born too soon after a brother or sister."""
    children = np.flatnonzero(mother >= 0)
    children = children[np.lexsort((born[children], mother[children]))]
    close = (mother[children[1:]] == mother[children[:-1]]) & (np.diff(born[children]) < _BETWEEN_BIRTHS)
    mother[children[1:][close]] = NOBODY


def _dwell(rng: np.random.Generator, families: Families, sex: NDArray[np.int8], born: Ints, free: Mask) -> None:
    """Wives live with husbands, the unmarried young with their parents, children without parents here with a grandfather."""
    together = (families.spouse >= 0) & (families.divorced == NEVER)
    wives = np.flatnonzero(together & (sex == FEMALE))
    families.household[wives] = families.spouse[wives]
    young = (families.married == NEVER) & (born > AS_OF - 32 * YEAR)
    at_home = np.flatnonzero(young & (families.father >= 0))
    families.household[at_home] = families.father[at_home]
    left = np.flatnonzero((families.father < 0) & (born > AS_OF - 18 * YEAR) & free)
    elders = np.flatnonzero(together & (sex == MALE) & (born < AS_OF - 48 * YEAR) & (born > AS_OF - 72 * YEAR))
    if len(elders):
        families.grandfather[left] = elders[rng.integers(0, len(elders), len(left))]
        families.household[left] = families.grandfather[left]


def founders(families: Families) -> Ints:
    """For everybody the row at the head of the line of fathers: whose family name and people are inherited."""
    line = np.where(families.father >= 0, families.father, families.grandfather)
    root = np.where(line >= 0, line, np.arange(len(line))).astype(np.int32)
    while True:
        above = root[root]
        if np.array_equal(above, root):
            return root
        root = above
