"""Whoever ordered work that is done later, without a session: what he may do now, not what he might when he ordered it."""

from __future__ import annotations

from quanmin.trust.actor import Actor, local_administrator
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import founding, roster
from quanmin.trust.identity.registry import Registry
from quanmin.trust.identity.session import Held


def now(registry: Registry, ordered: Actor) -> Actor | None:
    """The actor as he is now, at the organisation where he ordered it; None when he has no part in it any more.

    The proofs that he gave when he ordered it stand; posts, grants and the account are asked anew. The local administrator is
    nobody once there are accounts.
    """
    if not founding.founded(registry):
        return ordered if ordered == local_administrator() else None
    with registry.ledger.writing() as connection:
        document = accounts.find(registry, ordered.id, connection)
        if document is None or document.state != "active":
            return None
        held = Held("", ordered.id, ordered.organisation, "errand", ordered.assurance, ordered.mfa, None)
        known = roster.build(registry, connection, document, held)
    return Actor(
        known.id, known.roles, known.organisation, known.region, known.kind, known.assurance, known.mfa, known.subject
    )
