"""Work by the clock: a kind of work every hour, day or week at a time of the installation's zone.

A schedule is a document; the moment that was served last stands beside it, so that each moment is served once, by one server, and
one that was missed while no server ran is served once afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from quanmin.errors import QuanminError
from quanmin.jobs.errors import NoSuchSchedule, NotScheduled
from quanmin.jobs.job import JOB, standing
from quanmin.jobs.kind import KINDS, kind, require
from quanmin.jobs.queue import about
from quanmin.lake import Lake
from quanmin.ledger import Action, Document, Workflow, database, register
from quanmin.ledger.errors import UnknownDocument
from quanmin.ledger.progress import Told, tell, told
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor
from quanmin.trust.identity import Registry

Every = Literal["hour", "day", "week"]
EVERY: dict[Every, Text] = {
    "hour": Text("每小时", "every hour"),
    "day": Text("每天", "every day"),
    "week": Text("每周", "every week"),
}
DAYS = (
    Text("周一", "Monday"),
    Text("周二", "Tuesday"),
    Text("周三", "Wednesday"),
    Text("周四", "Thursday"),
    Text("周五", "Friday"),
    Text("周六", "Saturday"),
    Text("周日", "Sunday"),
)
_STEP: dict[Every, timedelta] = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}

SCHEDULE = register(Workflow("schedule", start="active", actions=[Action("stop", "active", "stopped")]))


@dataclass(frozen=True)
class Plan:
    """When: at a minute of every hour, a time of every day, or a time of one day (0 is Monday) of every week."""

    every: Every
    hour: int = 0
    minute: int = 0
    day: int = 0

    def checked(self) -> Plan:
        """The same; NotScheduled where it is no time."""
        bounds = {"hour": 23, "minute": 59, "day": 6}
        wrong = [name for name, most in bounds.items() if not 0 <= getattr(self, name) <= most]
        wrong += ["every"] if self.every not in get_args(Every) else []
        if wrong:
            raise NotScheduled(names=", ".join(wrong))
        return self

    def latest(self, now: datetime, zone: str) -> datetime:
        """The last moment up to `now` (UTC)."""
        place = ZoneInfo(zone)
        local = now.astimezone(place).replace(tzinfo=None)
        moment = local.replace(minute=self.minute, second=0, microsecond=0)
        if self.every != "hour":
            moment = moment.replace(hour=self.hour)
        if self.every == "week":
            moment -= timedelta(days=(moment.weekday() - self.day) % 7)
        if moment > local:
            moment -= _STEP[self.every]
        return moment.replace(tzinfo=place).astimezone(UTC)

    def next(self, now: datetime, zone: str) -> datetime:
        """The first moment after `now` (UTC)."""
        return self.latest(now + _STEP[self.every], zone)

    @property
    def words(self) -> Text:
        """When, in words."""
        clock = f"{self.hour:02d}:{self.minute:02d}"
        if self.every == "hour":
            return Text(f"每小时第 {self.minute} 分", f"every hour at minute {self.minute}")
        if self.every == "day":
            return Text(f"每天 {clock}", f"every day at {clock}")
        return Text(f"每{DAYS[self.day].zh} {clock}", f"every {DAYS[self.day].en} at {clock}")


@dataclass(frozen=True)
class Schedule:
    """A schedule as it stands: what is done when, on whose behalf; the moment served last and the next one.

    `error` is why it was stopped, where the right of whoever made it ended.
    """

    schedule: int
    kind: str
    title: Text
    plan: Plan
    parameters: Mapping[str, Any]
    by: str
    state: str
    at: datetime
    last: datetime | None
    next: datetime | None
    error: Mapping[str, Any] | None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self) | {"title": self.title, "when": self.plan.words}


def add(lake: Lake, actor: Actor, name: str, plan: Plan, parameters: Mapping[str, Any] | None = None) -> Schedule:
    """Have work done by the clock. UnknownKind, RoleMissing, BadParameter, NotScheduled."""
    known = kind(name)
    require(lake, actor, known)
    if not known.by_clock:
        raise NotScheduled(names="kind")
    data = about(lake, actor, known, parameters or {}) | {"plan": asdict(plan.checked())}
    return _of(lake.ledger.create(SCHEDULE.kind, known.name, data, actor.id), None, lake.ledger.now(), lake.settings)


def stop(lake: Lake, actor: Actor, number: int) -> Schedule:
    """Stop a schedule: the work of whoever may do what it does. NoSuchSchedule, RoleMissing, IllegalAction."""
    require(lake, actor, kind(_document(lake, number).data["kind"]))
    lake.ledger.act(number, "stop", {}, actor.id)
    return next(one for one in schedules(lake, stopped=True) if one.schedule == number)


def schedules(lake: Lake, stopped: bool = False) -> list[Schedule]:
    """Those that run, the oldest first; with `stopped` all of them."""
    documents = lake.ledger.find(SCHEDULE.kind, states=SCHEDULE.states if stopped else ("active",))
    with lake.ledger.reading() as connection:
        known = told(connection, [one.id for one in documents])
    return [_of(one, known.get(one.id), lake.ledger.now(), lake.settings) for one in documents]


def serve(lake: Lake, registry: Registry) -> int:
    """Queue what is due; how many jobs."""
    return sum(_serve(lake, registry, one) for one in schedules(lake) if _due(one, lake) and one.kind in KINDS)


def _serve(lake: Lake, registry: Registry, due: Schedule) -> bool:
    document = _document(lake, due.schedule)
    try:
        actor = standing(registry, document)
        require(lake, actor, kind(due.kind))
    except QuanminError as error:
        if error.category == "denied":
            lake.ledger.act(due.schedule, "stop", {"error": error.to_dict()})
        return False
    now, zone = lake.ledger.now(), lake.settings.zone
    with lake.ledger.writing() as connection:
        database.lock(connection, "schedules")
        before = told(connection, [due.schedule]).get(due.schedule)
        waiting = lake.ledger.find(JOB.kind, ref=due.kind, state="queued", connection=connection)
        same = any(one.data.get("schedule") == due.schedule for one in waiting)
        if same or not _due(_of(document, before, now, lake.settings), lake):
            return False
        tell(connection, due.schedule, {"moment": due.plan.latest(now, zone).isoformat()}, now)
        data = {name: document.data[name] for name in ("kind", "parameters", "owner")} | {"schedule": due.schedule}
        lake.ledger.create(JOB.kind, due.kind, data, actor.id, connection)
    return True


def _due(schedule: Schedule, lake: Lake) -> bool:
    moment = schedule.plan.latest(lake.ledger.now(), lake.settings.zone)
    return moment > (schedule.last or schedule.at)


def _of(document: Document, known: Told | None, now: datetime, settings: Settings) -> Schedule:
    data, plan = document.data, Plan(**document.data["plan"])
    title = KINDS[data["kind"]].title if data["kind"] in KINDS else Text(data["kind"], data["kind"])
    return Schedule(
        document.id,
        data["kind"],
        title,
        plan,
        data["parameters"],
        data["owner"]["id"],
        document.state,
        document.at,
        datetime.fromisoformat(known.data["moment"]) if known is not None else None,
        plan.next(now, settings.zone) if document.state == "active" else None,
        data.get("error"),
    )


def _document(lake: Lake, number: int) -> Document:
    try:
        return lake.ledger.get(number, kinds=(SCHEDULE.kind,))
    except UnknownDocument:
        raise NoSuchSchedule(schedule=number) from None
