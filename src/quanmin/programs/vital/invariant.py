"""What must hold of numbers and certificates at every moment, counted anew from all rows and documents.

The acts enforce it; this finds out whether they did: after a restore, a migration, or in a test that acts at random.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, select

from quanmin.ledger.blank import BirthCertificateRow, BlankRangeRow, BlankUseRow
from quanmin.programs.vital import edition as editions
from quanmin.programs.vital.blank.movement import MERGE, MOVEMENT, PRINT, movement_of
from quanmin.programs.vital.certificate.workflow import CERTIFICATE, EXCHANGE, REPLACED, REPLACING, VALID
from quanmin.programs.vital.number import text
from quanmin.programs.vital.office import PRINTER, Office
from quanmin.text import Text

RULES: dict[str, Text] = {
    "one_holder": Text("每个编号只在一个区段、只有一个持有者", "every number lies in one range with one holder"),
    "used_held": Text("每个用过的编号在其使用者的区段内", "every used number lies in a range of whoever used it"),
    "balance": Text(
        "期初+入-出=结存，按机构与版次", "what came in less what went out is what is held, by holder and edition"
    ),
    "one_use": Text("证件与编号使用一一对应", "every certificate has its sheet, and every bound sheet its certificate"),
    "one_valid": Text("每个新生儿至多一张有效证件", "no newborn has two valid certificates"),
    "chain": Text("换补发链条线性、状态相符", "replacements are a line, and states fit along it"),
    "state": Text("登记行与动作折叠一致", "rows repeat what the actions amount to"),
    "edition": Text("签发日在版次有效期内", "a certificate is issued within the days of its edition"),
}


@dataclass(frozen=True)
class Breach:
    """A rule that does not hold, and where: a number, a holder with edition, a document."""

    rule: str
    address: str

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {"rule": self.rule, "address": self.address, "title": RULES[self.rule].en}


def check(office: Office, limit: int = 1000) -> list[Breach]:
    """Every breach, up to `limit`; none where all is well."""
    found: list[Breach] = []
    with office.ledger.reading() as connection:
        for breach in _breaches(office, connection):
            found.append(breach)
            if len(found) >= limit:
                break
    return found


def _breaches(office: Office, connection: Connection) -> Iterator[Breach]:
    yield from _ranges(connection)
    yield from _balance(office, connection)
    yield from _certificates(office, connection)


def _ranges(connection: Connection) -> Iterator[Breach]:
    rows = connection.execute(select(BlankRangeRow.__table__).order_by(BlankRangeRow.first)).all()
    for one, other in pairwise(rows):
        if other.first <= one.last:
            yield Breach("one_holder", text(other.first))
    yield from (Breach("one_holder", text(row.first)) for row in rows if row.last < row.first)
    at = 0
    for use in connection.execute(select(BlankUseRow.__table__).order_by(BlankUseRow.number)):
        while at < len(rows) and rows[at].last < use.number:
            at += 1
        inside = at < len(rows) and rows[at].first <= use.number
        if (
            not inside
            or rows[at].holder != use.holder
            or rows[at].edition != use.edition
            or rows[at].movement is not None
        ):
            yield Breach("used_held", text(use.number))


def _balance(office: Office, connection: Connection) -> Iterator[Breach]:
    """From the movements' documents, told apart from the rows that the movements changed."""
    due: Counter[tuple[str, int]] = Counter()
    for document in office.ledger.find(MOVEMENT.kind, connection=connection):
        one = movement_of(document)
        if one.state != "received":
            continue
        due[one.receiver, one.edition] += one.quantity
        if one.sender != PRINTER:
            due[one.sender, one.edition] -= one.quantity
        assert one.kind in (PRINT, MERGE) or one.sender != PRINTER
    held: Counter[tuple[str, int]] = Counter()
    for row in connection.execute(select(BlankRangeRow.__table__)):
        held[row.holder, row.edition] += row.last - row.first + 1
    for holder, edition in sorted({*due, *held}):
        if due[holder, edition] != held[holder, edition]:
            yield Breach("balance", f"{holder} {edition}")


def _certificates(office: Office, connection: Connection) -> Iterator[Breach]:
    rows = {row.number: row for row in connection.execute(select(BirthCertificateRow.__table__))}
    uses = {row.number: row for row in connection.execute(select(BlankUseRow.__table__))}
    documents = {one.id: one for one in office.ledger.find(CERTIFICATE.kind, connection=connection)}
    yield from (Breach("one_use", str(number)) for number in documents.keys() - {row.document for row in rows.values()})
    yield from (Breach("one_use", text(one)) for one, use in uses.items() if use.state == "bound" and one not in rows)
    newborns = Counter(row.newborn for row in rows.values() if row.state in VALID)
    after = {row.before: row for row in rows.values() if row.before is not None}
    for number, row in rows.items():
        at, document = text(number), documents.get(row.document)
        if not _used(row, uses.get(number), after.get(number)):
            yield Breach("one_use", at)
        if document is None or document.state != row.state or row.valid != (row.state in VALID):
            yield Breach("state", at)
        if row.state in VALID and newborns[row.newborn] > 1:
            yield Breach("one_valid", at)
        if row.issued_on is not None and not editions.edition(row.edition).issued_on(row.issued_on):
            yield Breach("edition", at)
        if not _linked(row, rows.get(row.before), after.get(number)):
            yield Breach("chain", at)


def _used(row: Any, use: Any, after: Any) -> bool:
    """Whether the sheet's use is that of the certificate: a spoiled or handed-in sheet is dead, every other bound."""
    if use is None or use.document != row.document or use.holder != row.holder:
        return False
    handed_in = row.state == REPLACED and after is not None and after.kind == EXCHANGE
    return bool((use.state == "bound") != (row.state == "spoiled" or handed_in))


def _linked(row: Any, before: Any, after: Any) -> bool:
    """Whether what it replaces is there and stands as it should, and what replaces it too."""
    if row.before is not None and (before is None or before.state != (REPLACED if row.issued_on else REPLACING)):
        return False
    return (row.state in (REPLACED, REPLACING)) == (after is not None)
