"""Work that is ordered on the page where it belongs: one job of its kind at a time, so that a second click finds the first."""

from __future__ import annotations

from quanmin import jobs
from quanmin.web.ask import Ask


def under_way(ask: Ask, kind: str, **parameters: object) -> int | None:
    """The newest job of this kind and with these parameters that waits or is being done."""
    found = jobs.listing(ask.lake, jobs.OPEN, ref=kind).jobs
    return next((one.job for one in found if dict(one.parameters) == parameters), None)


def once(ask: Ask, kind: str, **parameters: object) -> int:
    """The job that is under way, or a new one. RoleMissing."""
    return under_way(ask, kind, **parameters) or jobs.queue(ask.lake, ask.who, kind, parameters).job
