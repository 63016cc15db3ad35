"""From pseudonyms back to people: asked with a case and a reason, approved by another, opened once by the one who asked."""

from __future__ import annotations

from quanmin.standards.identity import citizen_number
from quanmin.text import Text
from quanmin.trust import PURPOSES, reidentification, work
from quanmin.trust.reidentification import APPROVES, ASKS
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import REIDENTIFIERS, Number, PageNumber, paged, shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect, View

TITLE = Text("假名还原", "Re-identification")
PURPOSE_WORDS = {**{name: one.title for name, one in PURPOSES.items()}, reidentification.AUDIT: Text("审计", "audit")}
FIELDS = (
    Field("purpose", Text("假名的用途", "Purpose of the pseudonyms"), "choice", choices=list(PURPOSE_WORDS.items())),
    Field("case", Text("案号", "Case number"), limit=60),
    Field("reason", Text("理由", "Reason"), "words", limit=400, hint=Text("不写个人信息", "nothing about a person")),
    Field("pseudonyms", Text("假名，每行一个", "Pseudonyms, one a line"), "words", limit=200_000),
)


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/trust/reidentification.html"

    @face.page("/trust/reidentification", template, roles=REIDENTIFIERS)
    def requests(ask: Ask, page: PageNumber = 1) -> Answer:
        """The requests, without their pseudonyms."""
        work.require(ask.lake.ledger, ask.who, APPROVES if ask.holds(APPROVES) else ASKS)
        data = paged(reidentification.listing(ask.lake.ledger)[::-1], page)
        fields = FIELDS if ask.holds(ASKS) else ()
        return shown(ask, TITLE, data, fields=fields, purposes=PURPOSE_WORDS, mine=ask.who.id)

    @face.form("/trust/reidentification/ask", FIELDS, page=requests, template=template, roles=(ASKS,))
    def ask_(ask: Ask, posted: Posted) -> Answer:
        """Ask for the people behind pseudonyms."""
        work.require(ask.lake.ledger, ask.who, ASKS)
        asked = [line.strip() for line in posted["pseudonyms"].splitlines() if line.strip()]
        reidentification.ask(ask.lake.ledger, ask.who, posted["purpose"], asked, posted["case"], posted["reason"])
        return Redirect("/trust/reidentification", Text("已申请，待另一人批准", "Asked for; another approves"))

    def again(ask: Ask, number: int) -> Answer:
        del number
        return requests(ask)

    @face.form("/trust/reidentification/{number}/withdraw", (), page=again, template=template, roles=(ASKS,))
    def withdraw(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Take one's own request back."""
        work.require(ask.lake.ledger, ask.who, ASKS)
        reidentification.withdraw(ask.lake.ledger, number, ask.who)
        return Redirect("/trust/reidentification", Text("已撤回", "Withdrawn"))

    @face.form("/trust/reidentification/{number}/open", (), page=again, template=template, roles=(ASKS,))
    def open_(ask: Ask, _posted: Posted, number: Number) -> Answer:
        """Show pseudonym and citizen number, this once."""
        work.require(ask.lake.ledger, ask.who, ASKS)
        found = reidentification.reidentify(ask.settings, ask.lake.ledger, number, ask.who)
        people = [{"pseudonym": one, "citizen_number": str(citizen_number.decode(key))} for one, key in found.items()]
        title = Text(f"还原结果 {number}", f"The people of request {number}")
        made = shown(ask, title, {"document": number, "people": people})
        return View(made.title, made.data, made.more, template="console/trust/reidentified.html")
