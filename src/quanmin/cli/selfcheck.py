"""`quanmin trust selfcheck`: classified protection level 3 and OWASP ASVS, row by row, with evidence."""

from __future__ import annotations

from collections import Counter

import typer

from quanmin.cli.output import AsJson, out, print_json, print_table, say
from quanmin.cli.workplace import operator
from quanmin.ledger import Ledger
from quanmin.settings import Settings
from quanmin.text import Text
from quanmin.trust.selfcheck import ROWS, Checked, SelfCheckFailed, run
from quanmin.trust.selfcheck.checklist import OUTSIDE
from quanmin.trust.selfcheck.finding import VERDICTS

TITLES = [Text("项", "row"), Text("条款", "clause"), Text("ASVS", "ASVS"), Text("内容", "about")]
TITLES += [Text("结论", "verdict"), Text("证据", "evidence")]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(selfcheck)


def selfcheck(json: AsJson = False) -> None:
    """Classified protection level 3 and OWASP ASVS, row by row, with evidence; exit 12 when a row fails. 等保三级自查。"""
    settings = Settings()
    actor = operator()
    with Ledger.open(settings) as ledger:
        found = run(settings, ledger, actor)
    if json:
        print_json({"rows": [one.to_dict() for one in found], "outside": OUTSIDE})
    else:
        _tell(found)
    failed = [f"#{one.row.number}" for one in found if one.verdict == "fail"]
    if failed:
        raise SelfCheckFailed(count=len(failed), rows=", ".join(failed))


def _tell(found: list[Checked]) -> None:
    print_table(TITLES, [_line(one) for one in found])
    counts = Counter(one.verdict for one in found)
    zh = "，".join(f"{title.zh} {counts[verdict]}" for verdict, title in VERDICTS.items())
    en = ", ".join(f"{counts[verdict]} {title.en}" for verdict, title in VERDICTS.items())
    out.print(say(Text(f"共 {len(ROWS)} 项：{zh}", f"{len(ROWS)} rows: {en}")))
    out.print(say(OUTSIDE), markup=False)


def _line(one: Checked) -> tuple[object, ...]:
    row = one.row
    return (row.number, row.clause, row.asvs, row.title, VERDICTS[one.verdict], one.finding.evidence)
