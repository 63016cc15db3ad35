"""The simulated province: people a second on two threads, all fourteen datasets as Parquet."""

from __future__ import annotations

import tempfile

from figure import Figure, peak_megabytes

from quanmin import synth

TARGET = 200_000


def measure(scale: float) -> list[Figure]:
    """People a second, records in all, peak memory."""
    persons = max(1, round(1_000_000 * scale))
    with tempfile.TemporaryDirectory() as directory:
        report = synth.write(directory, persons, 2015, formats="parquet", threads=2)
    speed = persons / report.seconds
    records = sum(report.records.values())
    note = f"{persons:,} people, {records:,} records, {report.seconds:.1f} s, peak {peak_megabytes():,.0f} MB"
    return [Figure("synth to Parquet, people/s on two cores", f">= {TARGET:,}", f"{speed:,.0f}", speed >= TARGET, note)]
