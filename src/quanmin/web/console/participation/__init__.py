"""The open portal in the console: what waits for a moderator or a publisher, and the deciding of it."""

from __future__ import annotations

from quanmin.web.console.participation import applications, desk, requests, reuses, talk
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages."""
    for module in (desk, reuses, requests, talk, applications):
        module.install(face)
