"""Who may hold sheets, as tables of the query engine: `tenure`, one row for each period of each organisation.

An organisation is an integer there; one that is not in the register is a negative one, made of its code, so that two unknown
ones can still be told apart.
"""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital.national import finding
from quanmin.programs.vital.national.address import HOLDER, sql

FOREVER = 1_000_000
"""A day after all others, in days since 1970."""


def day(column: str) -> str:
    """SQL of a date as days since 1970."""
    return f"({column} - DATE '1970-01-01')::INTEGER"


def known(code: str, found: str) -> str:
    """SQL of an organisation as an integer: the one that was found, or else one made of its code; NULL without a code."""
    return f"coalesce({found}, CASE WHEN {code} IS NULL THEN NULL ELSE -1 - (hash({code}) >> 2)::BIGINT END)"


def prepare(connection: Any, rows: str) -> None:
    """Make `org` (code, id) and `tenure` of the holders, and tell what is wrong with the tree.

    On each day exactly one tenure of an organisation applies (`since` to `until`); it is open from `opens` to `closes`.
    `ends` is the day on which the last of them closes.
    """
    connection.execute(
        f"CREATE TEMP TABLE org AS SELECT code, row_number() OVER (ORDER BY code)::BIGINT AS id "
        f"FROM (SELECT DISTINCT code FROM {rows} AS r)"
    )
    connection.execute(
        f"""CREATE TEMP TABLE tenure AS
        WITH placed AS (
          SELECT o.id, {known("r.parent", "p.id")} AS parent, p.id IS NULL AND r.level <> '1' AS orphan,
            CASE WHEN r.level = '1' THEN 0 ELSE try_cast(left(r.region, 2) AS INTEGER) END AS province,
            {day("r.valid_from")} AS opens, coalesce({day("r.valid_to")}, {FOREVER}) AS closes, {sql(HOLDER)} AS address
          FROM {rows} AS r JOIN org AS o ON r.code = o.code LEFT JOIN org AS p ON r.parent = p.code)
        SELECT *, CASE WHEN lag(opens) OVER w IS NULL THEN {-FOREVER} ELSE opens END AS since,
          coalesce(lead(opens) OVER w - 1, {FOREVER}) AS until, max(closes) OVER (PARTITION BY id) AS ends,
          coalesce(lag(closes) OVER w >= opens, false) AS doubled, lag(address) OVER w AS earlier
        FROM placed WINDOW w AS (PARTITION BY id ORDER BY opens)"""
    )
    columns = "address, opens AS day, province, 1 AS numbers"
    finding.add(connection, "org.orphan", f"SELECT {columns}, NULL::BIGINT AS beside FROM tenure WHERE orphan")
    finding.add(connection, "org.overlap", f"SELECT {columns}, earlier AS beside FROM tenure WHERE doubled")
