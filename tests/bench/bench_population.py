"""A full build of the base over all sources, against one bare GROUP BY of five hashed items over the same rows."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from figure import Figure

from quanmin import collect, standards, synth, trust
from quanmin.lake import Lake
from quanmin.settings import Settings

PERSONS = 2_000_000
RATE, RATIO, GIGABYTES, SHARE = 500_000, 6.0, 4.0, 0.05

FLOOR = """
def floor(session, plan, times):
    items = ("name", "sex", "birth_date", "education", "registered_address")
    parts = []
    for source in plan.sources:
        hashes = [f'hash("{e}")' if (e := source.values.get(item)) else "NULL::UBIGINT" for item in items]
        parts.append(f"SELECT person_key, {', '.join(hashes)} FROM {session.relation(f'clean.{source.dataset}')}")
    rows = f"({' UNION ALL '.join(parts)}) AS t(k, a, b, c, d, e)"
    pairs = ", ".join(f"min({x}) AS {x}0, max({x}) AS {x}1" for x in "abcde")
    query = f"SELECT count(*), count(*) FILTER (a0 <> a1) FROM (SELECT k, {pairs} FROM {rows} GROUP BY k)"
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        session.connection.execute(query).fetchall()
        seconds.append(time.perf_counter() - began)
    return sorted(seconds)[times // 2]
"""
"""The bare GROUP BY of five hashed items over all sources: the median of some runs."""

BUILD = """
import resource, sys, time
from pathlib import Path
import pyarrow.parquet as pq
from quanmin import collect, population, standards, trust
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.settings import Settings
with Lake.open(Settings(home=Path(sys.argv[1]))) as lake:
    with lake.session("population") as session:
        bare = floor(session, plan_of(standards.catalogue()), 3)
    report = population.build(lake, full=True)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    changed = standards.catalogue().dataset("health.whole_population")
    file = next((Path(sys.argv[1]) / "files").glob(f"{changed.id}.*"))
    rows = pq.read_table(file).slice(0, report.records // 100)
    part = file.with_name("changed.parquet")
    pq.write_table(rows, part)
    collect.collect(lake, changed.id, part, changed.steward, trust.local_administrator())
    small = population.build(lake)
    assert not small.full
print(bare, report.seconds, report.records, memory, small.seconds, small.computed)
"""


def fill(home: Path, persons: int) -> None:
    """Collect every source of a simulated province."""
    files = home / "files"
    synth.write(files, persons, 1, formats="parquet")
    with Lake.open(Settings(home=home)) as lake:
        for dataset in standards.catalogue().datasets.values():
            for file in files.glob(f"{dataset.id}.*"):
                collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())


def measure(scale: float) -> list[Figure]:
    """Rate, memory and the ratio to the floor, from one run in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        persons = int(PERSONS * scale)
        fill(Path(folder), persons)
        command = [sys.executable, "-c", FLOOR + BUILD, folder]
        words = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    floor, seconds, records, memory, small, computed = map(float, words[-6:])
    note = f"{persons:,} people, {records:,.0f} records, {seconds:.1f} s; GROUP BY {floor:.2f} s"
    rate, ratio, share = records / seconds, seconds / floor, small / seconds
    return [
        Figure("full build", f"≥ {RATE:,} records/s", f"{rate:,.0f} records/s", rate >= RATE, note),
        Figure("full build, memory", f"≤ {GIGABYTES:.0f} GB", f"{memory:.1f} GB", memory <= GIGABYTES),
        Figure("full build : GROUP BY of five hashed items", f"≤ {RATIO:.0f}", f"{ratio:.1f}", ratio <= RATIO),
        Figure(
            "a change of 1 % of the records",
            f"≤ {SHARE:.0%} of a full build",
            f"{share:.0%}",
            share <= SHARE,
            f"{small:.2f} s; its people are {computed / records:.1%} of all records",
        ),
    ]
