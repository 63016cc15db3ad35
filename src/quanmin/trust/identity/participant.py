"""Participants: people who opened an account themselves to take part in the open data portal.

Nothing is known of them and they may see no data: their one role, `participant`, stands in no policy. The name of the account is
given, never chosen, so that nobody learns by asking which accounts there are. They sign in with two proofs like everybody.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection

from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import credential, password, totp
from quanmin.trust.identity.registry import Registry

ROLE = "participant"
_LETTERS = "abcdefghjkmnpqrstuvwxyz"
_LONG = 8


class Opened(NamedTuple):
    """A new account: its name and the seed of the phone's codes, which are shown this once."""

    account: str
    seed: str


def register(
    registry: Registry, chosen: str, also: Callable[[Connection, str], None] = lambda _connection, _account: None
) -> Opened:
    """Open an account with a password; it can be used once `enrol` has seen a code. WeakPassword.

    `also` is done in the same transaction, for the account. Whoever calls bounds how often that is.
    """
    name = "u-" + "".join(secrets.choice(_LETTERS) for _ in range(_LONG))
    password.check(chosen, name)
    kept, seed = password.digest(chosen, registry.work), totp.new_seed()
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        while accounts.find(registry, name, connection) is not None:
            name = "u-" + "".join(secrets.choice(_LETTERS) for _ in range(_LONG))
        data = {"kind": "participant", "group": "participant", "organisation": None, "subject": None, "shown": None}
        made = registry.ledger.create(accounts.KIND.kind, name, data, name, connection)
        credential.keep(connection, name, "password", kept, at)
        credential.keep(connection, name, "totp", registry.vault.seal(seed, f"totp {name}"), at)
        registry.ledger.act(made.id, "register", None, name, connection=connection)
        also(connection, name)
        registry.note(
            "register", name, {"account": name, "kind": "participant"}, connection
        )  # the audit's lock comes last
    return Opened(name, seed)
