"""The desk: a certificate is written by one person, approved by a second and sealed by a third, in as many short transactions.

Two offices that write for one newborn, or on one sheet, at the same moment: one gets the certificate, the other is told why not.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update
from sqlalchemy.exc import IntegrityError

from quanmin.ledger import Document, database
from quanmin.ledger.blank import BlankUseRow
from quanmin.programs.vital import edition as editions
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital import owed
from quanmin.programs.vital.blank import span_row
from quanmin.programs.vital.certificate import condition, record
from quanmin.programs.vital.certificate.application import Application
from quanmin.programs.vital.certificate.record import Certificate, Marks
from quanmin.programs.vital.certificate.workflow import EXCHANGE, FIRST, SPOIL_REASONS, STATES
from quanmin.programs.vital.errors import (
    NewbornHas,
    NotHeld,
    NotInState,
    NotOfTheseDays,
    OnTheWay,
    ReasonUnknown,
    TooFew,
    Used,
)
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.role import APPROVER, CLERK, SEALER
from quanmin.trust import audit


def prepare(office: Office, holder: str, number: int, application: Application) -> Certificate:
    """Write a first certificate on a sheet that the institution holds. `number` is a key.

    NotYourHolder, HolderClosed, NotForUs, FieldMissing, EvidenceMissing, NotHeld, OnTheWay, Used, NotOfTheseDays, NewbornHas,
    TooFew; nothing is used then.
    """
    office.require(CLERK, holder)
    try:
        with office.writing() as connection:
            issuer = office.holder(connection, holder, active=True)
            condition.check(application, issuer, office.today())
            return write(office, connection, holder, number, FIRST, application)
    except IntegrityError:  # somebody else was first, between our look and our write
        _explain(office, number, application)
        raise


def write(
    office: Office,
    connection: Connection,
    holder: str,
    number: int,
    kind: str,
    application: Application,
    before: int | None = None,
) -> Certificate:
    """Bind a sheet to a newborn, whatever kind of issue it is: the checks that hold for every one."""
    marks = Marks.of(office, application)
    database.lock(connection, _birth(marks), share=[span_row.lock(holder)])
    edition = _sheet(connection, holder, number)
    if not editions.edition(edition).issued_on(office.today()):
        raise NotOfTheseDays(edition=edition)
    _alone(office, connection, application, marks, before)
    return record.bind(office, connection, number, edition, holder, kind, application, before, marks)


def _birth(marks: Marks) -> str:
    """The name to wait for until nobody else writes for one delivery."""
    return f"birth {marks.delivery}"


def _sheet(connection: Connection, holder: str, number: int) -> int:
    """The edition of an unused sheet that the holder has; nobody moves it until we are done."""
    sheet = span_row.sheet(connection, number)
    if sheet is None or sheet.holder != holder:
        raise NotHeld(holder=holder, span=numbers.text(number))
    if sheet.movement is not None:
        raise OnTheWay(span=numbers.text(number))
    if sheet.state is not None:
        raise Used(number=numbers.text(number), state=span_row.USES[sheet.state])
    return int(sheet.edition)


def _alone(office: Office, connection: Connection, application: Application, marks: Marks, own: int | None) -> None:
    """NewbornHas where another than the `own` certificate is valid for the newborn.

    TooFew where certificates of the same delivery speak of another number of children.
    """
    valid, born = record.around(connection, marks)
    if valid is not None and valid.number != own:
        raise NewbornHas()
    for other in born:
        if not other.valid or other.number == own:
            continue
        document = office.ledger.get(other.document, connection)
        if record.application_of(document).newborn.plurality != application.newborn.plurality:
            raise TooFew(element="newborn.plurality")


def _explain(office: Office, number: int, application: Application) -> None:
    with office.ledger.reading() as connection:
        used = connection.execute(select(BlankUseRow.state).where(BlankUseRow.number == number)).scalar_one_or_none()
        if used is not None:
            raise Used(number=numbers.text(number), state=span_row.USES[used])
        if record.around(connection, Marks.of(office, application))[0] is not None:
            raise NewbornHas()


def amend(office: Office, number: int, application: Application) -> Certificate:
    """Write it anew before it is approved. NotInState, and what `prepare` refuses of an application."""
    with office.writing() as connection:
        one, _ = held = record.locked(office, connection, number)
        office.require(CLERK, one.holder)
        issuer = office.holder(connection, one.holder, active=True)
        condition.check(application, issuer, office.today())
        marks = Marks.of(office, application)
        database.lock(connection, _birth(marks))
        _alone(office, connection, application, marks, number)
        data = {"application": application.to_dict()}
        born_on = application.newborn.birth_date
        return record.act(office, connection, held, "amend", data, born_on=born_on, **marks._asdict())


def send_back(office: Office, number: int, reason: str) -> Certificate:
    """The approver sends it back to be put right. NotInState, SamePerson."""
    with office.writing() as connection:
        one, document = held = record.locked(office, connection, number)
        office.require(APPROVER, one.holder)
        office.require_other(APPROVER, CLERK, writer(document))
        return record.act(office, connection, held, "return", {"reason": reason})


def approve(office: Office, number: int) -> Certificate:
    """Its evidence was checked, by another than who wrote it. NotInState, SamePerson, NotYourHolder."""
    with office.writing() as connection:
        one, document = held = record.locked(office, connection, number)
        office.require(APPROVER, one.holder)
        office.require_other(APPROVER, CLERK, writer(document))
        return record.act(office, connection, held, "approve", {})


def seal(office: Office, number: int) -> Certificate:
    """It is issued, and the card of the birth is owed from now on. What it takes the place of is replaced.

    NotInState, SamePerson, NotYourHolder, HolderClosed, NotOfTheseDays (the edition ended since it was written).
    """
    with office.writing() as connection:
        one, document = held = record.locked(office, connection, number)
        office.require(SEALER, one.holder)
        office.require_other(SEALER, CLERK, writer(document))
        office.require_other(SEALER, APPROVER, last(document, "approve"))
        office.holder(connection, one.holder, active=True)
        today = office.today()
        if not editions.edition(one.edition).issued_on(today):
            raise NotOfTheseDays(edition=one.edition)
        sealed = record.act(office, connection, held, "seal", {}, issued_on=today)
        if one.before is not None:
            old = record.locked(office, connection, one.before)
            record.act(office, connection, old, "replace", {"by": one.text})
            if one.kind == EXCHANGE:
                _dead(office, connection, one.before, "void")
        owed.begin(connection, one.document, owed.CARD, one.holder, owed.end_of(office, today + owed.LIMITS.card))
        return sealed


def spoil(office: Office, number: int, reason: str) -> Certificate:
    """It is not issued: the sheet is void, and what it was to replace stands as before. NotInState, ReasonUnknown."""
    if reason not in SPOIL_REASONS:
        raise ReasonUnknown(reason=reason, known=", ".join(SPOIL_REASONS))
    with office.writing() as connection:
        one, _ = held = record.locked(office, connection, number)
        office.require(CLERK, one.holder)
        spoiled = record.act(office, connection, held, "spoil", {"reason": reason}, before=None)
        _dead(office, connection, number, "void")
        now = office.now()
        owed.begin(connection, one.document, owed.VOID, one.holder, now + owed.LIMITS.void_report, now)
        if one.before is not None:
            old = record.locked(office, connection, one.before)
            lost = any(step.name == "lose" for step in old.document.actions)
            record.act(office, connection, old, "restore_lost" if lost else "restore", {})
        return spoiled


def card(office: Office, number: int) -> Certificate:
    """The card of the birth is reported: what the certificate says goes to the lake with the next collection.

    NotInState where it was never issued or the card came before.
    """
    with office.writing() as connection:
        one, document = held = record.locked(office, connection, number)
        office.require(CLERK, one.holder)
        if any(step.name == "card" for step in document.actions):
            raise NotInState(number=one.text, state=STATES[one.state], action="card")
        reported = record.act(office, connection, held, "card", {"on": office.today().isoformat()})
        owed.finish(connection, one.document, owed.CARD, office.now())
        return reported


def read(office: Office, number: int, role: str = CLERK) -> Application:
    """What a certificate says, for whoever works on it at its institution; the audit keeps that it was read."""
    with office.ledger.reading() as connection:
        one = record.by_number(connection, number)
        document = office.ledger.get(one.document, connection)
    office.require(role, one.holder)
    audit.append(office.ledger, "certificate_read", office.actor.id, {"document": one.document, "role": role})
    return record.application_of(document)


def writer(document: Document) -> str:
    """Who wrote it last."""
    return next(step.actor for step in reversed(document.actions) if step.name in ("create", "amend"))


def last(document: Document, action: str) -> str:
    """Who did something last, or nobody."""
    return next((step.actor for step in reversed(document.actions) if step.name == action), "")


def next_blank(office: Office, holder: str) -> int | None:
    """The lowest sheet of the edition of today that the holder can write on; None where there is none."""
    of_today = editions.on(office.today()).number
    with office.ledger.reading() as connection:
        free = span_row.free(connection, holder, of_today)
    return free[0][1].first if free else None


def _dead(office: Office, connection: Connection, number: int, state: str) -> None:
    """What became of a sheet that was bound."""
    values = {"state": state, "at": office.now()}
    connection.execute(update(BlankUseRow).where(BlankUseRow.number == number).values(**values))
