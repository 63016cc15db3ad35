"""What every part of identity works with: the ledger, the key, the audit, the time, and where alarms go."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from quanmin.ledger import Ledger
from quanmin.ledger.credential import MarkRow, SessionRow
from quanmin.settings import Settings
from quanmin.trust import audit
from quanmin.trust.identity.errors import ClockBack
from quanmin.trust.identity.vault import Vault

TOLERANCE = timedelta(minutes=5)
"""So far a clock may be put back (by its time service); the time then stands still until the clock has caught up."""

NOTED = timedelta(seconds=10)
"""A time that was noted so shortly before need not be noted again by whoever only reads."""
_SEEN = select(MarkRow.at).where(MarkRow.name == "identity")

Alarm = Callable[[str, Mapping[str, Any]], None]


def _silent(_kind: str, _fields: Mapping[str, Any]) -> None:
    """Alarms are in the audit anyway."""


@dataclass(frozen=True)
class Site:
    """The installation as services and browsers see it."""

    name: str = "quanmin"
    rp_id: str = "localhost"
    origins: tuple[str, ...] = ("http://localhost:8000",)


@dataclass(frozen=True)
class Registry:
    """The register of identities of one installation. `work` is scrypt's cost as a power of two."""

    ledger: Ledger
    vault: Vault
    site: Site = field(default_factory=Site)
    work: int = 17
    alarm: Alarm = _silent

    @classmethod
    def open(cls, ledger: Ledger, settings: Settings, site: Site | None = None) -> Registry:
        """The register of a home."""
        return cls(ledger, Vault.open(settings), site or Site())

    def moment(self) -> datetime:
        """The time in a transaction of its own, which writes only where none was noted within `NOTED`; ClockBack."""
        with self.ledger.reading() as connection:
            noted = self.glance(connection)
        if noted is not None:
            return noted
        with self.ledger.writing() as connection:
            return self.instant(connection)

    def glance(self, connection: Connection) -> datetime | None:
        """The time as `instant` tells it, where none has to be noted now: one was within `NOTED`. Writes nothing."""
        now, seen = self.ledger.now(), connection.execute(_SEEN).scalar()
        return now if seen is not None and seen <= now <= seen + NOTED else None

    def instant(self, connection: Connection) -> datetime:
        """The time, never before one that was seen; ClockBack when the clock was put back. Needs a write transaction."""
        now = self.ledger.now()
        seen = connection.execute(_SEEN).scalar()
        if seen is None:
            connection.execute(insert(MarkRow).values(name="identity", at=now))
        elif now > seen:
            connection.execute(update(MarkRow).where(MarkRow.name == "identity").values(at=now))
        elif now < seen - TOLERANCE:
            raise ClockBack()
        return now if seen is None else max(now, seen)

    def forget_time(self, connection: Connection) -> None:
        """Forget the time that was seen, and end every session, so that none comes back."""
        connection.execute(delete(MarkRow).where(MarkRow.name == "identity"))
        ended = {"ended": self.ledger.now(), "why": "clock_reset"}
        connection.execute(update(SessionRow).where(SessionRow.ended.is_(None)).values(**ended))

    def note(self, event: str, actor: str, fields: Mapping[str, Any], connection: Connection | None = None) -> None:
        """One entry of the audit; `fields` holds names of accounts, numbers of documents and stable words only."""
        audit.append(self.ledger, f"identity.{event}", actor, fields, connection)

    def warn(self, kind: str, actor: str, fields: Mapping[str, Any]) -> None:
        """An alarm: into the audit, and to whoever listens."""
        self.note("alarm", actor, {"alarm": kind, **fields})
        self.alarm(kind, fields)
