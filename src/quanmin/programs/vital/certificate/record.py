"""Certificates as they are found: one row each, beside the document that says all of it under seal."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from quanmin.ledger import Document, database
from quanmin.ledger.blank import BirthCertificateRow, BlankUseRow
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate.application import Application, read
from quanmin.programs.vital.certificate.workflow import CERTIFICATE, STATES, VALID
from quanmin.programs.vital.errors import CertificateUnknown, NotInState
from quanmin.programs.vital.office import Office

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 16
"""Characters of a verification code, five bits each: nobody guesses one."""


class Marks(NamedTuple):
    """The keyed digests by which a newborn, a delivery and a mother are told apart in rows."""

    newborn: str
    delivery: str
    mother: str

    @classmethod
    def of(cls, office: Office, application: Application) -> Marks:
        """Those of an application, made at once."""
        told = (application.reference, application.birth, application.of_mother)
        return cls(*(office.digests.digest(one) for one in told))


@dataclass(frozen=True)
class Certificate:
    """A certificate without what it says of people. `number` and `before` are keys; `code` verifies it."""

    document: int
    number: int
    edition: int
    kind: str
    holder: str
    state: str
    valid: bool
    code: str
    born_on: date
    issued_on: date | None
    before: int | None

    @property
    def text(self) -> str:
        """The number as it is printed."""
        return numbers.text(self.number)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; the code is for whoever holds the certificate and is left out."""
        return {
            "number": self.text,
            "edition": self.edition,
            "kind": self.kind,
            "holder": self.holder,
            "state": self.state,
            "valid": self.valid,
            "born_on": self.born_on.isoformat(),
            "issued_on": self.issued_on and self.issued_on.isoformat(),
            "before": None if self.before is None else numbers.text(self.before),
        }


class Held(NamedTuple):
    """A certificate with its document, of which nobody else changes either until the transaction ends."""

    certificate: Certificate
    document: Document


_NAMES = tuple(Certificate.__dataclass_fields__)
_COLUMNS = [getattr(BirthCertificateRow, name) for name in _NAMES]
_BY_NUMBER = select(*_COLUMNS).where(BirthCertificateRow.number == bindparam("sheet"))
_MINE = BirthCertificateRow.newborn == bindparam("newborn")
_TOGETHER = BirthCertificateRow.delivery == bindparam("delivery")
_AROUND = (
    select(_MINE, _TOGETHER, *_COLUMNS)
    .where(or_(and_(_MINE, BirthCertificateRow.valid), _TOGETHER))
    .order_by(BirthCertificateRow.number)
)
_USE = insert(BlankUseRow)
_WRITE = insert(BirthCertificateRow)
_CHANGE = update(BirthCertificateRow).where(BirthCertificateRow.number == bindparam("sheet"))


def by_number(connection: Connection, number: int) -> Certificate:
    """The certificate on a sheet. CertificateUnknown."""
    row = connection.execute(_BY_NUMBER, {"sheet": number}).mappings().one_or_none()
    if row is None:
        raise CertificateUnknown(number=numbers.text(number))
    return Certificate(**row)


def written(connection: Connection, number: int) -> bool:
    """Whether a certificate was written on a sheet."""
    query = select(BirthCertificateRow.document).where(BirthCertificateRow.number == number)
    return connection.execute(query).first() is not None


def locked(office: Office, connection: Connection, number: int) -> Held:
    """The certificate on a sheet, held. CertificateUnknown."""
    database.lock(connection, f"certificate {number}")
    found = by_number(connection, number)
    return Held(found, office.ledger.get(found.document, connection, kinds=(CERTIFICATE.kind,)))


def after(connection: Connection, number: int) -> Certificate | None:
    """What took the place of a certificate, or is to."""
    row = connection.execute(select(*_COLUMNS).where(BirthCertificateRow.before == number)).mappings().one_or_none()
    return None if row is None else Certificate(**row)


def around(connection: Connection, marks: Marks) -> tuple[Certificate | None, list[Certificate]]:
    """The valid certificate of a newborn, if there is one, and all that stand or stood of its delivery."""
    valid, born = None, list[Certificate]()
    for is_mine, is_together, *values in connection.execute(_AROUND, marks._asdict()):
        one = Certificate(**dict(zip(_NAMES, values, strict=True)))
        valid = one if is_mine and one.valid else valid
        born += [one] if is_together else []
    return valid, born


def bind(
    office: Office,
    connection: Connection,
    number: int,
    edition: int,
    holder: str,
    kind: str,
    application: Application,
    before: int | None,
    marks: Marks,
) -> Certificate:
    """Write on a sheet: its number is used, and the newborn has its certificate."""
    ref = numbers.text(number)
    data: dict[str, Any] = {"application": application.to_dict(), "holder": holder, "kind": kind, "before": before}
    document = office.ledger.create(CERTIFICATE.kind, ref, data, office.actor.id, connection)
    use = {"number": number, "holder": holder, "edition": edition, "state": "bound"}
    connection.execute(_USE, {**use, "document": document.id, "at": office.now()})
    code = "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))
    born_on = application.newborn.birth_date
    made = Certificate(document.id, number, edition, kind, holder, document.state, True, code, born_on, None, before)
    connection.execute(_WRITE, {**vars(made), **marks._asdict()})
    return made


def act(
    office: Office,
    connection: Connection,
    held: Held,
    action: str,
    data: dict[str, Any],
    role: str | None = None,
    **changes: Any,
) -> Certificate:
    """Take a step with the document and repeat it in the row. NotInState."""
    one = held.certificate
    if CERTIFICATE.action(one.state, action) is None:
        raise NotInState(number=one.text, state=STATES[one.state], action=action)
    after = office.ledger.act(held.document, action, data, office.actor.id, role=role, connection=connection)
    values = {"state": after.state, "valid": after.state in VALID, **changes}
    connection.execute(_CHANGE, {"sheet": one.number, **values})
    return replace(one, **{name: value for name, value in values.items() if name in _NAMES})


def application_of(document: Document) -> Application:
    """What a certificate says, by its document."""
    return read(document.data["application"])


def listing(
    office: Office,
    *,
    holders: Sequence[str] = (),
    states: Sequence[str] = (),
    newborn: str | None = None,
    mother: str | None = None,
    days: tuple[date, date] | None = None,
    limit: int = 200,
) -> list[Certificate]:
    """Certificates by holder, state, newborn or mother (texts as an application makes them) and day of issue, newest first."""
    query = select(*_COLUMNS).order_by(BirthCertificateRow.document.desc()).limit(limit)
    if holders:
        query = query.where(BirthCertificateRow.holder.in_(list(holders)))
    if states:
        query = query.where(BirthCertificateRow.state.in_(list(states)))
    if newborn is not None:
        query = query.where(BirthCertificateRow.newborn == office.digests.digest(newborn))
    if mother is not None:
        query = query.where(BirthCertificateRow.mother == office.digests.digest(mother))
    if days is not None:
        query = query.where(BirthCertificateRow.issued_on.between(*days))
    with office.ledger.reading() as connection:
        return [Certificate(**row) for row in connection.execute(query).mappings()]
