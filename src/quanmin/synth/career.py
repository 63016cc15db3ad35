"""What people learnt and where they work.

The shares of levels by generation and place are typed to the order of the 2010 census (national: primary 26.8 %, lower
secondary 38.8 %, upper secondary 14.0 %, tertiary 8.9 % of all people); they are not exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quanmin.synth.day import NEVER, anniversary, day_of, years
from quanmin.synth.family import YEAR
from quanmin.synth.pool import Pools
from quanmin.synth.pyramid import AS_OF
from quanmin.synth.stream import Ints, Mask, chosen

LEVELS: tuple[str, ...] = ("81", "71", "61", "41", "31", "21", "14", "11")
"""Codes of GB/T 4658-2006 from primary school to doctor; the places of `education`."""

TERTIARY = 4
"""The place from which a level is a certificate of higher education."""

NO_SCHOOL = -1
_AGE = np.array([12, 15, 18, 18, 21, 22, 25, 28])
_BELOW = np.array([-1, 0, 1, 1, 2, 2, 5, 6])

_GENERATIONS = (1945, 1955, 1965, 1975, 1985, 2100)
_RURAL = (
    (45, 42, 10, 2, 1, 0, 0, 0, 0),
    (22, 45, 26, 5, 1.5, 0.5, 0, 0, 0),
    (7, 32, 48, 10, 1.5, 1, 0.5, 0, 0),
    (2, 22, 60, 9, 3, 2.5, 1.5, 0, 0),
    (1, 9, 62, 12, 6, 6, 4, 0, 0),
    (0.5, 3, 45, 20, 11, 12, 8, 0.5, 0),
)
_URBAN = (
    (18, 36, 24, 10, 5, 4, 3, 0, 0),
    (7, 24, 39, 17, 5, 5, 3, 0, 0),
    (2, 10, 42, 24, 8, 8, 5.7, 0.3, 0),
    (1, 6, 38, 19, 11, 13, 11, 0.9, 0.1),
    (0.5, 3, 26, 17, 13, 20, 18, 2.2, 0.3),
    (0.3, 1.5, 17, 19, 13, 22, 24, 3, 0.2),
)


@dataclass
class Careers:
    """By person: `education` a place in LEVELS (NO_SCHOOL for none) finished on `graduated`, `before` the level before it;
    `employer` and `earlier_employer` places among the employers (-1: none), with the days the first began and the second
    ended."""

    education: Ints
    before: Ints
    graduated: Ints
    employer: Ints
    hired: Ints
    earlier_employer: Ints
    earlier_hired: Ints
    earlier_left: Ints


def careers(rng: np.random.Generator, pools: Pools, born: Ints, died: Ints, urban: Mask) -> Careers:
    """The schools and jobs of a partition's people."""
    end = np.where(died == NEVER, AS_OF, died)
    education, graduated = _schooling(rng, born, urban, end)
    before = np.where(education >= 0, _BELOW[np.maximum(education, 0)], NO_SCHOOL).astype(np.int32)
    grown = anniversary(born, 19)
    hired = np.maximum(grown, graduated) + 40 + (rng.standard_exponential(len(born)) * 4 * YEAR).astype(np.int32)
    works = chosen(rng, len(born), 0.72) & urban | chosen(rng, len(born), 0.14)
    works &= (hired < end - 400) & (born > AS_OF - 60 * YEAR)
    second = works & (hired < end - 1200) & chosen(rng, len(born), 0.22)
    left = hired + ((end - 400 - hired) * rng.random(len(born))).astype(np.int32)
    employer, other = pools.employer.draw(rng, len(born)), pools.employer.draw(rng, len(born))
    second &= other != employer
    return Careers(
        education=education,
        before=before,
        graduated=graduated,
        employer=np.where(works, employer, -1).astype(np.int32),
        hired=np.where(works, np.where(second, left + 31, hired), NEVER).astype(np.int32),
        earlier_employer=np.where(second, other, -1).astype(np.int32),
        earlier_hired=np.where(second, hired, NEVER).astype(np.int32),
        earlier_left=np.where(second, left, NEVER).astype(np.int32),
    )


def _schooling(rng: np.random.Generator, born: Ints, urban: Mask, end: Ints) -> tuple[Ints, Ints]:
    generation = np.searchsorted(_GENERATIONS, years(born), side="right")
    shares = np.cumsum(np.array([_RURAL, _URBAN]), axis=2)
    shares /= shares[:, :, -1:]
    edges = shares[urban.astype(np.int8), generation]
    level = ((rng.random((len(born), 1)) >= edges).sum(axis=1) - 1).astype(np.int32)
    graduated = _graduation(born, level)
    while True:
        early = (level >= 0) & (graduated > end)
        if not early.any():
            return level, graduated
        level = np.where(early, _BELOW[np.maximum(level, 0)], level).astype(np.int32)
        graduated = _graduation(born, level)


_JULY = np.array([day_of(year, 7, 1) for year in range(1900, 2100)], dtype=np.int32)


def _graduation(born: Ints, level: Ints) -> Ints:
    """The first of July after the age at which a level is finished; NEVER without a level."""
    at = years(anniversary(born, np.where(level >= 0, _AGE[np.maximum(level, 0)], 0).astype(np.int32))) - 1900
    first = _JULY[at]
    day = np.where(first >= anniversary(born, 0), first, _JULY[at + 1])
    return np.where(level >= 0, day, NEVER).astype(np.int32)
