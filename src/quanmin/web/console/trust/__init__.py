"""Trust: people and what they may do, two-person approvals, policies, facts, the audit, the self-check. One file a concept."""

from __future__ import annotations

from quanmin.web.console.trust import (
    approvals,
    auditing,
    certificates,
    checking,
    emergency,
    explain,
    facts,
    flags,
    front,
    mandates,
    organisations,
    patients,
    people,
    policies,
    reidentify,
    sessions,
    tokens,
)
from quanmin.web.face import Face

MODULES = (
    front,
    approvals,
    people,
    organisations,
    mandates,
    certificates,
    tokens,
    sessions,
    emergency,
    patients,
    flags,
    reidentify,
    facts,
    policies,
    explain,
    auditing,
    checking,
)


def install(face: Face) -> None:
    """Register the pages of the area."""
    for module in MODULES:
        module.install(face)
