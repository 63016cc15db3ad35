"""The self-check: its 27 rows as they came out last, as the audit keeps them, and a job that runs them anew."""

from __future__ import annotations

from collections import Counter
from typing import Any

from quanmin.text import Text
from quanmin.trust import selfcheck
from quanmin.trust.selfcheck.checklist import OUTSIDE
from quanmin.trust.selfcheck.finding import VERDICTS
from quanmin.trust.work import OPERATOR
from quanmin.web.ask import Ask
from quanmin.web.console import order
from quanmin.web.console.trust.area import ADMINISTRATORS, shown
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("自查", "Self-check")
ROLES = (*ADMINISTRATORS, OPERATOR)
TONES = {"pass": "ok", "fail": "bad", "operator": "calm"}
KIND = "selfcheck"


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/trust/selfcheck.html"

    @face.page("/trust/selfcheck", template, roles=ROLES)
    def rows(ask: Ask) -> Answer:
        """The rows as they came out last, by whom and when."""
        last = selfcheck.last(ask.lake.ledger)
        listed = [_line(row, last) for row in selfcheck.ROWS]
        data: dict[str, Any] = {
            "rows": listed,
            "at": None,
            "by": None,
            "outside": OUTSIDE,
            "job": order.under_way(ask, KIND),
        }
        data["counts"] = Counter(last.verdicts.values()) if last else {}
        if last:
            data |= {"at": last.at, "by": last.by}
        seen = last is not None and bool(last.evidence)
        return shown(ask, TITLE, data, verdicts=VERDICTS, tones=TONES, seen=seen)

    @face.form("/trust/selfcheck/run", (), page=rows, template=template, roles=ROLES)
    def run(ask: Ask, _posted: Posted) -> Answer:
        """Order a check of every row, or look at the one that is under way."""
        return Redirect(f"/operations/jobs/{order.once(ask, KIND)}", Text("自查已排队", "The self-check is queued"))


def _line(row: selfcheck.Row, last: selfcheck.Run | None) -> dict[str, Any]:
    about = {"row": row.number, "clause": row.clause, "asvs": row.asvs, "title": row.title}
    if last is None:
        return {**about, "verdict": None, "evidence": None}
    return {**about, "verdict": last.verdicts.get(row.number), "evidence": last.evidence.get(row.number)}
