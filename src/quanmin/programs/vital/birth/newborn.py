"""The newborn and the person that it became: certificates without a citizen number find theirs in the base.

Who has the newborn's day of birth and sex, and is named by the mother's history of births or lives in a household of the
mother or the father, is a candidate. What speaks for it is ordered: the history, the mother's household, the father's, the same
name. In rounds, those are joined of whom each is the other's only best; who was joined is nobody else's candidate any more.
What is still undecided stays open: nobody is joined on a guess. A name may have changed between certificate and register, so
another name only speaks less. The rule is our own; that a birth is registered within a month is art. 7 of 《户口登记条例》.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from quanmin.lake import Lake
from quanmin.lake.session import Session
from quanmin.programs.vital.birth import source
from quanmin.text import Text

STAGE, NEWBORN = "births", "linked.newborn"
JOINED, SEVERAL, WAITING, OVERDUE = "joined", "several", "waiting", "overdue"
STATES: dict[str, Text] = {
    JOINED: Text("已关联", "joined"),
    SEVERAL: Text("有多名候选人，未定", "several candidates, left open"),
    WAITING: Text("尚未落户", "not registered yet"),
    OVERDUE: Text("逾期未落户", "not registered in time"),
}
REGISTRATION = timedelta(days=60)
"""How long after birth a newborn may be missing in the base: the month of the law, and one for the register to reach us."""
STATED = "stated"
PARTS = {8: "history", 4: "mother", 2: "father", 1: "name"}
"""What speaks for a candidate, the stronger the larger: all weaker ones together do not outweigh one."""
NEWBORN_SCHEMA = pa.schema(
    [
        ("certificate_no", pa.string()),
        ("_source", pa.string()),
        ("_batch", pa.int64()),
        ("_row", pa.int64()),
        ("birth_date", pa.date32()),
        ("state", pa.string()),
        ("person_key", pa.int64()),
        ("rule", pa.string()),
        ("among", pa.string()),
        ("snapshot", pa.int64()),
    ]
)
"""`rule` is `stated` where the row gives the child's number, else what spoke for the person (`mother+name`); `among` are the
keys of the candidates of a newborn that is left open; `snapshot` is the state of the lake that was looked at."""


@dataclass(frozen=True)
class JoinReport:
    """How many births count, how many of them are in which state, and by which rule the joined ones were."""

    births: int
    joined: int
    several: int
    waiting: int
    overdue: int
    rules: dict[str, int]
    snapshot: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def rule_of(score: int) -> str:
    """A score in words, the strongest part first."""
    return "+".join(word for part, word in PARTS.items() if score & part)


def join(lake: Lake, today: date) -> JoinReport:
    """Make `linked.newborn` anew from all births that count and the base."""
    with lake.session(STAGE) as session:
        writer = session.writer(NEWBORN, NEWBORN_SCHEMA)
        made = newborns(session, today)
        writer.write(made)
        writer.overwrite()
        snapshot = session.commit(note={"births": made.num_rows})
    states = Counter(made.column("state").to_pylist())
    rules = Counter(one for one in made.column("rule").to_pylist() if one is not None)
    counts = {name: states[name] for name in STATES}
    return JoinReport(births=made.num_rows, **counts, rules=dict(sorted(rules.items())), snapshot=snapshot.id)


def newborns(session: Session, today: date) -> pa.Table:
    """The rows of `linked.newborn`, by certificate."""
    _prepare(session)
    return decided(session.connection, today, session.snapshot.id)


def decided(connection: duckdb.DuckDBPyConnection, today: date, snapshot: int) -> pa.Table:
    """The same, from the tables `born`, `person`, `home` and `history` of a connection."""
    connection.execute(_CANDIDATES)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE matched AS SELECT certificate_no AS id, person_key, 0::BIGINT AS score FROM born "
        "WHERE person_key IN (SELECT person_key FROM person)"
    )
    while connection.execute(_ROUND).fetchall()[0][0]:
        pass
    due = (today - REGISTRATION).isoformat()
    rules = " ".join(f"WHEN {score} THEN '{rule_of(score) or STATED}'" for score in range(2 * max(PARTS)))
    found = connection.sql(
        f"SELECT b.certificate_no, b._source, b._batch, b._row, b.birth_date, "
        f"CASE WHEN m.id IS NOT NULL THEN '{JOINED}' WHEN o.among IS NOT NULL THEN '{SEVERAL}' "
        f"WHEN b.birth_date < DATE '{due}' THEN '{OVERDUE}' ELSE '{WAITING}' END AS state, "
        f"m.person_key, CASE m.score {rules} END AS rule, CASE WHEN m.id IS NULL THEN o.among END AS among, "
        f"{snapshot}::BIGINT AS snapshot FROM born AS b LEFT JOIN matched AS m ON m.id = b.certificate_no "
        f"LEFT JOIN (SELECT id, string_agg(person_key, ' ' ORDER BY person_key) AS among FROM ({_FREE}) GROUP BY id) AS o "
        "ON o.id = b.certificate_no ORDER BY b.certificate_no"
    )
    return found.to_arrow_table().cast(NEWBORN_SCHEMA)


_FREE = (
    "SELECT c.* FROM candidate AS c ANTI JOIN matched AS m ON m.id = c.id "
    "ANTI JOIN matched AS n ON n.person_key = c.person_key"
)
_ROUND = f"""
INSERT INTO matched SELECT id, person_key, score FROM ({_FREE}) QUALIFY
    rank() OVER (PARTITION BY id ORDER BY score DESC) = 1 AND count(*) OVER (PARTITION BY id, score) = 1
    AND rank() OVER (PARTITION BY person_key ORDER BY score DESC) = 1
    AND count(*) OVER (PARTITION BY person_key, score) = 1
"""
_TIES = """
SELECT u.certificate_no AS id, h.child_key AS person_key, 8 AS part FROM born AS u
JOIN history AS h ON h.mother_key = u.mother_key AND h.birth_date = u.birth_date
UNION ALL SELECT u.certificate_no, c.person_key, 4 FROM born AS u
JOIN home AS p ON p.person_key = u.mother_key JOIN home AS c ON c.home = p.home
UNION ALL SELECT u.certificate_no, c.person_key, 2 FROM born AS u
JOIN home AS p ON p.person_key = u.father_key JOIN home AS c ON c.home = p.home
"""
_CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE candidate AS SELECT t.id, t.person_key,
    (sum(DISTINCT t.part) + CASE WHEN any_value(p.name) = any_value(u.name) THEN 1 ELSE 0 END)::BIGINT AS score
FROM ({_TIES}) AS t JOIN born AS u ON u.certificate_no = t.id AND u.person_key IS NULL
JOIN person AS p ON p.person_key = t.person_key AND p.birth_date = u.birth_date
AND (p.sex = u.sex OR coalesce(p.sex, '0') IN ('0', '9') OR u.sex IN ('0', '9')) GROUP BY t.id, t.person_key
"""


def _prepare(session: Session) -> None:
    """Tables `born` (births that count), `person` (who may be meant), `home` and `history` (of their parents)."""
    homes = source.households(session)
    session.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE born AS SELECT * FROM {source.births(session)} AS b;"
        f"CREATE OR REPLACE TEMP TABLE person AS SELECT * FROM {source.people(session)} AS p "
        "WHERE birth_date IN (SELECT birth_date FROM born) OR person_key IN (SELECT person_key FROM born);"
        "CREATE OR REPLACE TEMP TABLE parent AS SELECT DISTINCT unnest([mother_key, father_key]) AS person_key FROM born "
        "WHERE person_key IS NULL;"
        f"CREATE OR REPLACE TEMP TABLE home AS SELECT * FROM {homes} AS h SEMI JOIN "
        f"(SELECT home FROM {homes} AS k SEMI JOIN parent AS p ON p.person_key = k.person_key) AS s ON s.home = h.home;"
        f"CREATE OR REPLACE TEMP TABLE history AS SELECT h.* FROM {source.histories(session)} AS h "
        "SEMI JOIN parent AS p ON p.person_key = h.mother_key"
    )
