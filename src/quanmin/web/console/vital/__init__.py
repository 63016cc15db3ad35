"""Vital events in the console: the stock of blanks, the issue desk, certificates, what is overdue, holders, invariants."""

from __future__ import annotations

from quanmin.web.console.vital import (
    certificate,
    check,
    content,
    copies,
    desk,
    destructions,
    holders,
    losses,
    movement,
    overdue,
    overview,
    queue,
    registry,
    stock,
)
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages of the area."""
    parts = (overview, stock, losses, movement, destructions, desk, queue, certificate, content, copies)
    for part in (*parts, registry, overdue, holders, check):
        part.install(face)
