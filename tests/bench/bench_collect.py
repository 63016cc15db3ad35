"""Collecting a clean household register, against DuckDB copying the same CSV to Parquet with no rules."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from figure import Figure

from quanmin import standards
from quanmin.standards import kernels

DATASET = "public_security.household_registration"
ROWS = 5_000_000
BLOCK = 500_000

COLLECT = """
import resource, sys, time
from pathlib import Path
from quanmin import collect, trust
from quanmin.lake import Lake
from quanmin.settings import Settings
lake = Lake.open(Settings(home=Path(sys.argv[2])))
began = time.perf_counter()
receipt = collect.collect(lake, sys.argv[3], Path(sys.argv[1]), "public_security", trust.local_administrator())
assert receipt.quarantined == 0, [rule for rule in receipt.rules if rule["failed"]]
print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, receipt.accepted)
"""

CHECK = """
import sys, time
from pathlib import Path
from quanmin import collect, standards
dataset = standards.catalogue().dataset(sys.argv[3])
for _ in range(2):
    began = time.perf_counter()
    assert collect.check(dataset, Path(sys.argv[1])).passed
    print(time.perf_counter() - began)
"""

FRICTIONLESS = """
import os, sys, time
from frictionless import Resource, Schema, system
os.chdir(os.path.dirname(sys.argv[1]))
schema = Schema.from_descriptor("schema.json")
for _ in range(2):
    began = time.perf_counter()
    report = Resource("register.csv", schema=schema).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type"])[:3]
    print(time.perf_counter() - began)
"""

COPY = """
import sys, time, duckdb
con = duckdb.connect(config={"threads": 2, "memory_limit": "4GB"})
con.execute("SET enable_progress_bar = false")
began = time.perf_counter()
con.execute(f"COPY (FROM read_csv('{sys.argv[1]}')) TO '{sys.argv[2]}' (FORMAT parquet)")
print(time.perf_counter() - began)
"""


def write_register(path: Path, rows: int) -> None:
    """A register of `rows` people with nothing wrong in it, in blocks."""
    dataset = standards.catalogue().dataset(DATASET)
    titles = [element.title.zh for element in dataset.elements]
    with path.open("wb") as file:
        for first in range(0, rows, BLOCK):
            block = register(first, min(BLOCK, rows - first)).rename_columns(titles)
            options = pa.csv.WriteOptions(include_header=first == 0, quoting_style="none")
            pa.csv.write_csv(block, file, options)


def register(first: int, rows: int) -> pa.Table:
    """One block: numbers of 100 regions and 40,000 days, everything else in agreement with them."""
    place = np.arange(first, first + rows, dtype=np.int64)
    rng = np.random.default_rng(first)
    regions = np.array(
        [int(region.code) for region in standards.catalogue().regions.current(date(2012, 1, 1), "county")][:100]
    )
    born = np.datetime64("1930-01-01") + (place // 100) % 30_000
    day = pc.strftime(pa.array(born), "%Y%m%d").cast(pa.int64()).to_numpy()
    keys = (regions[place % 100] * 100_000_000 + day) * 1000 + place // 3_000_000 * 100 + rng.integers(1, 99, rows)
    numbers = kernels.decode(keys)
    male = keys % 2 == 1
    region = pa.array(regions[place % 100]).cast(pa.string())
    iso = pc.strftime(pa.array(born), "%Y-%m-%d")
    codes = {
        "education": ["21", "31", "61", "71", "81"],
        "marital_status": ["10", "21", "30", "40"],
        "occupation": ["200", "300", "400", "500", "600"],
        "ethnicity": ["01", "03", "11"],
    }
    texts = pa.array(["张伟", "王秀英", "李娜", "刘洋", "陈静", "杨敏", "赵磊", "黄丽"])
    columns = {
        "household_no": pc.binary_join_element_wise(
            "13", pc.utf8_lpad(pa.array(place // 3).cast(pa.string()), 10, "0"), ""
        ),
        "member_no": pa.array(place % 3 + 1).cast(pa.string()),
        "citizen_number": numbers,
        "name": texts.take(pa.array(rng.integers(0, 8, rows))),
        "sex": pa.array(np.where(male, "1", "2")),
        "birth_date": iso,
        "birth_place": region,
        "registered_region": region,
        "registered_address": pc.binary_join_element_wise("人民路", pa.array(place % 999).cast(pa.string()), "号", ""),
        "registered_on": pa.array(np.full(rows, "2013-03-04")),
        "status": pa.array(np.full(rows, "1")),
    }
    for name, values in codes.items():
        columns[name] = pa.array(values).take(pa.array(rng.integers(0, len(values), rows)))
    names = [element.name for element in standards.catalogue().dataset(DATASET).elements]
    return pa.table({name: columns.get(name, pa.array(np.full(rows, ""))) for name in names})


def against_frictionless(scale: float) -> list[Figure]:
    """The rules of the register over the same rows, here and in frictionless by the exported Table Schema.

    Twice in one process: the first check of ours also imports what Arrow wants of pandas, which a long-lived one does once.
    """
    rows = int(200_000 * scale)
    dataset = standards.catalogue().dataset(DATASET)
    folder = Path(tempfile.mkdtemp())
    try:
        file, schema = folder / "register.csv", folder / "schema.json"
        pa.csv.write_csv(register(0, rows), file, pa.csv.WriteOptions(quoting_style="none"))
        schema.write_text(standards.export(dataset, "tableschema"), "utf-8")
        ours, peers = (run(code, str(file), str(schema), DATASET) for code in (CHECK, FRICTIONLESS))
    finally:
        shutil.rmtree(folder)
    whens = ("first check of a process", "next check")
    return [
        Figure(
            f"check {rows:,} rows against frictionless 5, {when}",
            "≥ 30 × faster",
            f"{theirs / mine:.0f} ×",
            theirs / mine >= 30,
            f"{mine:.2f} s ({len(dataset.rules)} rules) against {theirs:.1f} s",
        )
        for when, mine, theirs in zip(whens, ours, peers, strict=True)
    ]


def run(code: str, *arguments: str) -> list[float]:
    """Run a piece of Python in its own process; the figures that it prints."""
    done = subprocess.run([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def measure(scale: float) -> list[Figure]:
    """Time, memory and ratio of one collection; a second copy brackets it, so that a drift of the machine shows."""
    rows = int(ROWS * scale)
    folder = Path(tempfile.mkdtemp())
    try:
        file = folder / "register.csv"
        write_register(file, rows)
        before = run(COPY, str(file), str(folder / "a.parquet"))[0]
        seconds, megabytes, accepted = run(COLLECT, str(file), str(folder / "home"), DATASET)
        after = run(COPY, str(file), str(folder / "b.parquet"))[0]
    finally:
        shutil.rmtree(folder)
    assert accepted == rows
    ratio = seconds / ((before + after) / 2)
    return [
        Figure(
            f"collect a clean 20-column CSV of {rows:,} rows against DuckDB copying it to Parquet",
            "≤ 3.0 × its time",
            f"{ratio:.2f} ×",
            ratio <= 3.0,
            f"{seconds:.1f} s ({rows / seconds / 1e6:.2f} M rows/s) against {before:.1f} and {after:.1f} s",
        ),
        Figure("the same: peak memory", "≤ 1.5 GB", f"{megabytes / 1024:.2f} GB", megabytes <= 1536),
        *against_frictionless(scale),
    ]


if __name__ == "__main__":
    began = time.perf_counter()
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        sys.stdout.write(f"{figure}\n")
    sys.stdout.write(f"{time.perf_counter() - began:.0f} s\n")
