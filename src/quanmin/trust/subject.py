"""Whom an explanation is about: an account with what it holds now, or a typical holder of a role; and the facts given."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from quanmin.standards.region import NATION
from quanmin.text import Text
from quanmin.trust.actor import Actor
from quanmin.trust.errors import UnknownSubject
from quanmin.trust.identity import Registry, account, mandate, organisation
from quanmin.trust.policy.expected import PERSON
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.policy.situation import FACTS, Situation

GIVEN: tuple[str, ...] = (*FACTS, "person")
"""Facts that an explanation can be told to take as given; `person`: one person is asked about."""


def named(registry: Registry, name: str, region: str | None = None, one_factor: bool = False) -> Actor:
    """A typical holder of a role, or an account with the posts and grants that it holds now. UnknownSubject."""
    if name in ROLES:
        return typical(name, region or NATION, not one_factor)
    with registry.ledger.writing() as connection:
        document = account.find(registry, name, connection)
        if document is None:
            raise UnknownSubject(kind=Text("账户或角色", "account or role"), name=name)
        held = mandate.in_force(registry, connection, name, registry.ledger.now(), "post", "grant")
        roles = frozenset(str(one.data["role"]) for one in held) or frozenset(
            {document.data["kind"]} & {"patient", "participant"}
        )
        places, tree = [one.data["organisation"] for one in held], organisation.tree(registry, connection)
        place = next((one for one in places if one in tree), None)
        own = tree.get(place).region if place is not None else None
    made = Actor(name, roles, organisation=place, region=own, kind=document.data["kind"], assurance=2, mfa=True)
    return replace(made, mfa=False, assurance=1) if one_factor else made


def given(facts: Iterable[str] | None) -> Situation:
    """The facts that are taken as given; UnknownSubject."""
    known = set(facts or ())
    for name in sorted(known - set(GIVEN)):
        raise UnknownSubject(kind=Text("事实", "fact"), name=name)
    values: dict[str, Any] = {name: True for name in known & set(FACTS)}
    personal = known & {"person", "own", "ward", "care", "rescue", "consent"}
    return Situation(**values, person=PERSON if personal else None)
