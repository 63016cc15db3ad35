"""What may become of an issued certificate: exchanged, lost and issued again, cancelled. The chain of replacements is a line."""

from __future__ import annotations

from quanmin.programs.vital import owed
from quanmin.programs.vital.certificate import condition, desk, record
from quanmin.programs.vital.certificate.application import Application
from quanmin.programs.vital.certificate.record import Certificate
from quanmin.programs.vital.certificate.workflow import (
    CANCEL_REASONS,
    EXCHANGE,
    EXCHANGE_REASONS,
    ISSUED,
    LOST,
    REISSUE,
    STATES,
)
from quanmin.programs.vital.errors import Differs, EvidenceMissing, NotInState, NotYourHolder, ReasonUnknown
from quanmin.programs.vital.office import Holder, Office, above
from quanmin.programs.vital.role import CLERK, SUPERVISOR

REISSUE_EVIDENCE = ("parents_documents", "loss_declaration", "stub_copy", "household_reply")
"""What a re-issue needs (Ningxia, Jiangsu): the parents' documents, the declaration, a copy of the file, the register's reply."""


def exchange(office: Office, holder: str, old: int, number: int, application: Application, reason: str) -> Certificate:
    """Write a new certificate in place of one that is handed in; it counts once it is sealed.

    By the issuer, or an authority above it. Needs the old sheet, and a test of parentage where parents change. ReasonUnknown,
    EvidenceMissing, NotInState, NotYourHolder, and what `desk.prepare` refuses of sheet, newborn and parents.
    """
    if reason not in EXCHANGE_REASONS:
        raise ReasonUnknown(reason=reason, known=", ".join(EXCHANGE_REASONS))
    needs = ["recovered_sheet", *(["parentage_test"] if reason == "parentage_changed" else [])]
    _given(application, needs)
    office.require(CLERK, holder)
    with office.writing() as connection:
        before, document = held = record.locked(office, connection, old)
        issuer = office.holder(connection, holder, active=True)
        if holder not in above(connection, before.holder):
            raise NotYourHolder(holder=before.holder)
        _sound(application, issuer, office)
        _state(before, (ISSUED,), "supersede")
        original = record.application_of(document)
        if reason != "parentage_changed" and _parents_changed(original, application) and reason != "issuer_error":
            raise Differs(elements="mother, father")
        record.act(office, connection, held, "supersede", {"reason": reason, "by": number})
        return desk.write(office, connection, holder, number, EXCHANGE, application, before=old)


def lose(office: Office, number: int, declaration: str) -> Certificate:
    """A holder of a certificate lost it: it counts no more. `declaration` is where the loss was announced. NotInState."""
    with office.writing() as connection:
        one, _ = held = record.locked(office, connection, number)
        role = SUPERVISOR if office.actor.holds(SUPERVISOR) else CLERK
        if role == SUPERVISOR:
            office.require_above(connection, one.holder)
        else:
            office.require(CLERK, one.holder)
        return record.act(office, connection, held, "lose", {"declaration": declaration}, role=role)


def reissue(office: Office, holder: str, old: int, number: int, application: Application) -> Certificate:
    """Write a certificate anew for one that was reported lost, by the issuer's county or an authority above; it says the same.

    EvidenceMissing, Differs, NotInState, NotYourHolder, and what `desk.prepare` refuses of a sheet.
    """
    _given(application, REISSUE_EVIDENCE)
    office.require(CLERK, holder)
    with office.writing() as connection:
        before, document = held = record.locked(office, connection, old)
        office.holder(connection, holder, active=True)
        if holder not in above(connection, before.holder)[1:]:
            raise NotYourHolder(holder=before.holder)
        _state(before, (LOST,), "supersede")
        different = condition.differing(record.application_of(document), application)
        if different:
            raise Differs(elements=", ".join(different))
        record.act(office, connection, held, "supersede", {"by": number})
        return desk.write(office, connection, holder, number, REISSUE, application, before=old)


def cancel(office: Office, number: int, reason: str) -> Certificate:
    """An authority above the issuer cancels a certificate that should not be; its card is owed no more.

    NotInState, ReasonUnknown, NotYourHolder.
    """
    if reason not in CANCEL_REASONS:
        raise ReasonUnknown(reason=reason, known=", ".join(CANCEL_REASONS))
    with office.writing() as connection:
        one, _ = held = record.locked(office, connection, number)
        office.require_above(connection, one.holder)
        cancelled = record.act(office, connection, held, "cancel", {"reason": reason})
        owed.drop(connection, one.document, office.now())
        return cancelled


def chain(office: Office, number: int) -> list[Certificate]:
    """The certificates of one newborn that took each other's place, the first first. CertificateUnknown."""
    with office.ledger.reading() as connection:
        line = [record.by_number(connection, number)]
        while line[0].before is not None:
            line.insert(0, record.by_number(connection, line[0].before))
        while (after := record.after(connection, line[-1].number)) is not None:
            line.append(after)
    return line


def _given(application: Application, needs: tuple[str, ...] | list[str]) -> None:
    missing = [name for name in needs if not application.evidence.get(name)]
    if missing:
        raise EvidenceMissing(evidence=", ".join(missing))


def _state(one: Certificate, states: tuple[str, ...], action: str) -> None:
    if one.state not in states:
        raise NotInState(number=one.text, state=STATES[one.state], action=action)


def _sound(application: Application, issuer: Holder, office: Office) -> None:
    """What a newborn and parents must be, whoever issues; the evidence of a first issue was given then."""
    if application.mother is None:
        condition.for_us(application, issuer)
    condition.newborn(application.newborn, office.today())
    condition.parents(application)


def _parents_changed(original: Application, application: Application) -> bool:
    return (original.mother, original.father) != (application.mother, application.father)
