"""What is done with a release: approved, refused, withdrawn, verified. Whose work it is and what follows is the library's."""

from __future__ import annotations

from quanmin.jobs.releasing import VERIFY
from quanmin.opendata.release import replay
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console import order
from quanmin.web.console.releases.area import CHECKERS, ROLES, Number
from quanmin.web.console.releases.release import STANDING, TEMPLATE, WHY
from quanmin.web.face import Face, Viewing
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect


def install(face: Face, page: Viewing) -> None:
    """Register the forms of the page of a release."""

    @face.form("/releases/{number}/approve", (STANDING,), page=page, template=TEMPLATE, roles=CHECKERS)
    def approve(ask: Ask, posted: Posted, number: Number) -> Answer:
        """Let it out: into the register of releases and the catalogue."""
        ask.place.releases.approve(ask.who, number, bool(posted["standing"]))
        return Redirect(f"/releases/{number}", Text("已批准并发布", "Approved and published"))

    @face.form("/releases/{number}/refuse", (WHY,), page=page, template=TEMPLATE, roles=CHECKERS)
    def refuse(ask: Ask, posted: Posted, number: Number) -> Answer:
        """Send it back."""
        ask.place.releases.refuse(ask.who, number, posted["reason"])
        return Redirect(f"/releases/{number}", Text("已退回", "Sent back"))

    @face.form("/releases/{number}/withdraw", (WHY,), page=page, template=TEMPLATE, roles=ROLES)
    def withdraw(ask: Ask, posted: Posted, number: Number) -> Answer:
        """Take it from sight; its page says why."""
        ask.place.releases.withdraw(ask.who, number, posted["reason"])
        return Redirect(f"/releases/{number}", Text("已撤回", "Withdrawn"))

    @face.form("/releases/{number}/verify", (), page=page, template=TEMPLATE, roles=ROLES)
    def verify(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Order a verification, or look at the one that is under way."""
        replay.content_of(ask.place.releases, number)
        job = order.once(ask, VERIFY, release=number)
        return Redirect(f"/releases/jobs/{job}", Text("核验已排队", "The verification is queued"))
