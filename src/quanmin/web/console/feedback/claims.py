"""What citizens ask to have corrected: told to the source, answered."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path

from quanmin.population.correction import OUTCOMES
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.feedback.standing import PAGES, ROLES
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TEMPLATE = "console/feedback/claims.html"
Claim = Annotated[int, Path(ge=1, le=2**31)]
ANSWER = (
    Field("outcome", Text("来源的答复", "What the source says"), "choice", choices=list(OUTCOMES.items())),
    Field("answer", Text("给申请人的答复", "Answer to the citizen"), "words", limit=500),
)


def install(face: Face) -> None:
    """Register the page and its forms."""

    @face.page("/feedback/claims", TEMPLATE, roles=ROLES)
    def claims(ask: Ask) -> Answer:
        """The requests that are not answered yet."""
        found = ask.home.letters.claims()
        return View(Text("更正申请", "Requests of citizens"), {"claims": found}, {"pages": PAGES, "fields": ANSWER})

    @face.form("/feedback/claims/{claim}/send", (), page=lambda ask, claim: claims(ask), template=TEMPLATE, roles=ROLES)
    def send(ask: Ask, _posted: Posted, claim: Claim) -> Answer:
        """Note that the source was told."""
        ask.home.letters.send_claim(claim)
        return Redirect("/feedback/claims", Text("已转来源核实", "Noted as told to the source"))

    @face.form(
        "/feedback/claims/{claim}/answer", ANSWER, page=lambda ask, claim: claims(ask), template=TEMPLATE, roles=ROLES
    )
    def answer(ask: Ask, posted: Posted, claim: Claim) -> Answer:
        """Note what the source answered, for the citizen."""
        ask.home.letters.answer_claim(claim, posted["outcome"], posted["answer"])
        return Redirect("/feedback/claims", Text("已答复", "Answered"))
