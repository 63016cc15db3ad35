"""The year, day by day and month by month, and what is told of it at its end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from quanmin.demo_vital.birth import Act, Births
from quanmin.demo_vital.death import Deaths
from quanmin.demo_vital.office import COMMISSION, INSTITUTION, Clock, Offices
from quanmin.demo_vital.people import People, Person
from quanmin.demo_vital.upward import Upward
from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.programs.vital import holder, invariant, owed, role
from quanmin.programs.vital.birth import card
from quanmin.programs.vital.blank import holding, loss
from quanmin.programs.vital.death.desk import Desk
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.office import Office

YEAR = 2016


@dataclass
class Told:
    """What happened: counts of blanks, births and deaths, what was overdue and chased, pushes, checks, statistics."""

    year: int
    blanks: dict[str, int] = field(default_factory=dict)
    births: dict[str, int] = field(default_factory=dict)
    deaths: dict[str, int] = field(default_factory=dict)
    overdue: dict[str, int] = field(default_factory=dict)
    months: list[dict[str, Any]] = field(default_factory=list)
    breaches: int = 0
    checks: dict[str, Any] = field(default_factory=dict)
    statistics: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


class Year:
    """The offices and the people of the year. `lake` keeps today's clock; the offices have the year's."""

    def __init__(
        self, lake: Lake, ledger: Ledger, clock: Clock, people: People, files: Path, upward: Upward | None = None
    ) -> None:
        self.lake, self.clock, self.files = lake, clock, files
        self.offices = Offices(ledger, lake.settings, clock)
        self.people = people
        self.births = Births(self.offices, self.people, date(YEAR, 12, 30))
        self.deaths = Deaths(lake, Desk(ledger), self.offices, self.people)
        self.count: Counter[str] = Counter()
        self.told = Told(YEAR)
        self.upward = upward

    def live(self) -> Told:
        """All of it, from the printer to the year's last day."""
        self._begin()
        died = sorted(self.people.deaths(), key=lambda one: (one[0], one[1].number))
        for number, (day, one) in enumerate(died, 1):
            self.births.acts.append(Act(day + timedelta(days=1), -number, one.region, self._certify(number, day, one)))
        for month in range(1, 13):
            end = date(YEAR + month // 12, month % 12 + 1, 1)
            self._days(end)
            self._month(month, end)
        self._end()
        return self.told

    def _begin(self) -> None:
        self.clock.to(date(YEAR, 1, 4))
        deliveries = self.people.deliveries()
        wanted: Counter[str] = Counter()
        for one in deliveries:
            wanted[one.mother.region] += len(one.sexes)
        self.offices.found(wanted, date(YEAR, 1, 4))
        self.count["printed"] = self.offices.distribute(wanted).size
        self.births.plan(deliveries)

    def _certify(self, number: int, day: date, one: Person) -> Callable[[], None]:
        return partial(self.deaths.certify, number, day, one)

    def _days(self, end: date) -> None:
        """What is to be done before a day; what that brings about is done in its turn."""
        acts = self.births.acts
        while acts and (one := min(acts)).day < end:
            acts.remove(one)
            self.clock.to(one.day)
            one.do()

    def _month(self, month: int, end: date) -> None:
        """The board is read on the first, cards and deaths are collected, and the month goes upward on the fifth."""
        self.clock.to(end)
        if month == 6:
            self._lost(self._busiest())
        if month == 9:
            self._stopped()
        late = self.births.chase()
        name = f"{YEAR}-{month:02d}"
        told: dict[str, Any] = {"month": name, "chased": late, "deaths": self.deaths.collect(self.files, name)}
        cards = card.collect_cards(self.lake, self.offices.local)
        told["births"] = 0 if cards is None else cards.accepted
        self.clock.to(end + timedelta(days=4))
        if self.upward is not None:
            told["package"] = self.upward.send(self.offices.local, name)
        self.told.months.append(told)

    def _busiest(self) -> str:
        stocks = [one for one in holding.holdings(self.offices.local) if one.holder.endswith(INSTITUTION) and one.free]
        return max(stocks, key=lambda one: (one.bound, one.free, one.holder)).holder

    def _lost(self, of: str) -> None:
        """Two blanks are lost, and the steps of a loss are taken."""
        keeper = self.offices.at(role.KEEPER, of)
        run = holding.free(self.offices.local, of)[-1][1]
        lost = loss.lose(keeper, of, Span(max(run.first, run.last - 1), run.last))
        for action, said in (("police", "回执"), ("notice", "燕赵都市报"), ("write", "函")):
            loss.step(keeper, lost.id, action, said)

    def _stopped(self) -> None:
        """An institution with few births stops; its blanks go back to the county, and it is closed."""
        waiting = {one.county for one in self.births.acts}
        owing = {one.holder for one in owed.listing(self.offices.local, overdue=False)}
        of = next(
            (
                one.holder
                for one in holding.holdings(self.offices.local)
                if one.holder.endswith(INSTITUTION)
                and not one.void
                and one.free
                and one.holder not in owing
                and one.holder.removesuffix(INSTITUTION) not in waiting
            ),
            None,
        )
        if of is None:
            return
        county = of.removesuffix(INSTITUTION)
        above = self.offices.at(role.SUPERVISOR, county)
        holder.stop(above, of, "并入县医院")
        self.count["returned"] = self.offices.returned(of, county)
        holder.close(above, of)

    def _end(self) -> None:
        """Void sheets are destroyed, months that changed go upward again, and everything is counted anew."""
        self.clock.to(date(YEAR + 1, 2, 10))
        local = self.offices.local
        self._destroyed(local)
        if self.upward is not None:
            self._corrected(self.upward, local)
        sums = Counter[str]()
        for stock in holding.holdings(local):
            sums.update(
                {name: int(value) for name, value in stock.to_dict().items() if name not in ("holder", "edition")}
            )
        self.told.blanks = {**self.count, **{name: sums[name] for name in ("free", "bound", "lost", "destroyed")}}
        self.told.births, self.told.deaths = dict(self.births.count), dict(self.deaths.count)
        in_time, settled = owed.timeliness(local, owed.CARD)
        self.told.overdue = {"cards": settled, "in_time": in_time, "open": len(owed.listing(local))}
        self.told.breaches = len(invariant.check(local))

    def _destroyed(self, local: Office) -> None:
        """By two people of the province, all void sheets at once."""
        runs = [run for of in loss.voided(local, [one.code for one in holder.listing(local)]).values() for run in of]
        if runs:
            one = self.offices.at(role.SUPERVISOR, COMMISSION)
            asked = loss.propose(one, COMMISSION, runs)
            loss.destroy(replace(one, actor=replace(one.actor, id="demo-second")), asked.id)

    def _corrected(self, upward: Upward, local: Office) -> None:
        """What changed of the year's months since they were sent; then the answers to all of it."""
        for told in self.told.months:
            again = upward.correct(local, told["month"], told["package"])
            if again is not None:
                told["correction"] = again
        for answer in upward.answered(local):
            of = next(one for one in self.told.months if answer["package"] in (one["package"], one.get("correction")))
            of.setdefault("answers", []).append(answer)
