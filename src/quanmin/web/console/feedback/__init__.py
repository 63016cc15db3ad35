"""Feedback in the console: open errors by source, letters sent and answered, what citizens ask to have corrected."""

from __future__ import annotations

from quanmin.web.console.feedback import claims, letters, reports, standing
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages."""
    for module in (standing, letters, claims, reports):
        module.install(face)
