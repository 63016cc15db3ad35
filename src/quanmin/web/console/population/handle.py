"""A handle in the place of a citizen number: sealed, of one session, for half an hour."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from quanmin.web import sealed
from quanmin.web.ask import Ask
from quanmin.web.errors import HandleOver

LASTS = timedelta(minutes=30)
LONGEST = 1200
"""Characters of a handle at most."""
USE = "person"


class Subject(NamedTuple):
    """Whom pages are about, and why they are read."""

    number: str
    purpose: str
    case: str | None


def give(ask: Ask, subject: Subject) -> str:
    """The handle of somebody, for the session that asks."""
    over = ask.lake.ledger.now() + LASTS
    return sealed.close(ask, USE, json.dumps([*subject, over.isoformat()]))


def take(ask: Ask, handle: str) -> Subject:
    """Whom a handle is about; HandleOver where it is another session's, too old, or none."""
    known = sealed.opened(ask, USE, handle)
    if known is None:
        raise HandleOver()
    number, purpose, case, over = json.loads(known)
    if ask.lake.ledger.now() > datetime.fromisoformat(over):
        raise HandleOver()
    return Subject(number, purpose, case)
