"""Where somebody acts: the ledger, the day, and who it is, for which holder of blanks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, bindparam, select

from quanmin.ledger import Ledger
from quanmin.ledger.blank import HolderRow
from quanmin.programs.vital.errors import ClockWrong, HolderClosed, HolderUnknown, NotYourHolder, SamePerson
from quanmin.programs.vital.role import KEEPER, ROLES, SEALER, SUPERVISOR
from quanmin.settings import Settings
from quanmin.trust import Actor, Pseudonyms, local_administrator, work

NEWBORN = "birth_certificate"
"""Whose key makes the digests by which newborns and mothers are told apart."""
PRINTER = "printer"
"""What stands above the provinces: blanks come from there."""
LEVELS = ("province", "city", "county", "institution")
OPEN, CLOSING, CLOSED = "open", "closing", "closed"
_HOLDER = select(HolderRow.__table__).where(HolderRow.code == bindparam("holder"))


@dataclass(frozen=True)
class Holder:
    """An authority or institution that may hold blanks; `births`: it issues, `home_births`: for those born at home too."""

    code: str
    title: str
    level: str
    region: str
    parent: str | None
    state: str
    births: bool
    home_births: bool
    document: int

    def to_dict(self) -> dict[str, object]:
        """The JSON form."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "document"}


@dataclass(frozen=True)
class Office:
    """The ledger with whoever acts in it. `settings` gives the zone of days and the keys.

    `on` is the day of acts that are told later than they were (an institution without a line). With `connection` several acts are
    one transaction.
    """

    ledger: Ledger
    settings: Settings
    actor: Actor = field(default_factory=local_administrator)
    on: date | None = None
    connection: Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """The transaction under way, or one of its own."""
        if self.connection is not None:
            yield self.connection
            return
        with self.ledger.writing() as own:
            yield own

    @cached_property
    def digests(self) -> Pseudonyms:
        """What stands for newborns and mothers in the ledger's rows: always with the first key, or one newborn would be two."""
        return Pseudonyms.open(self.settings, NEWBORN, version=1)

    def now(self) -> datetime:
        """The moment, UTC."""
        return self.ledger.now()

    def today(self) -> date:
        """The day of the act, in the installation's zone."""
        return self.on or self.reported_on()

    def reported_on(self) -> date:
        """The day on which it is told."""
        return self.now().astimezone(ZoneInfo(self.settings.zone)).date()

    def not_after_today(self, day: date, name: str) -> None:
        """ClockWrong for a day that has not come yet."""
        if day > self.reported_on():
            raise ClockWrong(field=name)

    def holder(self, connection: Connection, code: str, active: bool = False) -> Holder:
        """A holder by its code; HolderUnknown, and HolderClosed for one that stopped where it must be `active`."""
        row = connection.execute(_HOLDER, {"holder": code}).mappings().one_or_none()
        if row is None:
            raise HolderUnknown(holder=code)
        if active and row["state"] != OPEN:
            raise HolderClosed(holder=code)
        return Holder(**row)

    def require(self, role: str, holder: str | None = None) -> None:
        """Whoever acts holds the role and acts for its own holder. RoleMissing, NotYourHolder, SamePerson.

        The local administrator, who is there as long as there are no accounts, acts for all. Blanks and seals are kept by
        different people: an actor with both posts does neither.
        """
        work.require(self.ledger, self.actor, role)
        if self.actor == local_administrator():
            return
        if role in (KEEPER, SEALER) and {KEEPER, SEALER} <= self.actor.roles:
            raise SamePerson(duty=ROLES[KEEPER], other=ROLES[SEALER])
        if holder is not None and self.actor.organisation != holder:
            raise NotYourHolder(holder=holder)

    def require_above(self, connection: Connection, holder: str) -> None:
        """Whoever acts is the authority over a holder, or itself. RoleMissing, NotYourHolder."""
        work.require(self.ledger, self.actor, SUPERVISOR)
        if self.actor != local_administrator() and self.actor.organisation not in above(connection, holder):
            raise NotYourHolder(holder=holder)

    def require_other(self, duty: str, other: str, who: str) -> None:
        """SamePerson where the actor is `who` did `other` before."""
        if self.actor != local_administrator() and self.actor.id == who:
            raise SamePerson(duty=ROLES[duty], other=ROLES[other])


def above(connection: Connection, code: str) -> list[str]:
    """The holder and those above it, up to the province."""
    found: list[str] = []
    at: str | None = code
    while at is not None and at not in found:
        found.append(at)
        at = connection.execute(select(HolderRow.parent).where(HolderRow.code == at)).scalar_one_or_none()
    return found


def below(connection: Connection, code: str) -> list[str]:
    """The holder and all those under it."""
    tree = select(HolderRow.code).where(HolderRow.code == code).cte(recursive=True)
    tree = tree.union_all(select(HolderRow.code).where(HolderRow.parent == tree.c.code))
    return list(connection.execute(select(tree.c.code)).scalars())
