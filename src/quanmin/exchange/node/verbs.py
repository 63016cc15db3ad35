"""The verbs of the interface and the work that goes on by itself: each part registers its own when it is loaded."""

from __future__ import annotations

import importlib

PARTS = (
    "quanmin.exchange.member.known",
    "quanmin.exchange.agreement.verb",
    "quanmin.exchange.agreement.work",
    "quanmin.exchange.log.keeper",
    "quanmin.exchange.delivery",
    "quanmin.exchange.intake",
    "quanmin.exchange.request",
    "quanmin.exchange.supply",
)


def load() -> None:
    """Load every part."""
    for name in PARTS:
        importlib.import_module(name)
