"""Fixtures for every test: an installation in a temporary home, on SQLite and on PostgreSQL.

PostgreSQL is used when QUANMIN_TEST_POSTGRES holds a SQLAlchemy URL; each test gets a schema of its own there.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.settings import Settings

POSTGRES = "QUANMIN_TEST_POSTGRES"


@pytest.fixture(autouse=True)
def _no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("QUANMIN_") and not name.startswith("QUANMIN_TEST_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A default installation in a temporary home (SQLite, a folder)."""
    return Settings(home=tmp_path / "home", buckets=4)


@pytest.fixture(params=["sqlite", "postgresql"])
def either_settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """An installation on each kind of ledger."""
    home = tmp_path / "home"
    if request.param == "sqlite":
        yield Settings(home=home, buckets=4)
        return
    url = os.environ.get(POSTGRES)
    if not url:
        pytest.skip(f"{POSTGRES} names no PostgreSQL database")
    schema = f"test_{uuid.uuid4().hex}"
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    own = make_url(url).update_query_dict({"options": f"-csearch_path={schema}"})
    yield Settings(home=home, buckets=4, ledger=own.render_as_string(hide_password=False))
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def ledger(either_settings: Settings) -> Iterator[Ledger]:
    """A ledger on each kind of database."""
    with Ledger.open(either_settings) as opened:
        yield opened


@pytest.fixture
def lake(settings: Settings) -> Iterator[Lake]:
    """A lake of a default installation."""
    with Lake.open(settings) as opened:
        yield opened


@pytest.fixture
def either_lake(either_settings: Settings) -> Iterator[Lake]:
    """A lake with each kind of ledger."""
    with Lake.open(either_settings) as opened:
        yield opened
