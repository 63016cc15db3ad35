"""Asking: paid before it is answered, paid once, never paid back."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from tests.unit.opendata.privacy.conftest import LI, ORIGIN, VISITS, ZHANG, give, officer, visits

from quanmin.ledger import Ledger
from quanmin.opendata.privacy import Engine, Origin, Query, ask, budget, in_force, process, spending
from quanmin.opendata.privacy.errors import (
    BudgetExhausted,
    BudgetMissing,
    ColumnUnfit,
    DirectIdentifier,
    PersonMissing,
    WorkerFailed,
    WorkerMissing,
)
from quanmin.settings import Settings
from quanmin.trust.keys.errors import RoleMissing

COUNT = {"statistic": "count", "epsilon": "0.5"}
AGES = {"column": "age", "lower": 0, "upper": 120, "epsilon": "0.5"}


def spent(ledger: Ledger) -> tuple[int, int]:
    return budget.listing(ledger, VISITS)[-1].spent


class Rows:
    """Rows that know how often they were opened."""

    def __init__(self, table: pa.Table) -> None:
        self.table, self.opened = table, 0

    def __call__(self) -> pa.RecordBatchReader:
        self.opened += 1
        return self.table.to_reader()


def test_every_statistic_is_answered_with_its_evidence(ledger: Ledger, rows: pa.Table) -> None:
    give(ledger, "3")
    people = len(set(rows["person"].to_pylist()))
    count = ask(ledger, ZHANG, Query.of({**COUNT, "epsilon": "1"}), ORIGIN, rows.to_reader)
    assert abs(count["answer"] - people) < 30 and count["accuracy"] == {"probability": 0.95, "persons": 3}
    sexes = {"statistic": "histogram", "column": "sex", "categories": ["1", "2"], "epsilon": "0.5"}
    cells = ask(ledger, ZHANG, Query.of(sexes), ORIGIN, rows.to_reader)["answer"]
    assert abs(sum(cells["categories"].values()) + cells["other"] - people) < 120
    mean = ask(ledger, ZHANG, Query.of({**AGES, "statistic": "mean"}), ORIGIN, rows.to_reader)
    assert abs(mean["answer"]["mean"] - 49.5) < mean["accuracy"]["mean"] + 5
    median = ask(ledger, ZHANG, Query.of({**AGES, "statistic": "quantile", "share": "0.5"}), ORIGIN, rows.to_reader)
    assert 35 < median["answer"] < 65
    total = ask(ledger, ZHANG, Query.of({**AGES, "statistic": "sum"}), ORIGIN, rows.to_reader)
    assert total["left"] == {"epsilon": "0", "delta": "0"} and total["spent"] == {"epsilon": "0.5", "delta": "0"}
    assert total["guarantee"]["epsilon"] <= 0.5 and total["guarantee"]["rows"] == 1
    assert (total["dataset"], total["snapshot"], total["versions"]["opendp"][:4]) == (VISITS, 7, "0.16")


def test_the_same_question_is_paid_once_and_its_rows_are_read_once(ledger: Ledger, rows: pa.Table) -> None:
    give(ledger, "1")
    given = Rows(rows)
    first = ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, given)
    again = [ask(ledger, LI, Query.of({**COUNT, "epsilon": 0.5}), ORIGIN, given) for _ in range(5)]
    assert all(one == first for one in again) and given.opened == 1
    assert spent(ledger) == (500_000, 0)
    assert spending.answer(ledger, first["spending"]) == first
    later = Origin(VISITS, 8, "d")
    assert ask(ledger, ZHANG, Query.of(COUNT), later, given)["spending"] != first["spending"]
    with pytest.raises(BudgetExhausted):
        ask(ledger, ZHANG, Query.of({**COUNT, "epsilon": "0.1"}), ORIGIN, given)
    assert ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, given) == first  # what was told may be told again
    assert given.opened == 2


def test_other_rows_or_another_form_of_a_column_are_another_question(ledger: Ledger, rows: pa.Table) -> None:
    give(ledger, "2")
    query = Query.of({"statistic": "histogram", "column": "sex", "categories": ["1"], "epsilon": "0.5"})
    origins = (
        Origin(VISITS, 7, "d"),
        Origin(VISITS, 7, "d", scope="370000"),
        Origin(VISITS, 7, "d", forms={"sex": "generalised year city", "age": "clear"}),
        Origin(VISITS, 7, "other", forms={"sex": "clear", "age": "masked"}),
    )
    spendings = [ask(ledger, ZHANG, query, origin, rows.to_reader)["spending"] for origin in origins]
    assert len(set(spendings)) == 3 and spendings[3] == spendings[0]


def test_many_who_ask_the_same_at_once_get_one_answer_for_one_price(ledger: Ledger, rows: pa.Table) -> None:
    give(ledger, "10")
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _n: ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, rows.to_reader), range(16)))
    assert all(one == found[0] for one in found)
    assert spent(ledger) == (500_000, 0)


def test_refusals_cost_nothing_and_open_no_rows(ledger: Ledger, rows: pa.Table) -> None:
    given = Rows(rows)
    for other in (officer("wang", "statistician"), officer("wang", mfa=False)):
        with pytest.raises(RoleMissing):
            ask(ledger, other, Query.of(COUNT), ORIGIN, given)
    with pytest.raises(BudgetMissing):
        ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, given)
    give(ledger, "1")
    with pytest.raises(BudgetExhausted):
        ask(ledger, ZHANG, Query.of({**COUNT, "epsilon": "1.000001"}), ORIGIN, given)
    with pytest.raises(DirectIdentifier):
        names = {"statistic": "histogram", "column": "name", "categories": ["x"], "epsilon": 1}
        ask(ledger, ZHANG, Query.of(names), ORIGIN, given)
    with pytest.raises(PersonMissing):
        ask(ledger, ZHANG, Query.of({**COUNT, "person": None}), ORIGIN, given)
    assert given.opened == 0
    for odd in (
        {**COUNT, "person": "nobody"},
        {**AGES, "statistic": "sum", "column": "sex"},
        {**COUNT, "person": "age"},
    ):
        with pytest.raises(ColumnUnfit):
            ask(ledger, ZHANG, Query.of(odd), ORIGIN, given)
    assert spent(ledger) == (0, 0)


def test_a_column_that_is_there_twice_is_refused(ledger: Ledger) -> None:
    give(ledger, "1")
    twice = pa.table([[1], [2], [3]], names=["person", "age", "age"])
    with pytest.raises(ColumnUnfit):
        ask(ledger, ZHANG, Query.of({**AGES, "statistic": "sum"}), ORIGIN, twice.to_reader)


@pytest.mark.parametrize("interpreter", ["/nowhere/python", "/bin/true", "/bin/cat"])
def test_without_opendp_nothing_is_spent(ledger: Ledger, rows: pa.Table, interpreter: str) -> None:
    give(ledger, "1")
    with pytest.raises(WorkerMissing):
        ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, rows.to_reader, Engine(interpreter, seconds=10))
    assert spent(ledger) == (0, 0)


def test_a_worker_that_is_killed_is_an_error_and_what_it_cost_stays_spent(
    ledger: Ledger, rows: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(ledger, "1")
    right = process.Worker.answer

    def killed(worker: process.Worker, *given: Any) -> Any:
        assert worker._process is not None
        os.kill(worker._process.pid, signal.SIGKILL)
        return right(worker, *given)

    with monkeypatch.context() as patched, pytest.raises(WorkerFailed) as caught:
        patched.setattr(process.Worker, "answer", killed)
        ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, rows.to_reader)
    assert caught.value.fields["reason"] == "signal 9" and spent(ledger) == (500_000, 0)
    ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, rows.to_reader)  # at once, and paid again
    assert spent(ledger) == (1_000_000, 0)
    assert [one["answered"] for one in spending.listing(ledger, VISITS)] == [False, True]


def test_rows_that_end_in_an_error_were_paid_for(ledger: Ledger, rows: pa.Table) -> None:
    give(ledger, "1")

    def broken() -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            yield from rows.to_batches()
            raise OSError("the disk is away")

        return pa.RecordBatchReader.from_batches(rows.schema, batches())

    with pytest.raises(OSError, match="the disk is away"):
        ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, broken)
    assert spent(ledger) == (500_000, 0)


def test_a_worker_stops_when_its_time_is_up(settings: Settings, rows: pa.Table) -> None:
    ledger = Ledger.open(settings)
    give(ledger, "1")

    def slow() -> pa.RecordBatchReader:
        def batches() -> Iterator[pa.RecordBatch]:
            time.sleep(6)
            yield from rows.to_batches()

        return pa.RecordBatchReader.from_batches(rows.schema, batches())

    with pytest.raises(WorkerFailed):
        ask(ledger, ZHANG, Query.of(COUNT), ORIGIN, slow, Engine(seconds=5))
    assert spent(ledger) == (500_000, 0)
    ledger.close()


def test_a_worker_stops_when_it_wants_too_much_memory(ledger: Ledger) -> None:
    give(ledger, "1")
    many = visits(1_000, 3_000_000)
    with pytest.raises(WorkerFailed) as caught:
        ask(ledger, ZHANG, Query.of({**AGES, "statistic": "sum"}), ORIGIN, many.to_reader, Engine(memory=700 << 20))
    assert "Memory" in caught.value.fields["reason"] or "signal" in caught.value.fields["reason"]
    assert spent(ledger) == (500_000, 0)


def test_the_worker_writes_no_file_leaves_no_core_and_knows_no_secret(tmp_path: Path) -> None:
    import subprocess

    script = (
        "import os, resource, sys; sys.argv[1:] and sys.path.insert(0, sys.argv[1]); import worker\n"
        "worker._limit({'memory': 1 << 32, 'seconds': 10})\n"
        "assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "try:\n  open(sys.argv[2], 'wb', buffering=0).write(b'rows')\nexcept OSError: print('refused')\n"
    )
    command = [sys.executable, "-B", "-c", script, str(process.SCRIPT.parent), str(tmp_path / "leak")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "refused\n"
    assert not any(name.startswith("QUANMIN") for name in process._QUIET)


def test_the_settings_name_the_interpreter(tmp_path: Path) -> None:
    assert Engine.of(Settings(home=tmp_path)).interpreter == sys.executable
    assert Engine.of(Settings(home=tmp_path, opendp=Path("/opt/dp/bin/python"))).interpreter == "/opt/dp/bin/python"


def test_sixty_four_at_once_never_spend_more_than_there_is(ledger: Ledger, rows: pa.Table) -> None:
    """Attack A10: a race of different questions for the last of a budget."""
    give(ledger, "1")
    start = threading.Barrier(64)

    def attack(number: int) -> bool:
        start.wait()
        try:
            ask(ledger, ZHANG, Query.of({**COUNT, "epsilon": "0.25"}), Origin(VISITS, number, "d"), rows.to_reader)
        except BudgetExhausted:
            return False
        return True

    with ThreadPoolExecutor(64) as pool:
        answered = list(pool.map(attack, range(64)))
    assert sum(answered) == 4
    assert in_force(ledger, VISITS).left == (0, 0)
