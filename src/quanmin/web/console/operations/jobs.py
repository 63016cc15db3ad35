"""Jobs: the list, one with how far it is and what it said, and its end."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query

from quanmin import jobs
from quanmin.jobs import Job
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.operations.area import ROLES, Number, PageNumber, shown
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect

State = Annotated[str, Query(max_length=20, pattern=r"^[a-z]*$")]


def mine(ask: Ask, job: Job) -> bool:
    """Whether the viewer may end a job."""
    known = jobs.KINDS.get(job.kind)
    return job.by == ask.who.id or (known is not None and jobs.allowed(ask.who, known))


def about(ask: Ask, job: Job) -> dict[str, Any]:
    """What only the page of a job needs: what may be done, and how its parameters are called."""
    known = jobs.KINDS.get(job.kind)
    names = {one.name: one.title for one in known.parameters} if known is not None else {}
    given = [(names.get(name, Text(name, name)), value) for name, value in job.parameters.items() if name != "upload"]
    again = job.state == "interrupted" and known is not None and jobs.allowed(ask.who, known)
    ends = job.state in ("queued", "running", "interrupted") and mine(ask, job)
    return {"job": job, "given": given, "again": again, "ends": ends}


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/operations/job.html"

    @face.page("/operations", "console/operations/jobs.html", roles=ROLES)
    def listed(ask: Ask, state: State = "", page: PageNumber = 1) -> Answer:
        """The jobs, the newest first."""
        found = jobs.listing(ask.lake, [state] if state in jobs.STATES else [], number=page)
        data: dict[str, Any] = {"jobs": [one.to_dict() for one in found.jobs], "counts": jobs.counts(ask.lake)}
        data |= {"page": found.page, "pages": found.pages, "total": found.total, "state": state}
        return shown(Text("运维", "Operations"), data, ask, found=found.jobs, states=jobs.STATES)

    @face.page("/operations/jobs/{number}", template, roles=ROLES)
    def one(ask: Ask, number: Number) -> Answer:
        """One job: how far it is, what it said, what became of it."""
        job = jobs.get(ask.lake, number)
        return shown(Text(f"作业 {number}", f"Job {number}"), job.to_dict(), ask, **about(ask, job))

    @face.page("/operations/jobs/{number}/progress", "console/operations/progress.html", roles=ROLES)
    def progress(ask: Ask, number: Number) -> Answer:
        """The part of the page that changes while a job goes on."""
        job = jobs.get(ask.lake, number)
        return shown(Text(f"作业 {number}", f"Job {number}"), job.to_dict(), ask, **about(ask, job))

    @face.form("/operations/jobs/{number}/cancel", (), page=one, template=template, roles=ROLES)
    def cancel(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """End a job."""
        job = jobs.cancel(ask.lake, ask.who, number)
        return Redirect(f"/operations/jobs/{number}", Text(f"作业{job.state_title.zh}", f"Job {job.state_title.en}"))

    @face.form("/operations/jobs/{number}/again", (), page=one, template=template, roles=ROLES)
    def again(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Queue a job that was interrupted anew."""
        jobs.again(ask.lake, ask.who, number)
        return Redirect(f"/operations/jobs/{number}", Text("已重新排队", "Queued again"))
