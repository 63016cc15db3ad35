"""Collectors as processes: killed at any moment, or several at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from quanmin import collect
from quanmin.lake import Lake
from quanmin.settings import Settings
from quanmin.trust import local_administrator

DATASET = "cdc.notifiable_disease_monthly"
HEADER = "Date,Diseases,Province,ADCode,Cases,Deaths\n"
SCRIPT = """
import os, signal, sys
from pathlib import Path
from quanmin import collect
from quanmin.lake import Lake
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.trust import local_administrator

home, file, moment = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]

def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)

if moment == "at the commit":
    Ledger.act = die
progress = die if moment == "while reading" else None
with Lake.open(Settings(home=home, buckets=4)) as lake:
    receipt = collect.collect(lake, "cdc.notifiable_disease_monthly", file, "cdc", local_administrator(), progress)
print(receipt.batch)
"""


def sent(tmp_path: Path, name: str, first: int, rows: int = 3_000) -> Path:
    path = tmp_path / name
    lines = [f"{2004 + n % 10}-{n % 12 + 1:02},D{n},Anhui,340000,{n},0\n" for n in range(first, first + rows)]
    path.write_text(HEADER + "".join(lines))
    return path


def start(home: Path, file: Path, moment: str = "never") -> subprocess.Popen[str]:
    command = [sys.executable, "-c", SCRIPT, str(home), str(file), moment]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def counts(lake: Lake) -> list[tuple[int, ...]]:
    with lake.session("collect") as session:
        if not session.exists(f"raw.{DATASET}"):
            return []
        table = session.relation(f"raw.{DATASET}")
        query = f"SELECT _batch, count(*) FROM {table} GROUP BY 1 ORDER BY 1"
        return session.connection.execute(query).fetchall()


@pytest.mark.parametrize("moment", ["while reading", "at the commit"])
def test_a_collector_that_is_killed_leaves_nothing_and_is_told(tmp_path: Path, moment: str) -> None:
    home, file = tmp_path / "home", sent(tmp_path, "sent.csv", 0)
    process = start(home, file, moment)
    process.communicate(timeout=60)
    assert process.returncode == -9
    with Lake.open(Settings(home=home, buckets=4)) as lake:
        assert counts(lake) == []
        (interrupted,) = collect.receipts(lake)
        assert interrupted.state == "refused" and interrupted.error is not None
        receipt = collect.collect(lake, DATASET, file, "cdc", local_administrator())
        assert counts(lake) == [(receipt.batch, 3_000)]


def test_two_collectors_at_once_are_both_taken_and_equal_files_once(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Lake.open(Settings(home=home, buckets=4)).close()
    first, second = sent(tmp_path, "first.csv", 0), sent(tmp_path, "second.csv", 5_000)
    processes = [start(home, file) for file in (first, second, second)]
    batches = [process.communicate(timeout=120)[0].strip() for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert batches[1] == batches[2] != batches[0]
    with Lake.open(Settings(home=home, buckets=4)) as lake:
        assert [rows for _, rows in counts(lake)] == [3_000, 3_000]
