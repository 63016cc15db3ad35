"""Opening, migrating, and transactions."""

from __future__ import annotations

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from quanmin.ledger import Ledger, database
from quanmin.ledger.errors import LedgerNewer, LedgerUnreachable
from quanmin.ledger.table import Base
from quanmin.settings import Settings


def test_the_migrations_make_exactly_the_declared_tables(ledger: Ledger) -> None:
    with ledger.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_the_revision_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == database.REVISION


def test_opening_twice_keeps_what_is_there(either_settings: Settings) -> None:
    with Ledger.open(either_settings) as first, first.writing() as connection:
        connection.execute(text("INSERT INTO lease VALUES ('a', 't', 'h', 1, 's', '2026-01-01')"))
    with Ledger.open(either_settings) as second, second.reading() as connection:
        assert connection.execute(text("SELECT name FROM lease")).scalars().all() == ["a"]


def test_a_newer_database_is_refused(either_settings: Settings) -> None:
    with Ledger.open(either_settings) as ledger, ledger.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(LedgerNewer) as caught:
        Ledger.open(either_settings)
    assert "9999" in str(caught.value)


def test_a_database_that_is_away_is_an_error_with_a_next_step(settings: Settings) -> None:
    settings.home.mkdir()
    (settings.home / "ledger.sqlite").mkdir()
    with pytest.raises(LedgerUnreachable):
        Ledger.open(settings)


def test_a_failing_transaction_leaves_nothing(ledger: Ledger) -> None:
    with pytest.raises(ZeroDivisionError), ledger.writing() as connection:
        connection.execute(text("INSERT INTO lease VALUES ('a', 't', 'h', 1, 's', '2026-01-01')"))
        raise ZeroDivisionError
    with ledger.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM lease")).scalar() == 0


def test_times_come_back_in_utc_and_need_a_zone(ledger: Ledger) -> None:
    from datetime import datetime

    from quanmin.ledger.table import UtcTime

    with pytest.raises(TypeError):
        UtcTime().process_bind_param(datetime(2026, 1, 1), ledger.engine.dialect)
