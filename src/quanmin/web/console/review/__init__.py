"""Clerical review in the console: the queue, a pair side by side with its evidence, decisions and their undoing, the figures."""

from __future__ import annotations

from quanmin.web.console.review import figures, pair, queue
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages; those with a name of their own before those with a number."""
    for module in (queue, figures, pair):
        module.install(face)
