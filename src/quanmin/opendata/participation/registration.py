"""Opening an account of one's own to take part: switched off by a setting, bounded by address and in all."""

from __future__ import annotations

from sqlalchemy import Connection

from quanmin.opendata.participation import name, paper
from quanmin.opendata.participation.errors import RegistrationClosed
from quanmin.settings import Settings
from quanmin.trust.identity import Registry, participant

ADDRESS = ((1, 10), (24, 30))
"""Tries of one address, in so many hours."""
EVERYBODY = ((1, 300),)


def register(registry: Registry, settings: Settings, shown: str, chosen: str, address: str) -> participant.Opened:
    """A new account that is called `shown` in public. RegistrationClosed, TooOften, WeakPassword, BadPublicName, PublicNameTaken.

    A try counts whatever becomes of it, before the password costs time.
    """
    if not settings.registration:
        raise RegistrationClosed()
    name.checked(shown)
    ledger = registry.ledger
    with ledger.writing() as connection:
        paper.often(connection, ledger, "register " + registry.vault.digest("address", address)[:32], ADDRESS)
        paper.often(connection, ledger, "register", EVERYBODY)

    def also(connection: Connection, account: str) -> None:
        name.take(connection, ledger, account, shown)

    return participant.register(registry, chosen, also)
