"""The sessions that are open, and their end at once."""

from __future__ import annotations

from quanmin.text import Text
from quanmin.trust.identity import session
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import ADMINISTRATORS, SECURITY, PageNumber, paged, shown
from quanmin.web.face import Face
from quanmin.web.form import Field, Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("会话", "Sessions")
FIELDS = (Field("account", Text("账号", "Account"), limit=40),)


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/trust/sessions.html"

    @face.page("/trust/sessions", template, roles=ADMINISTRATORS)
    def sessions(ask: Ask, page: PageNumber = 1) -> Answer:
        """Who is signed in, since when, by which proofs."""
        return shown(ask, TITLE, paged(session.listing(ask.registry, ask.who)[::-1], page), may=ask.holds(*SECURITY))

    @face.form("/trust/sessions/revoke", FIELDS, page=sessions, template=template, roles=SECURITY)
    def revoke(ask: Ask, posted: Posted) -> Answer:
        """End every session of an account at once."""
        count = session.revoke(ask.registry, ask.who, posted["account"])
        return Redirect("/trust/sessions", Text(f"结束了 {count} 个会话", f"{count} sessions ended"))
