"""Who looked, as the citizen is told: in which role, for which organisation, why; by name only who treats people.

The organisation answers for what is done with its data (个人信息保护法 art. 9, 44, 50), and whoever works there is a person,
too, whose name and account are not needed to ask it. The number of the entry is: with it the organisation and the audit
administrator find who it was. Medical staff wear their name at work (《医疗机构管理条例》: a badge with name and post), so that
a clinician who read for treatment is named. An account's own name is never told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from quanmin.trust import audit
from quanmin.trust.actor import Actor
from quanmin.trust.identity import account as accounts
from quanmin.trust.identity import organisation
from quanmin.trust.identity.errors import VaultUnreadable
from quanmin.trust.identity.registry import Registry

NAMED_FOR = "treatment"
NAMED_KIND = "clinician"


class Looker(NamedTuple):
    """One access. `entry` is its number in the audit, `own` that it was the citizen, `name` what a clinician is called.

    `title` is what the organisation is called; of a closed one its short name.
    """

    entry: int
    at: datetime
    event: str
    own: bool
    name: str | None
    roles: tuple[str, ...]
    organisation: str | None
    title: str | None
    purpose: str | None
    dataset: str | None
    columns: Mapping[str, str]


def told(registry: Registry, actor: Actor, found: Iterable[audit.Access]) -> list[Looker]:
    """Accesses as the actor is told of them, in the same order."""
    titles = {one.id: one.title for one in organisation.tree(registry)}
    names: dict[str, str | None] = {}
    made = []
    for one in found:
        name = None
        if one.purpose == NAMED_FOR:
            name = names[one.actor] = names[one.actor] if one.actor in names else _name(registry, one.actor)
        place = (one.organisation, titles.get(one.organisation or "", one.organisation))
        about = (one.sequence, one.at, one.event, one.actor == actor.id, name, one.roles)
        made.append(Looker(*about, *place, one.purpose, one.dataset, one.columns))
    return made


def _name(registry: Registry, account: str) -> str | None:
    """What the holder of a clinician's account is called; None for every other, and where it cannot be read any more."""
    document = accounts.find(registry, account)
    if document is None or document.data["kind"] != NAMED_KIND or not document.data.get("shown"):
        return None
    try:
        return registry.vault.unseal(document.data["shown"], f"account {account}")
    except VaultUnreadable:
        return None
