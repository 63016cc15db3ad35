"""A province with two cities, three counties and four institutions, and the people who work there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from quanmin.ledger import Ledger
from quanmin.programs.vital import holder, role
from quanmin.programs.vital.blank import movement
from quanmin.programs.vital.certificate import desk
from quanmin.programs.vital.certificate.application import Application, Newborn, Parent, Recipient
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.number import Span, key, span
from quanmin.programs.vital.office import Office
from quanmin.settings import Settings
from quanmin.standards.identity.citizen_number import check_character
from quanmin.trust import Actor

PROVINCE, CITY, OTHER_CITY = "p37", "c3701", "c3702"
COUNTY, SISTER, OTHER_COUNTY = "x370102", "x370103", "x370202"
HOSPITAL, CLINIC, SECOND, FAR = "i1", "i2", "i3", "i4"
HOLDERS: tuple[tuple[str, str, str, str, str | None], ...] = (
    (PROVINCE, "山东省", "province", "370000", None),
    (CITY, "济南市", "city", "370100", PROVINCE),
    (OTHER_CITY, "青岛市", "city", "370200", PROVINCE),
    (COUNTY, "历下区", "county", "370102", CITY),
    (SISTER, "市中区", "county", "370103", CITY),
    (OTHER_COUNTY, "市南区", "county", "370202", OTHER_CITY),
    (HOSPITAL, "历下医院", "institution", "370102", COUNTY),
    (CLINIC, "历下妇幼", "institution", "370102", COUNTY),
    (SECOND, "市中医院", "institution", "370103", SISTER),
    (FAR, "市南医院", "institution", "370202", OTHER_COUNTY),
)
START = datetime(2015, 3, 2, 2, tzinfo=UTC)
"""A Monday morning of the fifth edition."""
FIRST = "E370000001"


def number_of(region: str, born: date, order: int) -> str:
    """A sound citizen number; the order's parity is the sex."""
    first17 = f"{region}{born:%Y%m%d}{order:03d}"
    return first17 + check_character(first17)


MOTHER = Parent(
    "李梅", "01", number_of("370102", date(1988, 5, 6), 124), date(1988, 5, 6), ethnicity="01", address="历下区一号"
)
FATHER = Parent(
    "王强", "01", number_of("370102", date(1986, 1, 2), 123), date(1986, 1, 2), ethnicity="01", address="历下区一号"
)
BABY = Newborn("王安", "1", date(2015, 2, 28), "08:15", "370102", "1", 39, 3300, 50.0)
APPLICATION = Application(BABY, MOTHER, FATHER, Recipient("王强", "father"), record_no="H-1", delivery="1")


def application(who: int = 0, /, **newborn: Any) -> Application:
    """An application of another mother for each `who`; 0 is the one of `APPLICATION`."""
    mother = replace(MOTHER, document_number=number_of("370102", MOTHER.birth_date, (124 + 2 * who) % 1000))
    born = BABY.birth_date - timedelta(days=who // 490)
    return replace(APPLICATION, mother=mother, newborn=replace(BABY, **{"birth_date": born, **newborn}))


@dataclass
class County:
    """The ledger with a clock that stands until it is set, and everybody's office."""

    ledger: Ledger
    settings: Settings
    clock: list[datetime]

    @classmethod
    def open(cls, ledger: Ledger, settings: Settings) -> County:
        """With all holders, and nothing printed."""
        made = cls(ledger, settings, [START])
        ledger.now = lambda: made.clock[0]
        for code, title, level, region, parent in HOLDERS:
            home = code == CLINIC
            holder.add(made.local, code, title, level, region, parent, home_births=home)
        return made

    @property
    def local(self) -> Office:
        """The local administrator."""
        return Office(self.ledger, self.settings)

    def at(self, *roles: str, of: str = HOSPITAL, name: str | None = None) -> Office:
        """Somebody with posts at a holder."""
        who = name or f"{of}-{'-'.join(roles)}"
        return Office(self.ledger, self.settings, Actor(who, frozenset(roles), of, kind="staff", assurance=2, mfa=True))

    def keeper(self, of: str) -> Office:
        """The keeper of a holder's blanks."""
        return self.at(role.KEEPER, of=of)

    def go(self, **time: float) -> None:
        """Time passes."""
        self.clock[0] += timedelta(**time)

    def print(self, count: int = 1000, first: str = FIRST, edition: int = 5) -> Span:
        """Numbers come into the province."""
        start = key(first)
        made = Span(start, start + count - 1)
        movement.printed(self.at(role.SUPERVISOR, of=PROVINCE), PROVINCE, [made], edition)
        return made

    def down(self, to: str, spans: list[Span]) -> None:
        """Numbers go from the province to a holder, level by level, and are received on each."""
        path = [to]
        parents = {code: parent for code, _, _, _, parent in HOLDERS}
        while parents[path[0]] is not None:
            path.insert(0, str(parents[path[0]]))
        for one, other in pairwise(path):
            sent = movement.send(self.keeper(one), movement.OUT, one, other, spans)
            movement.receive(self.keeper(other), sent.id)

    def issue(self, number: int, asked: Application = APPLICATION, of: str = HOSPITAL) -> Certificate:
        """Written, approved and sealed by three people."""
        desk.prepare(self.at(role.CLERK, of=of), of, number, asked)
        desk.approve(self.at(role.APPROVER, of=of), number)
        return desk.seal(self.at(role.SEALER, of=of), number)


__all__ = ["APPLICATION", "BABY", "County", "application", "span"]
