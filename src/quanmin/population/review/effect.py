"""What decided reviews change in linkage: pairs found to be one person attach, pairs found to be two never come back.

The linkage job calls these in order: `disown`, `judge`, `teach` where it trains, `part`, `attached`. A decision is about
the record at its address, so a corrected record is judged anew.
"""

from __future__ import annotations

import pyarrow as pa

from quanmin.lake.session import Session
from quanmin.population.linkage.table import LINK_SCHEMA
from quanmin.population.review import item, merge, split
from quanmin.population.tables import LINKED, PERSON
from quanmin.standards import kernels

JUDGED = pa.schema(
    [
        ("dataset", pa.string()),
        ("_batch", pa.int64()),
        ("_row", pa.int64()),
        ("person", pa.int64()),
        ("answer", pa.string()),
        ("weight", pa.float64()),
        ("probability", pa.float64()),
        ("margin", pa.float64()),
        ("model", pa.int64()),
    ]
)
SHARED = pa.schema([("number", pa.int64()), ("holder", pa.int64())])
MERGED = pa.schema([("old", pa.int64()), ("surviving", pa.int64())])


def disown(session: Session, rows: str) -> None:
    """Take the number from rows of the table `rows` that state one found to be two people's, and are not its holder's by name.

    It says nothing of whose they are, and no longer holds them back from the person who gets another number. Makes `barred`:
    the pairs of such a record and the holder that the register itself tells apart.
    """
    connection, shared = session.connection, split.everyone(session.lake.ledger)
    roots = merge.everyone(session.lake.ledger)
    listed = [{"number": key, "holder": roots.get(key, key)} for key in shared]
    connection.register("shared", pa.Table.from_pylist(listed, SHARED))
    connection.execute(
        f"CREATE OR REPLACE TABLE barred AS SELECT r.id, s.holder AS person FROM {rows} AS r "
        "JOIN shared AS s ON s.number = r.person_key WHERE r.outcome = 'E06'"
    )
    if shared:
        connection.execute(
            f"UPDATE {rows} SET person_key = NULL, number = NULL WHERE outcome IN ('E03', 'E06', '{LINKED}') "
            "AND person_key IN (SELECT number FROM shared)"
        )
    connection.unregister("shared")


def judge(session: Session, rows: str) -> None:
    """Make the tables `merged`, `uncontested` and `judged` (a decided pair of a record in the table `rows`) of the decisions."""
    connection, ledger = session.connection, session.lake.ledger
    roots = merge.everyone(ledger)
    connection.register("verdicts", pa.Table.from_pylist(_verdicts(session, roots), JUDGED))
    connection.register(
        "given_up", pa.Table.from_pylist([{"old": o, "surviving": s} for o, s in roots.items()], MERGED)
    )
    free = [{"person": roots.get(key, key)} for key in split.uncontested(ledger)]
    connection.register("freed", pa.Table.from_pylist(free, pa.schema([("person", pa.int64())])))
    connection.execute(
        "CREATE OR REPLACE TABLE merged AS SELECT * FROM given_up;"
        "CREATE OR REPLACE TABLE uncontested AS SELECT * FROM freed;"
        "CREATE OR REPLACE TABLE judged AS SELECT r.id, r._source, v.* FROM verdicts AS v "
        f"JOIN (SELECT id, dataset, _batch, _row, _source FROM {rows}) AS r USING (dataset, _batch, _row) ORDER BY r.id, v.person"
    )


def teach(session: Session) -> None:
    """Add the records that a reviewer found to be somebody's to the `lessons` of a training, beside those known by number."""
    session.connection.execute(
        "INSERT INTO lessons SELECT r.* REPLACE (r.id + (SELECT coalesce(max(id), -1) + 1 FROM told) AS id), "
        "j.person AS label FROM records AS r JOIN judged AS j ON j.id = r.id WHERE j.answer = 'same' ORDER BY r.id"
    )


def part(session: Session) -> None:
    """Take from `pairs` what is decided: the pairs found to be two people, and all pairs of a record whose person is known."""
    session.connection.execute(
        "DELETE FROM pairs WHERE record IN (SELECT id FROM judged WHERE answer = 'same') OR (record, "
        "coalesce((SELECT surviving FROM merged WHERE old = person), person)) IN "
        "(SELECT (id, person) FROM judged WHERE answer = 'different' UNION ALL SELECT (id, person) FROM barred)"
    )


def surviving(scored: str) -> str:
    """SQL of Splink's results with every candidate as the person who survives, once each."""
    return (
        "(SELECT s.id_r, coalesce(m.surviving, s.id_l) AS id_l, max(s.match_weight) AS match_weight, "
        f"max(s.match_probability) AS match_probability FROM {scored} AS s LEFT JOIN merged AS m ON m.old = s.id_l GROUP BY ALL)"
    )


def attached(session: Session) -> pa.Table:
    """The links that reviewers made, for people whom the base still has."""
    found = session.connection.sql(
        "SELECT j.person AS person_key, j.* EXCLUDE (id, person, answer), 'attach' AS decision FROM judged AS j "
        f"SEMI JOIN {session.relation(PERSON)} AS p ON p.person_key = j.person WHERE j.answer = 'same' ORDER BY j.id"
    ).to_arrow_table()
    buckets = kernels.bucket_of(found.column("person_key"), None, session.lake.settings.buckets)
    return found.append_column("bucket", pa.array(buckets)).select(LINK_SCHEMA.names).cast(LINK_SCHEMA)


def _verdicts(session: Session, roots: dict[int, int]) -> list[dict[str, object]]:
    """The decided pairs of a record and a person, by address; of one record found to be two people's, the later decision."""
    found: dict[tuple[object, ...], dict[str, object]] = {}
    for document in session.lake.ledger.find(item.KINDS["link"].kind, state="closed"):
        answer, data = item.settled(document), document.data
        if answer in ("same", "different"):
            key = item.people(data)[0]
            row = {name: data[name] for name in ("dataset", "weight", "probability", "margin", "model")}
            place = {"_batch": data["batch"], "_row": data["row"], "person": roots.get(key, key), "answer": answer}
            one = (data["dataset"], data["batch"], data["row"])
            found[one if answer == "same" else (*one, place["person"])] = {**row, **place}
    return list(found.values())
