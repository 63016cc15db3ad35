"""The population base at national scale: one job over 100 M and 200 M records, with linear cost and flat memory.

`make bench-national`. The partitions are those of a simulated province of 2 M people, which pass through the job as often as
it takes: each time a group of buckets is read, settled, written and let go, as it would be with other people in it. Only
the people repeat; nothing is kept from one time to the next.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from bench_population import FLOOR, fill
from figure import Figure

PERSONS, MILLIONS = 2_000_000, (100, 200)
RATE, SLOPE, RATIO, GIGABYTES = 1_000_000, 2.1, 4.0, 8.0
NATION = 2_055_000_000
"""Records that the ministries had pushed by March 2015."""

JOB = """
import resource, shutil, sys, time
from pathlib import Path
from quanmin import population, standards
from quanmin.lake import Lake
from quanmin.population import build
from quanmin.population.plan import plan_of
from quanmin.settings import Settings

build = sys.modules["quanmin.population.build"]
home, wanted = Path(sys.argv[1]), int(sys.argv[2])


class Nation(build.Job):
    def _groups(self):
        groups = super()._groups()
        records = sum(self._rows().values())
        self.times = max(1, round(wanted / records))
        return groups * self.times


with Lake.open(Settings(home=home)) as lake:
    population.build(lake, full=True)
    plan = plan_of(standards.catalogue())
    with lake.session("population") as session:
        bare = floor(session, plan, 5)
    with lake.session("population") as session:
        job = Nation(session, plan, True)
        began = time.perf_counter()
        session.commit = lambda **_: None  # what repeats people is no base: the files go with the session
        job.run()
        for writer in job.writers:
            writer.close()
        seconds = time.perf_counter() - began
print(seconds, job.computed, bare * job.times, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def run(home: Path, records: int) -> tuple[float, float, float, float]:
    """Seconds, records, seconds of the floor, peak GB of one job in a process of its own."""
    command = [sys.executable, "-c", FLOOR + JOB, str(home), str(records)]
    words = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    seconds, computed, floor, memory = map(float, words[-4:])
    return seconds, computed, floor, memory


def measure(scale: float) -> list[Figure]:
    """Both sizes after each other, and what they say of the nation."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), int(PERSONS * min(scale, 1.0)))
        small, large = (run(Path(folder), int(millions * 1e6 * scale)) for millions in MILLIONS)
    rate, slope = large[1] / large[0], large[0] / small[0] * (2 * small[1] / large[1])
    hours = NATION / rate / 3600
    note = f"{small[0]:.0f} s for {small[1] / 1e6:.0f} M, {large[0]:.0f} s for {large[1] / 1e6:.0f} M records"
    nation = (
        f"{hours:.2f} h for 2.055 billion records: records divided by the rate of the larger job, cost being linear"
    )
    return [
        Figure("national build", f"≥ {RATE:,} records/s", f"{rate:,.0f} records/s", rate >= RATE, note),
        Figure("twice the records", f"≤ {SLOPE} × the time", f"{slope:.2f} ×", slope <= SLOPE),
        Figure(
            "ratio to the bare GROUP BY", f"≤ {RATIO:.0f}", f"{large[0] / large[2]:.1f}", large[0] / large[2] <= RATIO
        ),
        Figure(
            "peak memory, 100 M and 200 M",
            f"≤ {GIGABYTES:.0f} GB, the same",
            f"{small[3]:.1f} and {large[3]:.1f} GB",
            large[3] <= GIGABYTES and large[3] <= 1.1 * small[3],
        ),
        Figure("the nation, on this machine", "overnight", f"{hours:.2f} h", hours <= 10, nation),
    ]


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        sys.stdout.write(f"{figure}\n")
