"""People whose reads always alarm: the security administrator proposes, the audit administrator confirms, either ends it."""

from __future__ import annotations

from quanmin.population import inquiry
from quanmin.text import Text
from quanmin.trust.flag import Flags
from quanmin.trust.identity import duty
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import PERSON, REASON, SECURITY, UNTIL, PageNumber, paged, shown
from quanmin.web.console.trust.facts import DOCUMENT
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("重点人员", "Flagged persons")
BOTH = (duty.SECURITY, duty.AUDIT)
FIELDS = (PERSON, REASON, UNTIL)
END = (DOCUMENT, REASON)


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/trust/flags.html"

    @face.page("/trust/flags", template, roles=BOTH)
    def flags(ask: Ask, page: PageNumber = 1) -> Answer:
        """The flags; people by the audit's pseudonym."""
        rows = Flags(ask.registry, ask.settings).listing(ask.who)[::-1]
        return shown(ask, TITLE, paged(rows, page), fields=FIELDS if ask.holds(*SECURITY) else (), end=END)

    @face.form("/trust/flags/propose", FIELDS, page=flags, template=template, roles=SECURITY)
    def propose(ask: Ask, posted: Posted) -> Answer:
        """Propose to flag a person."""
        key = inquiry.key_of(posted["person"])
        Flags(ask.registry, ask.settings).propose(ask.who, key, posted["reason"], posted["until"])
        return Redirect("/trust/flags", Text("已提出，待审计管理员确认", "Proposed; the audit administrator confirms"))

    @face.form("/trust/flags/end", END, page=flags, template=template, roles=BOTH)
    def end(ask: Ask, posted: Posted) -> Answer:
        """End a flag, or take a proposal away."""
        Flags(ask.registry, ask.settings).end(ask.who, posted["document"], posted["reason"])
        return Redirect("/trust/flags", Text("已解除", "Ended"))
