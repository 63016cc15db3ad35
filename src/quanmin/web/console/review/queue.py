"""The queue: what waits, of which kind, how long; and the case number that one works under."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query

from quanmin import jobs
from quanmin.population.review import item
from quanmin.population.review.item import About
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console import order
from quanmin.web.console.review import case
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect, View

TEMPLATE, GATHER = "console/review/queue.html", "gather"
ROLES = ("reviewer", "arbiter", "operator", "administrator")
REVIEWERS = ("reviewer", "arbiter", "administrator")
PAGES = [("/review", Text("待审核", "Queue")), ("/review/statistics", Text("统计", "Figures"))]

Kind = Annotated[Literal["", "link", "contested", "double"], Query()]
State = Annotated[Literal["", "open", "decided", "disputed", "closed", "lapsed"], Query()]
Number = Annotated[int, Query(ge=1, le=1_000_000)]


def abouts(about: str) -> tuple[About, ...]:
    """The kinds that a filter names."""
    return tuple(one for one in item.KINDS if one == about)


def install(face: Face) -> None:
    """Register the page and its form."""

    @face.page("/review", TEMPLATE, roles=ROLES)
    def queue(ask: Ask, about: Kind = "", state: State = "", page: Number = 1) -> Answer:
        """What waits for an opinion, the oldest first."""
        home = ask.home.population.review
        states = (state,) if state else item.WAITING
        found = home.page(abouts(about), states, page)
        overdue = {one.about or "all": one.overdue for one in home.standings()}
        data = {**found, "counts": home.counts(), "overdue": overdue, "about": about, "state": state}
        first = home.following(0, abouts(about)) if ask.holds(*REVIEWERS) else None
        more: dict[str, Any] = {
            "abouts": item.ABOUT,
            "states": item.STATES,
            "first": first,
            "now": ask.lake.ledger.now(),
        }
        gathers = jobs.allowed(ask.who, jobs.kind(GATHER))
        more |= {"gathers": gathers, "job": order.under_way(ask, GATHER) if gathers else None}
        return View(Text("人工审核", "Clerical review"), data, {**more, **_case(ask), "pages": PAGES})

    @face.form("/review/gather", (), page=queue, template=TEMPLATE, roles=jobs.kind(GATHER).roles)
    def gather(ask: Ask, _posted: Posted) -> Answer:
        """Order that the open questions of the base are gathered, or look at the job that does."""
        return Redirect(f"/operations/jobs/{order.once(ask, GATHER)}", Text("汇集已排队", "Gathering is queued"))

    @face.form("/review/case", (case.FIELD,), page=queue, template=TEMPLATE, roles=REVIEWERS)
    def under(ask: Ask, posted: Posted) -> Answer:
        """Work under a case number from now on, or under none."""
        given = posted["case"]
        said = (
            Text("已记下办件号", "The case number is kept for this session")
            if given
            else Text("已取消办件号", "No case number any more")
        )
        return Redirect("/review", said, case.cookies(ask, given))


def _case(ask: Ask) -> dict[str, object]:
    if not ask.holds(*REVIEWERS):
        return {"case": None, "fields": ()}
    return {"case": case.of(ask), "fields": (case.FIELD,)}
