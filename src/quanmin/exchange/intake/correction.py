"""How far errors that were told are corrected: per case, with the day by which an answer is owed, and per agreement."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from quanmin.exchange.delivery.outbox import Home
from quanmin.exchange.intake import case
from quanmin.ledger import Document
from quanmin.population.build import ANSWER

COUNTS = ("open", "corrected", "disputed", "upheld", "closed")
"""An error that was told stands; stands until the base is built again though its row was replaced; is disputed; was found to
be none; or is gone."""


@dataclass(frozen=True)
class Progress:
    """Where the errors of one feedback stand.

    `more` is how many others the delivery had that were not told then. `due` is when an answer is owed, of a case that is open.
    """

    case: int
    agreement: str
    member: str
    dataset: str
    answers: str
    feedback: str | None
    state: str
    told: int
    more: int
    open: int
    corrected: int
    disputed: int
    upheld: int
    closed: int
    due: datetime | None
    overdue: bool

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self) | {"due": self.due and self.due.isoformat(timespec="seconds")}


def progress(home: Home, agreement: str | None = None, answers: str | None = None) -> list[Progress]:
    """Every case, of one agreement or about one delivery where that is asked, the oldest first."""
    with home.ledger.reading() as connection:
        every = home.ledger.find(case.CASE.kind, ref=answers, connection=connection)
        found = [one for one in every if agreement is None or one.data["agreement"] == agreement]
        counts, now = case.counts(connection, found), home.ledger.now()
    return [_progress(one, counts[one.id], now) for one in found]


def _progress(one: Document, counted: dict[str, int], now: datetime) -> Progress:
    due = ANSWER.after(one.since) if one.state == "open" else None
    told = int(one.data["told"])
    numbers = {name: counted.get(name, 0) for name in COUNTS}
    if not counted and one.state != "lapsed":
        numbers["open"] = told
    return Progress(
        case=one.id,
        agreement=one.data["agreement"],
        member=one.data["member"],
        dataset=one.data["dataset"],
        answers=str(one.ref),
        feedback=one.data.get("delivery"),
        state=one.state,
        told=told,
        more=int(one.data.get("more", 0)),
        due=due,
        overdue=due is not None and due < now,
        **numbers,
    )


def by_agreement(found: list[Progress]) -> dict[str, dict[str, int]]:
    """The sums of each agreement; cases that were not delivered count nothing."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("cases", "told", *COUNTS, "overdue"), 0))
    for one in found:
        if one.state != "lapsed":
            own = sums[one.agreement]
            own["cases"] += 1
            own["overdue"] += one.overdue
            for name in ("told", *COUNTS):
                own[name] += getattr(one, name)
    return dict(sums)
