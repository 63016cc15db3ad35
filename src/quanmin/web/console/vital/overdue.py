"""The board of what is overdue, by branch: what those under a holder owe, how much of it is late, and the list of one branch."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from quanmin.programs.vital import owed
from quanmin.programs.vital.office import above
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.vital.area import EVERYONE, PageNumber, Whose, Word, office, own, paged, seen, shown, title_of
from quanmin.web.console.vital.overview import due
from quanmin.web.console.vital.tree import Tree, tree
from quanmin.web.face import Face
from quanmin.web.view import Answer

MOST = 1_000
"""Things that are listed, the most urgent; the counts are of all."""


def board(ask: Ask, below: Tree) -> list[dict[str, Any]]:
    """Open and overdue by branch and what, the oldest deadline of each; the holder itself first."""
    sums: dict[tuple[str, str], dict[str, Any]] = defaultdict(lambda: {"open": 0, "overdue": 0, "oldest": None})
    for one in owed.counted(office(ask), below.top.code):
        line = sums[below.branch[str(one["holder"])], str(one["what"])]
        line["open"] += int(str(one["open"]))
        line["overdue"] += int(str(one["overdue"]))
        line["oldest"] = min(filter(None, (line["oldest"], str(one["oldest"]))))
    order = sorted(sums, key=lambda each: (each[0] != below.top.code, -sums[each]["overdue"], each))
    return [
        {
            "holder": code,
            "title": below.members[code].title,
            "level": below.members[code].level,
            "leaf": code == below.top.code or not below.under(code),
            "what": what,
            **sums[code, what],
        }
        for code, what in order
    ]


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/vital/overdue", "console/vital/overdue.html", roles=EVERYONE)
    def overdue(ask: Ask, holder: Whose = "", what: Word = "", every: bool = False, page: PageNumber = 1) -> Answer:
        """What a holder and those under it owe: counted by branch, and one by one, the most urgent first."""
        one, at = seen(ask, holder), office(ask)
        found = owed.listing(at, one.code, overdue=not every, what=what or None, limit=MOST)
        with at.ledger.reading() as connection:
            way = above(connection, one.code)
        way = way[: way.index(own(ask).code) + 1][::-1]
        data = {"holder": one.code, "what": what, "every": every, "way": way, "board": board(ask, tree(ask, one))}
        data |= paged([due(ask, each) for each in found], page)
        return shown(Text("催办", "What is overdue"), data, ask, words=title_of(one), holder=one)
