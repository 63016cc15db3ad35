"""Whose work is what: three administrators, none of whom can do another's, and nobody anything for himself.

The system administrator makes organisations and accounts and proposes; the security administrator confirms and revokes; the
audit administrator reads the audit and reviews emergency access. The local administrator has no part in it once accounts exist.
"""

from __future__ import annotations

from collections.abc import Collection
from itertools import combinations

from quanmin.trust.actor import ADMINISTRATOR, Actor
from quanmin.trust.identity.errors import NotYourWork, OwnFavour, RolesApart
from quanmin.trust.identity.registry import Registry

SYSTEM, SECURITY, AUDIT = "system_administrator", "security_administrator", "audit_administrator"
ADMINISTRATORS = (SYSTEM, SECURITY, AUDIT)

WORK: dict[str, tuple[str, ...]] = {
    "organisation": (SYSTEM,),
    "account": (SYSTEM,),
    "account.reset": (SYSTEM,),
    "account.confirm": (SECURITY,),
    "account.disable": (SYSTEM, SECURITY),
    "account.enable": (SYSTEM,),
    "account.dormant": (SYSTEM, SECURITY),
    "clock": (SECURITY,),
    "propose": (SYSTEM,),
    "confirm": (SECURITY,),
    "end": (SECURITY,),
    **{f"renew.{role}": tuple(one for one in ADMINISTRATORS if one != role) for role in ADMINISTRATORS},
    "flag.propose": (SECURITY,),
    "flag.confirm": (AUDIT,),
    "flag.end": (SECURITY, AUDIT),
    "flag.list": (SECURITY, AUDIT),
    "session.revoke": (SECURITY,),
    "authority": (SECURITY,),
    "certificate.revoke": (SECURITY,),
    "emergency.review": (AUDIT,),
    "list": ADMINISTRATORS,
}


def require(registry: Registry, actor: Actor, work: str) -> None:
    """Raise NotYourWork, and tell the audit, unless the work is the actor's, who is signed in with two factors."""
    roles = WORK[work]
    known = ADMINISTRATOR not in actor.roles and actor.session is not None and actor.mfa
    if not known or not actor.roles & set(roles) or conflict(actor.roles):
        registry.note("refused", actor.id, {"work": work, "why": "not_your_work"})
        raise NotYourWork(work=work, role=", ".join(roles))


def apart(registry: Registry, actor: Actor, work: str, *others: str | None, subjects: Collection[str] = ()) -> None:
    """Raise OwnFavour when the actor is one of the accounts or persons whom the work is for or who proposed it."""
    if actor.id in others or (actor.subject is not None and actor.subject in subjects):
        registry.note("refused", actor.id, {"work": work, "why": "own_favour"})
        raise OwnFavour(work=work)


def conflict(roles: Collection[str]) -> tuple[str, str] | None:
    """Two roles of these that one person may not hold: two administrators, or an administrator and anything else."""
    for first, second in combinations(sorted(set(roles)), 2):
        if first in ADMINISTRATORS or second in ADMINISTRATORS:
            return first, second
    return None


def compatible(roles: Collection[str]) -> None:
    """RolesApart unless one person may hold all of these."""
    found = conflict(roles)
    if found is not None:
        raise RolesApart(first=found[0], second=found[1])
