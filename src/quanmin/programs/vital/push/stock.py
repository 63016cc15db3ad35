"""Stock actions of a month as rows of `health.certificate_stock`, from the documents of movements, void and lost sheets.

A movement is what left its sender on its day, and what came in at its receiver, with the first as its pair; where it was refused,
also how it went back. Sheets that were spoiled while a certificate was written are void ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy import Connection, select

from quanmin.ledger import Document
from quanmin.ledger.blank import BirthCertificateRow, BlankRangeRow, BlankUseRow
from quanmin.programs.vital.blank import loss, movement
from quanmin.programs.vital.blank.movement import MERGE, OUT, PRINT, RETURN, TRANSFER, Movement, movement_of
from quanmin.programs.vital.certificate.workflow import CERTIFICATE
from quanmin.programs.vital.number import Span, province
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push.errors import TooManyRuns
from quanmin.programs.vital.push.month import Month
from quanmin.programs.vital.push.row import RUNS, Line, action_no, day, moments, serials, steps

DATASET = "health.certificate_stock"
PRINTED, IN, VOID, LOST, DESTROYED = "1", "2", "6", "7", "8"
SENT = {OUT: "3", RETURN: "4", TRANSFER: "5", MERGE: "5"}
_BACK = {OUT: SENT[RETURN], RETURN: SENT[OUT], TRANSFER: SENT[TRANSFER], MERGE: SENT[TRANSFER]}
"""How what was refused goes back."""
_PART = RUNS // 4
_WAY = 2 * _PART
"""Places within a document's number: what left, what came in, and the same of the way back, a quarter each."""


def rows(office: Office, connection: Connection, one: Month) -> Iterator[Line]:
    """The rows of a month, by action number within each kind of document."""
    yield from _movements(office, connection, one)
    for kind, code in ((loss.VOID.kind, VOID), (loss.LOSS.kind, LOST)):
        for document in office.ledger.several(_made(office, connection, kind, one), connection):
            yield from _dead(office, connection, document, code, one)
    yield from _spoiled(office, connection, one)
    confirmed = steps(connection, loss.DESTRUCTION.kind, ["confirm"], moments(office, one))
    for document in office.ledger.several([step.document for step in confirmed], connection):
        yield from _destroyed(office, connection, document)


def _made(office: Office, connection: Connection, kind: str, one: Month) -> list[int]:
    """Documents of void or lost sheets that may be of the month: they are written after the sheets were found."""
    begins, _ = moments(office, one)
    found = steps(connection, kind, ["create"], (begins, None))
    return [step.document for step in found]


def _movements(office: Office, connection: Connection, one: Month) -> Iterator[Line]:
    begins, ends = moments(office, one)
    answered = steps(connection, movement.MOVEMENT.kind, ["receive", "refuse"], (begins, ends))
    made = steps(connection, movement.MOVEMENT.kind, ["create"], (begins, None))
    wanted = sorted({step.document for step in (*answered, *made)})
    for at in range(0, len(wanted), 500):
        for document in office.ledger.several(wanted[at : at + 500], connection):
            yield from _movement(office, document, one)


def _movement(office: Office, document: Document, one: Month) -> Iterator[Line]:
    told = movement_of(document)
    if len(told.spans) > _PART:
        raise TooManyRuns(movement=document.id)
    if told.occurred_on in one:
        for place, span in enumerate(told.spans):
            kind = PRINTED if told.kind == PRINT else SENT[told.kind]
            sender = None if told.kind == PRINT else told.sender
            own = _line(document.id, place, kind, sender, told.receiver, told.edition, span)
            yield {**own, "occurred_on": told.occurred_on, "reported_on": told.reported_on}
    answer = next((step for step in document.actions if step.name in ("receive", "refuse")), None)
    if told.kind == PRINT or answer is None or day(office, answer.at) not in one:
        return
    yield from _received(document, told, max(day(office, answer.at), told.occurred_on))


def _received(document: Document, told: Movement, on: date) -> Iterator[Line]:
    """What came in at the receiver; where it was refused, how it went back and came in again at the sender."""
    back = _BACK[told.kind] if told.state == "refused" else None
    days = {"occurred_on": on, "reported_on": on}
    for place, span in enumerate(told.spans):
        first, again = (action_no(province(span.first), document.id, part + place) for part in (0, _WAY))
        edition, of, to = told.edition, told.sender, told.receiver
        yield {**_line(document.id, _PART + place, IN, of, to, edition, span), **days, "pair": first}
        if back is not None:
            yield {**_line(document.id, _WAY + place, back, to, of, edition, span), **days}
            yield {**_line(document.id, _WAY + _PART + place, IN, to, of, edition, span), **days, "pair": again}


def _dead(office: Office, connection: Connection, document: Document, code: str, one: Month) -> Iterator[Line]:
    """Void or lost sheets, on the day on which they were found so."""
    on = day(office, datetime.fromisoformat(document.data["found_at"]))
    if on not in one:
        return
    for place, pair in enumerate(document.data["spans"]):
        span = Span(*pair)
        edition = edition_of(connection, span.first)
        own = _line(document.id, place, code, document.data["holder"], None, edition, span)
        yield {**own, "occurred_on": on, "reported_on": day(office, document.at)}


def _spoiled(office: Office, connection: Connection, one: Month) -> Iterator[Line]:
    for step in steps(connection, CERTIFICATE.kind, ["spoil"], moments(office, one)):
        query = select(BirthCertificateRow.number, BirthCertificateRow.holder, BirthCertificateRow.edition)
        sheet = connection.execute(query.where(BirthCertificateRow.document == step.document)).one()
        own = _line(step.document, 0, VOID, sheet.holder, None, sheet.edition, Span(sheet.number, sheet.number))
        yield {**own, "occurred_on": day(office, step.at), "reported_on": day(office, step.at)}


def _destroyed(office: Office, connection: Connection, document: Document) -> Iterator[Line]:
    """Sheets that were destroyed, by who had them: runs of one holder and edition."""
    on = next(day(office, step.at) for step in document.actions if step.name == "confirm")
    place = 0
    for pair in document.data["spans"]:
        query = select(BlankUseRow.number, BlankUseRow.holder, BlankUseRow.edition).where(
            BlankUseRow.number.between(*pair)
        )
        runs: list[tuple[str, int, Span]] = []
        for row in connection.execute(query.order_by(BlankUseRow.number)):
            if runs and runs[-1][:2] == (row.holder, row.edition) and runs[-1][2].last == row.number - 1:
                runs[-1] = (row.holder, row.edition, Span(runs[-1][2].first, row.number))
            else:
                runs.append((row.holder, row.edition, Span(row.number, row.number)))
        for holder, edition, span in runs:
            own = _line(document.id, place, DESTROYED, holder, None, edition, span)
            yield {**own, "occurred_on": on, "reported_on": on}
            place += 1


def edition_of(connection: Connection, number: int) -> int:
    """The edition of a number that was printed."""
    query = select(BlankRangeRow.edition).where(BlankRangeRow.first <= number, BlankRangeRow.last >= number)
    return int(connection.execute(query).scalar_one())


def _line(
    document: int, place: int, kind: str, sender: str | None, receiver: str | None, edition: int, span: Span
) -> Line:
    number = action_no(province(span.first), document, place)
    ends = {"from_org": sender, "to_org": receiver, "edition": edition}
    return {"action_no": number, "kind": kind, **ends, **serials(span)}
