"""What the public reported of open datasets that an agency's data are in; it goes back with the feedback."""

from __future__ import annotations

from quanmin.opendata.participation import report
from quanmin.standards import catalogue
from quanmin.text import Text
from quanmin.web.ask import Ask
from quanmin.web.console.feedback.standing import PAGES, ROLES
from quanmin.web.face import Face
from quanmin.web.view import Answer, View


def install(face: Face) -> None:
    """Register the page."""

    @face.page("/feedback/reports", "console/feedback/reports.html", roles=ROLES)
    def reports(ask: Ask) -> Answer:
        """The reports that are not settled, by agency."""
        rows = [
            {
                **one,
                "agency": agency.title,
                "sort_title": report.SORTS[one["sort"]],
                "state_title": report.STATES[one["state"]],
            }
            for agency in catalogue().agencies.values()
            for one in report.waiting(ask.lake.ledger, agency.id)
        ]
        return View(Text("公众报告的错误", "Errors that the public reported"), {"rows": rows}, {"pages": PAGES})
