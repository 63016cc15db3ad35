"""Organisations: a tree, each in a region within its parent's; they open, move and close, and never disappear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from quanmin import standards
from quanmin.ledger import Action, Document, Workflow, database, register
from quanmin.standards.region import NATION, stem
from quanmin.trust.actor import Actor
from quanmin.trust.identity import duty, name
from quanmin.trust.identity.errors import BadOrganisation, UnknownOrganisation
from quanmin.trust.identity.registry import Registry

KIND = register(
    Workflow(
        "organisation",
        start="open",
        actions=[
            Action("move", "open", "open", by=duty.SYSTEM, needs=("parent",)),
            Action("close", "open", "closed", by=duty.SYSTEM, needs=("reason",)),
        ],
        words=("reason",),
    )
)


@dataclass(frozen=True)
class Organisation:
    """An open organisation; `parent` is None at the root."""

    id: str
    title: str
    region: str
    parent: str | None
    document: int


class Tree:
    """The open organisations and who stands above whom."""

    def __init__(self, rows: Mapping[str, Organisation]) -> None:
        self._rows = dict(rows)

    def __contains__(self, organisation: object) -> bool:
        return organisation in self._rows

    def __iter__(self) -> Iterator[Organisation]:
        return iter(self._rows.values())

    def get(self, organisation: str) -> Organisation:
        """One of them; UnknownOrganisation."""
        try:
            return self._rows[organisation]
        except KeyError:
            raise UnknownOrganisation(organisation=organisation) from None

    def above(self, organisation: str) -> list[str]:
        """Its parent, the parent's parent and so on to the root."""
        found: list[str] = []
        above = self.get(organisation).parent
        while above is not None:
            found.append(above)
            above = self.get(above).parent
        return found

    def below(self, organisation: str) -> set[str]:
        """Every one that stands under it, at any depth."""
        self.get(organisation)
        return {one.id for one in self if organisation in self.above(one.id)}

    def within(self, organisation: str, whole: str) -> bool:
        """Whether it is `whole` or stands under it."""
        return organisation == whole or whole in self.above(organisation)

    def fits(self, child: str, region: str, parent: str | None) -> None:
        """BadOrganisation when `child` may not stand in `region` under `parent`."""
        if parent is None:
            if any(one.parent is None and one.id != child for one in self):
                raise BadOrganisation(organisation=child, reason="second_root")
            return
        if not covers(self.get(parent).region, region):
            raise BadOrganisation(organisation=child, reason="region_outside_parent")
        if child in self and self.within(parent, child):
            raise BadOrganisation(organisation=child, reason="cycle")


def covers(whole: str, region: str) -> bool:
    """Whether a region lies in another: 110000 covers 110105, the nation (000000) covers all."""
    return region.startswith(stem(whole))


def tree(registry: Registry, connection: Connection | None = None) -> Tree:
    """The organisations as they stand."""
    documents = registry.ledger.find(KIND.kind, state="open", connection=connection)
    return Tree({one.id: one for one in map(_organisation, documents)})


def standing(registry: Registry, connection: Connection, organisation: str) -> Organisation | None:
    """One of them, where it is open."""
    found = registry.ledger.find(KIND.kind, ref=organisation, state="open", connection=connection)
    return _organisation(found[0]) if found else None


def _organisation(document: Document) -> Organisation:
    data = document.data
    return Organisation(str(document.ref), data["title"], data["region"], data.get("parent") or None, document.id)


def add(registry: Registry, actor: Actor, organisation: str, title: str, region: str, parent: str) -> Organisation:
    """A new organisation under another; the system administrator's work."""
    duty.require(registry, actor, "organisation")
    with registry.ledger.writing() as connection:
        return create(registry, actor.id, connection, organisation, title, region, parent)


def create(
    registry: Registry,
    by: str,
    connection: Connection,
    organisation: str,
    title: str,
    region: str,
    parent: str | None,
) -> Organisation:
    """Write it down, once it was found to fit."""
    name.checked(organisation, "organisation")
    database.lock(connection, "organisations")
    if registry.ledger.find(KIND.kind, ref=organisation, connection=connection):
        raise BadOrganisation(organisation=organisation, reason="exists")
    today = registry.instant(connection).date()
    if region != NATION and not standards.catalogue().regions.valid_on(region, today):
        raise BadOrganisation(organisation=organisation, reason="unknown_region")
    tree(registry, connection).fits(organisation, region, parent)
    data = {"title": title, "region": region, "parent": parent}
    document = registry.ledger.create(KIND.kind, organisation, data, by, connection)
    registry.note("organisation", by, {"organisation": organisation, "parent": parent, "region": region}, connection)
    return _organisation(document)


def move(registry: Registry, actor: Actor, organisation: str, parent: str) -> Organisation:
    """Put it, with all that stands under it, under another."""
    duty.require(registry, actor, "organisation")
    with registry.ledger.writing() as connection:
        database.lock(connection, "organisations")
        known = tree(registry, connection)
        one = known.get(organisation)
        known.fits(organisation, one.region, known.get(parent).id)
        act = registry.ledger.act(
            one.document, "move", {"parent": parent}, actor.id, permit=actor, connection=connection
        )
        registry.note("organisation.move", actor.id, {"organisation": organisation, "parent": parent}, connection)
    return _organisation(act)


def close(registry: Registry, actor: Actor, organisation: str, reason: str) -> None:
    """Close it: posts and grants there no longer count. It may have nothing open under it."""
    duty.require(registry, actor, "organisation")
    with registry.ledger.writing() as connection:
        database.lock(connection, "organisations")
        known = tree(registry, connection)
        one = known.get(organisation)
        if known.below(organisation):
            raise BadOrganisation(organisation=organisation, reason="not_empty")
        registry.ledger.act(one.document, "close", {"reason": reason}, actor.id, permit=actor, connection=connection)
        registry.note("organisation.close", actor.id, {"organisation": organisation}, connection)
