"""A small province with blanks in one hospital, certificates as its desk writes them, and a base that a test fills."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from tests.unit.population.conftest import Office as Base

from quanmin.lake import Lake
from quanmin.programs.vital import holder, number
from quanmin.programs.vital.birth import card
from quanmin.programs.vital.blank import loss, movement
from quanmin.programs.vital.certificate import desk, replacement
from quanmin.programs.vital.certificate.application import Application, Newborn, Parent, Recipient
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.office import Office

PROVINCE, CITY, COUNTY, HOSPITAL = "370000", "370100", "370102", "123701020"
FIRST = number.key("Q370000001")


def citizen(day: dt.date, order: int, region: str = "370102") -> str:
    """A citizen number of somebody of a region born on a day; an odd order is a man's."""
    text = f"{region}{day:%Y%m%d}{order:03}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return text + "10X98765432"[sum(int(one) * weight for one, weight in zip(text, weights, strict=True)) % 11]


MOTHER_BORN, FATHER_BORN = dt.date(1998, 5, 6), dt.date(1996, 3, 4)


OCTOBER = dt.datetime(2026, 10, 10, 4, tzinfo=dt.UTC)


class Desk:
    """One hospital's desk in a lake whose clock a test sets."""

    def __init__(self, home: Path, lake: Lake | None = None, at: dt.datetime = OCTOBER, stem: str = "37") -> None:
        """In a home of its own, or in a lake that is there (then without a base); `stem` is the province by its two digits."""
        if lake is None:
            self.base = Base(home)
            lake = self.base.lake
        self.lake = lake
        self.at = at
        self.lake.ledger.now = lambda: self.at
        self.office = Office(self.lake.ledger, self.lake.settings)
        self.born = at.date() - dt.timedelta(days=2)
        self.stem, self.first = stem, number.key(f"Q{stem}0000001")
        self.province, self.city, self.county, self.hospital = (
            stem + code[2:] if code != HOSPITAL else f"12{stem}{code[4:]}"
            for code in (PROVINCE, CITY, COUNTY, HOSPITAL)
        )
        holder.add(self.office, self.province, "山东省卫生健康委", "province", self.province)
        holder.add(self.office, self.city, "济南市卫生健康委", "city", self.city, self.province)
        more = {"births": True, "home_births": True}
        holder.add(self.office, self.county, "历下区卫生健康局", "county", self.county, self.city, **more)
        holder.add(self.office, self.hospital, "历下妇幼保健院", "institution", self.county, self.county)
        whole = [Span(self.first, self.first + 999)]
        movement.printed(self.office, self.province, whole, 7)
        for of, to in ((self.province, self.city), (self.city, self.county), (self.county, self.hospital)):
            sent = movement.send(self.office, movement.OUT, of, to, whole)
            movement.receive(self.office, sent.id)
            if to == self.county:
                whole = [Span(self.first, self.first + 899)]  # a hundred stay with the county, which issues anew

    def application(self, order: int = 2, **newborn: Any) -> Application:
        """A birth of the mother with this order number."""
        own: dict[str, Any] = {
            "name": "王小明",
            "sex": "1",
            "birth_date": self.born,
            "birth_time": "08:30",
            "place": self.county,
            "place_type": "1",
            "weeks": 39,
            "weight": 3300,
            "length": 50.0,
        }
        mother = Parent(
            "李梅", "01", citizen(MOTHER_BORN, 20 + order), MOTHER_BORN, residence=self.county, ethnicity="01"
        )
        father = Parent("王刚", "01", citizen(FATHER_BORN, 21 + order), FATHER_BORN)
        return Application(Newborn(**(own | newborn)), mother, father, Recipient("王刚", "father"), parity=1)

    def issue(self, application: Application | None = None, card: bool = True) -> int:
        """A first certificate, sealed, with its card unless told otherwise; its number."""
        number = desk.next_blank(self.office, self.hospital)
        assert number is not None
        desk.prepare(self.office, self.hospital, number, application or self.application())
        return self.sealed(number, card)

    def sealed(self, number: int, card: bool = True) -> int:
        desk.approve(self.office, number)
        desk.seal(self.office, number)
        if card:
            desk.card(self.office, number)
        return number

    def exchange(self, old: int, application: Application, card: bool = True) -> int:
        number = desk.next_blank(self.office, self.hospital)
        assert number is not None
        given = Application(**(application.__dict__ | {"evidence": {"recovered_sheet": "1"}}))
        replacement.exchange(self.office, self.hospital, old, number, given, "issuer_error")
        return self.sealed(number, card)

    def collect(self) -> Any:
        return card.collect_cards(self.lake, self.office)

    def rows(self) -> dict[str, dict[str, Any]]:
        """The live rows of births, by certificate."""
        with self.lake.session("population") as session:
            if not session.exists("clean.health.birth"):
                return {}
            found = session.connection.sql(f"SELECT * FROM {session.live('health.birth')} AS r").to_arrow_table()
        return {one["certificate_no"]: one for one in found.to_pylist()}


def october(place: Desk) -> dict[str, int]:
    """A month with everything in it; the numbers of certificates."""
    one, other = place.issue(), place.issue(place.application(order=4))
    third = place.issue(place.application(order=6), card=False)
    new = place.exchange(one, place.application(name="王晓明"))
    replacement.lose(place.office, other, "齐鲁晚报")
    spoiled = desk.next_blank(place.office, HOSPITAL)
    assert spoiled is not None
    desk.prepare(place.office, HOSPITAL, spoiled, place.application(order=8))
    desk.spoil(place.office, spoiled, "misprinted")
    at = FIRST + 100
    void = loss.void(place.office, HOSPITAL, Span(at, at + 2), "damaged")
    loss.lose(place.office, HOSPITAL, Span(at + 3, at + 3))
    proposed = loss.propose(place.office, COUNTY, [Span(*void.data["spans"][0])])
    loss.destroy(place.office, proposed.id)
    back = movement.send(place.office, movement.RETURN, HOSPITAL, COUNTY, [Span(at + 10, at + 19)])
    movement.refuse(place.office, back.id, "多退")
    movement.send(place.office, movement.RETURN, HOSPITAL, COUNTY, [Span(at + 20, at + 29)])
    return {"one": one, "other": other, "third": third, "new": new, "spoiled": spoiled}
