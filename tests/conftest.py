"""Fixtures for every test: an installation in a temporary home, on SQLite and on PostgreSQL.

PostgreSQL is used when QUANMIN_TEST_POSTGRES holds a SQLAlchemy URL; each test gets a schema of its own there.
With QUANMIN_TEST_NO_SKIP=1 (`.ci/run` sets it) a skipped test is a failed one, unless its reason is in `MAY_SKIP`.
"""

from __future__ import annotations

import os
import sqlite3
import time
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text

from quanmin import demo
from quanmin.lake import Lake, Session
from quanmin.ledger import Ledger, Snapshot, database
from quanmin.settings import Settings

POSTGRES = "QUANMIN_TEST_POSTGRES"
NO_SKIP = "QUANMIN_TEST_NO_SKIP"

MAY_SKIP = (
    "the real data is not on this machine",
    "the shared data are not here",
)
"""Reasons that stand even with NO_SKIP: shared data that a machine may lack. What a later issue needs is added by name."""


def _unless_allowed(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip whose reason is not allowed into a failure."""
    if os.environ.get(NO_SKIP) != "1" or not report.skipped or hasattr(report, "wasxfail"):
        return
    reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
    if reason.removeprefix("Skipped: ") not in MAY_SKIP:
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, and {NO_SKIP}=1 allows no skip for this reason: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tests that skip, in their body or in a fixture."""
    report = yield
    _unless_allowed(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Whole files that skip."""
    report = yield
    _unless_allowed(report)
    return report


@pytest.fixture(autouse=True)
def _no_installation(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("QUANMIN_") and not name.startswith("QUANMIN_TEST_")]:
        monkeypatch.delenv(name)


Tables = dict[str, list[str]]


@pytest.fixture(scope="session")
def _tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """What the migrations make of an empty database, as statements: of SQLite at once, of PostgreSQL when it is first needed."""
    home = tmp_path_factory.mktemp("tables")
    Ledger.open(Settings(home=home)).close()
    with sqlite3.connect(home / "ledger.sqlite") as made:
        return {"sqlite": [one for one in made.iterdump() if one not in ("BEGIN TRANSACTION;", "COMMIT;")]}


@pytest.fixture(autouse=True)
def _quick_tables(_tables: Tables, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """An empty ledger gets its tables at once, which thousands of tests need; those of the migrations run them."""
    upgrade = database._upgrade
    if "migrat" in request.node.nodeid:
        return

    def quick(connection: Connection) -> None:
        kind = connection.dialect.name
        if inspect(connection).get_table_names():
            upgrade(connection)
        elif kind not in _tables:
            _tables[kind] = _recorded(connection, upgrade)
        else:
            for statement in _tables[kind]:
                connection.exec_driver_sql(statement)

    monkeypatch.setattr(database, "_upgrade", quick)


def _recorded(connection: Connection, upgrade: Callable[[Connection], None]) -> list[str]:
    """What the migrations say to a database that they run on now, as statements without parameters."""
    said: list[str] = []

    def noted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "INSERT INTO ALEMBIC", "UPDATE ALEMBIC")):
            said.append(statement)

    event.listen(connection, "before_cursor_execute", noted)
    try:
        upgrade(connection)
    finally:
        event.remove(connection, "before_cursor_execute", noted)
    version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return [*said, f"INSERT INTO alembic_version (version_num) VALUES ('{version}')"]


@event.listens_for(Engine, "connect")
def _without_waiting_for_the_disk(connection: Any, _record: Any) -> None:
    """No test is about a machine that loses its power: SQLite leaves it to the system when what it wrote reaches the disk."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous = OFF")


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


class Shelf:
    """A library's loans as a lake table: what the lake's own tests work on, nothing of it about health."""

    table = "clean.library.loan"
    schema = pa.schema(
        [
            ("loan_no", pa.string()),
            ("book", pa.string()),
            ("returned", pa.date32()),
            ("bucket", pa.int32()),
            ("_batch", pa.int64()),
        ]
    )

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def loans(self, numbers: Iterable[int], batch: int, book: str = "三体") -> pa.Table:
        """One loan a number, spread over four buckets."""
        chosen = list(numbers)
        columns = [[f"L{n}" for n in chosen], [book] * len(chosen), [None] * len(chosen)]
        columns += [[n % 4 for n in chosen], [batch] * len(chosen)]
        return pa.table(columns, schema=self.schema)

    def add(self, numbers: Iterable[int], batch: int, book: str = "三体", table: str | None = None) -> Snapshot:
        """Commit one batch of loans."""
        with self.lake.session("collect", transaction=f"{table} {batch}") as session:
            writer = session.writer(table or self.table, self.schema, "bucket", key=["loan_no"])
            writer.write(self.loans(numbers, batch, book))
            return session.commit()

    def query(self, session: Session, select: str, relation: str) -> list[tuple[Any, ...]]:
        """Rows of a relation."""
        return session.connection.execute(f"SELECT {select} FROM {relation} AS t ORDER BY ALL").fetchall()

    def numbers(self, snapshot: int | None = None, table: str | None = None) -> list[int]:
        """The loan numbers of a snapshot."""
        with self.lake.session("collect", snapshot=snapshot) as session:
            rows = self.query(session, "substr(loan_no, 2)::INT", session.relation(table or self.table))
        return [row[0] for row in rows]


@pytest.fixture
def shelf(lake: Lake) -> Shelf:
    """Loans in a lake of a default installation."""
    return Shelf(lake)


@pytest.fixture
def either_shelf(either_lake: Lake) -> Shelf:
    """Loans in a lake with each kind of ledger."""
    return Shelf(either_lake)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The home of the demonstration; several workers of one run share it."""
    base = tmp_path_factory.getbasetemp()
    place = (base if worker_id == "master" else base.parent) / "province"
    ready = place / "ready"
    try:
        place.mkdir()
    except FileExistsError:
        while not ready.exists():
            time.sleep(0.2)
    else:
        demo.run(Settings(home=place, buckets=4), 300, 2015, lambda _text: None, sign_ins=True)
        ready.touch()
    return place / "demo"
