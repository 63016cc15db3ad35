"""A base with something to decide: a record that fits two people, a contested number, one person with two numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from quanmin import trust
from quanmin.population import linkage
from quanmin.population.review import item, queue, verdict
from quanmin.population.tables import PERSON
from quanmin.standards.identity import citizen_number

REASON = "核对了户口簿"


def person(day: dt.date, name: str, order: int = 12, region: str = "130224", **more: Any) -> dict[str, Any]:
    """A row of somebody, with number, name, sex and birth date that fit together."""
    first17 = f"{region}{day:%Y%m%d}{order:03}"
    number = first17 + citizen_number.check_character(first17)
    return {"number": number, "name": name, "birth_date": day, "sex": "2" if order % 2 == 0 else "1", **more}


def key(row: dict[str, Any]) -> int:
    return int(row["number"][:17])


DAY = dt.date(1971, 3, 7)
LI = person(DAY, "李晓明", 12, birth_place="130224")
LI_AGAIN = person(DAY, "李晓明", 14, birth_place="130224")
"""The same man under a number one digit away."""
ELSEWHERE = person(dt.date(1960, 5, 5), "王峰", 11, birth_place="130224")
OTHER_NUMBER = person(dt.date(1960, 5, 5), "王峯", 331, "440524", birth_place="130224")
"""The same man under a number far away, known to the register only."""
ZHAO = person(dt.date(1980, 1, 1), "赵一", 21)
RIVAL = {**ZHAO, "name": "钱二"}
CROWD = [person(dt.date(1950 + i, 1 + i % 12, 1 + i % 28), f"{'孙周吴郑'[i % 4]}{chr(0x4E50 + i)}") for i in range(24)]


class Desk:
    """The queue of an office, and its reviewers."""

    def __init__(self, office: Any) -> None:
        self.office, self.lake = office, office.lake

    def decision(self, actor: str = "first", *roles: str) -> trust.Decision:
        """A reviewer's decision on the base; an administrator unless roles are given."""
        made = trust.Actor(actor, frozenset(roles or {"administrator"}), region="000000", assurance=2, mfa=True)
        return trust.decide(self.lake.ledger, made, "supervision", PERSON, ("person_key",))

    def decide(self, review: int, answer: str = "same", actor: str = "first", reason: str = REASON, **more: Any) -> Any:
        """An opinion on an item."""
        return verdict.decide(self.lake, self.decision(actor), review, answer, reason, **more)

    def undo(self, review: int, actor: str = "first") -> Any:
        """A decision taken back."""
        return verdict.undo(self.lake, self.decision(actor), review, REASON)

    def items(self, about: str, *states: str) -> list[dict[str, Any]]:
        """The items of a kind that wait, or those in some states."""
        return queue.listing(self.lake, [about], states or item.WAITING)  # type: ignore[list-item]

    def one(self, about: str) -> int:
        """The only item of a kind that waits."""
        [found] = self.items(about)
        return int(found["review"])

    def double(self, left: dict[str, Any], right: dict[str, Any]) -> int:
        """The item about two people."""
        pair = sorted((key(left), key(right)))
        found = [one["review"] for one in self.items("double")]
        [review] = [one for one in found if item.people(self.lake.ledger.get(one).data) == pair]
        return int(review)

    def links(self) -> dict[tuple[str, int, int], tuple[str, int]]:
        """Decision and person of every link, after linking anew."""
        linkage.link(self.lake)
        with self.lake.session("linkage") as session:
            rows = session.connection.sql(
                f"SELECT dataset, _batch, _row, decision, person_key FROM {session.relation('linked.link')}"
            ).fetchall()
        found = {(dataset, batch, row): (decision, person) for dataset, batch, row, decision, person in rows}
        assert len(found) == len(rows), "a record has two links"
        return found


@pytest.fixture
def sampling(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Whether items get a second opinion: all or none."""
    return lambda always: monkeypatch.setattr(item, "SAMPLE", 1 if always else 10**12)


@pytest.fixture
def desk(office: Any, sampling: Callable[[bool], None]) -> Desk:
    """A built base; nothing is in the sample."""
    sampling(False)
    office.send(office.bench, *CROWD, LI, LI_AGAIN, ELSEWHERE, OTHER_NUMBER, ZHAO)
    office.send(office.bench, RIVAL)
    office.send(office.whole, *CROWD, LI, LI, ELSEWHERE, LI_AGAIN)
    office.build()
    return Desk(office)


@pytest.fixture
def queued(desk: Desk) -> Desk:
    """The same with the questions gathered, without links."""
    queue.gather(desk.lake)
    return desk
