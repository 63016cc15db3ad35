"""Births of the year at the desks: written, approved, sealed, their cards reported, mistakes and losses put right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import count
from typing import NamedTuple

from quanmin.demo_vital.office import Offices
from quanmin.demo_vital.people import Delivery, People, Person, on
from quanmin.programs.vital import owed, role
from quanmin.programs.vital.blank import holding
from quanmin.programs.vital.certificate import desk, replacement
from quanmin.programs.vital.certificate.application import Application, Newborn, Parent, Recipient
from quanmin.programs.vital.number import key

SPOILED, MISTAKEN, LOST, LATE_CARD = 1 / 40, 1 / 40, 1 / 60, 1 / 12
"""Shares of sheets misprinted, of certificates exchanged for a clerk's mistake, of those lost later, and of cards forgotten."""
NAMES = {"1": "浩宇轩博睿泽晨俊峰铭", "2": "欣怡诗涵雨梓萱悦琪雅"}


class Act(NamedTuple):
    """Something that is done on a day; acts of one day go by their order."""

    day: date
    order: int
    county: str
    do: Callable[[], None]


class Births:
    """The acts of the year's births. `acts` grows while they are done: a card follows its certificate."""

    def __init__(self, offices: Offices, people: People, until: date) -> None:
        self._offices, self._people, self._until = offices, people, until
        self.count: Counter[str] = Counter()
        self.acts: list[Act] = []
        self._order = count(1)

    def plan(self, deliveries: list[Delivery]) -> None:
        """An issue for every child of the year."""
        for delivery in deliveries:
            for order, sex in enumerate(delivery.sexes, 1):
                asked = self._application(delivery, order, sex)
                day = delivery.born + delivery.delay
                self._add(day, delivery.mother.region, partial(self._issue, asked, delivery.mother.region))

    def _add(self, day: date, county: str, do: Callable[[], None]) -> None:
        if day <= self._until:
            self.acts.append(Act(day, next(self._order), county, do))

    def _issue(self, asked: Application, county: str) -> None:
        of = self._offices.institution(county)
        if self._people.chance(SPOILED):
            number = self._next(of)
            desk.prepare(self._offices.at(role.CLERK, of), of, number, asked)
            desk.spoil(self._offices.at(role.CLERK, of), number, "misprinted")
            self.count["spoiled"] += 1
        number = self._next(of)
        desk.prepare(self._offices.at(role.CLERK, of), of, number, asked)
        self._sealed(of, number)
        self.count["issued"] += 1
        self._afterwards(asked, county, number)

    def _sealed(self, of: str, number: int) -> None:
        desk.approve(self._offices.at(role.APPROVER, of), number)
        desk.seal(self._offices.at(role.SEALER, of), number)

    def _afterwards(self, asked: Application, county: str, number: int) -> None:
        of, today = self._offices.institution(county), self._offices.local.reported_on()
        if not self._people.chance(LATE_CARD):
            self._add(today + timedelta(days=3), county, partial(self._card, of, number))
        if self._people.chance(MISTAKEN):
            right = replace(asked, newborn=replace(asked.newborn, weight=asked.newborn.weight + 100))
            self._add(today + timedelta(days=20), county, partial(self._exchange, right, county, number))
        elif self._people.chance(LOST):
            self._add(today + timedelta(days=30), county, partial(self._again, asked, county, number))

    def _card(self, of: str, number: int) -> None:
        desk.card(self._offices.at(role.CLERK, of), number)
        self.count["cards"] += 1

    def _exchange(self, right: Application, county: str, old: int) -> None:
        of = self._offices.institution(county)
        number, told = self._next(of), replace(right, evidence={**right.evidence, "recovered_sheet": "档"})
        replacement.exchange(self._offices.at(role.CLERK, of), of, old, number, told, "issuer_error")
        self._sealed(of, number)
        self.count["exchanged"] += 1
        self._add(self._offices.local.reported_on() + timedelta(days=2), county, partial(self._card, of, number))

    def _again(self, asked: Application, county: str, old: int) -> None:
        replacement.lose(self._offices.at(role.CLERK, self._offices.institution(county)), old, "燕赵都市报")
        evidence = {**asked.evidence, **dict.fromkeys(replacement.REISSUE_EVIDENCE, "档")}
        number = self._next(county)
        clerk = self._offices.at(role.CLERK, county)
        replacement.reissue(clerk, county, old, number, replace(asked, evidence=evidence))
        self._sealed(county, number)
        self.count["reissued"] += 1
        self._add(self._offices.local.reported_on() + timedelta(days=2), county, partial(self._card, county, number))

    def chase(self) -> int:
        """The province asks for the cards that are overdue, and gets them; how many there were."""
        late = owed.listing(self._offices.local, what=owed.CARD)
        for one in late:
            self._card(one.holder, key(str(one.ref)))
        self.count["chased"] += len(late)
        return len(late)

    def _next(self, of: str) -> int:
        return holding.free(self._offices.local, of)[0][1].first

    def _application(self, delivery: Delivery, order: int, sex: str) -> Application:
        mother, father, chance = delivery.mother, delivery.father, self._people
        surname = (father or mother).name[0]
        home = chance.chance(0.01)
        child = Newborn(
            name=surname + chance.among(list(NAMES[sex])) + chance.among(list(NAMES[sex])),
            sex=sex,
            birth_date=delivery.born,
            birth_time=f"{chance.among(list(range(24))):02d}:{chance.among(list(range(60))):02d}",
            place=on(mother.region, delivery.born),
            place_type="3" if home else "2",
            weeks=chance.among([37, 38, 39, 39, 40, 40, 41]) if len(delivery.sexes) == 1 else 36,
            weight=chance.weight(),
            length=50.0,
            order=order,
            plurality=len(delivery.sexes),
        )
        evidence = {}
        if father is None:
            evidence["no_father_declaration"] = "声"
        if delivery.delay.days > 31:
            evidence["explanation"] = "说"
        if home:
            evidence |= {"parentage_declaration": "声", "parentage_test": "鉴"}
        taken = Recipient((father or mother).name, "father" if father else "mother")
        parents = (_parent(mother), None if father is None else _parent(father))
        return Application(child, *parents, taken, record_no=f"H{delivery.born:%m%d}", delivery="1", evidence=evidence)


def _parent(one: Person) -> Parent:
    return Parent(
        one.name, "01", one.number, one.born, ethnicity=one.ethnicity, address=one.address, residence=one.region
    )
