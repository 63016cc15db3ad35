"""Oneself: the citizen number of whoever signed in, typed once a session and then carried as a sealed word.

Identity knows people by digests that lead nowhere, so that the number has to be said. It is checked against the account (or the
ward acted for) and sealed for this session and this person: in any other it opens to nothing.
"""

from __future__ import annotations

import binascii
from typing import Any

from quanmin.standards.identity import citizen_number
from quanmin.trust import audit
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account, looker, mandate
from quanmin.trust.identity.errors import NotYourNumber, VaultUnreadable
from quanmin.trust.identity.registry import Registry


def handle(registry: Registry, actor: Actor, number: str) -> str:
    """A sealed word for the number, if it is the actor's own or that of the ward acted for. NotYourNumber."""
    canonical = citizen_number.canonical(number)
    if citizen_number.encode(canonical) is None or account.subject_of(registry, canonical) != _about(actor):
        registry.note("refused", actor.id, {"why": "not_your_number"})
        raise NotYourNumber()
    return registry.vault.seal(canonical, _place(actor))


def number_of(registry: Registry, actor: Actor, word: str | None) -> str | None:
    """The number that was sealed for this session and person; None for anything else."""
    if not word or len(word) > 400 or _about(actor) is None:
        return None
    try:
        return registry.vault.unseal(word, _place(actor))
    except (VaultUnreadable, binascii.Error, ValueError):
        return None


def guardianships(registry: Registry, actor: Actor) -> list[dict[str, Any]]:
    """The guardianships of the actor that are in force: document, last day, and whether it is acted under now."""
    with registry.ledger.writing() as connection:
        at = registry.instant(connection)
        held = mandate.in_force(registry, connection, actor.id, at, "guardianship")
    return [
        {"document": one.id, "until": one.data["until"], "now": one.data["ward"] == actor.acting_for} for one in held
    ]


def of_own(registry: Registry, actor: Actor, number: str, pseudonym: str, facts: audit.Facts) -> list[looker.Looker]:
    """Who read what of oneself or one's ward, newest first; that one looked is an entry, too. NotYourNumber.

    `pseudonym` is the audit's for this number.
    """
    if account.subject_of(registry, citizen_number.canonical(number)) != _about(actor):
        raise NotYourNumber()
    found = audit.of_person(registry.ledger, pseudonym, facts)
    audit.append(registry.ledger, "audit", actor.id, {"action": "mine", "persons": [pseudonym]})
    return looker.told(registry, actor, found)


def _about(actor: Actor) -> str | None:
    """Of whom the actor may ask: the ward while acting for one, else oneself."""
    return actor.acting_for or actor.subject


def _place(actor: Actor) -> str:
    return f"person {actor.session} {_about(actor)}"
