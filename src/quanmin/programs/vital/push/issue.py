"""Certificates issued, lost, handed in and cancelled in a month, as rows of `health.certificate_issue`.

The newborn is told by a digest of the digest in the ledger: certificates of one child meet above, and nothing leads back. A
certificate whose card has not been reported is told with the day on which the push is due; the correction tells the real one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from quanmin.ledger.blank import BirthCertificateRow
from quanmin.ledger.table import ActionRow
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate.workflow import CERTIFICATE, CODES, EXCHANGE
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push.month import Month
from quanmin.programs.vital.push.row import Line, action_no, day, moments, steps

DATASET = "health.certificate_issue"
VOID, LOST, CANCELLED = "4", "5", "6"
_STEPS = {"replace": VOID, "lose": LOST, "cancel": CANCELLED}
_COLUMNS = [
    getattr(BirthCertificateRow, name)
    for name in ("document", "number", "edition", "kind", "newborn", "holder", "issued_on", "before")
]


def rows(office: Office, connection: Connection, one: Month) -> Iterator[Line]:
    """What was issued on days of the month, then what became of certificates in it."""
    query = select(*_COLUMNS).where(BirthCertificateRow.issued_on.between(one.first, one.last))
    issued = list(connection.execute(query.order_by(BirthCertificateRow.document)))
    carded = _cards(connection, [row.document for row in issued])
    for row in issued:
        before = None if row.before is None else numbers.text(row.before)
        own = _line(row, row.document, 1, CODES[row.kind])
        card = carded.get(row.document, one.due.isoformat())
        yield {**own, "previous_no": before, "issued_on": row.issued_on, "reported_on": card}
    for step in steps(connection, CERTIFICATE.kind, _STEPS, moments(office, one)):
        row = connection.execute(select(*_COLUMNS).where(BirthCertificateRow.document == step.document)).one()
        if step.name == "replace" and not _handed_in(connection, row.number):
            continue  # it had been lost, which was told then
        on = day(office, step.at)
        yield {
            **_line(row, step.document, 1 + step.sequence, _STEPS[step.name]),
            "previous_no": None,
            "issued_on": on,
            "reported_on": on,
        }


def _cards(connection: Connection, documents: Sequence[int]) -> dict[int, str]:
    """On which day each card was reported."""
    found: dict[int, str] = {}
    for at in range(0, len(documents), 500):
        part = documents[at : at + 500]
        query = select(ActionRow.document, ActionRow.data).where(ActionRow.document.in_(part), ActionRow.name == "card")
        found |= {row.document: str(row.data["on"]) for row in connection.execute(query)}
    return found


def _handed_in(connection: Connection, number: int) -> bool:
    query = select(BirthCertificateRow.kind).where(BirthCertificateRow.before == number)
    return connection.execute(query).scalar_one_or_none() == EXCHANGE


def _line(row: Any, document: int, place: int, kind: str) -> dict[str, Any]:
    return {
        "action_no": action_no(numbers.province(row.number), document, place),
        "kind": kind,
        "certificate_no": numbers.text(row.number),
        "newborn": hashlib.sha256(row.newborn.encode()).hexdigest(),
        "edition": row.edition,
        "institution_code": row.holder,
    }
