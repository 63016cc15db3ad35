"""Who lives in the simulated province, as its truth says: mothers and fathers to be, and those whose year it is to die."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from quanmin import standards

PROVINCE = "130000"
BIRTHS, TWINS, LATE, UNWED = 0.012, 1 / 60, 0.03, 0.03
"""Per head and year; shares of births that are of twins, reported after a month, without a stated father."""
HAZARD, AGEING = 0.00006, 0.095
"""Gompertz: the force of mortality is HAZARD * exp(AGEING * age), an expectation of life of about 76 years."""
_ELEMENTS = ("citizen_number", "name", "sex", "ethnicity", "birth_date", "residence", "marital_status", "death_date")


@dataclass(frozen=True)
class Person:
    """Somebody of the province; `region` is the county in which he lives."""

    number: str
    name: str
    sex: str
    ethnicity: str
    born: date
    region: str
    address: str
    married: bool

    def age(self, on: date) -> int:
        """Full years."""
        return on.year - self.born.year - ((on.month, on.day) < (self.born.month, self.born.day))


@dataclass(frozen=True)
class Delivery:
    """One delivery: the parents, the day, the sexes of the children, and how late it is asked to be certified."""

    mother: Person
    father: Person | None
    born: date
    sexes: tuple[str, ...]
    delay: timedelta


class People:
    """Those who live when the year begins, in the counties of the province that there are then."""

    def __init__(self, truth: Path, year: int, seed: int) -> None:
        self.year, self.first = year, date(year, 1, 1)
        self._rng = random.Random(f"{seed} {year}")
        places = _places(self.first)
        table = pq.read_table(truth / "persons.parquet", columns=[*_ELEMENTS, "in_base"])
        self.living = [one for row in table.to_pylist() if (one := _person(row, places, self.first)) is not None]

    @cached_property
    def _women(self) -> list[Person]:
        return [one for one in self.living if one.sex == "2" and 20 <= one.age(self.first) <= 40]

    @cached_property
    def _men(self) -> dict[str, list[Person]]:
        made: dict[str, list[Person]] = {}
        for one in self.living:
            if one.sex == "1" and 22 <= one.age(self.first) <= 50:
                made.setdefault(one.region, []).append(one)
        return made

    def deliveries(self) -> list[Delivery]:
        """The deliveries of the year, by day; every mother once."""
        wanted = min(len(self._women), max(3, round(len(self.living) * BIRTHS)))
        made = [self._delivery(mother) for mother in self._rng.sample(self._women, wanted)]
        return sorted(made, key=lambda one: (one.born, one.mother.number))

    def _delivery(self, mother: Person) -> Delivery:
        rng = self._rng
        men = self._men.get(mother.region, [])
        father = rng.choice(men) if men and rng.random() > UNWED else None
        children = 2 if rng.random() < TWINS else 1
        sexes = tuple("1" if rng.random() < 0.53 else "2" for _ in range(children))
        delay = timedelta(days=rng.randint(1, 6) if rng.random() > LATE else rng.randint(33, 60))
        return Delivery(mother, father, self.first + timedelta(days=rng.randrange(345)), sexes, delay)

    def deaths(self) -> Iterator[tuple[date, Person]]:
        """Who dies in the year, and when."""
        for one in self.living:
            force = HAZARD * math.exp(AGEING * one.age(self.first))
            if self._rng.random() < 1 - math.exp(-force):
                yield self.first + timedelta(days=self._rng.randrange(350)), one

    def weight(self) -> int:
        """Of a newborn, in grams."""
        return round(min(5200, max(1200, self._rng.gauss(3300, 420))))

    def chance(self, share: float) -> bool:
        """Whether something that happens to a share of all happens now."""
        return self._rng.random() < share

    def among(self, choices: list[Any]) -> Any:
        """One of some."""
        return self._rng.choice(choices)


def _places(day: date) -> dict[str, str]:
    """The counties of the province on a day, by the names of city and county as addresses write them."""
    regions = standards.catalogue().regions
    counties = [one.code for one in regions.current(day) if one.code.startswith(PROVINCE[:2])]
    return {f"{regions.name(f'{one[:4]}00', day)}{regions.name(one, day)}": one for one in counties}


def on(region: str, day: date) -> str:
    """The county itself, or the one that took its place when it was merged before the day."""
    regions = standards.catalogue().regions
    while not regions.valid_on(region, day) and regions.successors(region):
        region = regions.successors(region)[0]
    return region


def _person(row: dict[str, Any], places: dict[str, str], day: date) -> Person | None:
    if not row["in_base"] or row["death_date"] is not None or not row["residence"] or row["birth_date"] >= day:
        return None
    address = row["residence"].removeprefix("河北省")
    region = next((places[address[:size]] for size in range(12, 4, -1) if address[:size] in places), None)
    if region is None:
        return None
    married = (row["marital_status"] or "").startswith("2")
    told = (row["citizen_number"], row["name"], row["sex"], row["ethnicity"], row["birth_date"], region)
    return Person(*told, row["residence"], married)
