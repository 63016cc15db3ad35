"""The situation of a question: what is known of who asks, for what, and about whom, looked up before it is decided."""

from __future__ import annotations

from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust.actor import Actor, local_administrator
from quanmin.trust.circumstance import Circumstances
from quanmin.trust.column import BASE
from quanmin.trust.policy.situation import Situation


def situation(
    ledger: Ledger, settings: Settings, actor: Actor, purpose: str, number: str | None = None, dataset: str = BASE
) -> Situation:
    """What is known of a question about a dataset or the base, or about one person of it by citizen number. UnknownSubject.

    The local administrator asks about everybody, since there is nobody whose patient or citizen anybody is; consents that
    were taken back count for him, too.
    """
    person = None if actor == local_administrator() else number
    return Circumstances.open(ledger, settings).situation(actor, purpose, dataset, person)
