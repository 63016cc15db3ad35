"""A platform with its ledger, and an agency's home that asks to take part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from quanmin.exchange.member import enrolment, register
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import Actor, audit, local_administrator

AGENCY = "civil_affairs"


@dataclass
class Platform:
    """What the tests do at the platform."""

    settings: Settings
    ledger: Ledger
    actor: Actor

    def admit(
        self, settings: Settings, actor: Actor | None = None, anew: bool = False, **changed: Any
    ) -> dict[str, Any]:
        """Take the enrolment of a home, with members of it changed."""
        told = enrolment.asked(settings) | changed
        return enrolment.admit(self.ledger, self.settings, actor or self.actor, told, anew)

    def directory(self) -> Directory:
        """As it is now."""
        identity = HomeIdentity.open(self.settings)
        return register.directory(self.ledger, identity, "https://127.0.0.1:1", enrolment.own(self.settings))

    def member(self) -> Member:
        """The agency as the directory has it."""
        return self.directory().member(AGENCY)

    def events(self) -> list[str]:
        """What the audit holds of members and certificates."""
        told = [str(one.fields["event"]) for one in audit.entries(self.ledger)]
        return [one for one in told if "member" in one or "certificate" in one or one == "refused"]


@pytest.fixture
def platform(either_settings: Settings) -> Iterator[Platform]:
    settings = either_settings.model_copy(update={"member": "health"})
    with Ledger.open(settings) as ledger:
        yield Platform(settings, ledger, local_administrator())


@pytest.fixture
def agency(tmp_path: Path) -> Settings:
    return Settings(
        home=tmp_path / "agency",
        member=AGENCY,
        exchange_platform="https://127.0.0.1:1",
        exchange_origin="https://a:8443",
    )
