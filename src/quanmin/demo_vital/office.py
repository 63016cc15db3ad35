"""The offices of the year: a province with its cities, the counties in which children are born, an institution in each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, timezone

from quanmin import standards
from quanmin.ledger import Ledger
from quanmin.programs.vital import edition as editions
from quanmin.programs.vital import holder, role
from quanmin.programs.vital.blank import holding, movement
from quanmin.programs.vital.number import Span, key
from quanmin.programs.vital.office import Office
from quanmin.settings import Settings
from quanmin.trust import Actor

PROVINCE = "130000"
COMMISSION, HOSPITAL = "demo-commission", "demo-hospital"
"""The province's authority, and the institution of the first county: where the demo's accounts have their posts."""
LETTER, EDITION = "P", 5
TODAY, BLANKS = "V", 50
"""The letter of today's blanks, and how many the hospital has of them."""
FIRST = f"{LETTER}{PROVINCE[:2]}0000001"
HERE = timezone(timedelta(hours=8))
DEMO, INSTITUTION = "demo-", "-mch"


@dataclass
class Clock:
    """The time of the year that is told; it only goes on."""

    moment: datetime

    def to(self, day: date, hour: int = 9) -> None:
        """The morning of a day, unless it is later already."""
        wanted = datetime.combine(day, time(hour), HERE).astimezone(UTC)
        self.moment = max(self.moment + timedelta(seconds=1), wanted)


class Offices:
    """Everybody's office, on the year's own clock."""

    def __init__(self, ledger: Ledger, settings: Settings, clock: Clock) -> None:
        self.clock = clock
        self._office = Office(ledger, settings)
        self._made: dict[tuple[str, str], Office] = {}
        self._hospital = ""

    @property
    def local(self) -> Office:
        """The local administrator's."""
        return self._office

    def at(self, post: str, of: str) -> Office:
        """Whoever has a post at a holder: one person a post, so that nobody does two duties."""
        if (post, of) not in self._made:
            actor = Actor(f"{DEMO}{of}-{post}", frozenset({post}), of, kind="staff", assurance=2, mfa=True)
            self._made[post, of] = replace(self._office, actor=actor)
        return self._made[post, of]

    def institution(self, county: str) -> str:
        """The code of a county's institution."""
        return HOSPITAL if county == self._hospital else f"{county}{INSTITUTION}"

    def found(self, counties: Iterable[str], day: date) -> None:
        """Register the holders: of every county an institution that issues, for births at home too."""
        regions = standards.catalogue().regions
        name = {code: regions.name(code, day) or code for code in (PROVINCE, *counties)}
        holder.add(self.local, COMMISSION, name[PROVINCE], "province", PROVINCE)
        for city in sorted({f"{one[:4]}00" for one in counties}):
            holder.add(self.local, city, regions.name(city, day) or city, "city", city, COMMISSION)
        self._hospital = min(counties)
        for one in sorted(counties):
            holder.add(self.local, one, name[one], "county", one, f"{one[:4]}00", births=True)
            title = f"{name[one]}妇幼保健院"
            holder.add(self.local, self.institution(one), title, "institution", one, one, home_births=True)

    def distribute(self, wanted: dict[str, int]) -> Span:
        """Print what the counties' institutions need with a fifth more, and send it down level by level, each signing for it."""
        sizes = {county: max(5, -(-births * 6 // 5)) for county, births in sorted(wanted.items())}
        first = key(FIRST)
        whole = Span(first, first + sum(sizes.values()) + 4 * len(sizes) - 1)
        movement.printed(self.at(role.SUPERVISOR, COMMISSION), COMMISSION, [whole], EDITION)
        at, runs = first, {}
        for county, size in sizes.items():
            runs[county] = Span(at, at + size + 3)
            at += size + 4
        cities = sorted({county[:4] for county in runs})
        for city in cities:
            of = [run for county, run in runs.items() if county[:4] == city]
            self._sent(COMMISSION, f"{city}00", of)
        for county, run in runs.items():
            self._sent(f"{county[:4]}00", county, [run])
            self._sent(county, self.institution(county), [Span(run.first, run.last - 4)])
        return whole

    def _sent(self, sender: str, receiver: str, spans: list[Span]) -> None:
        sent = movement.send(self.at(role.KEEPER, sender), movement.OUT, sender, receiver, spans)
        movement.receive(self.at(role.KEEPER, receiver), sent.id)

    def equip(self) -> None:
        """Blanks of today's edition for the hospital, so that somebody who signs in can issue; its store alone has them."""
        first = key(f"{TODAY}{PROVINCE[:2]}0000001")
        run = Span(first, first + BLANKS - 1)
        edition = editions.on(self.local.today()).number
        movement.printed(self.at(role.SUPERVISOR, COMMISSION), COMMISSION, [run], edition)
        county = str(next(one.parent for one in holder.listing(self.local) if one.code == HOSPITAL))
        for sender, receiver in ((COMMISSION, f"{county[:4]}00"), (f"{county[:4]}00", county), (county, HOSPITAL)):
            self._sent(sender, receiver, [run])

    def returned(self, sender: str, receiver: str) -> int:
        """All that a holder can still issue goes back up; how many sheets."""
        free = [one for _, one in holding.free(self.local, sender)]
        if not free:
            return 0
        sent = movement.send(self.at(role.KEEPER, sender), movement.RETURN, sender, receiver, free)
        movement.receive(self.at(role.KEEPER, receiver), sent.id)
        return sent.quantity
