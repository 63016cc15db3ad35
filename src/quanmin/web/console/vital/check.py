"""What must hold of numbers and certificates, counted anew while the page is made; what does not hold in the own tree is told."""

from __future__ import annotations

from quanmin.programs.vital import invariant
from quanmin.programs.vital import number as numbers
from quanmin.programs.vital.blank import holding
from quanmin.programs.vital.errors import BadNumber
from quanmin.programs.vital.invariant import Breach
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import SUPERVISORS, office, own, shown, title_of
from quanmin.web.console.vital.errors import TooManySheets
from quanmin.web.console.vital.tree import tree
from quanmin.web.face import Face
from quanmin.web.view import Answer

MOST = 200_000
"""Used numbers of the whole installation that are checked on a page."""


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/vital/check", "console/vital/check.html", roles=SUPERVISORS)
    def check(ask: Ask) -> Answer:
        """Each rule, and where it does not hold."""
        at, mine = office(ask), own(ask)
        used = sum(one.held - one.free - one.moving for one in holding.holdings(at))
        if used > MOST:
            raise TooManySheets(count=used)
        members = set(tree(ask, mine).members)
        found = [one for one in invariant.check(at) if _within(ask, one, members)]
        counts = {name: sum(one.rule == name for one in found) for name in invariant.RULES}
        data = {"rules": counts, "breaches": [one.to_dict() for one in found], "used": used}
        return shown(Text("账实核查", "Invariants"), data, ask, rules=invariant.RULES, words=title_of(mine))


def _within(ask: Ask, one: Breach, members: set[str]) -> bool:
    """Whether a breach is of the own tree; what cannot be told apart is."""
    try:
        place = holding.place(office(ask), numbers.key(one.address))
    except BadNumber:
        code = one.address.rpartition(" ")[0]
        return not code or code in members
    return place is None or place.holder in members
