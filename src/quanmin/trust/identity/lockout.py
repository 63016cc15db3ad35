"""Failures: a back-off per account and per address, and the signs of one password tried on many accounts (spraying).

A try is written down as failed before it is looked at and becomes a success afterwards, so that many at once cannot all slip
through before the first is counted. Names and addresses are kept as keyed digests: people type passwords where names belong.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from quanmin.ledger import database
from quanmin.ledger.credential import AttemptRow
from quanmin.trust.identity.errors import Locked
from quanmin.trust.identity.registry import Registry

FREE_ACCOUNT, FREE_ADDRESS = 5, 20
"""So many failures in a row (account) or in an hour (address) cost nothing; each further one doubles the wait."""
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=1)
WINDOW = timedelta(hours=1)
SPRAY_ADDRESS, SPRAY_ALL = 5, 30
"""So many different accounts failing within the window, from one address or from all, is spraying."""
_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Attempt:
    """A try that was let in to be looked at."""

    id: int
    account: str
    address: str


def begin(registry: Registry, name: str, address: str) -> Attempt:
    """Write a try down; Locked when the account or the address has to wait (the try then is not looked at)."""
    account, place = registry.vault.digest("account", name), registry.vault.digest("address", address)
    with registry.ledger.writing() as connection:
        database.lock(connection, "attempts")
        at = registry.instant(connection)
        wait = max(
            _wait(_account_failures(connection, account, at), FREE_ACCOUNT, at),
            _wait(_failures(connection, AttemptRow.address == place, at - WINDOW), FREE_ADDRESS, at),
            _sprayed(connection, place, at),
        )
        if wait <= timedelta(0):
            values = {"account": account, "address": place, "at": at, "passed": False}
            row = insert(AttemptRow).values(**values).returning(AttemptRow.id)
            return Attempt(connection.execute(row).scalar_one(), account, place)
    raise Locked(seconds=int(wait.total_seconds()) + 1)


def passed(connection: Connection, attempt: Attempt, at: datetime) -> None:
    """The try was a success: the account's failures no longer count; the address's still do."""
    connection.execute(update(AttemptRow).where(AttemptRow.id == attempt.id).values(passed=True))
    connection.execute(delete(AttemptRow).where(AttemptRow.at < at - _KEPT))


def failed(registry: Registry, attempt: Attempt) -> None:
    """The try failed: sound the alarm where a threshold is just reached."""
    with registry.ledger.writing() as connection:
        since = registry.instant(connection) - WINDOW
        everywhere = _accounts(connection, AttemptRow.at >= since)
        here = _accounts(connection, and_(AttemptRow.at >= since, AttemptRow.address == attempt.address))
        _, row = _account_failures(connection, attempt.account, since + WINDOW)
    if here == SPRAY_ADDRESS or everywhere == SPRAY_ALL:
        registry.warn(
            "password_spraying", "unknown", {"accounts": max(here, everywhere), "address": attempt.address[:16]}
        )
    if row == FREE_ACCOUNT:
        registry.warn("account_locked", "unknown", {"failures": row, "name": attempt.account[:16]})


def _wait(failures: tuple[datetime | None, int], free: int, at: datetime) -> timedelta:
    last, count = failures
    if last is None or count < free:
        return timedelta(0)
    backed_off = min(FIRST * (1 << min(count - free, 10)), LONGEST)
    return last + backed_off - at


def _account_failures(connection: Connection, account: str, at: datetime) -> tuple[datetime | None, int]:
    good = select(func.max(AttemptRow.id)).where(AttemptRow.account == account, AttemptRow.passed)
    since = and_(AttemptRow.account == account, AttemptRow.id > func.coalesce(good.scalar_subquery(), 0))
    return _failures(connection, since, at - timedelta(days=1))


def _failures(connection: Connection, which: ColumnElement[bool], since: datetime) -> tuple[datetime | None, int]:
    query = select(func.max(AttemptRow.at), func.count()).where(which, AttemptRow.at >= since, ~AttemptRow.passed)
    last, count = connection.execute(query).one()
    return last, count


def _sprayed(connection: Connection, address: str, at: datetime) -> timedelta:
    which = and_(AttemptRow.address == address, AttemptRow.at >= at - WINDOW)
    if _accounts(connection, which) < SPRAY_ADDRESS:
        return timedelta(0)
    last = connection.execute(select(func.max(AttemptRow.at)).where(which, ~AttemptRow.passed)).scalar()
    return timedelta(0) if last is None else last + WINDOW - at


def _accounts(connection: Connection, which: ColumnElement[bool]) -> int:
    query = select(func.count(func.distinct(AttemptRow.account))).where(which, ~AttemptRow.passed)
    return int(connection.execute(query).scalar_one())
