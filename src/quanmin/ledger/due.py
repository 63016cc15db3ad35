"""What is owed by when: deadlines that passed or are near, of documents whose next action is some role's."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from quanmin.ledger.ledger import Ledger
from quanmin.ledger.table import DocumentRow
from quanmin.ledger.workflow import WORKFLOWS, Action, Days, WorkingDays


class Due(NamedTuple):
    """A document that waits for an action, and the moment by which it is owed."""

    document: int
    kind: str
    state: str
    action: str
    due: datetime


def last_day(due: datetime, zone: str) -> date | None:
    """The last day of a deadline that ends as a day of the zone does, at 24:00; None for one that ends within a day."""
    at = due.astimezone(ZoneInfo(zone))
    return at.date() - timedelta(days=1) if at.time() == time() else None


def owed(ledger: Ledger, roles: Collection[str], until: datetime) -> list[Due]:
    """Everything owed before `until` by one of the roles, the most urgent first."""
    found: list[Due] = []
    for kind, state, action, term in _terms(roles):
        own = (DocumentRow.kind == kind, DocumentRow.state == state)
        near = DocumentRow.since < until - timedelta(days=term.count - 1)  # a term of days never ends earlier
        with ledger.reading() as connection:
            rows = connection.execute(select(DocumentRow.id, DocumentRow.since).where(*own, near)).all()
        dues = [Due(number, kind, state, action.name, term.after(since)) for number, since in rows]
        found += [one for one in dues if one.due < until]
    return sorted(found, key=lambda one: (one.due, one.document))


def _terms(roles: Collection[str]) -> list[tuple[str, str, Action, Days | WorkingDays]]:
    """Every state and action with a deadline that one of the roles may do."""
    return [
        (flow.kind, state, action, action.due)
        for flow in WORKFLOWS.values()
        for action in flow.actions
        if action.due is not None and set(action.roles) & set(roles)
        for state in action.sources
    ]
