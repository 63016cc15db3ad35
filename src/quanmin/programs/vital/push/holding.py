"""Who may hold blanks, as rows of `health.certificate_holder`: all of them in every package, since the level above knows none."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from quanmin.ledger.blank import HolderRow
from quanmin.programs.vital.office import CLOSED, Office
from quanmin.programs.vital.push.month import Month
from quanmin.programs.vital.push.row import Line, day

DATASET = "health.certificate_holder"
NATION = "100000"
"""What stands above a province: the code under which the nation keeps itself among the holders."""
LEVELS = {"province": "2", "city": "3", "county": "4", "institution": "5"}


def rows(office: Office, connection: Connection, one: Month) -> Iterator[Line]:
    """Whoever was registered before the month was over, by code."""
    holders = connection.execute(select(HolderRow.__table__).order_by(HolderRow.code)).all()
    documents = {
        document.id: document for document in office.ledger.several([row.document for row in holders], connection)
    }
    for row in holders:
        document = documents[row.document]
        since = day(office, document.at)
        closed = next((step.at for step in document.actions if step.name == "close"), None)
        if since <= one.last:
            yield {
                "code": row.code,
                "name": row.title,
                "parent": row.parent or NATION,
                "level": LEVELS[row.level],
                "region": row.region,
                "valid_from": since,
                "valid_to": day(office, closed) if row.state == CLOSED and closed is not None else None,
            }
