"""Vital statistics in the console: the year of a region, and its indicators to explore, and how well deaths are certified.

Whoever may count the base sees them, as his purpose counts: sums only for statistics, everything for supervision with a case.
"""

from __future__ import annotations

from quanmin.web.console.vital_statistic import certifier, dashboard, explorer
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages."""
    for module in (dashboard, explorer, certifier):
        module.install(face)
