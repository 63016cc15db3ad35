"""What every command that touches data needs first: the lake of this home and the person at the keyboard."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import Actor, Situation, identity, local_administrator, question, work
from quanmin.trust.identity import founding
from quanmin.trust.identity.errors import SessionOver


def open_lake(settings: Settings | None = None) -> Lake:
    """The lake and ledger of the home, made if they are not there yet."""
    return Lake.open(settings or Settings())


@contextmanager
def open_register(settings: Settings | None = None) -> Iterator[identity.Registry]:
    """The register of identities of the home."""
    known = settings or Settings()
    with Ledger.open(known) as ledger:
        yield identity.Registry.open(ledger, known)


def session_file(settings: Settings) -> Path:
    """Where the session of this user of the machine is kept; only he can read it."""
    return settings.home / f"session-{os.getuid() if hasattr(os, 'getuid') else 0}"


def operator() -> Actor:
    """Who acts: whoever signed in; the one local administrator as long as the installation has no accounts. SessionOver."""
    settings = Settings()
    with open_register(settings) as register:
        if not founding.founded(register):
            return local_administrator()
        try:
            token = session_file(settings).read_text("ascii").strip()
        except OSError:
            raise SessionOver() from None
        return identity.authenticate(register, token)


def worker(role: str = work.OPERATOR) -> Actor:
    """Who acts, where the work is that of one role. RoleMissing."""
    actor = operator()
    with Ledger.open(Settings()) as ledger:
        work.require(ledger, actor, role)
    return actor


def situation(
    lake: Lake, actor: Actor, purpose: str, number: str | None = None, dataset: str = "linked.person"
) -> Situation:
    """What is known of a question, or of one person of it."""
    return question.situation(lake.ledger, lake.settings, actor, purpose, number, dataset)
