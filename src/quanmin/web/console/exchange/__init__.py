"""The exchange in the console: agreements and their clocks, deliveries, both sides' reconciliation, traffic, members."""

from __future__ import annotations

from quanmin.web.console.exchange import agreement, agreements, deliveries, delivery, members, reconciliation, traffic
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages of the area."""
    for part in (agreements, agreement, deliveries, delivery, reconciliation, traffic, members):
        part.install(face)
