"""Work on releases while it goes on: how far a run or a verification is, and where what came of it is."""

from __future__ import annotations

from typing import Any

from quanmin import jobs
from quanmin.jobs.errors import NoSuchJob
from quanmin.jobs.releasing import RUN, VERIFY
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.releases.area import ROLES, Number, shown
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect, View


def found(ask: Ask, number: int) -> jobs.Job:
    """A job of the area; NoSuchJob."""
    job = jobs.get(ask.lake, number)
    if job.kind not in (RUN, VERIFY):
        raise NoSuchJob(job=number)
    return job


def describe(ask: Ask, job: jobs.Job) -> dict[str, Any]:
    """How far it is; `release` is the number of the release that it made or verified."""
    progress, result = job.progress, job.result or {}
    told = {"job": job.job, "kind": job.kind, "state": job.state, "state_title": job.state_title, "open": job.open}
    told |= {"by": job.by, "at": job.at, "stage": progress.stage if progress is not None else None}
    about = result.get("release") or job.parameters.get("release")
    ends = job.state in ("queued", "interrupted") and job.by == ask.who.id
    again = job.state == "interrupted" and job.by == ask.who.id
    return {**told, "release": about, "made": result.get("state"), "error": job.error, "ends": ends, "again": again}


def _view(ask: Ask, number: int) -> View:
    job = found(ask, number)
    return shown(ask, job.title, describe(ask, job))


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/releases/course.html"

    @face.page("/releases/jobs/{number}", template, roles=ROLES)
    def one(ask: Ask, number: Number) -> Answer:
        """How far a run or a verification is, and then where its release is."""
        return _view(ask, number)

    @face.page("/releases/jobs/{number}/progress", "console/releases/progress.html", roles=ROLES)
    def progress(ask: Ask, number: Number) -> Answer:
        """The part of the page that changes while it goes on."""
        return _view(ask, number)

    @face.form("/releases/jobs/{number}/cancel", (), page=one, template=template, roles=ROLES)
    def cancel(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """End what waits."""
        jobs.cancel(ask.lake, ask.who, found(ask, number).job)
        return Redirect(f"/releases/jobs/{number}", Text("已取消", "Cancelled"))

    @face.form("/releases/jobs/{number}/again", (), page=one, template=template, roles=ROLES)
    def again(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Queue what was interrupted anew."""
        jobs.again(ask.lake, ask.who, found(ask, number).job)
        return Redirect(f"/releases/jobs/{number}", Text("已重新排队", "Queued again"))
