"""What waits at the desk: certificates to approve, to seal, to put right, and cards of births to report."""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital import owed
from quanmin.programs.vital.certificate import record, workflow
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import DESK, office, own, shown, title_of
from quanmin.web.console.vital.overview import due
from quanmin.web.face import Face
from quanmin.web.view import Answer

MOST = 200


def lines(ask: Ask, code: str, state: str) -> list[dict[str, Any]]:
    """Certificates of a holder in a state, the oldest first."""
    found = record.listing(office(ask), holders=[code], states=[state], limit=MOST)
    return [one.to_dict() for one in found[::-1]]


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/vital/desk/queue", "console/vital/queue.html", roles=DESK)
    def queue(ask: Ask) -> Answer:
        """Certificates of the own institution that wait for somebody, and the cards that it owes."""
        mine = own(ask)
        states = (workflow.PREPARED, workflow.APPROVED, workflow.RETURNED)
        cards = owed.listing(office(ask), mine.code, overdue=False, what=owed.CARD, limit=MOST)
        data: dict[str, Any] = {state: lines(ask, mine.code, state) for state in states}
        data |= {"holder": mine.code, "cards": [due(ask, one) for one in cards if one.holder == mine.code]}
        return shown(Text("审核与用章", "Approve and seal"), data, ask, words=title_of(mine))
