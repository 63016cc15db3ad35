"""Monthly stock against the actions: opening + received - sent - issued - void - lost = closing, for each holder and edition."""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital.national import finding
from quanmin.programs.vital.national.address import BALANCE, ISSUE, STOCK, sql
from quanmin.programs.vital.national.event import IN, ISSUED, ISSUING, LOSS, PRINT, SENT, VOID, one_of
from quanmin.programs.vital.national.holder import day, known

FLOWS = ("received", "sent", "issued", "voided", "lost")


def check(connection: Any, rows: Any) -> None:
    """Tell which monthly figures do not add up, are not those of the actions, or do not begin where the last ones ended."""
    _count(connection, rows)
    stated = rows(BALANCE, "true")
    figures = ", ".join(f"r.{name}, coalesce(f.{name}, 0) AS counted_{name}" for name in FLOWS)
    connection.execute(
        f"""CREATE TEMP TABLE statement AS
        WITH b AS (SELECT r.*, {sql(BALANCE)} AS address, {day("r.month")} AS day, {known("r.holder", "o.id")} AS org,
            o.id IS NULL AS unknown FROM {stated} AS r LEFT JOIN org AS o ON r.holder = o.code)
        SELECT r.address, r.day, t.province, r.unknown, r.opening, r.closing, {figures},
          lag(r.closing) OVER w AS last_closing, lag(r.address) OVER w AS last_address
        FROM b AS r LEFT JOIN tenure AS t ON t.id = r.org AND r.day BETWEEN t.since AND t.until
        LEFT JOIN flow AS f ON f.org = r.org AND f.edition = r.edition AND f.month = r.month
        WINDOW w AS (PARTITION BY r.org, r.edition ORDER BY r.month)"""
    )
    told = {
        "balance.sum": ("opening + received - sent - issued - voided - lost <> closing", "NULL::BIGINT"),
        "balance.flow": (" OR ".join(f"{name} <> counted_{name}" for name in FLOWS), "NULL::BIGINT"),
        "balance.opening": ("opening <> last_closing", "last_address"),
        "org.unknown": ("unknown", "NULL::BIGINT"),
    }
    for rule, (condition, beside) in told.items():
        columns = f"address, day, province, 1 AS numbers, {beside} AS beside"
        finding.add(connection, rule, f"SELECT {columns} FROM statement WHERE {condition}")


def _count(connection: Any, rows: Any) -> None:
    """Make `flow`: what the actions say for each organisation, edition and month."""
    size, stock = "r.last_serial - r.first_serial + 1", rows(STOCK, "r.last_serial >= r.first_serial")
    kind, month = "r.kind::TINYINT", "date_trunc('month', r.{0})::DATE AS month"
    sums = ", ".join(f"sum({name})::BIGINT AS {name}" for name in FLOWS)

    def side(end: str, parts: dict[str, str]) -> str:
        """What is booked at one end of the actions."""
        counted = ", ".join(
            f"coalesce(sum({size}) FILTER ({parts[name]}), 0)::BIGINT AS {name}" if name in parts else f"0 AS {name}"
            for name in FLOWS
        )
        among = " OR ".join(parts.values())
        return (
            f"SELECT r.{end} AS code, r.edition, {month.format('occurred_on')}, {counted} FROM {stock} AS r "
            f"WHERE r.{end} IS NOT NULL AND ({among}) GROUP BY ALL"
        )

    into = side("to_org", {"received": one_of(kind, (PRINT, IN))})
    out = side("from_org", {"sent": one_of(kind, SENT), "voided": f"{kind} = {VOID}", "lost": f"{kind} = {LOSS}"})
    used = ", ".join("count(*) AS issued" if name == "issued" else f"0 AS {name}" for name in FLOWS)
    issuing = one_of(f"r.kind::TINYINT + {ISSUED}", ISSUING)
    issued = (
        f"SELECT r.institution_code AS code, r.edition, {month.format('issued_on')}, {used} FROM {rows(ISSUE, issuing)} AS r "
        "GROUP BY ALL"
    )
    connection.execute(
        f"""CREATE TEMP TABLE flow AS SELECT {known("r.code", "o.id")} AS org, r.edition, r.month, {sums}
        FROM ({into} UNION ALL {out} UNION ALL {issued}) AS r LEFT JOIN org AS o ON r.code = o.code GROUP BY ALL"""
    )
