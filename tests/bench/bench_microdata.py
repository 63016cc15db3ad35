"""Microdata: k = 10 on tables of Adult's shape, from the Arrow table to the released one, and the loss beside anjana's.

Seconds are the least of three runs of the whole job: reading codes, the search, the report, the new table. anjana 1.2.3 works on
the same 30,162 rows with the same hierarchies; its loss is measured by ours (NCP over its own output).
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import peer
import pyarrow as pa
import pyarrow.csv as csv
from adult_shaped import BASE, adult_shaped, hierarchies
from figure import Figure, peak_megabytes

from quanmin.opendata.microdata import Anonymised, Plan, anonymise
from quanmin.opendata.microdata.release import Method

SIZES = ((1_000_000, 1.5), (10_000_000, 6.0))
MONDRIAN = 3.0
K, LIMIT, RUNS = 10, 0.05, 3

PEER = """
import contextlib, io, json, sys, time, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import pandas as pd
from anjana.anonymity import k_anonymity
folder, k, limit = Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
frame = pd.read_csv(folder / "table.csv", dtype=str)
levels = {name: {int(n): own for n, own in one.items()} for name, one in json.loads((folder / "levels.json").read_text()).items()}
began = time.perf_counter()
with contextlib.redirect_stdout(io.StringIO()):
    found = k_anonymity(frame, [], list(frame.columns), k, limit * 100, levels)
seconds = time.perf_counter() - began
found.to_csv(folder / "found.csv", index=False)
print(json.dumps({"seconds": seconds}))
"""


def timed(table: pa.Table, method: Method = "lattice", runs: int = RUNS) -> tuple[float, float, Anonymised]:
    """Seconds and processor seconds of the whole job, and the release."""
    plan, taken, worked = Plan(quasi=hierarchies(), k=K, suppress=LIMIT), [], []
    for _ in range(runs):
        began, busy = time.perf_counter(), time.process_time()
        found = anonymise(table, plan, method)
        taken.append(time.perf_counter() - began)
        worked.append(time.process_time() - busy)
    return min(taken), min(worked), found


def anjana(python: Path, table: pa.Table) -> tuple[float, float, int]:
    """Seconds, loss and left-out rows of anjana."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv.write_csv(
            pa.table({column: table[column].cast(pa.string()) for column in table.column_names}), folder / "table.csv"
        )
        levels = {column: _levels(own) for column, own in hierarchies().items()}
        (folder / "levels.json").write_text(json.dumps(levels))
        asked = [python, "-c", PEER, str(folder), str(K), str(LIMIT)]
        out = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
        options = csv.ConvertOptions(column_types={column: pa.string() for column in table.column_names})
        found = csv.read_csv(folder / "found.csv", convert_options=options)
    seconds: float = json.loads(out)["seconds"]
    return seconds, _loss(found, table.num_rows), table.num_rows - found.num_rows


def _levels(hierarchy: Any) -> dict[int, list[str]]:
    """Each level as a column over the leaves, as anjana wants it."""
    codes = zip(hierarchy.labels, hierarchy.codes, strict=True)
    return {level: [words[code] for code in own.tolist()] for level, (words, own) in enumerate(codes)}


def _loss(found: pa.Table, rows: int) -> float:
    """NCP of a table of labels."""
    cells = 0.0
    for column, hierarchy in hierarchies().items():
        ladder = hierarchy.bound(nulls=False)
        losses = {
            ladder.labels(level)[code]: float(loss)
            for level in reversed(range(ladder.height))
            for code, loss in zip(ladder.codes[level].tolist(), ladder.losses[level], strict=True)
        }
        cells += sum(losses[label] for label in found[column].to_pylist())
    return (cells / found.num_columns + rows - found.num_rows) / rows


def measure(scale: float) -> list[Figure]:
    """All figures, the peer in the same run."""
    figures = []
    for size, target in SIZES:
        table = adult_shaped(int(size * scale))
        seconds, busy, found = timed(table)
        report = found.report
        lost = f"{report.suppressed / report.rows:.2%} left out, NCP {report.loss.ncp:.4f}"
        told = f"{busy:.2f} s of processor; {report.checks} nodes, {lost}"
        what = f"microdata, k=10, ≤ 5 % left out, {size / 1e6:g} M rows"
        figures.append(Figure(what, f"≤ {target:g} s", f"{seconds:.2f} s", seconds <= target, told))
        seconds, busy, found = timed(table, "mondrian", 1)
        lost = f"NCP {found.report.loss.ncp:.4f}, {found.report.classes} classes"
        reached = f"{busy:.2f} s of processor; {lost}; peak {peak_megabytes():.0f} MB so far"
        met = seconds <= MONDRIAN if size == SIZES[-1][0] else None
        goal = f"≤ {MONDRIAN:g} s" if met is not None else ""
        figures.append(Figure(f"microdata, Mondrian, {size / 1e6:g} M rows", goal, f"{seconds:.2f} s", met, reached))
    return [*figures, *beside_anjana()]


def beside_anjana() -> list[Figure]:
    """Loss and seconds on as many rows as Adult has."""
    table = adult_shaped(BASE)
    with peer.peers() as python:
        theirs, loss, lost = anjana(python, table)
    ours, _, found = timed(table)
    own = found.report
    note = f"{own.suppressed} and {lost} rows left out of {BASE}"
    what = "microdata, loss beside anjana"
    return [
        Figure(what, f"≤ {loss:.4f}", f"{own.loss.ncp:.4f}", own.loss.ncp <= loss + 1e-9, note),
        Figure("microdata, seconds beside anjana", "", f"{ours:.2f} and {theirs:.2f} s", None, "30,162 rows"),
    ]


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)
