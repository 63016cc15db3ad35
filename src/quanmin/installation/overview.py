"""What there is to do today, for whoever asks: what came in, what waits, what is owed, how large the store is, what rang.

Each figure is made only for those whose work it is; None says that it is not the viewer's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from quanmin.collect import listing, quality
from quanmin.collect.quality import Line
from quanmin.collect.receipt import Receipt
from quanmin.lake import Lake
from quanmin.lake.extent import extents
from quanmin.ledger.due import Due, owed
from quanmin.opendata.release.life import CHECKER, OFFICER, RELEASE
from quanmin.population import correction, letter
from quanmin.population.review import item, queue
from quanmin.trust import Actor, audit, work
from quanmin.trust.approval import SIGNERS, Desk
from quanmin.trust.colleague import Colleagues
from quanmin.trust.identity import Registry, duty

SEARCHED, WORST, URGENT = 200, 8, 8
NEAR = timedelta(days=3)
REVIEWERS = (item.REVIEWER, item.ARBITER)
_looked = WeakKeyDictionary[Lake, tuple[int, list[Line]]]()


@dataclass(frozen=True)
class Today:
    """Batches that came in since midnight of the installation's zone."""

    batches: int
    read: int
    accepted: int
    quarantined: int
    refused: int


@dataclass(frozen=True)
class Owed:
    """What is owed within three days: how much, how much of it is late, and the most urgent."""

    near: int
    late: int
    first: Sequence[Due]


@dataclass(frozen=True)
class Overview:
    """The figures of one viewer."""

    begin: bool
    today: Today | None
    sources: Sequence[Line] | None
    review: Mapping[str, int] | None
    feedback: Mapping[str, int] | None
    approvals: int | None
    releases: Mapping[str, int] | None
    owed: Owed | None
    store: Mapping[str, int] | None
    alarms: Sequence[audit.Alarm] | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        owed = self.owed and {"near": self.owed.near, "late": self.owed.late, "first": _rows(self.owed.first)}
        return {
            "begin": self.begin,
            "today": vars(self.today) if self.today else None,
            "sources": None if self.sources is None else [_line(one) for one in self.sources],
            "review": self.review,
            "feedback": self.feedback,
            "approvals": self.approvals,
            "releases": self.releases,
            "owed": owed,
            "store": self.store,
            "alarms": None if self.alarms is None else _rows(self.alarms),
        }


def overview(lake: Lake, registry: Registry, actor: Actor) -> Overview:
    """The figures of whoever asks. A look at the alarms is an entry of the audit."""
    operator, roles = actor.holds(work.OPERATOR), actor.roles
    keeps = operator or bool(roles & set(duty.ADMINISTRATORS))
    reviews = bool(roles & set(REVIEWERS)) or operator
    return Overview(
        begin=not lake.snapshot().tables,
        today=today(lake) if operator else None,
        sources=_sources(lake) if operator else None,
        review=_waiting(lake) if reviews else None,
        feedback=_feedback(lake) if operator else None,
        approvals=len(Desk(registry, lake.settings, actor).waiting()) if roles & set(SIGNERS) else None,
        releases=_releases(lake, actor) if roles & {CHECKER, OFFICER} else None,
        owed=_owed(lake, actor) if roles else None,
        store=_store(lake) if keeps else None,
        alarms=_alarms(lake, actor) if duty.AUDIT in roles else None,
    )


def today(lake: Lake) -> Today:
    """What came in since midnight."""
    zone = ZoneInfo(lake.settings.zone)
    midnight = lake.ledger.now().astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    found: list[Receipt] = []
    for number in range(1, 1 + SEARCHED):
        page = listing.listing(lake, page=number)
        own = [one for one in page.receipts if datetime.fromisoformat(one.at) >= midnight]
        found += own
        if len(own) < len(page.receipts) or number >= page.pages:
            break
    read, accepted = sum(one.read for one in found), sum(one.accepted for one in found)
    quarantined, refused = sum(one.quarantined for one in found), sum(one.state == "refused" for one in found)
    return Today(len(found), read, accepted, quarantined, refused)


def _sources(lake: Lake) -> list[Line]:
    """The sources with the highest share of refused rows; looked through once a snapshot, as every batch makes one."""
    snapshot = lake.snapshot().id
    known = _looked.get(lake)
    if known is None or known[0] != snapshot:
        known = _looked[lake] = snapshot, quality.overview(lake, SEARCHED)[:WORST]
    return known[1]


def _waiting(lake: Lake) -> dict[str, int]:
    """Items of the review queue that wait, by what they are about."""
    return {about: sum(states.get(one, 0) for one in item.WAITING) for about, states in queue.counts(lake).items()}


def _feedback(lake: Lake) -> dict[str, int]:
    """What citizens said is wrong, and letters to sources, that are not answered yet."""
    claims, letters = lake.ledger.count(correction.CORRECTION.kind), lake.ledger.count(letter.LETTER.kind)
    return {
        "claims": claims.get("asked", 0) + claims.get("sent", 0),
        "letters": letters.get("prepared", 0) + letters.get("sent", 0),
    }


def _releases(lake: Lake, actor: Actor) -> dict[str, int]:
    """Releases that wait for their check: those that the viewer may check, and his own."""
    proposed = lake.ledger.find(RELEASE.kind, states=("proposed",))
    own = sum(one.actions[0].actor == actor.id for one in proposed)
    return {"waiting": len(proposed) - own if CHECKER in actor.roles else 0, "own": own}


def _owed(lake: Lake, actor: Actor) -> Owed:
    now = lake.ledger.now()
    found = owed(lake.ledger, actor.roles, now + NEAR)
    return Owed(len(found), sum(one.due < now for one in found), found[:URGENT])


def _store(lake: Lake) -> dict[str, int]:
    found = extents(lake)
    names = ("rows", "files", "bytes")
    return {"tables": len(found)} | {name: sum(getattr(one, name) for one in found) for name in names}


def _alarms(lake: Lake, actor: Actor) -> list[audit.Alarm]:
    """What rang in the last day."""
    now = lake.ledger.now()
    found = audit.alarms(lake.ledger, now - timedelta(days=1), now, Colleagues.open(lake.ledger, lake.settings))
    audit.append(lake.ledger, "audit", actor.id, {"action": "alarms", "persons": []})
    return found


def _rows(found: Sequence[Due] | Sequence[audit.Alarm]) -> list[dict[str, Any]]:
    return [one._asdict() for one in found]


def _line(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in Line.__slots__}
