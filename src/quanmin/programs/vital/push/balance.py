"""The stock of every holder and edition over a month, as rows of `health.certificate_balance`.

Counted backwards: what lies there now, less what came and went since the month ended, is its closing stock. A certificate that is
written and not sealed is a blank still; what is on its way lies with nobody.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, func, select

from quanmin.ledger.blank import BirthCertificateRow
from quanmin.programs.vital.blank import span_row
from quanmin.programs.vital.certificate.workflow import APPROVED, CODES, PREPARED, RETURNED
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push import issue, stock
from quanmin.programs.vital.push.month import Month
from quanmin.programs.vital.push.row import Line

DATASET = "health.certificate_balance"
SIGNS = {"received": 1, "sent": -1, "issued": -1, "voided": -1, "lost": -1}
"""What comes and goes, and which way."""
_INTO = {stock.PRINTED, stock.IN}
_OUT = {**dict.fromkeys(stock.SENT.values(), "sent"), stock.VOID: "voided", stock.LOST: "lost"}
Place = tuple[str, int]
"""A holder and an edition."""


def rows(office: Office, connection: Connection, one: Month) -> Iterator[Line]:
    """The rows of a month, by holder and edition: of everybody who has blanks, or had some in it."""
    closing = _now(connection)
    at = one.after
    while at.first <= office.today():
        closing.subtract(_net(flows(office, connection, at)))
        at = at.after
    moved = flows(office, connection, one)
    net = _net(moved)
    for holder, edition in sorted({*moved, *(place for place, count in closing.items() if count)}):
        own = {name: moved[holder, edition][name] for name in SIGNS}
        ends = closing[holder, edition]
        opening = ends - net[holder, edition]
        yield {"holder": holder, "edition": edition, "month": one.first, "opening": opening, **own, "closing": ends}


def flows(office: Office, connection: Connection, one: Month) -> dict[Place, Counter[str]]:
    """What came and went in a month, by holder and edition, from the rows that tell it."""
    return counted(stock.rows(office, connection, one), issue.rows(office, connection, one))


def counted(stocks: Iterable[Line], issues: Iterable[Line]) -> dict[Place, Counter[str]]:
    """The same of some rows."""
    found: dict[Place, Counter[str]] = defaultdict(Counter)
    for row in stocks:
        kind, size = str(row["kind"]), int(row["quantity"])
        if kind in _INTO:
            found[str(row["to_org"]), int(row["edition"])]["received"] += size
        elif kind in _OUT:
            found[str(row["from_org"]), int(row["edition"])][_OUT[kind]] += size
    for row in issues:
        if row["kind"] in CODES.values():
            found[str(row["institution_code"]), int(row["edition"])]["issued"] += 1
    return found


def _net(moved: dict[Place, Counter[str]]) -> Counter[Place]:
    return Counter({place: sum(sign * own[name] for name, sign in SIGNS.items()) for place, own in moved.items()})


def _now(connection: Connection) -> Counter[Place]:
    """Blanks that lie with each holder now."""
    spent = ("moving", "bound", "void", "lost", "destroyed")
    held = span_row.counts(connection)
    found = Counter({place: own["held"] - sum(own[name] for name in spent) for place, own in held.items()})
    unsealed = (
        select(BirthCertificateRow.holder, BirthCertificateRow.edition, func.count())
        .where(BirthCertificateRow.state.in_((PREPARED, RETURNED, APPROVED)))
        .group_by(BirthCertificateRow.holder, BirthCertificateRow.edition)
    )
    for holder, edition, count in connection.execute(unsealed):
        found[holder, edition] += count
    return found
