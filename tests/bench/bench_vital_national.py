"""One year of national births as files of 31 provinces: collected with full validation, then every invariant checked.

The errors that are planted (19 kinds of findings, in each province) must be found at their rows, and nothing else.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from certificates import write
from figure import Figure

BIRTHS, INSTITUTIONS = 12_000_000, 40_000
MINUTES, GIGABYTES = 10.0, 6.0

LOAD = """
import json, resource, sys, time
from pathlib import Path
from quanmin import collect, trust
from quanmin.lake import Lake
from quanmin.settings import Settings
files, home = Path(sys.argv[1]), Path(sys.argv[2])
batches, rows, began = {}, 0, time.perf_counter()
with Lake.open(Settings(home=home)) as lake:
    for file in sorted(files.glob("*.parquet")):
        dataset, province, _ = file.name.rsplit(".", 2)
        receipt = collect.collect(lake, dataset, file, "health", trust.local_administrator())
        assert receipt.quarantined == 0, file.name
        batches[receipt.batch] = province
        rows += receipt.accepted
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": time.perf_counter() - began, "processor": used.ru_utime + used.ru_stime,
                  "memory": used.ru_maxrss / 2**20, "rows": rows, "batches": batches}))
"""

CHECK = """
import datetime, json, resource, sys
from pathlib import Path
from quanmin.lake import Lake
from quanmin.programs.vital import national
from quanmin.settings import Settings
with Lake.open(Settings(home=Path(sys.argv[1]))) as lake:
    found = national.check(lake, today=datetime.date(2025, 3, 1))
    with lake.session("certificates") as session:
        table = session.relation("measured.certificate_finding")
        rows = session.connection.execute(f"SELECT rule, dataset, batch, row FROM {table}").fetchall()
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": found.seconds, "processor": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss / 2**20,
                  "found": rows, "certificates": found.certificates, "read": found.read}))
"""


def run(code: str, *arguments: str) -> dict[str, object]:
    """Run a piece of Python in its own process; the document that it prints."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout))


def measure(scale: float) -> list[Figure]:
    """Time and peak memory of loading and checking, and whether what was planted was found."""
    with tempfile.TemporaryDirectory() as folder:
        files, home = Path(folder) / "files", Path(folder) / "home"
        files.mkdir()
        planted = write(files, int(BIRTHS * scale), max(int(INSTITUTIONS * scale), 2000))
        load, before = run(LOAD, str(files), str(home)), os.getloadavg()[0]
        check = run(CHECK, str(home))
    batches = {int(batch): province for batch, province in load["batches"].items()}
    found = {(rule, dataset, batches[batch], row) for rule, dataset, batch, row in check["found"]}
    seconds = load["seconds"] + check["seconds"]
    memory = max(load["memory"], check["memory"])
    read = check["read"]
    actions = read["health.certificate_stock"] + read["health.certificate_issue"]
    what = f"national births: {check['certificates']:,} certificates, {actions:,} actions"
    note = f"load {load['seconds']:.0f} s ({load['processor']:.0f} of processor), check {check['seconds']:.0f} s "
    note += f"({check['processor']:.0f}); load average {before:.1f}"
    exact = f"{len(found & planted):,} of {len(planted):,}, {len(found - planted):,} beside them"
    return [
        Figure(f"{what}: loaded and checked", "≤ 10 min", f"{seconds / 60:.1f} min", seconds <= MINUTES * 60, note),
        Figure(
            "the same: peak memory", "≤ 6 GB", f"{memory:.2f} GB", memory <= GIGABYTES, f"load {load['memory']:.2f} GB"
        ),
        Figure("the same: planted errors found", "all, and no other", exact, found == planted),
    ]


if __name__ == "__main__":
    began = time.perf_counter()
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        sys.stdout.write(f"{figure}\n")
    sys.stdout.write(f"{time.perf_counter() - began:.0f} s\n")
