"""Certificates of one newborn and the chain of those that replace one another.

Most newborns have one first issue and nothing else; only what is more than that is compared, so that these tables are small.
"""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital.national import finding
from quanmin.programs.vital.national.address import ISSUE, sql
from quanmin.programs.vital.national.event import (
    EXCHANGE,
    FIRST,
    ISSUED,
    ISSUING,
    LOSS_ISSUED,
    REISSUE,
    VOID_ISSUED,
    one_of,
    order,
)
from quanmin.programs.vital.national.holder import day

_CITING = (EXCHANGE, REISSUE)
_NEVER = (1 << 62) - 1


def check(connection: Any, rows: Any) -> None:
    """Tell what is wrong with newborns and replacements; `rows(dataset, condition)` gives live rows."""
    _gather(connection, rows)
    _tell_citing(connection)
    _tell_two(connection)
    _tell_circles(connection)


def _gather(connection: Any, rows: Any) -> None:
    """Make `step`: the steps of every number and newborn of which there is more than one first issue."""
    kind = f"(r.kind::TINYINT + {ISSUED})::TINYINT"
    every = rows(ISSUE, "true")
    connection.execute(
        f"""CREATE TEMP TABLE several AS SELECT n FROM (SELECT hash(r.newborn) AS n FROM {every} AS r)
        GROUP BY n HAVING count(*) > 1"""
    )
    connection.execute(
        f"""CREATE TEMP TABLE several_number AS
        SELECT r.certificate_no AS number FROM {every} AS r WHERE {kind} <> {FIRST} OR r.previous_no IS NOT NULL
        UNION SELECT r.previous_no FROM {every} AS r WHERE r.previous_no IS NOT NULL
        UNION SELECT r.certificate_no FROM {every} AS r SEMI JOIN several AS s ON hash(r.newborn) = s.n"""
    )
    connection.execute(
        f"""CREATE TEMP TABLE step AS
        SELECT {sql(ISSUE)} AS address, {order("r.issued_on", True)} AS place, {day("r.issued_on")} AS day,
          substr(r.certificate_no, 2, 2)::INTEGER AS province, {kind} AS kind, r.certificate_no AS number,
          r.previous_no AS previous, r.newborn
        FROM {every} AS r SEMI JOIN several_number AS s ON r.certificate_no = s.number"""
    )


_COLUMNS = "e.address, e.day, e.province, 1 AS numbers"


def _tell_citing(connection: Any) -> None:
    """Exchanges and re-issues, each with what was known of the certificate before it at that moment."""
    before = "p.number = e.previous AND (p.place, p.address) < (e.place, e.address)"
    connection.execute(
        f"""CREATE TEMP TABLE citing AS
        WITH e AS (SELECT * FROM step WHERE {one_of("kind", _CITING)}),
          p AS (SELECT *, {one_of("kind", ISSUING)} AS issues FROM step),
          known AS (SELECT e.address, count(*) FILTER (p.issues AND {before}) AS earlier, count(*) FILTER (p.issues) AS ever,
            arg_max(p.kind, (p.place, p.address)) FILTER ({before}) AS state,
            arg_max(p.newborn, (p.place, p.address)) FILTER (p.issues AND {before}) AS newborn,
            arg_max(p.address, (p.place, p.address)) FILTER (p.issues AND {before}) AS cited
            FROM e JOIN p ON p.number = e.previous GROUP BY e.address)
        SELECT e.*, coalesce(k.earlier, 0) AS earlier, coalesce(k.ever, 0) AS ever, k.state, k.newborn AS whose, k.cited,
          first_value(e.address) OVER w AS replaced, row_number() OVER w > 1 AND e.previous IS NOT NULL AS again
        FROM e LEFT JOIN known AS k ON e.address = k.address
        WINDOW w AS (PARTITION BY e.previous ORDER BY e.place, e.address)"""
    )
    states = {EXCHANGE: (*ISSUING, VOID_ISSUED), REISSUE: (LOSS_ISSUED,)}
    fits = " OR ".join(f"(e.kind = {kind} AND {one_of('e.state', among)})" for kind, among in states.items())
    told = {
        "replacement.unknown": ("e.ever = 0", "NULL::BIGINT"),
        "replacement.later": ("e.ever > 0 AND e.earlier = 0", "NULL::BIGINT"),
        "replacement.state": (f"e.earlier > 0 AND NOT ({fits})", "e.cited"),
        "replacement.branch": ("e.again", "e.replaced"),
        "replacement.newborn": ("e.earlier > 0 AND e.whose <> e.newborn", "e.cited"),
    }
    for rule, (condition, beside) in told.items():
        finding.add(connection, rule, f"SELECT {_COLUMNS}, {beside} AS beside FROM citing AS e WHERE {condition}")
    unexpected = f"e.kind = {FIRST} AND e.previous IS NOT NULL"
    query = f"SELECT {_COLUMNS}, NULL::BIGINT AS beside FROM step AS e WHERE {unexpected}"
    finding.add(connection, "replacement.unexpected", query)


def _tell_two(connection: Any) -> None:
    """Issues while another certificate of the newborn is valid: it is from its issue until the next step on it, or a citation."""
    connection.execute(
        f"""CREATE TEMP TABLE valid AS
        WITH ending AS (
            SELECT number, place, address FROM step
            UNION ALL SELECT previous, place, address FROM step WHERE {one_of("kind", _CITING)} AND previous IS NOT NULL)
        SELECT s.*, coalesce((SELECT min((n.place, n.address)) FROM ending AS n
            WHERE n.number = s.number AND (n.place, n.address) > (s.place, s.address)), ({_NEVER}, {_NEVER})) AS until
        FROM step AS s WHERE {one_of("s.kind", ISSUING)}"""
    )
    finding.add(
        connection,
        "newborn.two",
        f"""SELECT {_COLUMNS}, min(f.address) AS beside FROM valid AS e JOIN valid AS f ON e.newborn = f.newborn
        AND (f.place, f.address) < (e.place, e.address) AND f.until > (e.place, e.address) GROUP BY ALL""",
    )


def _tell_circles(connection: Any) -> None:
    """Replacements that lead back to where they began."""
    links = connection.execute(
        f"""SELECT e.address, e.previous, e.number FROM step AS e
        WHERE {one_of("e.kind", _CITING)} AND e.previous IN (SELECT number FROM step WHERE {one_of("kind", _CITING)})
        AND e.number IN (SELECT previous FROM step WHERE {one_of("kind", _CITING)}) ORDER BY e.address"""
    ).fetchall()
    found = circular([(previous, number) for _, previous, number in links])
    addresses = [str(address) for (address, *_), bad in zip(links, found, strict=True) if bad]
    if addresses:
        query = f"SELECT {_COLUMNS}, NULL::BIGINT AS beside FROM step AS e WHERE e.address IN ({', '.join(addresses)})"
        finding.add(connection, "replacement.cycle", query)


def circular(links: list[tuple[str, str]]) -> list[bool]:
    """Whether each link (from, to) lies on a circle."""
    if not links:
        return []
    import numpy as np
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    names = {name: at for at, name in enumerate(dict.fromkeys(name for link in links for name in link))}
    ends = np.array([[names[a], names[b]] for a, b in links]).T
    graph = coo_array((np.ones(len(links)), (ends[0], ends[1])), shape=(len(names), len(names)))
    _, component = connected_components(graph, directed=True, connection="strong")
    return [bool(component[a] == component[b]) for a, b in ends.T]
