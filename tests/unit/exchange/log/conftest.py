"""Entries of messages between two agencies."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from quanmin.exchange.log.entry import Entry
from quanmin.exchange.log.journal import LedgerJournal
from quanmin.exchange.member import directory as directories
from quanmin.exchange.member.identity import HomeIdentity
from quanmin.exchange.member.member import Directory, Member
from quanmin.exchange.message import signature
from quanmin.exchange.message.envelope import Envelope, Http
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import audit


@pytest.fixture
def entry() -> Callable[..., Entry]:
    def made(message: str, **changed: Any) -> Entry:
        told: dict[str, Any] = {
            "direction": "in",
            "kind": "request",
            "message": message,
            "sender": "civil_affairs",
            "receiver": "health",
            "at": datetime(2026, 11, 28, 8, 30, tzinfo=UTC),
            "digest": "00" * 32,
            "size": 12,
            "base": b'"@method": POST',
            "key": "civil_affairs/signature/1",
            "signature": b"\x01\x02",
            "agreement": "A-2026-0001;v=1",
        }
        return Entry(**told | changed)

    return made


@dataclass
class Talk:
    """Two members, the directory that knows both, and the log of one of them; `now` is a clock that tests turn."""

    settings: Settings
    ledger: Ledger
    asks: HomeIdentity
    answers: HomeIdentity
    directory: Directory
    start: datetime
    now: datetime

    def pair(self, name: str, body: bytes = b'{"number":1}', keep: bool = False, **told: Any) -> tuple[Entry, Entry]:
        """A request and its response, signed, as the asking side logs them."""
        ask = Envelope(name, self.asks.member, self.answers.member, "A-2026-0001;v=1", "C-7")
        http = Http("POST", "node.example:8443", "/exchange/v1/requests", "", None, {}, body)
        request = signature.sign(self.asks, http, ask, self.now)
        answer = Envelope(f"{name}-answer", self.answers.member, self.asks.member, "A-2026-0001;v=1", "C-7")
        reply = Http("POST", "node.example:8443", "/exchange/v1/requests", "", 200, {}, body[::-1])
        response = signature.sign(self.answers, reply, answer, self.now, request)
        kept = {"now": self.now, "keep": keep, **told}
        return _logged("out", "request", request, **kept), _logged("in", "response", response, status=200, **kept)

    def logged(self, *names: str, **told: Any) -> None:
        """Pairs of these ids, in the log."""
        journal = LedgerJournal(self.ledger)
        journal.append(*(one for name in names for one in self.pair(name, **told)))
        journal.close()

    def signs(self, members: dict[str, Member]) -> Directory:
        """The directory with other members in it, signed by the platform."""
        return directories.signed(replace(self.directory, members=members), self.answers)

    def platform(self) -> tuple[str, bytes]:
        """The platform's key, as verifiers are given it."""
        return "ed25519", bytes.fromhex(self.answers.keys()[-1].public)

    def audit(self) -> audit.Public:
        """The public key of the log's audit."""
        return audit.Ed25519Public.read(self.settings.home / "keys" / "audit.pub")


def _logged(direction: Any, kind: Any, one: signature.Signed, now: datetime, keep: bool, **told: Any) -> Entry:
    said, body = one.envelope, one.http.body
    return Entry(
        direction,
        kind,
        said.id,
        said.sender,
        said.receiver,
        now,
        hashlib.sha256(body).hexdigest(),
        len(body),
        one.base,
        one.key,
        one.signature,
        said.agreement,
        said.case,
        said.request,
        body=body if keep else None,
        **told,
    )


@pytest.fixture(scope="session")
def members(tmp_path_factory: pytest.TempPathFactory) -> tuple[HomeIdentity, HomeIdentity]:
    """Who asks, and who answers and is the platform."""
    homes = [(name, tmp_path_factory.mktemp(name)) for name in ("civil_affairs", "health")]
    asks, answers = (HomeIdentity.open(Settings(home=home, member=name)) for name, home in homes)
    return asks, answers


@pytest.fixture
def talk(settings: Settings, members: tuple[HomeIdentity, HomeIdentity]) -> Iterator[Talk]:
    """A log to be written, on SQLite."""
    asks, answers = members
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=1)
    listed = {one.member: Member(one.member, "成员", "member", None, one.keys()) for one in members}
    directory = directories.signed(Directory("health", start, listed), answers)
    with Ledger.open(settings) as ledger:
        made = Talk(settings, ledger, asks, answers, directory, start, start)
        ledger.now = lambda: made.now
        yield made


def _authority() -> Any:
    """The stub of the audit's tests, which stand in no package."""
    place = Path(__file__).parents[2] / "trust" / "audit" / "authority.py"
    found = importlib.util.spec_from_file_location("exchange_stamp_authority", place)
    assert found is not None and found.loader is not None
    module = importlib.util.module_from_spec(found)
    sys.modules[found.name] = module
    found.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    authority = _authority()
    with authority.served(authority.Authority(tmp_path_factory.mktemp("tsa") / "first")) as made:
        yield made


@pytest.fixture
def stamped(talk: Any, served: Any) -> Any:
    """The talk, with an authority and a limit of an hour."""
    served.answer = served.stamp
    given = {"timestamp_authority": served.address, "timestamp_roots": served.roots, "exchange_stamp_limit": 3600}
    talk.settings = talk.settings.model_copy(update=given)
    return talk
