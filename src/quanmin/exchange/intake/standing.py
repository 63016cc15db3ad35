"""The errors that stand now in what a member delivered, by batch and row, and which of their rows a later file has replaced.

A row of the sender's file is replaced when a later accepted file of the same sender has a row with its key that was accepted,
or one that says by its column `_corrects` (更正行号) which row of the answered delivery it corrects: the key itself may have been
what was wrong. Keys are compared as they were written, spaces around them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from quanmin import standards
from quanmin.collect import BATCH
from quanmin.lake import Lake
from quanmin.lake.key import Key, key_of
from quanmin.lake.session import Session
from quanmin.population.feedback import COLUMNS, STAGE, every, reference_tables
from quanmin.standards import Dataset

CORRECTS = ("_corrects", "更正行号")
"""Titles of the column in which a correcting row names the row it corrects."""


def errors(
    lake: Lake, dataset_id: str, source: str, batches: Sequence[int], answered: Mapping[int, Sequence[int]]
) -> pa.Table:
    """The lines of `COLUMNS` of some batches of a source, with `origin` (`file` or `base`), `replaced` and an empty `key`.

    `answered` has, for a batch, the later ones that were sent as corrections of it. An error of a row as it was sent is gone
    when the row is replaced; one that the base found stands until the base was built again.
    """
    dataset = standards.catalogue().dataset(dataset_id)
    if not batches:
        return empty()
    with lake.session(STAGE) as session:
        reference_tables(session, lake)
        found = every(session, dataset)
        if found is None:
            return empty()
        session.connection.register("asked_batches", pa.table({"asked": pa.array(batches, pa.int64())}))
        replaced = _replaced(session, dataset, source, answered) if _later(lake, dataset, source, batches) else NOTHING
        quarantined = session.exists(f"quarantine.{dataset.id}")
        at_sending = _at_sending(session, dataset) if quarantined else NOTHING
        query = (
            f"SELECT DISTINCT {', '.join(f'e.{name}' for name in COLUMNS)}, "
            f"CASE WHEN f.b IS NULL AND {'true' if dataset.person else 'false'} THEN 'base' ELSE 'file' END AS origin, "
            f"p.b IS NOT NULL AS replaced, NULL::VARCHAR AS key FROM {found} AS e "
            f"SEMI JOIN asked_batches ON asked = e.batch "
            f"LEFT JOIN ({replaced}) AS p ON p.b = e.batch AND p.r = e.row "
            f"LEFT JOIN ({at_sending}) AS f ON f.b = e.batch AND f.r = e.row "
            f"WHERE e._source = ? ORDER BY ALL"
        )
        return session.connection.sql(query, params=[source]).to_arrow_table().cast(SCHEMA)


SCHEMA = pa.schema(
    [
        ("batch", pa.int64()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("element", pa.string()),
        ("code", pa.string()),
        ("title_zh", pa.string()),
        ("title_en", pa.string()),
        ("expected_zh", pa.string()),
        ("expected_en", pa.string()),
        ("due_on", pa.date32()),
        ("origin", pa.string()),
        ("replaced", pa.bool_()),
        ("key", pa.string()),
    ]
)
NOTHING = "SELECT 0::BIGINT AS b, 0::BIGINT AS r WHERE false"


def empty() -> pa.Table:
    """No errors. Made when it is asked for: the first array of a process is what Arrow loads pandas for."""
    return SCHEMA.empty_table()


def _later(lake: Lake, dataset: Dataset, source: str, batches: Sequence[int]) -> bool:
    """Whether the source sent anything after the first of the batches, which could replace rows of it."""
    accepted = lake.ledger.find(BATCH.kind, state="accepted")
    own = [one.id for one in accepted if (one.data["dataset"], one.data["source"]) == (dataset.id, source)]
    return any(number > min(batches) for number in own)


def _at_sending(session: Session, dataset: Dataset) -> str:
    """SQL of the refused rows, which no build of the base looks at."""
    return f"SELECT DISTINCT _batch AS b, _row AS r FROM {session.relation(f'quarantine.{dataset.id}')}"


def _replaced(session: Session, dataset: Dataset, source: str, answered: Mapping[int, Sequence[int]]) -> str:
    """SQL of the rows (`b`, `r`) in whose place a later accepted row stands."""
    table = f"raw.{dataset.id}"
    if not session.exists(table):
        return NOTHING
    key = key_of(dataset)
    columns = ", ".join(f'nullif(trim("{name}"), \'\') AS "{name}"' for name in key.columns)
    refused = _at_sending(session, dataset) if session.exists(f"quarantine.{dataset.id}") else NOTHING
    session.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE sent_rows AS SELECT _batch AS b, _row AS r, _extra AS more, {columns or '1 AS one'} "
        f"FROM {session.relation(table)} WHERE _source = ?",
        [source],
    )
    later = f"(SELECT s.* FROM sent_rows AS s ANTI JOIN ({refused}) AS x ON x.b = s.b AND x.r = s.r)"
    parts = [_by_key(key, later), _by_name(session, later, answered)]
    return " UNION ".join(part for part in parts if part) or NOTHING


def _by_key(key: Key, later: str) -> str:
    if not key.columns:
        return ""
    columns = ", ".join(f'"{name}"' for name in key.columns)
    newest = f"(SELECT {columns}, max(b) AS b FROM {later} GROUP BY ALL)"
    return (
        f"SELECT a.b, a.r FROM sent_rows AS a SEMI JOIN asked_batches ON asked = a.b "
        f"JOIN {newest} AS n ON {key.match('a', 'n')} AND n.b > a.b"
    )


def _by_name(session: Session, later: str, answered: Mapping[int, Sequence[int]]) -> str:
    """SQL of the rows that a correction names by their number in the file that was answered."""
    pairs = [(first, second) for first, corrections in answered.items() for second in corrections]
    if not pairs:
        return ""
    names = {"corrected": [first for first, _ in pairs], "correcting": [second for _, second in pairs]}
    session.connection.register(
        "answering", pa.table(names, pa.schema([("corrected", pa.int64()), ("correcting", pa.int64())]))
    )
    named = "coalesce(" + ", ".join(f"""more->>'$."{title}"'""" for title in CORRECTS) + ")"
    return (
        f"SELECT corrected AS b, try_cast(trim({named}) AS BIGINT) AS r FROM {later} AS l "
        f"JOIN answering ON correcting = l.b WHERE more IS NOT NULL AND try_cast(trim({named}) AS BIGINT) IS NOT NULL"
    )
