"""Ranges in the ledger: taking a run of numbers out of what a holder has, whole and unused, and giving it to another."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from quanmin.ledger import database
from quanmin.ledger.blank import BlankRangeRow, BlankUseRow
from quanmin.programs.vital import number
from quanmin.programs.vital.errors import NotHeld, NumbersTaken, OnTheWay, OtherEdition, Used
from quanmin.programs.vital.number import Span
from quanmin.text import Text

_SHEET = (
    select(BlankRangeRow.holder, BlankRangeRow.edition, BlankRangeRow.movement, BlankUseRow.state)
    .outerjoin(BlankUseRow, BlankUseRow.number == bindparam("sheet"))
    .where(BlankRangeRow.first <= bindparam("sheet"), BlankRangeRow.last >= bindparam("sheet"))
)
USES: dict[str, Text] = {
    "bound": Text("用于签发", "written on"),
    "void": Text("作废", "void"),
    "lost": Text("报失", "reported lost"),
    "destroyed": Text("销毁", "destroyed"),
}


def overlapping(connection: Connection, span: Span) -> list[Row[tuple[int, int, int, str, int | None]]]:
    """The ranges that have numbers of a run, in order."""
    query = (
        select(
            BlankRangeRow.first, BlankRangeRow.last, BlankRangeRow.edition, BlankRangeRow.holder, BlankRangeRow.movement
        )
        .where(BlankRangeRow.first <= span.last, BlankRangeRow.last >= span.first)
        .order_by(BlankRangeRow.first)
    )
    return list(connection.execute(query))


class Sheet(NamedTuple):
    """One number: who has it, of which edition, in which movement if it is on its way, and what became of it."""

    holder: str
    edition: int
    movement: int | None
    state: str | None


def sheet(connection: Connection, one: int) -> Sheet | None:
    """A number; None for one that was never printed."""
    row = connection.execute(_SHEET, {"sheet": one}).one_or_none()
    return None if row is None else Sheet(*row)


def lock(holder: str) -> str:
    """The name to wait for until nobody else divides what a holder has: the rows go, so that locking them is not enough."""
    return f"blanks of {holder}"


def enter(connection: Connection, holder: str, span: Span, edition: int) -> None:
    """Numbers that nobody had before. NumbersTaken, OtherEdition (a letter is of one edition)."""
    if overlapping(connection, span):
        raise NumbersTaken(span=span)
    letter = number.letter(span.first)
    block = Span(number.key(f"{letter}000000000"), number.key(f"{letter}999999999"))
    query = (
        select(BlankRangeRow.edition)
        .where(BlankRangeRow.first.between(*block), BlankRangeRow.edition != edition)
        .limit(1)
    )
    other = connection.execute(query).scalar_one_or_none()
    if other is not None:
        raise OtherEdition(number=number.text(span.first), is_edition=other, edition=edition)
    values = {"first": span.first, "last": span.last, "edition": edition, "holder": holder, "movement": None}
    connection.execute(insert(BlankRangeRow).values(values))


def take(connection: Connection, holder: str, span: Span, edition: int | None = None) -> int:
    """Make a run, whole and unused, a row of its own among what `holder` has; its edition.

    NotHeld, OnTheWay, OtherEdition, Used.
    """
    database.lock(connection, lock(holder))
    rows = overlapping(connection, span)
    _held(rows, holder, span)
    found = rows[0].edition
    for row in rows:
        wanted = found if edition is None else edition
        if row.edition != wanted:
            raise OtherEdition(number=number.text(max(row.first, span.first)), is_edition=row.edition, edition=wanted)
    _unused(connection, span)
    _carve(connection, rows, span)
    return int(found)


def _held(rows: list[Row[tuple[int, int, int, str, int | None]]], holder: str, span: Span) -> None:
    at = span.first
    for row in rows:
        if row.first > at or row.holder != holder:
            raise NotHeld(holder=holder, span=span)
        if row.movement is not None:
            raise OnTheWay(span=span)
        at = row.last + 1
    if at <= span.last:
        raise NotHeld(holder=holder, span=span)


def _unused(connection: Connection, span: Span) -> None:
    query = select(BlankUseRow.number, BlankUseRow.state).where(BlankUseRow.number.between(*span))
    used = connection.execute(query.order_by(BlankUseRow.number).limit(1)).first()
    if used is not None:
        raise Used(number=number.text(used.number), state=USES[used.state])


def _carve(connection: Connection, rows: list[Row[tuple[int, int, int, str, int | None]]], span: Span) -> None:
    connection.execute(delete(BlankRangeRow).where(BlankRangeRow.first.in_([row.first for row in rows])))
    first, last = rows[0], rows[-1]
    parts = [(span.first, span.last)]
    if first.first < span.first:
        parts.append((first.first, span.first - 1))
    if last.last > span.last:
        parts.append((span.last + 1, last.last))
    values = [
        {"first": one, "last": other, "edition": first.edition, "holder": first.holder, "movement": None}
        for one, other in parts
    ]
    connection.execute(insert(BlankRangeRow), values)


def send(connection: Connection, spans: list[Span], movement: int) -> None:
    """Runs that were taken are on their way."""
    connection.execute(
        update(BlankRangeRow).where(BlankRangeRow.first.in_([one.first for one in spans])).values(movement=movement)
    )


def arrive(connection: Connection, movement: int, holder: str) -> None:
    """What was on its way has a holder again."""
    connection.execute(
        update(BlankRangeRow).where(BlankRangeRow.movement == movement).values(movement=None, holder=holder)
    )


def free(connection: Connection, holder: str, edition: int | None = None) -> list[tuple[int, Span]]:
    """What a holder has and has not used: editions with runs of numbers, in order; what is on its way is left out."""
    query = (
        select(BlankRangeRow.edition, BlankRangeRow.first, BlankRangeRow.last)
        .where(BlankRangeRow.holder == holder, BlankRangeRow.movement.is_(None))
        .order_by(BlankRangeRow.edition, BlankRangeRow.first)
    )
    if edition is not None:
        query = query.where(BlankRangeRow.edition == edition)
    made: list[tuple[int, Span]] = []
    for of, first, last in connection.execute(query).all():
        used = select(BlankUseRow.number).where(BlankUseRow.number.between(first, last)).order_by(BlankUseRow.number)
        at = first
        for taken in connection.execute(used).scalars():
            if taken > at:
                made.append((of, Span(at, taken - 1)))
            at = taken + 1
        if at <= last:
            made.append((of, Span(at, last)))
    return made


def counts(connection: Connection, holders: list[str] | None = None) -> dict[tuple[str, int], dict[str, int]]:
    """By holder and edition: `held` (all numbers that came to it and did not go), of which `moving` and each use."""
    length = func.sum(BlankRangeRow.last - BlankRangeRow.first + 1)
    query = select(BlankRangeRow.holder, BlankRangeRow.edition, BlankRangeRow.movement.is_not(None), length)
    query = query.group_by(BlankRangeRow.holder, BlankRangeRow.edition, BlankRangeRow.movement.is_not(None))
    used = select(BlankUseRow.holder, BlankUseRow.edition, BlankUseRow.state, func.count())
    used = used.group_by(BlankUseRow.holder, BlankUseRow.edition, BlankUseRow.state)
    if holders is not None:
        query, used = query.where(BlankRangeRow.holder.in_(holders)), used.where(BlankUseRow.holder.in_(holders))
    made: dict[tuple[str, int], dict[str, int]] = {}
    for holder, edition, moving, count in connection.execute(query):
        own = made.setdefault((holder, edition), {"held": 0, "moving": 0, **dict.fromkeys(USES, 0)})
        own["held"] += int(count)
        own["moving"] += int(count) if moving else 0
    for holder, edition, state, count in connection.execute(used):
        made.setdefault((holder, edition), {"held": 0, "moving": 0, **dict.fromkeys(USES, 0)})[state] += int(count)
    return made
