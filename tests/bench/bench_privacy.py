"""Private statistics: what a question costs beside the bare count, its worker and its memory included."""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

import numpy as np
import pyarrow as pa
from figure import Figure, peak_megabytes

from quanmin.opendata.privacy import Engine, Query
from quanmin.opendata.privacy.process import Worker

ROWS = 10_000_000
AGES = {"column": "age", "lower": 0, "upper": 120}
QUERIES: dict[str, dict[str, Any]] = {
    "count of persons": {"statistic": "count"},
    "histogram of 34": {"statistic": "histogram", "column": "region", "categories": [str(one) for one in range(34)]},
    "mean": {"statistic": "mean", **AGES},
    "median": {"statistic": "quantile", "share": "0.5", **AGES},
}


def rows_of(count: int) -> pa.Table:
    """Persons with a row and a quarter on average."""
    draw = np.random.default_rng(1)
    person = draw.integers(0, max(int(count * 0.8), 1), count)
    region = pa.array([str(one) for one in range(34)]).take(pa.array(draw.integers(0, 34, count)))
    return pa.table({"person": person, "value": draw.integers(0, 100, count), "region": region})


def asked(given: dict[str, Any], rows: pa.Table) -> tuple[float, float]:
    """Processor seconds of this process and the worker, and wall seconds, of one question."""
    query = Query.of({"epsilon": "1", **given})
    taken = rows.select(["person", "region"]).rename_columns(["person", "value"]) if query.column == "region" else rows
    taken = taken.select(["person"] if query.column is None else ["person", "value"])
    used, begun = _used(), time.perf_counter()
    with Worker(Engine(), query) as worker:
        worker.plan()
        worker.answer(taken.schema, taken.to_batches())
    return _used() - used, time.perf_counter() - begun


def _used() -> float:
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in each)


def measure(scale: float = 1.0) -> list[Figure]:
    """One figure a statistic; there is no target."""
    count = int(ROWS * scale)
    rows, figures = rows_of(count), []
    for name, given in QUERIES.items():
        used, wall = asked(given, rows)
        note = f"{wall:.1f} s; worker started, rows sent, persons bounded to a row; peak {peak_megabytes(True):,.0f} MB"
        figures.append(Figure(f"privacy: {name}, {count:,} rows", "-", f"{used:.1f} CPU-s", None, note))
    return figures


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)
