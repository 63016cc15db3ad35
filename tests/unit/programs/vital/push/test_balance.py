"""The sums of months in which anything happens: counted backwards they are what the rows of all months add up to."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable

from tests.unit.programs.vital.birth.hospital import CITY, COUNTY, HOSPITAL, Desk

from quanmin.ledger import Ledger
from quanmin.programs.vital.blank import holding, loss, movement
from quanmin.programs.vital.certificate import desk
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.push import Month, balance, issue, stock


class Chance:
    """Acts at random at one hospital and above it."""

    def __init__(self, place: Desk, seed: int) -> None:
        self.place, self.rng, self.births = place, random.Random(seed), 0

    def blank(self, holder: str, size: int) -> Span:
        """Some blanks from the end of what a holder has."""
        _, run = holding.free(self.place.office, holder)[-1]
        return Span(max(run.first, run.last - size + 1), run.last)

    def act(self) -> None:
        acts: list[Callable[[], object]] = [self.issue, self.spoil, self.void, self.lose, self.move, self.late]
        self.rng.choice(acts)()
        self.place.at += dt.timedelta(hours=self.rng.randrange(40))

    def issue(self) -> None:
        self.births += 2
        born = self.place.at.date() - dt.timedelta(days=1)
        self.place.issue(self.place.application(order=self.births, birth_date=born), card=self.rng.random() < 0.8)

    def spoil(self) -> None:
        number = desk.next_blank(self.place.office, HOSPITAL)
        assert number is not None
        self.births += 2
        born = self.place.at.date() - dt.timedelta(days=1)
        desk.prepare(self.place.office, HOSPITAL, number, self.place.application(order=self.births, birth_date=born))
        if self.rng.random() < 0.5:  # else it is written, and a blank still
            desk.spoil(self.place.office, number, "misprinted")

    def void(self) -> None:
        loss.void(self.place.office, HOSPITAL, self.blank(HOSPITAL, self.rng.randrange(1, 4)), "damaged")

    def late(self) -> None:
        """Found days ago, perhaps in the month before."""
        found = self.place.at - dt.timedelta(days=self.rng.randrange(20))
        loss.void(self.place.office, COUNTY, self.blank(COUNTY, 1), "damaged", found_at=found)

    def lose(self) -> None:
        document = loss.lose(self.place.office, HOSPITAL, self.blank(HOSPITAL, 1))
        if self.rng.random() < 0.5:
            loss.find(self.place.office, document.id)

    def move(self) -> None:
        kind, sender, receiver = self.rng.choice(
            [(movement.RETURN, HOSPITAL, COUNTY), (movement.OUT, COUNTY, HOSPITAL), (movement.RETURN, COUNTY, CITY)]
        )
        sent = movement.send(self.place.office, kind, sender, receiver, [self.blank(sender, self.rng.randrange(1, 9))])
        self.place.at += dt.timedelta(days=self.rng.randrange(9))
        answer = self.rng.choice(["receive", "refuse", "wait"])
        if answer == "receive":
            movement.receive(self.place.office, sent.id)
        elif answer == "refuse":
            movement.refuse(self.place.office, sent.id, "多退")


def closing(place: Desk, months: list[Month]) -> dict[Month, dict[tuple[str, int], int]]:
    """By the book: all rows of all months up to one, added up."""
    ledger: Ledger = place.lake.ledger
    held: Counter[tuple[str, int]] = Counter()
    found = {}
    with ledger.reading() as connection:
        for one in months:
            for row in stock.rows(place.office, connection, one):
                size, edition = int(row["quantity"]), int(row["edition"])
                if row["kind"] in ("1", "2"):
                    held[row["to_org"], edition] += size
                elif row["kind"] in ("3", "4", "5", "6", "7"):
                    held[row["from_org"], edition] -= size
            for row in issue.rows(place.office, connection, one):
                if row["kind"] in ("1", "2", "3"):
                    held[row["institution_code"], int(row["edition"])] -= 1
            found[one] = dict(held)
    return found


def test_months_of_chance_add_up_both_ways(place):
    chance = Chance(place, 8)
    for _ in range(60):
        chance.act()
    last = Month(place.at.year, place.at.month)
    months = [Month(2026, 10)]
    while months[-1] != last:
        months.append(months[-1].after)
    assert len(months) >= 3
    by_book = closing(place, months)
    before: dict[tuple[str, int], int] = {}
    with place.lake.ledger.reading() as connection:
        for one in months:
            rows = list(balance.rows(place.office, connection, one))
            ends = {(str(row["holder"]), int(row["edition"])): int(row["closing"]) for row in rows}
            assert {at: count for at, count in ends.items() if count} == {
                at: count for at, count in by_book[one].items() if count
            }
            opens = {(str(row["holder"]), int(row["edition"])): int(row["opening"]) for row in rows}
            assert all(opens.get(at, 0) == count for at, count in before.items())
            before = ends
