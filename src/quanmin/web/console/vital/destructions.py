"""Void sheets and their destruction: one person of the authority proposes it, another confirms that it was done."""

from __future__ import annotations

from typing import Any

from quanmin.errors import QuanminError
from quanmin.ledger import Document as Course
from quanmin.programs.vital.blank import loss as losses
from quanmin.programs.vital.errors import NotInState, NotYourHolder
from quanmin.programs.vital.number import Span
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import (
    FIRST,
    LAST,
    SUPERVISORS,
    Document,
    PageNumber,
    at_field,
    holder,
    office,
    own,
    paged,
    sees,
    shown,
    span,
    title_of,
)
from quanmin.web.console.vital.losses import voided
from quanmin.web.console.vital.tree import tree
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect

TEMPLATE = "console/vital/destructions.html"
ONE = "console/vital/destruction.html"
NEWEST = 30
STATES = {
    "proposed": Text("待第二人确认", "to be confirmed by a second person"),
    "done": Text("已销毁", "destroyed"),
    "withdrawn": Text("已撤回", "withdrawn"),
}


def line(one: Course) -> dict[str, Any]:
    """A destruction as a line."""
    runs = [Span(*each) for each in one.data["spans"]]
    told = {"document": one.id, "state": one.state, "since": one.since, "holder": one.data["holder"]}
    told |= {"by": one.actions[0].actor, "ranges": [run.to_dict() for run in runs]}
    return told | {"quantity": sum(run.size for run in runs)}


def install(face: Face) -> None:
    """Register the pages and their forms."""

    @face.page("/vital/destructions", TEMPLATE, roles=SUPERVISORS)
    def destructions(ask: Ask, page: PageNumber = 1) -> Answer:
        """Void sheets of the own tree, and what was proposed to be done with them."""
        below = tree(ask, own(ask)).members
        void = [{**one, "title": below[one["holder"]].title} for one in voided(ask, *below)]
        found = ask.lake.ledger.find(losses.DESTRUCTION.kind)
        lines = [line(one) for one in found[::-1] if one.data["holder"] in below]
        data = {**paged(void, page), "destructions": lines[:NEWEST]}
        return shown(Text("废证销毁", "Destruction of void sheets"), data, ask, fields=(FIRST, LAST), course=STATES)

    @face.form("/vital/destructions/propose", (FIRST, LAST), page=destructions, template=TEMPLATE, roles=SUPERVISORS)
    def propose(ask: Ask, posted: Posted) -> Answer | Posted:
        """Propose to destroy void sheets."""
        run = span(posted)
        if isinstance(run, Posted):
            return run
        try:
            made = losses.propose(office(ask), own(ask).code, [run])
        except QuanminError as error:
            return at_field(posted, error, {NotInState: "first"})
        return Redirect(
            f"/vital/destructions/{made.id}", Text("已提出，须由另一人确认", "Proposed; another person confirms it")
        )

    @face.page("/vital/destructions/{number}", ONE, roles=SUPERVISORS)
    def destruction(ask: Ask, number: Document) -> Answer:
        """One destruction: which sheets, who proposed it, who confirmed it."""
        document = ask.lake.ledger.get(number, kinds=(losses.DESTRUCTION.kind,))
        code = document.data["holder"]
        if not sees(ask, code):
            raise NotYourHolder(holder=code)
        other = document.state == "proposed" and document.actions[0].actor != ask.who.id
        data = {**line(document), "may": ["confirm"] if other else []}
        data |= {"steps": [{"step": one.name, "by": one.actor, "at": one.at} for one in document.actions]}
        title = Text(f"销毁单 {number}", f"Destruction {number}")
        return shown(title, data, ask, words=title_of(holder(ask, code)), course=STATES)

    @face.form("/vital/destructions/{number}/confirm", (), page=destruction, template=ONE, roles=SUPERVISORS)
    def confirm(ask: Ask, _posted: Posted, number: Document) -> Answer:
        """Confirm that the sheets were destroyed."""
        losses.destroy(office(ask), number)
        return Redirect(f"/vital/destructions/{number}", Text("已确认销毁", "The destruction was confirmed"))
