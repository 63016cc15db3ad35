"""Who acts. Until sign-in comes there is one local administrator: whoever can open the home."""

from __future__ import annotations

from dataclasses import dataclass

ADMINISTRATOR = "administrator"


@dataclass(frozen=True)
class Actor:
    """A person or an agency; `id` is what the ledger and the audit name."""

    id: str
    roles: frozenset[str]

    def holds(self, role: str) -> bool:
        """Whether the actor may act in a role; the local administrator stands in for every one."""
        return role in self.roles or ADMINISTRATOR in self.roles


def local_administrator() -> Actor:
    """The one actor of a local installation."""
    return Actor("local-administrator", frozenset({ADMINISTRATOR}))
