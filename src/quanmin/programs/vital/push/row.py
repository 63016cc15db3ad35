"""What rows of the push have in common: how an action is numbered, and on which day of the installation a moment lies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row, select

from quanmin.ledger.table import ActionRow, DocumentRow
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.number import Span
from quanmin.programs.vital.office import Office
from quanmin.programs.vital.push.errors import TooManyRuns
from quanmin.programs.vital.push.month import Month

Line = Mapping[str, Any]
"""A row: elements by name; what has no value is None."""
RUNS, DOCUMENTS = 1000, 10**7
"""An action's number is province, document, and its place among what the document says: 2 + 7 + 3 digits."""


def action_no(province: str, document: int, place: int) -> int:
    """The running number of a row: it grows with the document, and within it. TooManyRuns."""
    if not 0 <= place < RUNS or document >= DOCUMENTS:
        raise TooManyRuns(movement=document)
    return (int(province) * DOCUMENTS + document) * RUNS + place


def day(office: Office, at: datetime) -> date:
    """The day in the installation's zone."""
    return at.astimezone(ZoneInfo(office.settings.zone)).date()


def moments(office: Office, one: Month) -> tuple[datetime, datetime]:
    """When a month begins and when the next does."""
    zone = ZoneInfo(office.settings.zone)
    begins = (datetime.combine(first, time(), zone) for first in (one.first, one.last + timedelta(days=1)))
    first, after = begins
    return first, after


def steps(
    connection: Connection, kind: str, names: Iterable[str], between: tuple[datetime, datetime | None]
) -> list[Row[tuple[int, int, str, datetime]]]:
    """Actions of documents of a kind: `document`, `sequence`, `name`, `at`; from a moment until before another (or now)."""
    query = (
        select(ActionRow.document, ActionRow.sequence, ActionRow.name, ActionRow.at)
        .join(DocumentRow, DocumentRow.id == ActionRow.document)
        .where(DocumentRow.kind == kind, ActionRow.name.in_(list(names)), ActionRow.at >= between[0])
        .order_by(ActionRow.document, ActionRow.sequence)
    )
    if between[1] is not None:
        query = query.where(ActionRow.at < between[1])
    return list(connection.execute(query))


def serials(span: Span) -> dict[str, Any]:
    """Letter, serials and quantity of a run."""
    first, last = numbers.text(span.first), numbers.text(span.last)
    return {
        "letter": first[0],
        "first_serial": int(first[1:]),
        "last_serial": int(last[1:]),
        "quantity": span.size,
    }
