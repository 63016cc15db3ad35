"""Collect: files come in, are checked, and their senders learn what became of every row."""

from __future__ import annotations

from quanmin.web.console.collect import batches, dictionary, quality, sending
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages of the area."""
    for part in (sending, batches, quality, dictionary):
        part.install(face)
