"""One line of the performance table: what, target, what was reached, and whether that is enough."""

from __future__ import annotations

import os
import platform
import resource
from typing import NamedTuple

import duckdb
import pyarrow as pa


class Figure(NamedTuple):
    """A measured figure; `met` is False for a missed target and None where there is no target."""

    what: str
    target: str
    reached: str
    met: bool | None
    note: str = ""


def peak_megabytes(children: bool = False) -> float:
    """Peak resident memory of this process (or of its ended children) so far, in MB."""
    who = resource.RUSAGE_CHILDREN if children else resource.RUSAGE_SELF
    return resource.getrusage(who).ru_maxrss / 1024


def machine() -> str:
    """The machine in one line: processor, cores, memory, versions of what does the work."""
    model = platform.processor() or platform.machine()
    with open("/proc/cpuinfo", encoding="utf-8") as lines:
        model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = f"Python {platform.python_version()}, DuckDB {duckdb.__version__}, Arrow {pa.__version__}"
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB; {versions}"
