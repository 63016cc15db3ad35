"""A portal with three datasets, and people with posts who need no accounts: the modules ask the actor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.opendata import Portal
from quanmin.opendata.participation import name
from quanmin.opendata.participation.role import MODERATOR, PUBLISHER
from quanmin.settings import Settings
from quanmin.trust import Actor


def record(name: str, access: str = "public", publisher: str = "health", **more: Any) -> dict[str, Any]:
    """A record of the catalogue."""
    return {
        "@type": "dcat:Dataset",
        "dct:identifier": f"id-{name}",
        "quanmin:name": name,
        "dct:title": {"zh": f"数据集{name}", "en": f"Dataset {name}"},
        "dct:description": {"zh": "说明", "en": "About"},
        "dct:publisher": {"dct:identifier": publisher, "foaf:name": {"zh": "卫生部门", "en": "Health"}},
        "quanmin:access": access,
        "dcat:theme": ["HEAL"],
        "dcat:distribution": [{"dct:identifier": "csv", "dcat:accessURL": f"/datasets/{name}", "dct:format": "csv"}],
        **more,
    }


def somebody(account: str, *roles: str, organisation: str | None = None, kind: Any = "participant") -> Actor:
    """Somebody who signed in with two proofs."""
    made = frozenset(roles or {"participant"})
    return Actor(account, made, organisation, "000000", kind, 2, True, session="s")


class Clock:
    """The time, moved by tests."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 2, 4, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def on(self, **by: float) -> None:
        """Let time pass."""
        self.now += timedelta(**by)


@pytest.fixture
def clock() -> Clock:
    """A clock."""
    return Clock()


@pytest.fixture
def settings_of() -> dict[str, Any]:
    """More settings of the portal; a test module may put its own in place."""
    return {}


@pytest.fixture
def portal(either_settings: Settings, clock: Clock, settings_of: dict[str, Any]) -> Iterator[Portal]:
    """The portal on each kind of ledger."""
    settings = either_settings.model_copy(update=settings_of)
    with Ledger.open(settings, clock) as ledger:
        made = Portal(settings, ledger)
        variables = [
            {"csvw:table": [{"csvw:column": [{"csvw:name": "rate", "csvw:title": {"zh": "率", "en": "Rate"}}]}]}
        ]
        made.catalogue.publish(
            record("open-one", **{"healthdcatap:hasVariables": variables, "dct:source": ["health.death"]}), "officer"
        )
        made.catalogue.publish(record("asked-one", "application"), "officer")
        made.catalogue.publish(record("closed-one", "closed"), "officer")
        yield made


People = Callable[[str], Actor]


@pytest.fixture
def ann(portal: Portal) -> Actor:
    """A participant with a public name."""
    made = somebody("u-annannan")
    name.choose(portal.ledger, made, "安小姐")
    return made


@pytest.fixture
def ben(portal: Portal) -> Actor:
    """Another one."""
    made = somebody("u-benbenbe")
    name.choose(portal.ledger, made, "Ben B")
    return made


@pytest.fixture
def moderator() -> Actor:
    """A moderator of the portal."""
    return somebody("mod", MODERATOR, organisation="office", kind="staff")


@pytest.fixture
def publisher() -> Actor:
    """Who answers for the datasets of `health`."""
    return somebody("pub", PUBLISHER, organisation="health", kind="staff")


@pytest.fixture
def stranger() -> Actor:
    """Who answers for the datasets of another organisation."""
    return somebody("other", PUBLISHER, organisation="cdc", kind="staff")
