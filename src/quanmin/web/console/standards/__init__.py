"""Standards: what data must be, to look up, search and try a file against."""

from __future__ import annotations

from quanmin.web.console.standards import checking, frame, regions, values
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages of the area."""
    for part in (frame, values, regions, checking):
        part.install(face)
