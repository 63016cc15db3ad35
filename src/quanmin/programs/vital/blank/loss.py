"""Blanks that will never be issued: void ones and their destruction, lost ones with the steps that a loss needs.

Void sheets are kept apart until two people destroy them; records stay for ever. What was reported lost is never issued, even when
it is found again: it is then void.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from quanmin.ledger import Action, Document, Workflow, database, register
from quanmin.ledger.blank import BlankUseRow
from quanmin.programs.vital import owed
from quanmin.programs.vital.blank import span_row
from quanmin.programs.vital.errors import ClockWrong, MovementUnknown, NotInState, ReasonUnknown, TooEarly
from quanmin.programs.vital.number import Span, spans, text
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.role import KEEPER, SUPERVISOR
from quanmin.text import Text

MANY = 10_000
"""Numbers that one act makes void or lost at most."""
VOID = register(Workflow("blank_void", start="void", actions=[], words=("remark",)))
VOID_REASONS: dict[str, Text] = {
    "damaged": Text("污损", "damaged"),
    "misprinted": Text("打印错误未签发", "misprinted, not issued"),
    "superseded": Text("旧版停用", "superseded edition"),
    "unused": Text("逾期未用", "unused past its date"),
    "found": Text("报失后找回", "found after it was reported lost"),
}
LOSS = register(
    Workflow(
        "blank_loss",
        start="lost",
        actions=[
            Action("police", "lost", "told_police", by=KEEPER, needs=("receipt",)),
            Action("notice", "told_police", "announced", by=KEEPER, needs=("newspaper",)),
            Action("write", "announced", "settled", by=KEEPER, needs=("letter",)),
            Action("find", ("lost", "told_police", "announced", "settled"), "found", by=KEEPER),
        ],
        words=("remark", "receipt", "newspaper", "letter"),
    )
)
LOSS_STATES: dict[str, Text] = {
    "lost": Text("已报失", "reported lost"),
    "told_police": Text("已报警", "told to the police"),
    "announced": Text("已登报", "told to the public"),
    "settled": Text("已书面报告", "reported in writing"),
    "found": Text("已找回", "found"),
}
_STEPS = {"police": owed.POLICE, "notice": owed.NOTICE, "write": owed.WRITTEN}
DESTRUCTION = register(
    Workflow(
        "blank_destruction",
        start="proposed",
        actions=[
            Action("confirm", "proposed", "done", by=SUPERVISOR),
            Action("withdraw", "proposed", "withdrawn", by=SUPERVISOR),
        ],
        words=("remark",),
    )
)


def void(
    office: Office, holder: str, span: Span, reason: str, found_at: datetime | None = None, remark: str = ""
) -> Document:
    """Blanks are void from now on. `found_at` is when it was noticed; told more than two hours later is late.

    NotYourHolder, NotHeld, OnTheWay, Used, ReasonUnknown, ClockWrong.
    """
    if reason not in VOID_REASONS or reason == "found":
        raise ReasonUnknown(reason=reason, known=", ".join(name for name in VOID_REASONS if name != "found"))
    at = _noticed(office, found_at)
    office.require(KEEPER, holder)
    with office.writing() as connection:
        data = {"holder": holder, "spans": [list(span)], "reason": reason, "remark": remark, "found_at": at.isoformat()}
        document = office.ledger.create(VOID.kind, holder, data, office.actor.id, connection)
        use(office, connection, holder, span, "void", document.id)
        owed.begin(connection, document.id, owed.VOID, holder, at + owed.LIMITS.void_report, office.now())
    return document


def lose(office: Office, holder: str, span: Span, found_at: datetime | None = None, remark: str = "") -> Document:
    """Blanks are gone: nobody issues them from now on, and the steps of a loss are owed. NotHeld, OnTheWay, Used, ClockWrong."""
    at = _noticed(office, found_at)
    office.require(KEEPER, holder)
    with office.writing() as connection:
        data = {"holder": holder, "spans": [list(span)], "remark": remark, "found_at": at.isoformat()}
        document = office.ledger.create(LOSS.kind, holder, data, office.actor.id, connection)
        use(office, connection, holder, span, "lost", document.id)
        limits = {
            owed.POLICE: owed.LIMITS.police_report,
            owed.NOTICE: owed.LIMITS.public_notice,
            owed.WRITTEN: owed.LIMITS.written_report,
        }
        for what, limit in limits.items():
            owed.begin(connection, document.id, what, holder, at + limit)
    return document


def step(office: Office, loss: int, action: str, said: str) -> Document:
    """The next step of a loss: `police` (number of the receipt), `notice` (newspaper and day), `write` (number of the letter).

    MovementUnknown, NotInState, TooEarly, NotYourHolder.
    """
    needs = {"police": "receipt", "notice": "newspaper", "write": "letter"}
    if action not in needs:
        raise ReasonUnknown(reason=action, known=", ".join(needs))
    with office.writing() as connection:
        before = _loss(office, connection, loss)
        office.require(KEEPER, before.data["holder"])
        if LOSS.action(before.state, action) is None:
            _early(before, action)
        after = office.ledger.act(loss, action, {needs[action]: said}, office.actor.id, connection=connection)
        owed.finish(connection, loss, _STEPS[action], office.now())
    return after


def _early(before: Document, action: str) -> None:
    order = list(_STEPS)
    done = {one.name for one in before.actions}
    missing = [one for one in order[: order.index(action)] if one not in done]
    if missing and before.state != "found":
        raise TooEarly(action=owed.WHAT[_STEPS[action]], before=owed.WHAT[_STEPS[missing[0]]])
    raise NotInState(number=str(before.id), state=LOSS_STATES[before.state], action=action)


def find(office: Office, loss: int) -> Document:
    """The sheets of a loss were found: they are void, and nothing more is owed of the loss. NotInState, NotYourHolder."""
    with office.writing() as connection:
        before = _loss(office, connection, loss)
        office.require(KEEPER, before.data["holder"])
        if before.state == "found":
            raise NotInState(number=str(loss), state=LOSS_STATES["found"], action="find")
        after = office.ledger.act(loss, "find", {}, office.actor.id, connection=connection)
        rows = update(BlankUseRow).where(BlankUseRow.document == loss, BlankUseRow.state == "lost")
        connection.execute(rows.values(state="void", at=office.now()))
        owed.drop(connection, loss, office.now())
    return after


def propose(office: Office, holder: str, numbers: Sequence[Span]) -> Document:
    """An authority proposes to destroy void sheets that lie with it or below it; another person confirms. NotInState."""
    with office.writing() as connection:
        office.require_above(connection, holder)
        database.lock(connection, "blank destruction")
        rows = _void(connection, numbers)
        for one in {row.holder for row in rows}:
            office.require_above(connection, one)
        data = {"holder": holder, "spans": [list(one) for one in spans([row.number for row in rows])]}
        return office.ledger.create(DESTRUCTION.kind, holder, data, office.actor.id, connection)


def destroy(office: Office, destruction: int) -> Document:
    """A second person confirms that the sheets were destroyed. SamePerson, NotInState, MovementUnknown."""
    with office.writing() as connection:
        database.lock(connection, "blank destruction")
        found = office.ledger.several([destruction], connection)
        if not found or found[0].kind != DESTRUCTION.kind:
            raise MovementUnknown(movement=destruction)
        [before] = found
        office.require_above(connection, before.data["holder"])
        office.require_other(SUPERVISOR, SUPERVISOR, before.actions[0].actor)
        if before.state != "proposed":
            raise NotInState(number=str(destruction), state=Text(before.state, before.state), action="confirm")
        numbers = [row.number for row in _void(connection, [Span(*one) for one in before.data["spans"]])]
        for at in range(0, len(numbers), 500):
            rows = update(BlankUseRow).where(BlankUseRow.number.in_(numbers[at : at + 500]))
            connection.execute(rows.values(state="destroyed", at=office.now()))
        return office.ledger.act(destruction, "confirm", {}, office.actor.id, connection=connection)


def voided(office: Office, holders: Sequence[str]) -> dict[str, list[Span]]:
    """Void sheets that are not destroyed, by holder."""
    query = select(BlankUseRow.holder, BlankUseRow.number).where(
        BlankUseRow.holder.in_(list(holders)), BlankUseRow.state == "void"
    )
    made: dict[str, list[int]] = {}
    with office.ledger.reading() as connection:
        for holder, one in connection.execute(query):
            made.setdefault(holder, []).append(one)
    return {holder: spans(numbers) for holder, numbers in made.items()}


def use(office: Office, connection: Connection, holder: str, span: Span, state: str, document: int) -> None:
    """Write down what became of numbers; they stay in the range of their holder. NotHeld, OnTheWay, Used."""
    if span.size > MANY:
        raise ReasonUnknown(reason=str(span.size), known=f"<= {MANY}")
    edition = span_row.take(connection, holder, span)
    values: list[dict[str, Any]] = [
        {"number": one, "holder": holder, "edition": edition, "state": state, "document": document, "at": office.now()}
        for one in range(span.first, span.last + 1)
    ]
    connection.execute(insert(BlankUseRow), values)


def _void(connection: Connection, numbers: Sequence[Span]) -> list[BlankUseRow]:
    """The rows of numbers that are void, all of them; NotInState for another."""
    found: list[Any] = []
    for one in numbers:
        query = select(BlankUseRow.number, BlankUseRow.holder, BlankUseRow.state).where(
            BlankUseRow.number.between(*one)
        )
        rows = connection.execute(query.order_by(BlankUseRow.number)).all()
        wrong = next((row for row in rows if row.state != "void"), None)
        if wrong is not None or len(rows) != one.size:
            at = text(wrong.number if wrong else one.first)
            raise NotInState(
                number=at, state=span_row.USES[wrong.state] if wrong else Text("未作废", "not void"), action="destroy"
            )
        found += rows
    return found


def _loss(office: Office, connection: Connection, loss: int) -> Document:
    database.lock(connection, f"loss {loss}")
    found = office.ledger.several([loss], connection)
    if not found or found[0].kind != LOSS.kind:
        raise MovementUnknown(movement=loss)
    return found[0]


def _noticed(office: Office, found_at: datetime | None) -> datetime:
    now = office.now()
    if found_at is not None and found_at > now + timedelta(minutes=5):
        raise ClockWrong(field="found_at")
    return found_at or now
