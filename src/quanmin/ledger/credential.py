"""The tables of identity that are no documents: proofs, sessions, attempts, what was used up, certificates, the clock's mark.

No row holds a secret as it was given: passwords, codes and session tokens are digests, seeds and private keys are sealed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from quanmin.ledger.table import SERIAL, Base


class CredentialRow(Base):
    """A proof of identity of an account; `counter` only ever grows, `retired` rows are kept so that none comes back."""

    __tablename__ = "credential"
    __table_args__ = (Index(None, "account", "kind"), Index(None, "handle"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    account: Mapped[str]
    kind: Mapped[str]
    handle: Mapped[str | None]
    secret: Mapped[str]
    counter: Mapped[int] = mapped_column(BigInteger)
    about: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    retired: Mapped[datetime | None]


class SessionRow(Base):
    """A session by the digest of its token; times only, so that nothing of it can be used."""

    __tablename__ = "session"
    __table_args__ = (Index(None, "account"),)
    digest: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str]
    organisation: Mapped[str | None]
    methods: Mapped[str]
    assurance: Mapped[int]
    mfa: Mapped[bool]
    acting_for: Mapped[str | None]
    at: Mapped[datetime]
    seen: Mapped[datetime]
    ends: Mapped[datetime]
    ended: Mapped[datetime | None]
    why: Mapped[str | None]


class AttemptRow(Base):
    """A try to sign in: digests of the account's name and of the address; a try counts as failed until it succeeded."""

    __tablename__ = "attempt"
    __table_args__ = (Index(None, "account", "at"), Index(None, "address", "at"), {"sqlite_autoincrement": True})
    id: Mapped[int] = mapped_column(SERIAL, primary_key=True)
    account: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime]
    passed: Mapped[bool]


class SpentRow(Base):
    """What may be used once: a token's number when it was used, a challenge from when it is given until it is answered."""

    __tablename__ = "spent"
    __table_args__ = (Index(None, "ends"),)
    kind: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(primary_key=True)
    account: Mapped[str | None]
    ends: Mapped[datetime]


class CertificateRow(Base):
    """A certificate that the own authority issued (the authority's own ones too, with their sealed keys)."""

    __tablename__ = "certificate"
    __table_args__ = (Index(None, "account"),)
    serial: Mapped[str] = mapped_column(primary_key=True)
    issuer: Mapped[str | None]
    account: Mapped[str | None]
    pem: Mapped[str]
    key: Mapped[str | None]
    at: Mapped[datetime]
    ends: Mapped[datetime]
    revoked: Mapped[datetime | None]
    why: Mapped[str | None]


class MarkRow(Base):
    """The latest time that was ever seen: a clock set back does not pass it."""

    __tablename__ = "mark"
    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
