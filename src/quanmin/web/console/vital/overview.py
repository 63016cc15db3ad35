"""The first page of the area: the own store, what is owed, certificates that wait, movements to receive."""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital import owed
from quanmin.programs.vital.blank import holding, movement
from quanmin.programs.vital.certificate import record, workflow
from quanmin.programs.vital.office import Holder
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import EVERYONE, STOCK, office, own, shown, title_of
from quanmin.web.face import Face
from quanmin.web.view import Answer

FIRST = 8
"""Things that are owed, as many as the page shows."""
MOST = 1_000
PLACES = {
    owed.CARD: "/vital/certificates/{ref}",
    owed.RECEIPT: "/vital/movements/{document}",
    **dict.fromkeys((owed.POLICE, owed.NOTICE, owed.WRITTEN), "/vital/losses/{document}"),
}


def due(ask: Ask, one: owed.Owed) -> dict[str, Any]:
    """Something owed as a line, with where it is dealt with, for those who may go there."""
    path = PLACES.get(one.what, "") if one.what == owed.CARD or ask.holds(*STOCK) else ""
    names = ("document", "what", "holder", "title", "level", "due")
    told = {name: getattr(one, name) for name in names}
    return told | {"path": path.format(document=one.document, ref=one.ref)}


def waiting(ask: Ask, code: str) -> dict[str, int]:
    """How many certificates wait in each state in which somebody has to do something; counted up to `MOST`."""
    states = (workflow.PREPARED, workflow.RETURNED, workflow.APPROVED)
    found = record.listing(office(ask), holders=[code], states=states, limit=MOST)
    return {state: sum(one.state == state for one in found) for state in states}


def sums(ask: Ask, one: Holder) -> list[dict[str, Any]]:
    """The own store by edition, the newest first."""
    return [each.to_dict() for each in holding.holdings(office(ask), one.code, alone=True)[::-1]]


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/vital", "console/vital/overview.html", roles=EVERYONE)
    def overview(ask: Ask) -> Answer:
        """What lies in the own store, what is owed, what waits."""
        mine, at = own(ask), office(ask)
        counted = owed.counted(at, mine.code)
        moves = movement.listing(at, mine.code, states=["sent"])
        data = {
            "holder": mine.to_dict(),
            "stock": sums(ask, mine),
            "owed": {name: sum(int(str(one[name])) for one in counted) for name in ("open", "overdue")},
            "first": [due(ask, one) for one in owed.listing(at, mine.code, overdue=False, limit=FIRST)],
            "waiting": waiting(ask, mine.code),
            "to_receive": [one.to_dict() for one in moves if one.receiver == mine.code],
            "sent": [one.to_dict() for one in moves if one.sender == mine.code],
        }
        return shown(Text("生命登记", "Vital events"), data, ask, holder=title_of(mine))
