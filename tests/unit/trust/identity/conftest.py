"""An installation with its three administrators, a hospital and a clock that the tests turn."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from quanmin.ledger import Ledger
from quanmin.trust import Actor, audit, identity
from quanmin.trust.identity import Proofs, Registry, Vault, account, founding, mandate, organisation, totp

START = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)  # a Monday
WORK = 4  # scrypt as cheap as it goes: the cost is not what is tested


def secret_word(name: str) -> str:
    """A password that the policy takes."""
    return f"{name[:1]}Glacier7!vimtub-{len(name)}Q"


@dataclass
class House:
    """What the tests do over and over."""

    registry: Registry
    now: datetime = START
    seeds: dict[str, str] = field(default_factory=dict)
    alarms: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def pass_time(self, **much: float) -> None:
        """Turn the clock."""
        self.now += timedelta(**much)

    def until(self, days: int = 300) -> date:
        """A day in the future."""
        return (self.now + timedelta(days=days)).date()

    def open(self, name: str, halves: tuple[str, str]) -> None:
        """Activate an account and enrol its phone."""
        self.shown += [*halves, secret_word(name)]
        self.seeds[name] = identity.activate(self.registry, name, halves, secret_word(name), f"desk {name}")
        self.shown.append(self.seeds[name])
        self.pass_time(seconds=60)
        identity.enrol(self.registry, name, Proofs(secret_word(name), self.code(name)), f"desk {name}")

    def code(self, name: str, step: int = 0) -> str:
        """What the phone shows now."""
        return totp.code(base64.b32decode(self.seeds[name]), totp.step_of(self.now) + step)

    def token(self, name: str, **more: Any) -> str:
        """Sign in by password and phone."""
        self.pass_time(seconds=60)
        given = Proofs(secret_word(name), self.code(name))
        token = identity.sign_in(self.registry, name, given, f"desk {name}", **more)
        self.shown.append(token)
        return token

    def actor(self, name: str, **more: Any) -> Actor:
        """The actor of somebody who just signed in."""
        return identity.authenticate(self.registry, self.token(name, **more))

    def word(self, name: str) -> str:
        """The password of an account."""
        return secret_word(name)

    @property
    def system(self) -> Actor:
        return self.actor("sys-one")

    @property
    def security(self) -> Actor:
        return self.actor("sec-one")

    @property
    def audit(self) -> Actor:
        return self.actor("aud-one")

    def person(
        self, name: str, kind: Any = "clinician", person: str | None = None, place: str = "city-hospital"
    ) -> None:
        """An account of a person, opened."""
        first = account.add(self.registry, self.system, name, kind, place, person or f"number of {name}", f"王{name}")
        self.open(name, (first, account.confirm(self.registry, self.security, name)))

    def give(self, sort: Any, name: str, days: int = 300, **data: Any) -> int:
        """Propose and confirm a mandate."""
        made = mandate.propose(self.registry, self.system, sort, name, self.until(days), **data)
        return mandate.confirm(self.registry, self.security, made.id).id

    def doctor(self, name: str = "dr-wang", place: str = "city-hospital") -> None:
        """A clinician in a post."""
        self.person(name)
        self.give("post", name, role="physician", organisation=place)

    def events(self, event: str) -> list[Mapping[str, Any]]:
        """Entries of the audit."""
        return [one.fields for one in audit.entries(self.registry.ledger) if one.fields["event"] == f"identity.{event}"]

    def reasons(self, event: str) -> list[str]:
        """Why entries were written."""
        return [one["why"] for one in self.events(event)]

    def audit_text(self) -> str:
        """Everything that the audit holds."""
        return json.dumps([dict(one.fields) for one in audit.entries(self.registry.ledger)], ensure_ascii=False)


def founders() -> tuple[founding.Founder, founding.Founder, founding.Founder]:
    """Three people."""
    names = ("sys-one", "sec-one", "aud-one")
    one, two, three = (founding.Founder(name, f"number of {name}") for name in names)
    return one, two, three


@pytest.fixture
def empty(ledger: Ledger) -> House:
    """An installation without accounts."""
    house = House(Registry(ledger, Vault(b"k" * 32), work=WORK))
    ledger.now = lambda: house.now

    def hear(kind: str, _fields: Mapping[str, Any]) -> None:
        house.alarms.append(kind)

    object.__setattr__(house.registry, "alarm", hear)
    return house


@pytest.fixture
def house(empty: House) -> House:
    """An installation with its administrators signed in once, and a hospital."""
    codes = founding.found(empty.registry, "health-office", "省卫生健康委", "110000", *founders())
    for name, halves in codes.items():
        empty.open(name, halves)
    organisation.add(empty.registry, empty.system, "city-hospital", "市医院", "110105", "health-office")
    return empty
