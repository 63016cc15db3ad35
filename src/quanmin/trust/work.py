"""Whose work something is, once there are accounts: asked before anything is done, on the command line and in Python alike."""

from __future__ import annotations

from quanmin.ledger import Ledger
from quanmin.trust import audit
from quanmin.trust.actor import Actor, local_administrator
from quanmin.trust.keys.errors import RoleMissing

OPERATOR = "operator"
"""Who collects, withdraws, builds, links, gives feedback and keeps the lake tidy."""


def require(ledger: Ledger, actor: Actor, role: str = OPERATOR) -> None:
    """RoleMissing, and the audit is told, unless the actor holds the role and showed two proofs.

    The local administrator, who is there only as long as there are no accounts, does everybody's work.
    """
    if actor == local_administrator() or (role in actor.roles and actor.mfa):
        return
    audit.append(ledger, "refused", actor.id, {"role": role})
    raise RoleMissing(role=role)
