"""The self-check: its 27 rows as they came out last, and a run now. What a row saw is kept as long as the server runs."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path
from typing import Any

from quanmin.text import Text
from quanmin.trust import audit
from quanmin.trust.selfcheck import ROWS, run
from quanmin.trust.selfcheck.checklist import OUTSIDE
from quanmin.trust.selfcheck.errors import CheckRuns
from quanmin.trust.selfcheck.finding import VERDICTS
from quanmin.trust.work import OPERATOR
from quanmin.web.ask import Ask
from quanmin.web.console.trust.area import ADMINISTRATORS, shown
from quanmin.web.face import Face
from quanmin.web.form import Posted
from quanmin.web.view import Answer, Redirect

TITLE = Text("自查", "Self-check")
ROLES = (*ADMINISTRATORS, OPERATOR)
TONES = {"pass": "ok", "fail": "bad", "operator": "calm"}
_running = threading.Lock()
_evidence: dict[tuple[Path, int], dict[int, Text]] = {}
"""What the last run of a home saw, by the number of its entry in the audit."""


def install(face: Face) -> None:
    """Register the pages."""
    template = "console/trust/selfcheck.html"

    @face.page("/trust/selfcheck", template, roles=ROLES)
    def rows(ask: Ask) -> Answer:
        """The rows as they came out last, by whom and when."""
        last = audit.search(ask.lake.ledger, event="selfcheck", limit=1)
        verdicts: dict[str, str] = dict(last[0].fields["rows"]) if last else {}
        seen = _evidence.get((ask.settings.home, last[0].sequence), {}) if last else {}
        listed = [_line(row, verdicts.get(str(row.number)), seen.get(row.number)) for row in ROWS]
        data: dict[str, Any] = {
            "rows": listed,
            "at": None,
            "by": None,
            "outside": OUTSIDE,
            "counts": Counter(verdicts.values()),
        }
        if last:
            data |= {"at": last[0].at, "by": last[0].fields["actor"]}
        return shown(ask, TITLE, data, verdicts=VERDICTS, tones=TONES, seen=bool(seen))

    @face.form("/trust/selfcheck/run", (), page=rows, template=template, roles=ROLES)
    def run_(ask: Ask, _posted: Posted) -> Answer:
        """Check every row now; it takes some seconds. CheckRuns while another does."""
        if not _running.acquire(blocking=False):
            raise CheckRuns()
        try:
            found = run(ask.settings, ask.lake.ledger, ask.who)
            last = audit.search(ask.lake.ledger, event="selfcheck", limit=1)[0]
            _evidence.clear()
            _evidence[ask.settings.home, last.sequence] = {one.row.number: one.finding.evidence for one in found}
        finally:
            _running.release()
        return Redirect("/trust/selfcheck", Text("自查已完成", "The self-check is done"))


def _line(row: Any, verdict: str | None, evidence: Text | None) -> dict[str, Any]:
    about = {"row": row.number, "clause": row.clause, "asvs": row.asvs, "title": row.title}
    return {**about, "verdict": verdict, "evidence": evidence}
