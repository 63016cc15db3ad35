"""Work that the viewer may order: at once, or by the clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from quanmin import jobs
from quanmin.jobs import EVERY, Kind, Parameter, Plan
from quanmin.jobs.kind import LONGEST
from quanmin.jobs.schedule import DAYS
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.operations.area import ROLES, Number, Word, shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

CLOCK = (
    Field("every", Text("周期", "How often"), "choice", choices=list(EVERY.items()), value="day"),
    Field(
        "day",
        Text("星期", "Day of the week"),
        "choice",
        needed=False,
        choices=[(str(place), words) for place, words in enumerate(DAYS)],
        hint=Text("仅用于每周", "for every week only"),
    ),
    Field("hour", Text("时", "Hour"), "number", needed=False, limit=2, value=2, hint=Text("0 至 23", "0 to 23")),
    Field("minute", Text("分", "Minute"), "number", limit=2, value=0, hint=Text("0 至 59", "0 to 59")),
)

ELSEWHERE = {
    "collect": "/collect",
    "compare": "/trust/policies",
    "release": "/releases/new",
    "release_verify": "/releases",
}
"""Work that is ordered on the page of what it is about."""


def fields(ask: Ask) -> list[Field]:
    """What the kind of work in the address takes. UnknownKind."""
    known = jobs.kind(ask.request.path_params["name"])
    return [_field(ask, one) for one in known.parameters if one.sort != "upload" and not _settled(ask, one)]


def timed(ask: Ask) -> list[Field]:
    """The same with the time."""
    return [*CLOCK, *fields(ask)]


def _settled(ask: Ask, one: Parameter) -> bool:
    """Whether there is nothing to choose."""
    return one.sort == "choice" and not one.needed and len(one.choices(ask.settings)) < 2


def _field(ask: Ask, one: Parameter) -> Field:
    if one.sort == "number":
        return Field(one.name, one.title, "number", needed=one.needed, limit=9, hint=one.hint)
    if one.sort == "text":
        return Field(one.name, one.title, "words", needed=one.needed, limit=LONGEST, hint=one.hint)
    if one.sort == "yes":
        return Field(one.name, one.title, "yes", needed=False, hint=one.hint)
    choices: Sequence[tuple[str, Text]] = one.choices(ask.settings)
    return Field(one.name, one.title, "choice", needed=one.needed, choices=choices, hint=one.hint)


def _given(known: Kind, posted: Posted) -> dict[str, Any]:
    """The parameters that were chosen."""
    found = {one.name: posted.values.get(one.name) for one in known.parameters}
    return {name: value for name, value in found.items() if value not in (None, "", False)}


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/operations/order.html"

    @face.page("/operations/orders", "console/operations/orders.html", roles=ROLES)
    def work(ask: Ask) -> Answer:
        """The kinds of work that the viewer may order."""
        own = [one for one in jobs.KINDS.values() if jobs.allowed(ask.who, one)]
        data = [{"kind": one.name, "title": one.title, "hint": one.hint, "by_clock": one.by_clock} for one in own]
        return shown(Text("新作业", "New job"), {"kinds": data}, ask, elsewhere=ELSEWHERE)

    @face.page("/operations/orders/{name}", template, roles=ROLES)
    def order(ask: Ask, name: Word) -> Answer:
        """One kind of work, to be done now or by the clock."""
        known = jobs.kind(name)
        data = {"kind": known.name, "title": known.title, "hint": known.hint, "by_clock": known.by_clock}
        data["allowed"] = jobs.allowed(ask.who, known)
        return shown(known.title, data, ask, fields=fields(ask), timed=timed(ask))

    @face.form("/operations/orders/{name}/now", fields, page=order, template=template, roles=ROLES)
    def now(ask: Ask, posted: Posted, name: Word) -> Answer:
        """Put it into the queue."""
        job = jobs.queue(ask.lake, ask.who, name, _given(jobs.kind(name), posted))
        return Redirect(f"/operations/jobs/{job.job}", Text("已排队", "Queued"))

    @face.form("/operations/orders/{name}/clock", timed, page=order, template=template, roles=ROLES)
    def clock(ask: Ask, posted: Posted, name: Word) -> Answer:
        """Have it done by the clock."""
        every = next(one for one in EVERY if one == posted["every"])
        plan = Plan(every, posted["hour"] or 0, posted["minute"], int(posted["day"] or 0))
        made = jobs.add(ask.lake, ask.who, name, plan, _given(jobs.kind(name), posted))
        return Redirect(
            "/operations/schedules", Text(f"已定时：{made.plan.words.zh}", f"Scheduled: {made.plan.words.en}")
        )

    @face.page("/operations/schedules", "console/operations/schedules.html", roles=ROLES)
    def schedules(ask: Ask) -> Answer:
        """What is done by the clock, and when next."""
        found = jobs.schedules(ask.lake, stopped=True)[::-1]
        own = {one.schedule for one in found if one.kind in jobs.KINDS and jobs.allowed(ask.who, jobs.KINDS[one.kind])}
        data = {"schedules": [one.to_dict() for one in found[:200]]}
        return shown(Text("定时", "Schedules"), data, ask, found=found[:200], mine=own)

    @face.form(
        "/operations/schedules/{number}/stop",
        (),
        page=lambda ask, number: schedules(ask),
        template="console/operations/schedules.html",
        roles=ROLES,
    )
    def stop(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Stop a schedule; jobs that it queued stay."""
        jobs.stop(ask.lake, ask.who, number)
        return Redirect("/operations/schedules", Text("已停用", "Stopped"))
