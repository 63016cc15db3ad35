"""What everybody adds to the portal: reuses, requests, discussions, error reports, applications; and one's own part in it."""

from __future__ import annotations

from quanmin.web.face import Face
from quanmin.web.portal.participation import (
    applications,
    discussions,
    figures,
    joining,
    mine,
    reports,
    requests,
    reuses,
)


def install(face: Face) -> None:
    """Register the pages."""
    for module in (reuses, requests, discussions, reports, applications, mine, figures, joining):
        module.install(face)
