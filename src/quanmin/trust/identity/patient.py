"""Patients and guardians. A patient is who the population base says, by number, name and a second item; nobody by his own word.

Trust cannot see the base: whoever can hands in a `Prove`. It answers with a stable word for the person, or None.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from quanmin.ledger import Document
from quanmin.standards.identity import citizen_number
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import lockout, mandate
from quanmin.trust.identity.errors import NotProven
from quanmin.trust.identity.registry import Registry

IMPLIED = ("birth_date", "sex", "name", "citizen_number", "person_key", "birth_place")
"""Items that the number itself or the name says: they prove nothing besides."""


class Claim(NamedTuple):
    """What somebody says of himself."""

    number: str
    name: str
    item: str
    value: str


Prove = Callable[[Claim], str | None]


def enrol(
    registry: Registry, prove: Prove, claim: Claim, address: str, account: str | None = None
) -> tuple[str, tuple[str, str]]:
    """Make the account of a patient who was proven: its name and both halves of the code. NotProven, Locked, AccountTaken.

    The account has a name that tells nothing, unless `account` is given. Tries are counted by number, however it is written, and
    by address, like those of a sign-in: the second item must not be guessed.
    """
    attempt = lockout.begin(registry, f"number {citizen_number.canonical(claim.number)}", address)
    why, person = "item", None
    if claim.item not in IMPLIED and all(part.strip() for part in claim):
        why, person = "differs", _asked(prove, claim)
    if person is None:
        registry.note("patient.failed", "unknown", {"why": why})
        lockout.failed(registry, attempt)
        raise NotProven()
    account = account or "p-" + "x".join(
        secrets.token_hex(2) for _ in range(3)
    )  # never so many digits in a row as a name may not have
    with registry.ledger.writing() as connection:
        lockout.passed(connection, attempt, registry.instant(connection))
        subject = accounts.subject_of(registry, person)
        made = accounts.create(registry, "base", connection, account, "patient", None, subject, None)
        registry.ledger.act(made.id, "prove", {"item": claim.item}, "base", connection=connection)
        first, second = (accounts.half(registry, connection, account, place) for place in (0, 1))
    return account, (first, second)


def _asked(prove: Prove, claim: Claim) -> str | None:
    try:
        return prove(claim)
    except Exception:  # a base that cannot answer proves nobody
        return None


def guardian(
    registry: Registry, actor: Actor, account: str, ward: str, basis: str, until: date, start: date | None = None
) -> Document:
    """Propose that an account acts for a ward, known by number, on a basis (parent, court order) until a day."""
    subject = accounts.subject_of(registry, ward)
    return mandate.propose(registry, actor, "guardianship", account, until, start, ward=subject, basis=basis)
