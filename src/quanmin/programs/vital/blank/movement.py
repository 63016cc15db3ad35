"""Blanks on their way: printed into a province, out one level down, returned one up, transferred beside.

Whoever sends answers for the numbers until they are received; a movement that is refused leaves them where they were.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, or_, select

from quanmin.ledger import Action, Document, Workflow, database, register
from quanmin.ledger.table import DocumentRow
from quanmin.programs.vital import edition as editions
from quanmin.programs.vital import owed
from quanmin.programs.vital.blank import span_row
from quanmin.programs.vital.errors import BadRange, HolderClosed, MovementUnknown, NotInState, ReasonUnknown, WrongWay
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.office import LEVELS, OPEN, PRINTER, Holder, Office
from quanmin.programs.vital.role import KEEPER
from quanmin.text import Text

PRINT, OUT, RETURN, TRANSFER, MERGE = "print", "out", "return", "transfer", "merge"
KINDS: dict[str, Text] = {
    PRINT: Text("印制入库", "printed"),
    OUT: Text("下发", "out"),
    RETURN: Text("退回", "return"),
    TRANSFER: Text("调剂", "transfer"),
    MERGE: Text("机构合并移交", "merger"),
}
MOVEMENT = register(
    Workflow(
        "blank_movement",
        start="sent",
        actions=[
            Action("receive", "sent", "received", by=KEEPER),
            Action("refuse", "sent", "refused", by=KEEPER, needs=("reason",)),
        ],
        words=("reason",),
    )
)
STATES: dict[str, Text] = {
    "sent": Text("在途", "on its way"),
    "received": Text("已签收", "received"),
    "refused": Text("已拒收", "refused"),
}


@dataclass(frozen=True)
class Movement:
    """A movement as it stands; `late`: registered after the day on which it was."""

    id: int
    kind: str
    state: str
    sender: str
    receiver: str
    edition: int
    spans: tuple[Span, ...]
    occurred_on: date
    reported_on: date
    by: str
    reason: str | None = None

    @property
    def quantity(self) -> int:
        """How many numbers."""
        return sum(one.size for one in self.spans)

    @property
    def late(self) -> bool:
        """Whether it was registered after its day."""
        return self.reported_on > self.occurred_on

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        made = {
            name: getattr(self, name) for name in ("id", "kind", "state", "sender", "receiver", "edition", "reason")
        }
        days = {"occurred_on": self.occurred_on.isoformat(), "reported_on": self.reported_on.isoformat()}
        return {
            **made,
            **days,
            "quantity": self.quantity,
            "late": self.late,
            "ranges": [one.to_dict() for one in self.spans],
        }


def printed(
    office: Office, province: str, spans: Sequence[Span], edition: int, occurred_on: date | None = None
) -> Movement:
    """Numbers come from the printer into a province's store.

    RoleMissing, NotYourHolder, HolderUnknown, WrongWay (no province), NumbersTaken, OtherEdition, UnknownEdition, ClockWrong.
    """
    day = occurred_on or office.today()
    office.not_after_today(day, "occurred_on")
    editions.edition(edition)
    with office.writing() as connection:
        database.lock(connection, "blank printing")
        office.require_above(connection, province)
        to = office.holder(connection, province, active=True)
        if to.level != LEVELS[0]:
            raise WrongWay(sender=PRINTER, receiver=province, action=KINDS[PRINT])
        for one in _sorted(spans):
            span_row.enter(connection, province, one, edition)
        document = _create(office, connection, PRINT, PRINTER, province, edition, spans, day)
        document = office.ledger.act(document.id, "receive", {}, office.actor.id, connection=connection)
        _reported(office, connection, document, province, day)
    return movement_of(document)


def send(
    office: Office,
    kind: str,
    sender: str,
    receiver: str,
    spans: Sequence[Span],
    edition: int | None = None,
    occurred_on: date | None = None,
) -> Movement:
    """Runs leave a holder's store: `out`, `return` or `transfer`. The receiver owes a receipt.

    NotYourHolder, WrongWay, HolderClosed, NotHeld, OnTheWay, Used, OtherEdition, ClockWrong; of several runs all go or none.
    """
    day = occurred_on or office.today()
    office.not_after_today(day, "occurred_on")
    office.require(KEEPER, sender)
    with office.writing() as connection:
        of, to = office.holder(connection, sender), office.holder(connection, receiver, active=True)
        _way(kind, of, to)
        return _leave(office, connection, kind, of, to, spans, edition, day)


def merge(office: Office, gone: str, into: str) -> list[Movement]:
    """All that a holder has left goes to the one that takes its place (a county was merged), by edition.

    Both stand under whoever acts; nothing may be on its way. OnTheWay, NotYourHolder, HolderClosed.
    """
    with office.writing() as connection:
        office.require_above(connection, gone)
        office.require_above(connection, into)
        of, to = office.holder(connection, gone), office.holder(connection, into, active=True)
        if of.code == to.code or of.level != to.level:
            raise WrongWay(sender=gone, receiver=into, action=KINDS[MERGE])
        moved: dict[int, list[Span]] = defaultdict(list)
        for edition, one in span_row.free(connection, gone):
            moved[edition].append(one)
        return [_merged(office, connection, of, to, edition, spans) for edition, spans in moved.items()]


def _merged(
    office: Office, connection: Connection, of: Holder, to: Holder, edition: int, spans: list[Span]
) -> Movement:
    for one in spans:
        span_row.take(connection, of.code, one, edition)
    document = _create(office, connection, MERGE, of.code, to.code, edition, spans, office.today())
    span_row.send(connection, spans, document.id)
    span_row.arrive(connection, document.id, to.code)
    document = office.ledger.act(document.id, "receive", {}, office.actor.id, connection=connection)
    _reported(office, connection, document, of.code, office.today())
    return movement_of(document)


def receive(office: Office, movement: int, spans: Sequence[Span] | None = None) -> Movement:
    """The receiver counted and has them; `spans`, where given, must be what was sent. BadRange, NotInState, NotYourHolder."""
    return _answer(office, movement, "receive", {}, spans)


def refuse(office: Office, movement: int, reason: str) -> Movement:
    """They go back into the sender's store. NotInState, NotYourHolder."""
    return _answer(office, movement, "refuse", {"reason": reason}, None)


def get(office: Office, movement: int) -> Movement:
    """One movement. MovementUnknown."""
    with office.ledger.reading() as connection:
        return movement_of(_document(office, connection, movement))


def listing(office: Office, holder: str, states: Sequence[str] = (), limit: int = 200) -> list[Movement]:
    """Movements from or to a holder, the newest first."""
    with office.ledger.reading() as connection:
        office.holder(connection, holder)
        sides = or_(DocumentRow.ref.startswith(f"{holder}>"), DocumentRow.ref.endswith(f">{holder}"))
        query = select(DocumentRow.id).where(DocumentRow.kind == MOVEMENT.kind, sides)
        if states:
            query = query.where(DocumentRow.state.in_(states))
        numbers = list(connection.execute(query.order_by(DocumentRow.id.desc()).limit(limit)).scalars())
        found = office.ledger.several(numbers, connection)
    return [movement_of(one) for one in reversed(found)]


def _way(kind: str, of: Holder, to: Holder) -> None:
    """WrongWay unless the two stand as the kind says; nothing but a return leaves one that stopped."""
    stands = {
        OUT: to.parent == of.code,
        RETURN: of.parent == to.code,
        TRANSFER: of.parent == to.parent and of.level == to.level and of.code != to.code,
    }
    if kind not in stands:
        raise ReasonUnknown(reason=kind, known=", ".join(stands))
    if not stands[kind]:
        raise WrongWay(sender=of.code, receiver=to.code, action=KINDS[kind])
    if of.state != OPEN and kind != RETURN:
        raise HolderClosed(holder=of.code)


def _leave(
    office: Office,
    connection: Connection,
    kind: str,
    of: Holder,
    to: Holder,
    spans: Sequence[Span],
    edition: int | None,
    day: date,
) -> Movement:
    found: int | None = edition
    ordered = _sorted(spans)
    for one in ordered:
        found = span_row.take(connection, of.code, one, found)
    document = _create(office, connection, kind, of.code, to.code, int(found or 0), ordered, day)
    span_row.send(connection, ordered, document.id)
    _reported(office, connection, document, of.code, day)
    limit = owed.end_of(office, day) + owed.LIMITS.receipt
    owed.begin(connection, document.id, owed.RECEIPT, to.code, limit)
    return movement_of(document)


def _answer(office: Office, movement: int, action: str, data: dict[str, str], spans: Sequence[Span] | None) -> Movement:
    with office.writing() as connection:
        before = _document(office, connection, movement, lock=True)
        told = movement_of(before)
        office.require(KEEPER, told.receiver)
        if before.state != "sent":
            raise NotInState(number=str(movement), state=STATES[before.state], action=action)
        if spans is not None and _sorted(spans) != list(told.spans):
            raise BadRange(first=str(told.spans[0]), last=str(told.spans[-1]))
        if action == "receive":
            office.holder(connection, told.receiver, active=True)
        after = office.ledger.act(movement, action, data, office.actor.id, connection=connection)
        span_row.arrive(connection, movement, told.receiver if action == "receive" else told.sender)
        owed.finish(connection, movement, owed.RECEIPT, office.now())
    return movement_of(after)


def _document(office: Office, connection: Connection, movement: int, lock: bool = False) -> Document:
    if lock:
        database.lock(connection, f"movement {movement}")
    found = office.ledger.several([movement], connection)
    if not found or found[0].kind != MOVEMENT.kind:
        raise MovementUnknown(movement=movement)
    return found[0]


def _create(
    office: Office,
    connection: Connection,
    kind: str,
    sender: str,
    receiver: str,
    edition: int,
    spans: Sequence[Span],
    day: date,
) -> Document:
    data = {"kind": kind, "sender": sender, "receiver": receiver, "edition": edition}
    data |= {"spans": [list(one) for one in _sorted(spans)]}
    data |= {"occurred_on": day.isoformat(), "reported_on": office.reported_on().isoformat()}
    return office.ledger.create(MOVEMENT.kind, f"{sender}>{receiver}", data, office.actor.id, connection)


def _reported(office: Office, connection: Connection, document: Document, holder: str, day: date) -> None:
    """What is registered here is reported by it: on its day, or late."""
    owed.begin(connection, document.id, owed.MOVEMENT, holder, owed.end_of(office, day), office.now())


def _sorted(spans: Sequence[Span]) -> list[Span]:
    """In order and apart; BadRange where two share a number, or there is none."""
    ordered = sorted(spans)
    if not ordered:
        raise BadRange(first="-", last="-")
    for one, other in pairwise(ordered):
        if other.first <= one.last:
            raise BadRange(first=str(one), last=str(other))
    return ordered


def movement_of(document: Document) -> Movement:
    """A document as a movement."""
    data = document.data
    return Movement(
        id=document.id,
        kind=data["kind"],
        state=document.state,
        sender=data["sender"],
        receiver=data["receiver"],
        edition=int(data["edition"]),
        spans=tuple(Span(*one) for one in data["spans"]),
        occurred_on=date.fromisoformat(data["occurred_on"]),
        reported_on=date.fromisoformat(data["reported_on"]),
        by=document.actions[0].actor,
        reason=data.get("reason"),
    )


def plan(office: Office, holder: str, births_last_year: int, share: int = 120) -> int:
    """How many blanks a holder may ask for a year: `share` percent of last year's live births, less its stock (Jiangxi)."""
    with office.ledger.reading() as connection:
        office.holder(connection, holder)
        stock = sum(one.size for _, one in span_row.free(connection, holder))
    return max(0, -(-births_last_year * share // 100) - stock)
