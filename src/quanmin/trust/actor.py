"""Who acts. A session, a certificate or a token yields an actor; before accounts exist there is one local administrator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

from quanmin.standards.region import NATION
from quanmin.trust.errors import NotYourself

ADMINISTRATOR = "administrator"

Kind = Literal["staff", "clinician", "patient", "participant", "organisation", "service", "local"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Actor:
    """A person, an organisation or a service; `id` is what the ledger and the audit name.

    `region` is the code of the division that the actor's organisation answers for. `assurance` says how well the actor is
    known: 0 not at all, 1 one proof, 2 two proofs or a signature, 3 two proofs of which one is a key that cannot be copied.
    `subject` and `acting_for` are pseudonyms of people: of the actor, and of the one for whom a guardian acts.
    """

    id: str
    roles: frozenset[str]
    organisation: str | None = None
    region: str | None = None
    kind: Kind = "local"
    assurance: int = 0
    mfa: bool = False
    subject: str | None = None
    acting_for: str | None = None
    session: str | None = None

    def holds(self, role: str) -> bool:
        """Whether the actor may act in a role; the local administrator stands in for every one."""
        return role in self.roles or ADMINISTRATOR in self.roles


def local_administrator() -> Actor:
    """The one actor of a local installation, until it has accounts."""
    return Actor("local-administrator", frozenset({ADMINISTRATOR}))


PUBLIC = "public"
"""The role of everybody: of whom nothing is known, and who sees what may be published."""


def public_reader() -> Actor:
    """Whoever reads without an account. The nation is the division, since what is published is not of one's own."""
    return Actor("public", frozenset({PUBLIC}), region=NATION, kind="service")


def acting_as(known: Actor, name: str | None) -> Actor:
    """Who acts when a name is given (None: whoever is there).

    The local administrator may name who sits at the keyboard, since there are no accounts; whoever signed in may not:
    NotYourself.
    """
    if name is None or name == known.id:
        return known
    if known != local_administrator():
        raise NotYourself()
    return replace(known, id=name)
