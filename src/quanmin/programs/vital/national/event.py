"""Stock and issue actions of a span as one table of events, and what is wrong with a row by itself.

Events are ordered by day; on one day stock actions come before issue (a sheet is received in the morning and issued in the
afternoon), each by the running number of the province.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quanmin.programs.vital.edition import EDITIONS
from quanmin.programs.vital.national import finding
from quanmin.programs.vital.national.address import ISSUE, STOCK, sql
from quanmin.programs.vital.national.holder import FOREVER, day, known
from quanmin.programs.vital.national.rule import BIT, CARD_DAYS, VOID_DAYS
from quanmin.programs.vital.national.span import Span, key, printed

PRINT, IN, OUT, RETURN, TRANSFER, VOID, LOSS, DESTROY = range(1, 9)
ISSUED = 10
"""Kinds of issue actions are their codes above this."""
FIRST, EXCHANGE, REISSUE, VOID_ISSUED, LOSS_ISSUED, CANCEL = range(ISSUED + 1, ISSUED + 7)
SENT = (OUT, RETURN, TRANSFER)
ISSUING = (FIRST, EXCHANGE, REISSUE)
SPENT = (VOID, LOSS, DESTROY, VOID_ISSUED, LOSS_ISSUED, CANCEL)
PLACES = 10**12
"""Running numbers of actions are below this."""


def mask(conditions: Mapping[str, str]) -> str:
    """SQL of the bits of the rules whose condition holds."""
    return " + ".join(f"CASE WHEN {condition} THEN {BIT[rule]} ELSE 0 END" for rule, condition in conditions.items())


def one_of(column: str, kinds: tuple[int, ...]) -> str:
    """SQL: the column is one of these kinds."""
    return f"{column} IN ({', '.join(map(str, kinds))})"


def order(date: str, issue: bool) -> str:
    """SQL of the place of an event among all."""
    return f"(({day(date)}::BIGINT * 2 + {int(issue)}) * {PLACES} + r.action_no)"


def tenure(alias: str, code: str, date: str) -> str:
    """SQL that joins an organisation, as it was on a day, to the rows `r`: `alias`_org has its id, `alias` its tenure."""
    return (
        f"LEFT JOIN org AS {alias}_org ON r.{code} = {alias}_org.code "
        f"LEFT JOIN tenure AS {alias} ON {alias}.id = {alias}_org.id "
        f"AND {day(f'r.{date}')} BETWEEN {alias}.since AND {alias}.until"
    )


def stock(rows: str, today: int) -> str:
    """SQL of the events of some stock actions, with `mask`: what is wrong with each by itself."""
    happened, told = day("r.occurred_on"), day("r.reported_on")
    first, last = "r.first_serial // 10000000", "r.last_serial // 10000000"
    shut = "NOT ({0}.opens <= {1} AND {1} <= {0}.closes)"
    kind = "r.kind::TINYINT"
    breaches = {
        "stock.quantity": "r.quantity <> r.last_serial - r.first_serial + 1",
        "stock.late": f"{told} > {happened}",
        "stock.unrelated": (
            f"g.id IS NOT NULL AND t.id IS NOT NULL AND CASE {kind} WHEN {OUT} THEN t.parent IS DISTINCT FROM g.id "
            f"WHEN {RETURN} THEN g.parent IS DISTINCT FROM t.id "
            f"WHEN {TRANSFER} THEN g.parent IS NULL OR g.parent IS DISTINCT FROM t.parent OR g.id = t.id ELSE false END"
        ),
        "date.clock": f"{told} < {happened}",
        "date.future": f"greatest({told}, {happened}) > {today}",
        "number.province": (
            f"{first} <> {last} OR coalesce(g.province NOT IN (0, {first}), false) "
            f"OR coalesce(t.province NOT IN (0, {first}), false)"
        ),
        "org.unknown": "(r.from_org IS NOT NULL AND g.id IS NULL) OR (r.to_org IS NOT NULL AND t.id IS NULL)",
        "org.closed": (
            f"(g.id IS NOT NULL AND {one_of(kind, (OUT, TRANSFER))} AND {shut.format('g', happened)}) "
            f"OR (t.id IS NOT NULL AND {shut.format('t', happened)})"
        ),
    }
    return f"""SELECT {sql(STOCK)} AS address, {order("r.occurred_on", False)} AS place, {happened} AS day, {kind} AS kind,
        {key("r.letter", "r.first_serial")} AS first, {key("r.letter", "r.last_serial")} AS last,
        {known("r.from_org", "g.id")} AS source, {known("r.to_org", "t.id")} AS target,
        r.action_no AS action, r.pair AS pair, r.edition::TINYINT AS edition, t.ends AS ends, ({first})::INTEGER AS province,
        {mask(breaches)} AS mask
        FROM {rows} AS r {tenure("g", "from_org", "occurred_on")} {tenure("t", "to_org", "occurred_on")}"""


def issue(rows: str, today: int) -> str:
    """SQL of the events of some issue actions, with `mask`: what is wrong with each by itself."""
    happened, told = day("r.issued_on"), day("r.reported_on")
    kind = f"(r.kind::TINYINT + {ISSUED})"
    issuing = one_of(kind, ISSUING)
    province = "substr(r.certificate_no, 2, 2)::INTEGER"
    used = " OR ".join(
        f"r.edition = {one.number} AND r.issued_on BETWEEN DATE '{one.since}' AND DATE '{one.until or '9999-12-31'}'"
        for one in EDITIONS
    )
    breaches = {
        "date.clock": f"{told} < {happened}",
        "date.future": f"greatest({told}, {happened}) > {today}",
        "card.late": f"{issuing} AND {told} - {happened} > {CARD_DAYS}",
        "void.late": f"NOT {issuing} AND {told} - {happened} > {VOID_DAYS}",
        "edition.date": f"{issuing} AND NOT ({used})",
        "number.province": f"coalesce(t.province NOT IN (0, {province}), false)",
        "org.unknown": "t.id IS NULL",
        "org.closed": f"{issuing} AND t.id IS NOT NULL AND NOT ({happened} BETWEEN t.opens AND t.closes)",
    }
    number = printed("r.certificate_no")
    return f"""SELECT {sql(ISSUE)} AS address, {order("r.issued_on", True)} AS place, {happened} AS day, {kind} AS kind,
        {number} AS first, {number} AS last, NULL::BIGINT AS source, {known("r.institution_code", "t.id")} AS target,
        r.action_no AS action, NULL::BIGINT AS pair, r.edition::TINYINT AS edition, {FOREVER} AS ends, {province} AS province,
        {mask(breaches)} AS mask
        FROM {rows} AS r {tenure("t", "institution_code", "issued_on")}"""


def make(connection: Any, span: Span, rows: Any, today: int) -> None:
    """Make `event`: the actions that touch a span, cut to it (`start` to `stop`); tell what is wrong with rows by themselves.

    `rows(dataset, condition)` gives SQL of the live rows `r` that meet a condition.
    """
    low, high = span.serials
    some = rows(
        STOCK,
        f"r.letter = '{span.letter}' AND r.first_serial <= {high} AND r.last_serial >= {low} "
        "AND r.last_serial >= r.first_serial",
    )
    first, last = span.texts
    used = rows(ISSUE, f"r.certificate_no BETWEEN '{first}' AND '{last}'")
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE event AS SELECT *, greatest(first, {span.low}) AS start, least(last, {span.high}) AS stop "
        f"FROM ({stock(some, today)} UNION ALL {issue(used, today)})"
    )
    tell(connection, f"(SELECT * FROM event WHERE first >= {span.low})")


def tell(connection: Any, events: str) -> None:
    """Tell what is wrong with events by themselves."""
    finding.add_marked(
        connection, f"SELECT address, day, province, 1 AS numbers, NULL::BIGINT AS beside, mask FROM {events}"
    )


def make_reversed(connection: Any, rows: Any, today: int) -> None:
    """Tell of stock actions whose last number stands before the first: they move nothing."""
    tell(connection, f"({stock(rows(STOCK, 'r.last_serial < r.first_serial'), today)})")
