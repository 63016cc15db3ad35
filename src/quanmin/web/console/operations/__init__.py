"""Operations: jobs and schedules, snapshots, backups, and how the installation stands."""

from __future__ import annotations

from quanmin.web.console.operations import jobs, store, work
from quanmin.web.face import Face


def install(face: Face) -> None:
    """Register the pages of the area."""
    for part in (jobs, work, store):
        part.install(face)
