"""How the queue stands, and how far reviewers agree."""

from __future__ import annotations

from quanmin.population.review import agreement, item
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.review.queue import PAGES, ROLES
from quanmin.web.face import Face
from quanmin.web.view import Answer, View


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/review/statistics", "console/review/statistics.html", roles=ROLES)
    def statistics(ask: Ask) -> Answer:
        """States, answers, overdue items, agreement and kappa."""
        rows = [one.to_dict() for one in ask.home.population.review.standings()]
        words = {"abouts": item.ABOUT, "states": item.STATES, "answers": item.ANSWERS, "source": agreement.SOURCE}
        return View(Text("审核统计", "Figures of review"), {"rows": rows}, {**words, "pages": PAGES})
