"""A server's store on both kinds of ledger, people with a post, and kinds of work that do nothing but tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from quanmin.jobs import KINDS, Kind, Worker
from quanmin.jobs.kind import Task
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust import Actor
from quanmin.trust.identity import Registry, Vault, account, errand, mandate, organisation

PLACE = "data-centre"


@dataclass
class Server:
    """A store as a worker sees it."""

    lake: Lake
    registry: Registry

    @classmethod
    def open(cls, settings: Settings) -> Server:
        lake = Lake.open(settings)
        return cls(lake, Registry(lake.ledger, Vault.open(settings), work=4))

    @property
    def worker(self) -> Worker:
        """A worker of it."""
        return Worker(self, poll=0.05)

    def person(self, name: str, role: str) -> Actor:
        """Somebody with an account and a grant, who gave two proofs."""
        registry, ledger = self.registry, self.lake.ledger
        with ledger.writing() as connection:
            if PLACE not in organisation.tree(registry, connection):
                organisation.create(registry, account.FOUNDING, connection, PLACE, "数据中心", "370000", None)
            made = account.create(registry, account.FOUNDING, connection, name, "staff", PLACE, None, None)
            for action in ("prove", "activate", "enrol"):
                ledger.act(made.id, action, None, account.FOUNDING, connection=connection)
            until = (ledger.now() + timedelta(days=30)).date()
            data = {"role": role, "organisation": PLACE, "purpose": "work", "owner": PLACE}
            grant = mandate.create(registry, account.FOUNDING, connection, "grant", name, until, None, data)
            ledger.act(grant.id, "found", None, account.FOUNDING, connection=connection)
        actor = errand.now(registry, Actor(name, frozenset(), PLACE, assurance=2, mfa=True))
        assert actor is not None and actor.roles == {role}
        return actor

    def withdraw(self, name: str) -> None:
        """End what somebody holds."""
        for one in self.lake.ledger.find("identity_grant", ref=name, state="held"):
            self.lake.ledger.act(one.id, "end", {"reason": "left"}, role="security_administrator")


@pytest.fixture
def server(either_settings: Settings) -> Iterator[Server]:
    """The store, on SQLite and on PostgreSQL."""
    made = Server.open(either_settings)
    yield made
    made.lake.close()


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Make a kind of work known for a test: `work("nap", run)`."""

    def make(name: str, run: Callable[[Task], Mapping[str, Any]], *roles: str, **more: Any) -> None:
        kind = Kind(name, Text("试作业", "a trial"), roles or ("operator",), run, **more)
        monkeypatch.setitem(KINDS, name, kind)

    return make
