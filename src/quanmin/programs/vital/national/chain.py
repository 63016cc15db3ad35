"""The life of every number of a span, set-based: what each event finds is what the event before it left.

Runs of numbers with the same events are kept whole (`atom`: from one cut to the next, a cut being where an event begins or
ends), so that a million blanks in a provincial store are one row and not a million.
"""

from __future__ import annotations

from typing import Any

from quanmin.programs.vital.national import finding
from quanmin.programs.vital.national.address import STOCK
from quanmin.programs.vital.national.event import (
    DESTROY,
    IN,
    ISSUED,
    ISSUING,
    LOSS,
    OUT,
    PRINT,
    SENT,
    SPENT,
    VOID,
    VOID_ISSUED,
    mask,
    one_of,
)
from quanmin.programs.vital.national.rule import BIT, TRANSIT_DAYS

_BEFORE = ("kind", "source", "target", "action", "first", "last", "edition", "address")
_UNMATCHED, _MISPLACED = 1 << 61, 1 << 62
"""Marks beside the bits of rules: to be told apart by more than the event before."""
_ANSWERS = "kind = {0} AND before_kind IN ({1}) AND before_action = pair"


def check(connection: Any, today: int) -> None:
    """Tell what is wrong with the histories of the numbers of `event`; `today` is when waiting sheets are judged."""
    _cut(connection)
    _follow(connection, today)
    _tell(connection)
    _tell_unmatched(connection)
    _tell_misplaced(connection)


def _cut(connection: Any) -> None:
    """Make `cut` (where an atom begins, how long it is) and `piece` (an event on one atom)."""
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE cut AS
        SELECT start, row_number() OVER w AS atom, (lead(start) OVER w - start)::BIGINT AS size
        FROM (SELECT start FROM event UNION SELECT stop + 1 FROM event) WINDOW w AS (ORDER BY start)"""
    )
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE piece AS
        SELECT unnest(range(a.atom, b.atom)) AS atom, e.* EXCLUDE (start, stop, mask)
        FROM event AS e JOIN cut AS a ON e.start = a.start JOIN cut AS b ON e.stop + 1 = b.start"""
    )


def _follow(connection: Any, today: int) -> None:
    """Make `broken`: pieces that break a rule, with the event before (`before_*`) and the `mask` of rules."""
    lags = ", ".join(f"lag({name}) OVER w AS before_{name}" for name in _BEFORE)
    issued = f"coalesce(bool_or({one_of('kind', ISSUING)}) OVER earlier, false) AS was_issued"
    spent = f"coalesce(bool_or({one_of('kind', SPENT)}) OVER earlier, false) AS was_spent"
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE broken AS SELECT * FROM (
          SELECT *, {mask(_breaches(today))}
            + CASE WHEN {_unmatched()} THEN {_UNMATCHED} ELSE 0 END
            + CASE WHEN {_misplaced()} THEN {_MISPLACED} ELSE 0 END AS mask
          FROM (SELECT *, {lags}, {issued}, {spent}, lead(kind) OVER w IS NULL AS final FROM piece
            WINDOW w AS (PARTITION BY atom ORDER BY place, address),
              earlier AS (w ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)))
        WHERE mask <> 0"""
    )


def _breaches(today: int) -> dict[str, str]:
    """The condition of each rule that the event before decides."""
    follows, held, sent = "before_kind IS NOT NULL", f"before_kind IN ({PRINT}, {IN})", one_of("before_kind", SENT)
    moves = one_of("kind", (*SENT, VOID, LOSS))
    answers = _ANSWERS.format(IN, ", ".join(map(str, SENT)))
    same = (
        "(source, target, first, last) IS NOT DISTINCT FROM (before_source, before_target, before_first, before_last)"
    )
    issuing = f"{follows} AND {one_of('kind', ISSUING)}"
    return {
        "number.unprinted": f"before_kind IS NULL AND kind <> {PRINT}",
        "number.printed_twice": f"{follows} AND kind = {PRINT}",
        "number.edition": f"{follows} AND edition <> before_edition",
        "number.spent": f"kind BETWEEN {IN} AND {LOSS} AND (before_kind > {ISSUED} OR {one_of('before_kind', SPENT)})",
        "destroy.not_void": f"{follows} AND kind = {DESTROY} AND before_kind NOT IN ({VOID}, {VOID_ISSUED})",
        "holder.other": f"{moves} AND {held} AND source IS DISTINCT FROM before_target",
        "holder.on_the_way": f"{moves} AND {sent}",
        "pair.differs": f"{answers} AND NOT {same}",
        "issue.twice": f"{issuing} AND was_issued",
        "issue.spent": f"{issuing} AND was_spent",
        "issue.not_issued": f"{follows} AND kind > {max(ISSUING)} AND NOT {one_of('before_kind', ISSUING)}",
        "transit.unanswered": f"final AND {one_of('kind', SENT)} AND {today} - day > {TRANSIT_DAYS}",
        "org.stranded": f"final AND kind IN ({PRINT}, {IN}) AND ends < {today}",
    }


def _unmatched() -> str:
    answers = _ANSWERS.format(IN, ", ".join(map(str, SENT)))
    return f"kind = {IN} AND before_kind BETWEEN {PRINT} AND {OUT + 2} AND NOT coalesce({answers}, false)"


def _misplaced() -> str:
    held = f"before_kind IN ({PRINT}, {IN}) AND before_target IS NOT DISTINCT FROM target"
    return (
        f"{one_of('kind', ISSUING)} AND before_kind IS NOT NULL AND NOT was_issued AND NOT was_spent AND NOT ({held})"
    )


def _tell(connection: Any) -> None:
    """What the event before decides; rows that wait or lie stranded conflict with no other."""
    waiting = BIT["transit.unanswered"] | BIT["org.stranded"]
    others = (_UNMATCHED - 1) & ~waiting
    for bits, beside in ((waiting, "NULL::BIGINT"), (others, "min(before_address)")):
        finding.add_marked(
            connection,
            f"""SELECT address, any_value(day) AS day, any_value(province) AS province, sum(size)::BIGINT AS numbers,
            {beside} AS beside, mask & {bits} AS mask FROM broken JOIN cut USING (atom) GROUP BY address, mask & {bits}""",
        )


_TOLD = """SELECT address, any_value(day) AS day, any_value(province) AS province, sum(size)::BIGINT AS numbers,
    min(before_address) AS beside"""


def _tell_unmatched(connection: Any) -> None:
    """Receipts of sheets that were not on the way by the action they name: which of the four it is."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE unmatched AS
        WITH o AS (SELECT address, atom, pair, place, day, province, before_address FROM broken WHERE mask & {_UNMATCHED} <> 0),
          c AS (SELECT p.action, p.atom, min(p.place) AS place FROM piece AS p
            SEMI JOIN o ON p.action = o.pair WHERE {one_of("p.kind", SENT)} GROUP BY ALL),
          d AS (SELECT p.pair, p.atom, min(p.place) AS place FROM piece AS p
            SEMI JOIN o ON p.pair = o.pair WHERE p.kind = {IN} GROUP BY ALL)
        SELECT o.*, c.place AS sent, d.place < o.place AS again
        FROM o LEFT JOIN c ON o.pair = c.action AND o.atom = c.atom LEFT JOIN d ON o.pair = d.pair AND o.atom = d.atom"""
    )
    cases = {
        "pair.before": "sent > place",
        "pair.twice": "sent <= place AND again",
        "holder.second": "sent <= place AND NOT coalesce(again, false)",
    }
    for rule, condition in cases.items():
        finding.add(
            connection, rule, f"{_TOLD} FROM unmatched JOIN cut USING (atom) WHERE {condition} GROUP BY address"
        )
    connection.execute(
        """INSERT INTO astray SELECT address, pair, any_value(day), any_value(province), sum(size)::BIGINT, min(before_address)
        FROM unmatched JOIN cut USING (atom) WHERE sent IS NULL GROUP BY ALL"""
    )


def _tell_misplaced(connection: Any) -> None:
    """Issue by who did not hold the sheet: it is early where the institution receives the sheet later."""
    connection.execute(
        f"""CREATE OR REPLACE TEMP TABLE misplaced AS
        WITH o AS (SELECT * FROM broken WHERE mask & {_MISPLACED} <> 0)
        SELECT o.*, EXISTS (SELECT 1 FROM piece AS p WHERE p.atom = o.atom AND p.kind = {IN} AND p.target = o.target
          AND p.place > o.place) AS early FROM o"""
    )
    for rule, condition in {"issue.early": "early", "issue.holder": "NOT early"}.items():
        finding.add(
            connection, rule, f"{_TOLD} FROM misplaced JOIN cut USING (atom) WHERE {condition} GROUP BY address"
        )


def prepare(connection: Any) -> None:
    """Make `astray`: receipts whose numbers no action that they name covers; what that means is asked of the whole nation."""
    connection.execute(
        "CREATE TEMP TABLE astray (address BIGINT, pair BIGINT, day INTEGER, province INTEGER, numbers BIGINT, beside BIGINT)"
    )


def tell_astray(connection: Any, rows: Any) -> None:
    """Receipts of numbers that the action they name did not send, or that name none."""
    if not connection.execute("SELECT count(*) FROM astray").fetchone()[0]:
        return
    sent = rows(STOCK, f"{one_of('r.kind::TINYINT', SENT)} AND r.last_serial >= r.first_serial")
    connection.execute(
        f"CREATE TEMP TABLE named AS SELECT DISTINCT action_no FROM {sent} AS r SEMI JOIN astray AS a ON r.action_no = a.pair"
    )
    columns = (
        "any_value(day) AS day, any_value(province) AS province, sum(numbers)::BIGINT AS numbers, min(beside) AS beside"
    )
    for rule, join in {"pair.differs": "SEMI", "pair.unknown": "ANTI"}.items():
        met = f"astray AS a {join} JOIN named AS n ON a.pair = n.action_no"
        finding.add(connection, rule, f"SELECT address, {columns} FROM {met} GROUP BY address")
