"""What everybody adds to the portal: reuses, requests, discussions, error reports, applications; and one's own part in it."""

from __future__ import annotations

from quanmin.web.face import Face
from quanmin.web.portal.participation import applications, discussions, joining, mine, reports, requests, reuses


def install(face: Face) -> None:
    """Register the pages."""
    for module in (reuses, requests, discussions, reports, applications, mine, joining):
        module.install(face)
