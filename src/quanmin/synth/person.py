"""The people of one partition, with everything that is true of them on the day the files are written."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from quanmin.synth import career, family, home, name, pyramid
from quanmin.synth.day import NEVER
from quanmin.synth.family import NOBODY, YEAR, Families
from quanmin.synth.number import Keys
from quanmin.synth.pool import Pools
from quanmin.synth.pyramid import AS_OF, FEMALE
from quanmin.synth.stream import Ints, Mask, Weighted, stream
from quanmin.synth.territory import Territory

PEOPLES: tuple[tuple[str, str, float], ...] = (
    ("01", "汉", 95.2),
    ("11", "满", 2.4),
    ("03", "回", 0.9),
    ("15", "土家", 0.5),
    ("02", "蒙古", 0.4),
    ("08", "壮", 0.2),
    ("06", "苗", 0.2),
    ("05", "维吾尔", 0.15),
    ("17", "哈萨克", 0.05),
)
"""Peoples by their code of GB/T 3304-1991, name and share (per cent, roughly those of a northern province)."""

ETHNICITIES = [code for code, _, _ in PEOPLES]
_DRAW_PEOPLE = Weighted([share for _, _, share in PEOPLES])

MARITAL = ["10", "21", "30", "40"]
UNMARRIED, MARRIED, WIDOWED, DIVORCED = range(4)


@dataclass
class Newcomers:
    """People who are born and dead as the dice fell, tied into families and settled, but without a number yet."""

    seed: int
    partition: int
    first: int
    sex: NDArray[np.int8]
    born: Ints
    died: Ints
    twin: Ints
    families: Families
    homes: home.Homes


@dataclass
class People(Newcomers):
    """The whole truth about a partition's people; `twin` is the row whose number a person was wrongly given too."""

    key: Keys
    root: Ints
    ethnicity: Ints
    names: name.Names
    careers: career.Careers

    def __len__(self) -> int:
        return len(self.sex)

    def rng(self, purpose: str) -> np.random.Generator:
        """A random stream for one purpose in this partition."""
        return stream(self.seed, purpose, self.partition)

    @cached_property
    def alive(self) -> Mask:
        """Who lives on the day the files are written."""
        return np.asarray(self.died == NEVER)

    @cached_property
    def end(self) -> Ints:
        """The last day of which a record can speak: of death, or the day the files are written."""
        return np.where(self.died == NEVER, AS_OF, self.died).astype(np.int32)

    @cached_property
    def marital(self) -> Ints:
        """Places in MARITAL."""
        families = self.families
        partner_died = np.where(families.spouse >= 0, self.died[families.spouse], NEVER)
        widowed = (partner_died != NEVER) & (partner_died < self.end)
        state = np.where(families.married == NEVER, UNMARRIED, np.where(widowed, WIDOWED, MARRIED))
        return np.where(families.divorced != NEVER, DIVORCED, state).astype(np.int32)

    @cached_property
    def photo(self) -> NDArray[np.uint8]:
        """The digest of everybody's photo, shape (n, 32)."""
        return self.rng("photo").integers(0, 256, (len(self), 32), dtype=np.uint8)

    @cached_property
    def contested(self) -> Mask:
        """Who shares a number with somebody else."""
        shared = self.twin >= 0
        shared[self.twin[self.twin >= 0]] = True
        return shared

    @cached_property
    def ids(self) -> NDArray[np.int64]:
        """The running numbers of the people in the province, from 1."""
        return np.arange(self.first, self.first + len(self), dtype=np.int64) + 1

    def age_on(self, day: int) -> NDArray[np.float64]:
        """Ages in years on a day."""
        return np.asarray((day - self.born) / YEAR)


def arrive(
    territory: Territory, pools: Pools, seed: int, partition: int, first: int, count: int, shared: float
) -> Newcomers:
    """`count` people; a share of `shared` of them will be given another person's number."""
    rng = stream(seed, "people", partition)
    sex, born = pyramid.births(rng, count)
    twin = np.full(count, NOBODY, dtype=np.int32)
    pairs = rng.permutation(count)[: 2 * round(count * shared)].astype(np.int32)
    second, one = np.maximum(pairs[::2], pairs[1::2]), np.minimum(pairs[::2], pairs[1::2])
    twin[second] = one
    sex[second], born[second] = sex[one], born[one]
    died = pyramid.deaths(rng, sex, born)
    free = np.ones(count, dtype=bool)
    free[pairs] = False
    died[pairs] = NEVER
    families = family.found(rng, sex, born, died, free)
    homes = home.settle(rng, territory, pools, families, born, died)
    homes.number_code[second] = homes.number_code[one]
    return Newcomers(seed, partition, first, sex, born, died, twin, families, homes)


def grown(newcomers: Newcomers, key: Keys, pools: Pools) -> People:
    """The people with their numbers, names and careers."""
    rng = stream(newcomers.seed, "grown", newcomers.partition)
    second = np.flatnonzero(newcomers.twin >= 0)
    key[second] = key[newcomers.twin[second]]
    root = family.founders(newcomers.families)
    ethnicity = _DRAW_PEOPLE.draw(rng, len(root))[root]
    peoples = {title: ethnicity == place for place, (_, title, _) in enumerate(PEOPLES)}
    names = name.name_people(rng, newcomers.sex, newcomers.born, root, peoples)
    work = career.careers(rng, pools, newcomers.born, newcomers.died, newcomers.homes.urban)
    return People(**vars(newcomers), key=key, root=root, ethnicity=ethnicity, names=names, careers=work)


@dataclass
class Membership:
    """By person: the place in the household (from 1), the relationship to its head, and who is the head (a row).

    `order` lists all rows by household and place.
    """

    number: Ints
    relationship: Ints
    head: Ints
    order: NDArray[np.int64]


RELATIONSHIPS = [
    "02",
    "11",
    "12",
    "21",
    "22",
    "23",
    "24",
    "25",
    "26",
    "31",
    "32",
    "33",
    "34",
    "35",
    "36",
    "41",
    "42",
    "97",
]
"""Codes of GB/T 4761-2008; the places of `relationship`."""


def membership(people: People) -> Membership:
    """Who is who in the households."""
    household = people.families.household
    itself = household == np.arange(len(people))
    wife = (people.families.spouse == household) & ~itself
    child = (people.families.father == household) & (people.families.father >= 0)
    grandchild = (people.families.grandfather == household) & (people.families.grandfather >= 0)
    rank = np.select([itself, wife, child], [0, 1, 2], 3)
    order = np.lexsort((people.born, rank, household))
    first = np.concatenate([[True], np.diff(household[order]) != 0])
    start = np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))
    number = np.empty(len(people), dtype=np.int32)
    number[order] = np.arange(len(order)) - start + 1
    relationship = np.select(
        [itself, wife, child, grandchild],
        [0, 2, _as_child(people, child), np.where(people.sex == FEMALE, 16, 15)],
        17,
    ).astype(np.int32)
    widow = wife & people.alive & ~people.alive[household]
    relationship[widow] = 0
    relationship[household[widow]] = 1
    return Membership(number, relationship, _heads(household, widow), order)


def _heads(household: Ints, widow: Mask) -> Ints:
    heads = np.arange(len(household), dtype=np.int32)
    heads[household[widow]] = np.flatnonzero(widow)
    return heads[household]


def _as_child(people: People, child: Mask) -> Ints:
    """Places in RELATIONSHIPS of sons and daughters: only, eldest, second …"""
    place = np.zeros(len(people), dtype=np.int32)
    rows = np.flatnonzero(child)
    father, female = people.families.father[rows], people.sex[rows] == FEMALE
    total = np.bincount(father, minlength=len(people))[father]
    order = np.lexsort((people.born[rows], female, father))
    group = father[order].astype(np.int64) * 2 + female[order]
    first = np.concatenate([[True], np.diff(group) != 0]) if len(rows) else np.zeros(0, dtype=bool)
    start = (
        np.maximum.accumulate(np.where(first, np.arange(len(rows)), 0)) if len(rows) else np.zeros(0, dtype=np.int64)
    )
    nth = np.empty(len(rows), dtype=np.int64)
    nth[order] = np.minimum(np.arange(len(rows)) - start + 1, 5)
    place[rows] = np.where(female, 9, 3) + np.where(total == 1, 0, nth)
    return place
