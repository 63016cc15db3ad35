"""The counts of one region and period as arrays by age and sex: what figures and tables are made of.

Person-years of each year are the mean of the populations on the two 1 Januaries that bound it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from quanmin.programs.vital.demography.age import AgeGroups
from quanmin.programs.vital.demography.life_table import LifeTable, life_table
from quanmin.programs.vital.demography.separation import Sex
from quanmin.programs.vital.statistic.gate import Birth, Counts, Death
from quanmin.programs.vital.statistic.hiding import level
from quanmin.programs.vital.statistic.population import SEXES, Population, grouped, january, person_years
from quanmin.programs.vital.statistic.population import Counts as Numbers

GROUPS = AgeGroups.abridged(85)
FIVE = tuple(range(0, 90, 5))
MOTHERS = tuple(range(15, 50, 5))
CODES: dict[Sex, str] = {"male": "1", "female": "2", "both": ""}


@dataclass(frozen=True)
class Tally:
    """`first` and `last` bound the period; populations are those at its ends and its person-years."""

    counts: Counts
    first: int
    last: int
    start: Population
    end: Population
    exposure: Population
    births: tuple[Birth, ...] = field(repr=False)
    deaths: tuple[Death, ...] = field(repr=False)

    @classmethod
    def of(cls, found: Counts, first: int, last: int) -> Tally:
        """The counts of the years from `first` to `last`."""
        return cls(
            found,
            first,
            last,
            january(found.cohorts, first),
            january(found.cohorts, last + 1),
            person_years(found.cohorts, first, last),
            tuple(one for one in found.births if first <= one.year <= last),
            tuple(one for one in found.deaths if first <= one.year <= last),
        )

    @property
    def minimum(self) -> int:
        """The smallest count that is told."""
        return self.counts.minimum

    @cached_property
    def born(self) -> int:
        """All births."""
        return sum(one.births for one in self.births)

    @cached_property
    def died(self) -> int:
        """All deaths, also those without a usable age."""
        return sum(one.deaths for one in self.deaths)

    def bearing(self, test: Callable[[Birth], bool]) -> int:
        """Births that meet a test."""
        return sum(one.births for one in self.births if test(one))

    @cached_property
    def of_sexes(self) -> tuple[int, int]:
        """Boys and girls born."""
        return self.bearing(lambda one: one.sex == "1"), self.bearing(lambda one: one.sex == "2")

    def dying(self, test: Callable[[Death], bool]) -> int:
        """Deaths that meet a test."""
        return sum(one.deaths for one in self.deaths if test(one))

    def dead(self, sex: Sex = "both", cause: str | None = None, year: int | None = None) -> Numbers:
        """Deaths by abridged age group; those without a usable age are spread over the groups as the others are."""
        code, found, unknown = CODES[sex], np.zeros(len(GROUPS)), 0
        for one in self.deaths:
            if code not in ("", one.sex) or cause not in (None, one.cause) or year not in (None, one.year):
                continue
            if one.age is None:
                unknown += one.deaths
            else:
                found[_PLACE[one.age]] += one.deaths
        return found * (1 + unknown / found.sum()) if unknown and found.sum() else found

    @cached_property
    def by_age(self) -> Numbers:
        """Deaths [years, sexes, ages] as they were told; those without a usable age are not in it."""
        found = np.zeros((self.last - self.first + 1, 2, len(GROUPS)))
        for one in self.deaths:
            if one.age is not None and one.sex in SEXES:
                found[one.year - self.first, SEXES.index(one.sex), _PLACE[one.age]] += one.deaths
        return found

    @cached_property
    def level(self) -> tuple[int, ...]:
        """First ages of the groups in which deaths are told."""
        return level(self.by_age, self.minimum)

    def lived(self, sex: Sex = "both") -> Numbers:
        """Person-years by abridged age group."""
        return grouped(self.exposure.of(CODES[sex]), GROUPS.starts)

    def women(self) -> Numbers:
        """Person-years of women by five-year group from 15 to 49."""
        found: Numbers = grouped(self.exposure.female, range(0, 101, 5))[3:10]
        return found

    def mothers(self) -> Numbers:
        """Births by five-year group of the mother; those of unknown age are spread as the others are."""
        by = Counter[int]()
        for one in self.births:
            if one.mother is not None:
                by[one.mother] += one.births
        found = np.array([by[age] for age in MOTHERS], np.float64)
        return found * (self.born / found.sum()) if found.sum() else found

    @cached_property
    def tables(self) -> dict[Sex, LifeTable]:
        """The abridged life table of each sex and of both; those that the counts do not allow are left out."""
        return {sex: one for sex in CODES if (one := self.table(sex)) is not None}

    def table(self, sex: Sex) -> LifeTable | None:
        """The abridged life table, or None: somebody lived in every group, and somebody died in the open one."""
        lived, died = self.lived(sex), self.dead(sex)
        if not (lived > 0).all() or not died[-1] > 0:
            return None
        return life_table(GROUPS, died / lived, sex)


_PLACE = {age: place for place, age in enumerate(GROUPS.starts)}
