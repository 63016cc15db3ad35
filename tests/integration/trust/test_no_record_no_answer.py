"""Attack A12 where data is read: whoever was given an answer is in the log, whatever dies, fills up or happens at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from quanmin import population, trust
from quanmin.lake import Lake
from quanmin.lake.lookup import LookUps
from quanmin.population.find import Sought, find
from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.trust import audit

NUMBER = "11010519491231002X"
KEY = int(NUMBER[:17])
PERSON = "linked.person"

READER = """
import sys
from quanmin import trust
from quanmin.lake import Lake
from quanmin.settings import Settings
lake = Lake.open(Settings(buckets=4))
for _ in range(int(sys.argv[1])):
    made = trust.decide(lake.ledger, trust.local_administrator(), "supervision", "linked.person", ("name",), "C-1")
    [row] = lake.read(made).fetch().to_pylist()
    print(made.id, row["name"], flush=True)
"""


TAKER = """
import sys
from quanmin import trust
from quanmin.lake import Lake
from quanmin.settings import Settings
lake = Lake.open(Settings(buckets=4))
made = trust.decide(lake.ledger, trust.local_administrator(), "supervision", "linked.person", ("name",), "C-1")
for batch in lake.read(made).batches():
    for row in batch.to_pylist():
        print(made.id, row["name"], flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def base(lake: Lake) -> Lake:
    """One person."""
    items: dict[str, Any] = {"name": pa.array(["李明"]), "sex": pa.array(["2"])}
    for column in population.PERSON_COLUMNS:
        items.setdefault(column, pa.nulls(1, pa.string()))
    items["birth_date"] = pa.array(["1949-12-31"]).cast(pa.date32())
    bucket = kernels.bucket_of(pa.array([KEY]), None, lake.settings.buckets)
    keys = {"bucket": pa.array(bucket, pa.int32()), "person_key": pa.array([KEY], pa.int64())}
    table = pa.table({**{name: one for name, one in items.items() if name != "citizen_number"}, **keys})
    with lake.session("population") as session:
        session.writer(PERSON, table.schema, "bucket").write(table)
        session.commit()
    return lake


def _fill(lake: Lake) -> None:
    """From now on the ledger has no room."""
    engine = lake.ledger.engine
    with engine.connect() as connection:
        pages = int(connection.execute(text("PRAGMA page_count")).scalar_one())
    engine.dispose()
    event.listen(engine, "connect", lambda own, _record: own.execute(f"PRAGMA max_page_count = {pages}"))
    with pytest.raises(OperationalError, match="full"):
        for size in (4000, 400, 40):
            for _ in range(200):
                audit.append(lake.ledger, "noise", "desk", {"text": "x" * size})


def _decide(lake: Lake, purpose: str = "supervision") -> trust.Decision:
    columns = (*population.PERSON_COLUMNS, "citizen_number")
    return trust.decide(lake.ledger, trust.local_administrator(), purpose, PERSON, list(dict.fromkeys(columns)), "C-1")


def _row(lake: Lake, made: trust.Decision) -> Any:
    ups = LookUps(lake, PERSON)
    try:
        return ups.row(made, KEY)
    finally:
        ups.close()


ASK: dict[str, Callable[[Lake, trust.Decision], Any]] = {
    "fetch": lambda lake, made: lake.read(made).fetch(),
    "where": lambda lake, made: lake.read(made).where(person_key=KEY).fetch(),
    "row": _row,
    "show": lambda lake, made: population.show(lake, made, NUMBER),
    "find": lambda lake, made: find(lake, made, Sought(name="李明", birth_year=1949)),
}


@pytest.mark.parametrize("way", ASK)
def test_on_a_full_disk_nobody_is_shown(base: Lake, way: str) -> None:
    before = _decide(base)
    assert ASK[way](base, before)
    kept = sum(1 for _ in audit.entries(base.ledger, "read"))
    made = _decide(base)
    _fill(base)
    with pytest.raises(OperationalError, match="full") as caught:
        for _ in range(500):  # a small entry may still find room
            ASK[way](base, made)
            kept += 1
    assert (
        NUMBER not in str(caught.value) and "李明" not in str(caught.value) and "[parameters:" not in str(caught.value)
    )
    assert sum(1 for _ in audit.entries(base.ledger, "read")) == kept
    assert not _decide(base).allowed and audit.verify(base.ledger).sound


def test_on_a_full_disk_nothing_is_verified(base: Lake) -> None:
    made = _decide(base, "verification")
    assert population.verify(base, made, NUMBER, "李明") == "agree"
    _fill(base)
    with pytest.raises(OperationalError, match="full"):
        for _ in range(500):
            population.verify(base, made, NUMBER, "李明")


def _reader(settings: Settings, times: int) -> subprocess.Popen[str]:
    env = {**os.environ, "QUANMIN_HOME": str(settings.home)}
    return subprocess.Popen([sys.executable, "-c", READER, str(times)], env=env, stdout=subprocess.PIPE, text=True)


def _read(lake: Lake) -> Counter[str]:
    return Counter(one.fields["decision"] for one in audit.entries(lake.ledger, "read"))


def test_a_reader_that_is_killed_was_given_nothing_that_is_not_in_the_log(base: Lake) -> None:
    given = []
    with _reader(base.settings, 100_000) as process:
        assert process.stdout is not None
        for _ in range(5):
            given.append(process.stdout.readline())
        process.send_signal(signal.SIGKILL)
        given += [line for line in process.stdout if line.endswith("\n")]
    assert audit.verify(base.ledger).sound
    logged = _read(base)
    assert all("李明" in line and logged[line.split()[0]] == 1 for line in given) and len(given) >= 5


def test_a_reader_that_is_killed_between_rows_is_in_the_log(base: Lake) -> None:
    env = {**os.environ, "QUANMIN_HOME": str(base.settings.home)}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", TAKER], env=env, text=True, **pipes) as process:
        assert process.stdout is not None
        made, name = process.stdout.readline().split()
        process.send_signal(signal.SIGKILL)
    [begun] = audit.entries(base.ledger, audit.BEGUN)
    assert name == "李明" and begun.fields["decision"] == made and not _read(base)
    now = base.ledger.now()
    found = audit.alarms(base.ledger, now - timedelta(hours=1), now + timedelta(hours=1))
    assert [one.entries for one in found if one.rule == "unended"] == [(begun.sequence,)]


def test_readers_at_once_are_each_in_the_log_once(base: Lake) -> None:
    running = [_reader(base.settings, 5) for _ in range(5)]
    given = [line for process in running for line in process.communicate(timeout=300)[0].splitlines()]
    assert len(given) == 25 and _read(base) == Counter(line.split()[0] for line in given)
    decided = Counter(one.fields["decision"] for one in audit.entries(base.ledger, "decide"))
    assert decided == _read(base) and audit.verify(base.ledger).sound
