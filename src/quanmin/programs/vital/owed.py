"""What holders owe by when: it begins with an act, ends with another, and shows on the boards of all levels above.

In calendar time: the card of a birth ten days after issue, a movement's registration on its own day (both of
国卫办妇幼函〔2015〕279号); a void sheet two hours after it was found (the strictest provincial rule known, of Hubei). That a
loss is told to the police in a day, to the province in three and to the public in a week, and a parcel received in three, is our
own choice. `Limits` holds them all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, case, func, insert, select, update

from quanmin.ledger.blank import HolderRow, OwedRow
from quanmin.ledger.table import DocumentRow
from quanmin.programs.vital.office import Office, below
from quanmin.text import Text

CARD, MOVEMENT, VOID, POLICE, NOTICE, WRITTEN, RECEIPT = (
    "card",
    "movement_report",
    "void_report",
    "police_report",
    "public_notice",
    "written_report",
    "receipt",
)
WHAT: dict[str, Text] = {
    CARD: Text("出生医学信息报告卡", "card of the birth"),
    MOVEMENT: Text("出入库当日上报", "same-day report of a movement"),
    VOID: Text("废证上报", "report of a void sheet"),
    POLICE: Text("遗失报警", "loss told to the police"),
    NOTICE: Text("遗失登报声明", "loss told to the public"),
    WRITTEN: Text("遗失书面报告", "loss reported in writing"),
    RECEIPT: Text("签收", "receipt of what was sent"),
}


@dataclass(frozen=True)
class Limits:
    """How long each may take; a province may be stricter."""

    card: timedelta = timedelta(days=10)
    void_report: timedelta = timedelta(hours=2)
    police_report: timedelta = timedelta(days=1)
    public_notice: timedelta = timedelta(days=7)
    written_report: timedelta = timedelta(days=3)
    receipt: timedelta = timedelta(days=3)


LIMITS = Limits()


@dataclass(frozen=True)
class Owed:
    """One thing that is owed, or was; `done` is None as long as it is."""

    document: int
    ref: str | None
    what: str
    holder: str
    title: str
    level: str
    due: datetime
    done: datetime | None

    def late(self, now: datetime) -> bool:
        """Whether it came, or is still to come, after its time."""
        return (self.done or now) > self.due

    def to_dict(self) -> dict[str, object]:
        """The JSON form; times in UTC."""
        made = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return made | {
            "due": self.due.isoformat(),
            "done": self.done and self.done.isoformat(),
            "title": WHAT[self.what].en,
        }


def end_of(office: Office, day: date) -> datetime:
    """The last moment of a day in the installation's zone."""
    return datetime.combine(day + timedelta(days=1), time(), ZoneInfo(office.settings.zone)) - timedelta(seconds=1)


def begin(
    connection: Connection, document: int, what: str, holder: str, due: datetime, done: datetime | None = None
) -> None:
    """Something is owed from now on; or was, and came at `done`, whether in time or late."""
    values = {"document": document, "what": what, "holder": holder, "due": due, "done": done}
    connection.execute(insert(OwedRow), values)


def finish(connection: Connection, document: int, what: str, at: datetime) -> None:
    """It came; what came before stays as it was."""
    query = update(OwedRow).where(OwedRow.document == document, OwedRow.what == what, OwedRow.done.is_(None))
    connection.execute(query.values(done=at))


def drop(connection: Connection, document: int, at: datetime) -> None:
    """Nothing more is owed of a document that was undone."""
    connection.execute(update(OwedRow).where(OwedRow.document == document, OwedRow.done.is_(None)).values(done=at))


def listing(
    office: Office, holder: str | None = None, *, overdue: bool = True, what: str | None = None, limit: int = 500
) -> list[Owed]:
    """What a holder and all under it owe, the most urgent first: `overdue` only, or all that is open. HolderUnknown."""
    with office.ledger.reading() as connection:
        query = _open(connection, office, holder, overdue, what)
        return [Owed(**row) for row in connection.execute(query.limit(limit)).mappings()]


def counted(office: Office, holder: str | None = None) -> list[dict[str, object]]:
    """How much is open and how much of it overdue, by holder and what: `holder`, `what`, `open`, `overdue`, `oldest`."""
    with office.ledger.reading() as connection:
        late = func.sum(case((OwedRow.due < office.now(), 1), else_=0))
        query = (
            select(OwedRow.holder, OwedRow.what, func.count(), late, func.min(OwedRow.due))
            .where(OwedRow.done.is_(None))
            .group_by(OwedRow.holder, OwedRow.what)
            .order_by(OwedRow.holder, OwedRow.what)
        )
        if holder is not None:
            query = query.where(OwedRow.holder.in_(_under(connection, office, holder)))
        rows = connection.execute(query).all()
    names = ("holder", "what", "open", "overdue", "oldest")
    return [dict(zip(names, (*row[:4], row[4].isoformat()), strict=True)) for row in rows]


def timeliness(office: Office, what: str, holders: Iterable[str] | None = None) -> tuple[int, int]:
    """How many of what came in time, of all that came or are overdue."""
    now = office.now()
    query = select(OwedRow.due, OwedRow.done).where(OwedRow.what == what)
    if holders is not None:
        query = query.where(OwedRow.holder.in_(list(holders)))
    with office.ledger.reading() as connection:
        rows = connection.execute(query).all()
    settled = [(due, done) for due, done in rows if done is not None or due < now]
    return sum(done is not None and done <= due for due, done in settled), len(settled)


def of(office: Office, document: int) -> list[Owed]:
    """What is owed, or was, for one document, the earliest first."""
    with office.ledger.reading() as connection:
        query = _rows().where(OwedRow.document == document).order_by(OwedRow.due, OwedRow.id)
        return [Owed(**row) for row in connection.execute(query).mappings()]


def _under(connection: Connection, office: Office, holder: str) -> list[str]:
    return below(connection, office.holder(connection, holder).code)


def _rows() -> Select[int, str | None, str, str, str, str, datetime, datetime | None]:
    return (
        select(
            OwedRow.document,
            DocumentRow.ref,
            OwedRow.what,
            OwedRow.holder,
            HolderRow.title,
            HolderRow.level,
            OwedRow.due,
            OwedRow.done,
        )
        .join(HolderRow, HolderRow.code == OwedRow.holder)
        .join(DocumentRow, DocumentRow.id == OwedRow.document)
    )


def _open(
    connection: Connection, office: Office, holder: str | None, overdue: bool, what: str | None
) -> Select[int, str | None, str, str, str, str, datetime, datetime | None]:
    query = _rows().where(OwedRow.done.is_(None)).order_by(OwedRow.due, OwedRow.id)
    if overdue:
        query = query.where(OwedRow.due < office.now())
    if what is not None:
        query = query.where(OwedRow.what == what)
    if holder is not None:
        query = query.where(OwedRow.holder.in_(_under(connection, office, holder)))
    return query
