"""One engine for SQLite and PostgreSQL: connections, write transactions and migrations.

A write transaction on SQLite starts with BEGIN IMMEDIATE, so that two processes queue instead of failing half-way; on
PostgreSQL the caller locks what must not move by `lock`.
"""

from __future__ import annotations

import functools
import hashlib
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, TextClause, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from quanmin.ledger.errors import LedgerNewer, LedgerUnreachable

REVISION = "0011"  # the newest revision under migrations/versions; a test holds the two together
BUSY_SECONDS = 60
_MIGRATIONS = Path(__file__).parent / "migrations"


def connect(url: str) -> Engine:
    """An engine for `url`; the folder of a SQLite file is made. Its errors do not repeat what was to be written."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        return create_engine(address, pool_pre_ping=True, hide_parameters=True)
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    waiting = {"timeout": BUSY_SECONDS, "check_same_thread": False}
    engine = create_engine(address, connect_args=waiting, hide_parameters=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # SQLAlchemy says BEGIN itself, below
    for pragma in (f"busy_timeout = {BUSY_SECONDS * 1000}", "journal_mode = WAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A consistent view."""
    with engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """One transaction: wholly in or wholly out."""
    with (
        _turn(str(engine.url)) if engine.dialect.name == "sqlite" else nullcontext(),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        yield connection


@functools.cache
def _turn(_url: str) -> threading.RLock:
    """Whose turn it is among the threads of this process: SQLite lets a second writer sleep for longer and longer."""
    return threading.RLock()


def lock(connection: Connection, *alone: str, share: Sequence[str] = ()) -> None:
    """Wait until nobody else is in a transaction that locked one of these names (SQLite has one writer anyway).

    They are waited for in order, those to `share` last: who shares a name waits for whoever has it alone, not for one another.
    """
    if connection.dialect.name == "postgresql":
        keys = {f"key{at}": _key(name) for at, name in enumerate((*alone, *share))}
        connection.execute(_locking(len(alone), len(share)), keys)


@functools.cache
def _locking(alone: int, share: int) -> TextClause:
    kinds = ["pg_advisory_xact_lock"] * alone + ["pg_advisory_xact_lock_shared"] * share
    return text(f"SELECT {', '.join(f'{kind}(:key{at})' for at, kind in enumerate(kinds))}")


def _key(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)


def migrate(engine: Engine) -> None:
    """Bring the database to this program's schema; refuse one that is newer."""
    try:
        with reading(engine) as connection:
            found = _revision(connection)
        if found != REVISION:
            with writing(engine) as connection:
                lock(connection, "migration")
                _upgrade(connection)
    except (OperationalError, OSError) as error:
        raise LedgerUnreachable(reason=type(getattr(error, "orig", error)).__name__) from error


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    found = _revision(connection)
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if found is not None and found not in known:
        raise LedgerNewer(revision=found)
    command.upgrade(config, "head")


__all__ = ["REVISION", "SQLAlchemyError", "connect", "lock", "migrate", "reading", "writing"]
