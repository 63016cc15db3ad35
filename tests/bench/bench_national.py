"""The population base at national scale: partitions of 100 M and 200 M records, with linear cost and flat memory.

`make bench-national`. A partition is a simulated province of 2 M people of its own, about 9 M records: it is generated and
collected by a process of its own, built by the one that is measured, and dropped. One process builds all of them one after
another, as a national job builds its buckets; the time is that of the builds, the memory that of the process at its highest.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from typing import NamedTuple

from bench_population import FLOOR
from figure import Figure

PERSONS, MILLIONS = 2_000_000, (100, 200)
RATE, SLOPE, RATIO, GIGABYTES = 1_000_000, 2.1, 4.0, 8.0
NATION = 2_055_000_000
"""Records that the ministries had pushed by March 2015."""

FILL = """
import sys
from pathlib import Path
from quanmin import collect, standards, synth, trust
from quanmin.lake import Lake
from quanmin.settings import Settings
home, persons, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
synth.write(home / "files", persons, seed, formats="parquet")
with Lake.open(Settings(home=home)) as lake:
    for dataset in standards.catalogue().datasets.values():
        for file in (home / "files").glob(f"{dataset.id}.*"):
            collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
"""

JOB = """
import json, resource, shutil, subprocess, sys, time
from pathlib import Path
from quanmin import population, standards
from quanmin.lake import Lake
from quanmin.population.plan import plan_of
from quanmin.settings import Settings

folder, persons, marks, fill = Path(sys.argv[1]), sys.argv[2], [float(n) for n in sys.argv[3].split(",")], sys.argv[4]
records = seconds = bare = 0
seed = 100
while marks:
    seed += 1
    home = folder / str(seed)
    subprocess.run([sys.executable, "-c", fill, str(home), persons, str(seed)], check=True)
    with Lake.open(Settings(home=home)) as lake:
        with lake.session("population") as session:
            bare += floor(session, plan_of(standards.catalogue()), 3)
        began = time.perf_counter()
        built = population.build(lake, full=True)
        seconds += time.perf_counter() - began
        records += built.records
    shutil.rmtree(home)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    while marks and records >= marks[0]:
        marks.pop(0)
        print(json.dumps([seconds, records, bare, memory, seed - 100]), flush=True)
"""


class Reached(NamedTuple):
    """How long the builds took when so many records were done: with the time of the floor and the peak of memory in GB."""

    seconds: float
    records: float
    floor: float
    memory: float
    partitions: int


def run(persons: int, marks: list[float]) -> list[Reached]:
    """Build partitions until each of these numbers of records is reached, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", FLOOR + JOB, folder, str(persons), ",".join(map(str, marks)), FILL]
        out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return [Reached(*json.loads(line)) for line in out.splitlines() if line.startswith("[")]


def measure(scale: float) -> list[Figure]:
    """Both sizes, and what they say of the nation."""
    small, large = run(int(PERSONS * min(scale, 1.0)), [millions * 1e6 * scale for millions in MILLIONS])
    rate, slope = large.records / large.seconds, large.seconds / small.seconds * (2 * small.records / large.records)
    hours = NATION / rate / 3600
    note = "; ".join(
        f"{one.seconds:.0f} s for {one.records / 1e6:.0f} M records in {one.partitions} partitions"
        for one in (small, large)
    )
    nation = f"{NATION / 1e9:.3f} billion records divided by the rate of the larger job, cost being linear"
    ratio = large.seconds / large.floor
    return [
        Figure("national build", f"≥ {RATE:,} records/s", f"{rate:,.0f} records/s", rate >= RATE, note),
        Figure("twice the records", f"≤ {SLOPE} × the time", f"{slope:.2f} ×", slope <= SLOPE),
        Figure("ratio to the bare GROUP BY", f"≤ {RATIO:.0f}", f"{ratio:.1f}", ratio <= RATIO),
        Figure(
            "peak memory, 100 M and 200 M",
            f"≤ {GIGABYTES:.0f} GB, the same",
            f"{small.memory:.1f} and {large.memory:.1f} GB",
            large.memory <= GIGABYTES and large.memory <= 1.1 * small.memory,
        ),
        Figure("the nation, on this machine", "overnight", f"{hours:.2f} h", hours <= 10, nation),
    ]
