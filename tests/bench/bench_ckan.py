"""CKAN's `package_search` at the size of data.gov: the first page and pages far on, of several kinds, one client, one process.

Times are of the processor, and nothing is remembered from one call to the next.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from figure import Figure

from quanmin.ledger import Ledger
from quanmin.opendata import Portal
from quanmin.opendata.ckan import Caller, Given, Site, find
from quanmin.settings import Settings
from quanmin.synth import open_catalogue

DATASETS = 188_917
AGAIN = 40
CALLS: dict[str, dict[str, Any]] = {
    "everything": {},
    "words": {"q": "卫生"},
    "a filter": {"fq": "res_format:CSV +metadata_modified:[2000-01-01T00:00:00Z TO *]"},
    "by name": {"sort": "name asc"},
    "1,000 rows": {"rows": 1_000},
}
FACETS = {"facet.field": ["organization", "groups", "tags", "res_format", "license_id"]}


def times(site: Site, given: dict[str, Any], again: int = AGAIN) -> list[float]:
    """Milliseconds of the processor of every one of several calls, sorted."""
    work, taken = find("package_search").work, []
    for _ in range(again):
        site.catalogue.searcher.forget()
        begun = time.process_time()
        found = work(site, Caller(), Given({**FACETS, **given}))
        taken.append((time.process_time() - begun) * 1000)
        assert found["count"] > 1_000 and found["results"]
    return sorted(taken)


def measure(scale: float) -> list[Figure]:
    """The lines of the performance table."""
    count = max(int(DATASETS * scale), 2_000)
    with tempfile.TemporaryDirectory() as folder, Ledger.open(settings := Settings(home=Path(folder))) as ledger:
        site = Site(Portal(settings, ledger), _nobody)
        site.catalogue.store.write(open_catalogue.documents(count), "bench")
        site.catalogue.rebuild()
        return figures(site, count)


def figures(site: Site, count: int) -> list[Figure]:
    """First and deep pages of each kind of call."""
    work, worst, told, first = find("package_search").work, 0.0, [], []
    for name, given in CALLS.items():
        total = work(site, Caller(), Given(given))["count"]
        rows = given.get("rows", 10)
        again = AGAIN if rows < 100 else 10
        near = times(site, given, again)
        far = times(site, {**given, "start": total - rows}, again)
        ratio = far[len(far) // 2] / near[len(near) // 2]
        worst = max(worst, ratio)
        told.append(f"{name} {near[len(near) // 2]:.1f} → {far[len(far) // 2]:.1f} ms ({ratio:.2f})")
        first += near if rows < 100 else []
    p95 = sorted(first)[int(len(first) * 0.95)]
    size = f"{count:,} datasets"
    return [
        Figure(f"CKAN: package_search, {size}, deep page : first", "≤ 2", f"{worst:.2f}", worst <= 2, "; ".join(told)),
        Figure(
            f"CKAN: package_search, {size}, 5 facets", "p95 ≤ 50 ms", f"{p95:.1f} ms", p95 <= 50, "one client, CPU time"
        ),
    ]


def _nobody() -> Any:
    raise AssertionError("no call of this bench asks who somebody is")


if __name__ == "__main__":
    for figure in measure(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0):
        print(figure)
