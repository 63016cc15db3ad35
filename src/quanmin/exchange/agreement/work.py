"""What a node does about agreements by itself: the platform ends what is over, other nodes fetch their copies."""

from __future__ import annotations

from quanmin.exchange.agreement import copy
from quanmin.exchange.agreement.verb import office
from quanmin.exchange.node.node import Node
from quanmin.exchange.node.worker import worker

CLOCK = 60.0
"""Seconds after which the platform looks for what is over; what is over gives nobody a field in between either."""


def work(node: Node) -> float:
    """One look; seconds until the next."""
    if node.settings.exchange_platform is None:
        office(node).tick()
        return CLOCK
    copy.refresh(node)
    return copy.REFRESH


worker("agreements", work)
