"""Linkage: FEBRL against Splink alone and recordlinkage, the residual of two provinces, and the whole job against one model."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import febrl
import peer
from figure import Figure

PRECISION, RECALL, QUEUE, FASTER = 0.999, 0.97, 0.05, 10.0
ASKED = {("febrl4", True): 0.9999, ("febrl3", True): 0.9992, ("febrl4", False): 0.9974, ("febrl3", False): 0.996}
RESIDUALS = (20_000, 200_000)
WHOLE = 1_000_000

FILL = """
import sys
from pathlib import Path
from quanmin import collect, standards, synth, trust
from quanmin.lake import Lake
from quanmin.settings import Settings
home, persons = Path(sys.argv[1]), int(sys.argv[2])
synth.write(home / "files", persons, 2, formats="parquet")
with Lake.open(Settings(home=home)) as lake:
    for dataset in standards.catalogue().datasets.values():
        for file in (home / "files").glob(f"{dataset.id}.*"):
            collect.collect(lake, dataset.id, file, dataset.steward, trust.local_administrator())
"""

LINK = """
import json, resource, sys, time
from pathlib import Path
from quanmin import population
from quanmin.lake import Lake
from quanmin.population import linkage
from quanmin.settings import Settings
home = Path(sys.argv[1])
with Lake.open(Settings(home=home)) as lake:
    began = time.perf_counter()
    built = population.build(lake)
    linked = linkage.link(lake)
    population.build(lake)
    seconds = time.perf_counter() - began
    right = linkage.compare_links(lake, home / "files" / "truth").to_dict()
print(json.dumps({"seconds": seconds, "link": linked.seconds, "records": built.records, **right,
                  "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}))
"""


def measure(scale: float) -> list[Figure]:
    """All figures; the peers and ours in the same run."""
    return [*sets(), *(figure for persons in RESIDUALS for figure in residual(int(persons * scale))), *whole(scale)]


def sets() -> list[Figure]:
    """FEBRL 4 (pairs) and 3 (groups), with the number and without."""
    figures = []
    with peer.peers() as python, tempfile.TemporaryDirectory() as folder:
        peer.export(python, Path(folder))
        theirs = peer.measured(python)
        for (name, number), least in ASKED.items():
            ours, plain = (method(Path(folder), name, number) for method in (febrl.ours, febrl.plain))
            words = "with" if number else "without"
            other = theirs[f"{name} {words}"]["f1"]
            note = f"Splink alone {plain.f1:.4f}, recordlinkage {other:.4f}; {ours.seconds:.1f} s"
            met = ours.f1 >= least and ours.f1 >= plain.f1 and ours.f1 >= other
            figures.append(Figure(f"{name} {words} the number, F1", f"≥ {least}", f"{ours.f1:.4f}", met, note))
    return figures


def run(code: str, *arguments: str) -> dict[str, float]:
    """The document that a program prints, in a process of its own."""
    out = subprocess.run([sys.executable, "-c", code, *arguments], check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    return found


def residual(persons: int) -> list[Figure]:
    """Precision, recall and queue on a simulated province."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", FILL, folder, str(persons)], check=True)
        found = run(LINK, folder)
    note = f"{persons:,} people, {found['residual']:,.0f} set aside, {found['attached']:,.0f} attached; {found['link']:.1f} s"
    return [
        Figure(
            "residual, precision", f"≥ {PRECISION}", f"{found['precision']:.4f}", found["precision"] >= PRECISION, note
        ),
        Figure("residual, recall", f"≥ {RECALL}", f"{found['recall']:.4f}", found["recall"] >= RECALL),
        Figure("residual, to review", f"≤ {QUEUE:.0%}", f"{found['queue']:.1%}", found["queue"] <= QUEUE),
    ]


def whole(scale: float) -> list[Figure]:
    """The whole job, from clean tables to linked people, against Splink doing all of it in one model."""
    persons = int(WHOLE * scale)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-c", FILL, folder, str(persons)], check=True)
        ours = run(LINK, folder)
        one = run((Path(__file__).parent / "one_model.py").read_text("utf-8"), folder)
        wrong = run((Path(__file__).parent / "assigned.py").read_text("utf-8"), folder)
    ratio = one["seconds"] / ours["seconds"]
    note = (
        f"{persons:,} people, {ours['records']:,.0f} records: {ours['seconds']:.1f} s against {one['seconds']:.1f} s "
        f"({one['pairs']:,.0f} pairs); {ours['memory']:.1f} GB against {one['memory']:.1f} GB"
    )
    better = f"{wrong['f1']:.5f} against {one['f1']:.5f}"
    return [
        Figure("whole job, times faster than one model", f"≥ {FASTER:.0f}", f"{ratio:.1f}", ratio >= FASTER, note),
        Figure("whole job, F1 of record and person", "not lower", better, wrong["f1"] >= one["f1"]),
    ]
