"""How many people a region has on a day, by single years of age and sex: of the base, as its people were born and died.

Populations are those at the beginning of a day: somebody counts who was born before it and had not died before it, at the age
that was completed the day before (that of 31 December for a 1 January, as statistical offices have it). He counts where the base
has him living: the division of a residence that has not ended, else that of his household register, else that of his number. On
1 January ages follow from years of birth alone, so that counts by year of birth and of death give every 1 January there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from quanmin.lake.session import Session
from quanmin.programs.vital.statistic.place import placed

OLDEST = 100
"""The open age."""
SEXES = ("1", "2")
Counts = NDArray[np.float64]
_AGE = "year($day - 1) - year(birth) - (strftime($day - 1, '%m%d') < strftime(birth, '%m%d'))::INT"
"""Completed years on the eve, in SQL; whoever was born on 29 February is a year older on 1 March."""


class Person(NamedTuple):
    """What a count needs of a person."""

    sex: str
    birth: date | None
    death: date | None
    region: str | None


class Cell(NamedTuple):
    """A place of a count: division, sex (1 male, 2 female), completed years of age, the last one open."""

    region: str
    sex: str
    age: int


class Cohort(NamedTuple):
    """People of a division (as sources wrote it) by sex, year of birth and year of death (None: living)."""

    region: str
    sex: str
    born: int
    died: int | None
    people: int


def count(people: Iterable[Person], day: date) -> dict[Cell, int]:
    """The population at the beginning of a day, person by person: the reference that the set-based ways are compared with."""
    found: Counter[Cell] = Counter()
    eve = day - timedelta(days=1)
    for one in people:
        if one.birth is None or one.sex not in SEXES or one.birth >= day:
            continue
        if one.death is not None and one.death < day:
            continue
        age = eve.year - one.birth.year - ((eve.month, eve.day) < (one.birth.month, one.birth.day))
        found[Cell(placed(one.region, day), one.sex, min(age, OLDEST))] += 1
    return dict(found)


def populations(session: Session, relation: str, day: date) -> dict[Cell, int]:
    """The same of a relation with the columns `sex`, `birth`, `death` and `region`, counted where it lies."""
    rows = session.connection.execute(
        f"SELECT region, sex, least({_AGE}, {OLDEST})::INT, count(*)::BIGINT FROM {relation} AS p "
        "WHERE sex IN ('1', '2') AND birth < $day AND (death IS NULL OR death >= $day) GROUP BY ALL",
        {"day": day},
    ).fetchall()
    found: Counter[Cell] = Counter()
    for region, sex, age, people in rows:
        found[Cell(placed(region, day), sex, age)] += people
    return dict(found)


@dataclass(frozen=True)
class Population:
    """People by sex and single year of age [101], the last age open."""

    male: Counts
    female: Counts

    @property
    def total(self) -> float:
        """Everybody."""
        return float(self.male.sum() + self.female.sum())

    def of(self, sex: str) -> Counts:
        """Those of a sex; of both for any other word."""
        if sex in SEXES:
            return self.male if sex == "1" else self.female
        return self.male + self.female

    def mean(self, other: Population) -> Population:
        """The mean of two populations a year apart: its person-years, and its people in the middle of the year."""
        return Population((self.male + other.male) / 2, (self.female + other.female) / 2)

    def plus(self, other: Population) -> Population:
        """Both together."""
        return Population(self.male + other.male, self.female + other.female)


def january(cohorts: Iterable[Cohort], year: int) -> Population:
    """The population on 1 January of a year, of the cohorts of a region."""
    made = {sex: np.zeros(OLDEST + 1) for sex in SEXES}
    for one in cohorts:
        if one.sex in made and one.born < year and (one.died is None or one.died >= year):
            made[one.sex][min(year - 1 - one.born, OLDEST)] += one.people
    return Population(made["1"], made["2"])


def person_years(cohorts: Iterable[Cohort], first: int, last: int) -> Population:
    """Person-years of the years from `first` to `last`: each the mean of its two 1 Januaries."""
    known = list(cohorts)
    every = [january(known, year) for year in range(first, last + 2)]
    made = every[0].mean(every[1])
    for before, after in pairwise(every[1:]):
        made = made.plus(before.mean(after))
    return made


def grouped(single: Any, starts: Iterable[int]) -> Counts:
    """Counts by single years [101] in groups that begin at `starts`."""
    found: Counts = np.add.reduceat(np.asarray(single, np.float64), list(starts))
    return found
