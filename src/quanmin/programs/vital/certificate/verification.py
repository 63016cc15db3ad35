"""What anybody may learn of a certificate: whoever holds one has its number and code, and hears valid, void or unknown."""

from __future__ import annotations

import hmac
from typing import Literal

from sqlalchemy import select

from quanmin.ledger import Ledger
from quanmin.ledger.blank import BirthCertificateRow
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.certificate.workflow import ISSUED
from quanmin.programs.vital.errors import BadNumber
from quanmin.text import Text

Verdict = Literal["valid", "void", "unknown"]
VERDICTS: dict[Verdict, Text] = {
    "valid": Text("有效", "valid"),
    "void": Text("无效（已作废、换发、补发、报失或撤销）", "void (cancelled, replaced or reported lost)"),
    "unknown": Text("查无此证", "unknown"),
}


def verify(ledger: Ledger, number: str, code: str) -> Verdict:
    """Whether the certificate with this number and code counts. A wrong code is `unknown`, as a number nobody issued is.

    What is not yet sealed, or was spoiled, was never in anybody's hand: unknown.
    """
    try:
        wanted = numbers.key(number)
    except BadNumber:
        return "unknown"
    query = select(BirthCertificateRow.code, BirthCertificateRow.state, BirthCertificateRow.issued_on)
    with ledger.reading() as connection:
        row = connection.execute(query.where(BirthCertificateRow.number == wanted)).one_or_none()
    given = "".join(code.split()).replace("-", "").upper()
    known = row.code if row is not None else "0" * len(given)
    same = hmac.compare_digest(known.encode(), given.encode())
    if row is None or not same or row.issued_on is None:
        return "unknown"
    return "valid" if row.state == ISSUED else "void"
