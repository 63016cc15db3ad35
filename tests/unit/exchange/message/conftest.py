"""Two members with keys of their own, the directory that knows both, and a request between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.settings import Settings


@pytest.fixture(scope="session")
def sender(tmp_path_factory: pytest.TempPathFactory) -> HomeIdentity:
    return _identity(tmp_path_factory.mktemp("sender"), "civil_affairs")


@pytest.fixture(scope="session")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> HomeIdentity:
    return _identity(tmp_path_factory.mktemp("receiver"), "health")


@pytest.fixture(scope="session")
def now(sender: HomeIdentity, receiver: HomeIdentity) -> datetime:
    return datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=2)


@pytest.fixture(scope="session")
def directory(sender: HomeIdentity, receiver: HomeIdentity, now: datetime) -> Directory:
    members = {one.member: Member(one.member, "成员", "member", None, one.keys()) for one in (sender, receiver)}
    return Directory("health", now, members)


@pytest.fixture
def ask() -> Callable[..., tuple[Http, Envelope]]:
    """A request of the sender's, with what is to differ."""

    def made(body: bytes = b'{"number":1}', query: str = "page=1") -> tuple[Http, Envelope]:
        http = Http("POST", "node.example:8443", "/exchange/v1/requests", query, None, {}, body)
        return http, Envelope("0f6e", "civil_affairs", "health", "A-2026-0001;v=1", "C-7")

    return made


def _identity(home: Path, member: str) -> HomeIdentity:
    return HomeIdentity.open(Settings(home=home, member=member))
