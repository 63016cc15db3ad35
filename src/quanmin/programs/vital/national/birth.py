"""Births against certificates, by number: each birth was certified, and each certificate has its birth."""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital.national import finding
from quanmin.programs.vital.national.address import BIRTH, ISSUE, sql
from quanmin.programs.vital.national.event import FIRST, ISSUED, ISSUING, one_of
from quanmin.programs.vital.national.holder import day
from quanmin.programs.vital.national.rule import CARD_DAYS
from quanmin.programs.vital.national.span import Span

_COLUMNS = "address, day, province, 1 AS numbers"


def check(connection: Any, span: Span, rows: Any, today: int) -> None:
    """Tell of the births and the certificates of a span that do not meet."""
    first, last = span.texts
    some = f"r.certificate_no BETWEEN '{first}' AND '{last}'"
    where = f"{day('r.issued_on')} AS day, substr(r.certificate_no, 2, 2)::INTEGER AS province"
    told = "r.certificate_no AS number, r.institution_code AS institution, r.issued_on AS since"
    kind = f"r.kind::TINYINT + {ISSUED}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE birth AS SELECT {sql(BIRTH)} AS address, {where}, {told} FROM {rows(BIRTH, some)} AS r"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE issued AS SELECT {sql(ISSUE)} AS address, {where}, {told}, {kind} AS kind "
        f"FROM {rows(ISSUE, some)} AS r WHERE {one_of(kind, ISSUING)}"
    )
    finding.add(
        connection,
        "birth.uncertified",
        f"SELECT {_COLUMNS}, NULL::BIGINT AS beside FROM birth AS b ANTI JOIN issued AS i USING (number)",
    )
    finding.add(
        connection,
        "birth.differs",
        """SELECT b.address, b.day, b.province, 1 AS numbers, min(i.address) AS beside
        FROM birth AS b JOIN issued AS i USING (number)
        GROUP BY ALL HAVING NOT bool_or(b.since = i.since AND coalesce(b.institution = i.institution, true))""",
    )
    late = f"kind = {FIRST} AND {today} - day > {CARD_DAYS}"
    finding.add(
        connection,
        "issue.unreported",
        f"SELECT {_COLUMNS}, NULL::BIGINT AS beside FROM issued AS i ANTI JOIN birth AS b USING (number) WHERE {late}",
    )
