"""The first three administrators. An installation has no account until somebody with access to its home founds it, once."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from quanmin.ledger import database
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import duty, mandate, organisation
from quanmin.trust.identity.errors import AccountTaken, Founded
from quanmin.trust.identity.registry import Registry

GRANT_LASTS = timedelta(days=365)


class Founder(NamedTuple):
    """One of the three: the name of the account, and the number by which the person is recognised again."""

    account: str
    person: str


def founded(registry: Registry) -> bool:
    """Whether there are accounts."""
    return bool(registry.ledger.count(accounts.KIND.kind))


def found(
    registry: Registry, root: str, title: str, region: str, system: Founder, security: Founder, audit: Founder
) -> dict[str, tuple[str, str]]:
    """Make the root organisation and the accounts of three different people; both halves of each one's code."""
    three = {duty.SYSTEM: system, duty.SECURITY: security, duty.AUDIT: audit}
    subjects = [accounts.subject_of(registry, one.person) for one in three.values()]
    if len(set(subjects)) < len(three):
        raise AccountTaken(reason="person")
    codes = {}
    with registry.ledger.writing() as connection:
        for name in ("founding", "organisations", "accounts"):  # before the audit's, as everybody else takes them
            database.lock(connection, name)
        if registry.ledger.find(accounts.KIND.kind, connection=connection):
            raise Founded()
        at, by = registry.instant(connection), accounts.FOUNDING
        organisation.create(registry, by, connection, root, title, region, None)
        for (role, one), subject in zip(three.items(), subjects, strict=True):
            made = accounts.create(registry, by, connection, one.account, "staff", root, subject, None)
            registry.ledger.act(made.id, "confirm", None, by, connection=connection)
            data = {"role": role, "organisation": root, "purpose": "founding", "owner": root}
            until = (at + GRANT_LASTS).date()
            grant = mandate.create(registry, by, connection, "grant", one.account, until, None, data)
            registry.ledger.act(grant.id, "found", None, by, connection=connection)
            first, second = (accounts.half(registry, connection, one.account, place) for place in (0, 1))
            codes[one.account] = (first, second)
        registry.note("found", by, {"accounts": list(codes), "organisation": root}, connection)
    return codes
