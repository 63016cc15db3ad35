"""Members with keys of their own, and an office with a clock, for tests of agreements."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from quanmin.exchange.agreement import AGREEMENT, Office, standing
from quanmin.exchange.agreement.workflow import AUTHORITY
from quanmin.exchange.agreement.workflow import CONSUMER as CONSUMES
from quanmin.exchange.agreement.workflow import PROVIDER as PROVIDES
from quanmin.exchange.canonical import canonical
from quanmin.exchange.member.member import Directory, Key, Member, Signer
from quanmin.exchange.terms import Terms
from quanmin.ledger import Document, Ledger
from quanmin.settings import Settings

START = datetime(2026, 11, 2, 1, tzinfo=UTC)
PLATFORM, PROVIDER, CONSUMER, STRANGER = "health", "civil_affairs", "social_security", "education"
NAMES = (PLATFORM, PROVIDER, CONSUMER, STRANGER)


class Pen:
    """A member's signing key (`Identity` without sealing)."""

    def __init__(self, member: str, number: int = 1) -> None:
        self.member = member
        self.key = f"{member}/signature/{number}"
        self._secret = Ed25519PrivateKey.generate()

    @property
    def signer(self) -> Signer:
        return Signer(self.key, "ed25519", self.sign)

    def sign(self, message: bytes) -> bytes:
        return self._secret.sign(message)

    def unseal(self, sealed: bytes) -> bytes:
        raise NotImplementedError

    def public(self, revoked: datetime | None = None) -> Key:
        raw = self._secret.public_key().public_bytes_raw().hex()
        return Key(self.key, "signature", "ed25519", raw, START - timedelta(days=9), revoked)


class Parties:
    """Four members of the exchange, and the platform's office; `now` is what its clock shows."""

    def __init__(self, settings: Settings, ledger: Ledger | None = None) -> None:
        self.settings = settings
        self.now = START
        self.ledger = ledger or Ledger.open(settings)
        self.ledger.now = lambda: self.now
        self.pens = {name: Pen(name) for name in NAMES}
        self.directory = Directory(PLATFORM, START, {name: self._member(name) for name in NAMES})
        self.office = Office(self.ledger, settings, lambda: self.directory)

    def _member(self, name: str) -> Member:
        return Member(name, name, name, None, (self.pens[name].public(),))

    def revoke_key(self, name: str) -> None:
        members = dict(self.directory.members)
        members[name] = replace(members[name], keys=(self.pens[name].public(revoked=self.now),))
        self.directory = replace(self.directory, members=members)

    def signature(self, name: str, terms: Terms) -> str:
        return self.pens[name].sign(terms.text()).hex()

    def sign(self, name: str, agreement: str) -> Document:
        terms = self.office.terms(self.office.course(name, agreement))
        return self.office.sign(name, agreement, self.pens[name].key, self.signature(name, terms))

    def answered(self, **changed: Any) -> str:
        """A conditional agreement that waits for its signatures."""
        told = wish(**changed)
        drafted = self.office.draft(told["consumer"], told)
        agreement = str(drafted.ref)
        self.office.request(told["consumer"], agreement)
        if self.office.review(PLATFORM, agreement).state == "reviewed":
            self.office.answer(told["provider"], agreement)
        return agreement

    def in_force(self, **changed: Any) -> Terms:
        """An agreement in force."""
        agreement = self.answered(**changed)
        told = wish(**changed)
        self.sign(told["provider"], agreement)
        return self.office.terms(self.sign(told["consumer"], agreement))


def wish(**changed: Any) -> dict[str, Any]:
    """What social security asks civil affairs for: who was buried, so that pensions end."""
    return {
        "item": "9",
        "title_zh": "火化信息",
        "title_en": "cremations",
        "provider": PROVIDER,
        "consumer": CONSUMER,
        "dataset": "civil_affairs.funeral",
        "elements": ["citizen_number", "name", "death_date", "disposal"],
        "purpose": "sharing",
        "legal_basis": "政务数据共享条例",
        "mode": "both",
        "initiative": "consumer",
        "frequency": "monthly",
        "operations": ["lookup", "verify"],
        "case": True,
        "starts": "2026-11-01",
        "until": "2027-10-31",
    } | changed


def plain(terms: Terms) -> bytes:
    """The text that is signed, made apart from `Terms.text`."""
    return canonical(terms.to_dict())


def place_in_force(ledger: Ledger, terms: Terms, *sides: str) -> None:
    """An agreement in force whose terms nobody checked: what is decided must hold whatever they say.

    It bears signatures of `sides`, of both where none are named.
    """
    given = {"terms": terms.to_dict(), "asked": terms.to_dict(), "signatures": {}}
    number = ledger.create(AGREEMENT.kind, terms.id, given, "test").id
    ledger.act(number, "request", {}, role=CONSUMES)
    ledger.act(number, "grant", {}, role=AUTHORITY)
    ledger.act(number, "sign", {"signatures": {"provider": {}}}, role=PROVIDES)
    ledger.act(number, "sign", {"signatures": {side: {} for side in sides or ("provider", "consumer")}}, role=CONSUMES)
    standing.forget()
