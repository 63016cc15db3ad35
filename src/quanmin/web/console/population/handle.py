"""A handle in the place of a citizen number: sealed, of one session, for half an hour."""

from __future__ import annotations

import binascii
import json
from datetime import datetime, timedelta
from typing import NamedTuple

from quanmin.trust.identity.errors import VaultUnreadable
from quanmin.web.ask import Ask
from quanmin.web.errors import HandleOver

LASTS = timedelta(minutes=30)
LONGEST = 1200
"""Characters of a handle at most."""


class Subject(NamedTuple):
    """Whom pages are about, and why they are read."""

    number: str
    purpose: str
    case: str | None


def give(ask: Ask, subject: Subject) -> str:
    """The handle of somebody, for the session that asks."""
    over = ask.lake.ledger.now() + LASTS
    sealed = ask.registry.vault.seal(json.dumps([*subject, over.isoformat()]), _place(ask))
    return sealed.translate(str.maketrans("+/", "-_")).rstrip("=")


def take(ask: Ask, handle: str) -> Subject:
    """Whom a handle is about; HandleOver where it is another session's, too old, or none."""
    try:
        whole = handle.translate(str.maketrans("-_", "+/")) + "=" * (-len(handle) % 4)
        number, purpose, case, over = json.loads(ask.registry.vault.unseal(whole, _place(ask)))
    except (VaultUnreadable, binascii.Error, ValueError):
        raise HandleOver() from None
    if ask.lake.ledger.now() > datetime.fromisoformat(over):
        raise HandleOver()
    return Subject(number, purpose, case)


def _place(ask: Ask) -> str:
    return f"web handle {ask.who.id} {ask.who.session}"
