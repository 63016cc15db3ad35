"""Attack A10 in several processes: races for the last of a budget, and a process that is killed between paying and telling."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest

from quanmin.ledger import Ledger
from quanmin.opendata.privacy import Origin, Query, ask, budget, spending
from quanmin.opendata.privacy.errors import BudgetExhausted
from quanmin.settings import Settings
from quanmin.trust import Actor

VISITS = "health.visit"
ROWS = pa.table({"person": list(range(500))})

RACE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from quanmin.ledger import Ledger
from quanmin.opendata.privacy import spending
from quanmin.opendata.privacy.errors import BudgetExhausted
from quanmin.settings import Settings

process, dataset, about = sys.argv[1], "health.visit", {"query": {"statistic": "count"}}

def attack(number):
    cost = spending.Cost(dataset, f"{process} {number}", (30_000, 10**6), "zhang", about, 60)
    try:
        return isinstance(spending.spend(ledger, cost), spending.Spending)
    except BudgetExhausted:
        return False

with Ledger.open(Settings()) as ledger:
    sys.stdin.readline()
    with ThreadPoolExecutor(8) as pool:
        print(sum(pool.map(attack, range(16))))
"""

KILLED = """
import os, signal, sys
import pyarrow as pa
from quanmin.ledger import Ledger
from quanmin.opendata.privacy import Origin, Query, ask, process
from quanmin.settings import Settings
from quanmin.trust import Actor

def dies(*given):
    os.kill(os.getpid(), signal.SIGKILL)

process.Worker.answer = dies
rows = pa.table({"person": list(range(500))})
with Ledger.open(Settings()) as ledger:
    officer = Actor("zhang", frozenset({"release_officer"}), kind="staff", mfa=True)
    ask(ledger, officer, Query.of({"statistic": "count", "epsilon": "0.5"}),
        Origin("health.visit", 7, "d"), rows.to_reader)
"""


def officer(name: str) -> Actor:
    return Actor(name, frozenset({"release_officer"}), kind="staff", mfa=True)


def give(ledger: Ledger, epsilon: str, delta: str = "0") -> None:
    today = ledger.now().date()
    made = budget.propose(ledger, officer("zhang"), VISITS, epsilon, delta, today, today + timedelta(30), "an attack")
    budget.confirm(ledger, officer("li"), made.id)


def environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, "QUANMIN_HOME": str(settings.home), "QUANMIN_LEDGER": settings.ledger_url}


def started(settings: Settings, script: str, *words: str) -> subprocess.Popen[str]:
    pipes: dict[str, Any] = {
        "stdin": subprocess.PIPE,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
    }
    return subprocess.Popen([sys.executable, "-c", script, *words], env=environment(settings), **pipes)


def test_eight_processes_of_eight_threads_never_spend_more_than_there_is(either_settings: Settings) -> None:
    with Ledger.open(either_settings) as ledger:
        give(ledger, "1", "1e-4")
        race = [started(either_settings, RACE, str(number)) for number in range(8)]
        told = [one.communicate("go\n", timeout=300) for one in race]
        assert [one.returncode for one in race] == [0] * 8, told
        assert (
            sum(int(out) for out, _ in told) == 33
        )  # of 128: a thirty-fourth would need 0.03 of the 0.01 that are left
        standing = budget.in_force(ledger, VISITS)
        assert standing.spent == (33 * 30_000, 33 * 10**6) and standing.left[0] == 10_000
        assert len(spending.listing(ledger, VISITS)) == 33


@pytest.mark.parametrize("total", ["0.5", "1"])
def test_who_is_killed_between_paying_and_telling_has_paid(either_settings: Settings, total: str) -> None:
    with Ledger.open(either_settings) as ledger:
        give(ledger, total)
    victim = started(either_settings, KILLED)
    _, said = victim.communicate(timeout=120)
    assert victim.returncode == -9, said
    query, origin = Query.of({"statistic": "count", "epsilon": "0.5"}), Origin(VISITS, 7, "d")
    with Ledger.open(either_settings) as ledger:  # after a restart
        assert budget.in_force(ledger, VISITS).spent == (500_000, 0)
        if total == "0.5":
            with pytest.raises(BudgetExhausted):
                ask(ledger, officer("li"), query, origin, ROWS.to_reader)
            return
        first = ask(ledger, officer("li"), query, origin, ROWS.to_reader)  # at once, for its owner is known to be gone
        assert budget.in_force(ledger, VISITS).left == (0, 0)
    with Ledger.open(either_settings) as ledger:
        again = ask(ledger, officer("zhang"), query, origin, ROWS.to_reader)
        assert json.dumps(again) == json.dumps(first)
        assert [one["answered"] for one in spending.listing(ledger, VISITS)] == [False, True]
