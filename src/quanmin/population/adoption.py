"""Records that linkage gave to a person: how they join the base.

`linked.adopted` holds each of them in the uniform shape, in the bucket of the person, with `home`, the bucket of the row itself.
A row with a sound number lies in the person's own bucket already, set aside for its name: only its address counts here, and only
while it is still set aside. A row without one lies anywhere: its values are taken from here, unless the row has been withdrawn
or corrected meanwhile; and its statement moves to the person. In its own bucket the row keeps being told to its sender.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.lake.session import Session
from quanmin.population import frame
from quanmin.population.overlay import CODE, Holders, Int64s, Mask, Met, numbers, one, truth
from quanmin.population.plan import Plan
from quanmin.population.tables import ADOPTED, LINKED, arrow_type

GONE = '"adopted and gone"'
"""The session's table of adopted rows that are no longer live."""


def prepare(session: Session, plan: Plan) -> None:
    """Find the adopted rows that were withdrawn or corrected; call it before `rows` and `moved`."""
    parts = []
    adopted = session.relation(ADOPTED) if session.exists(ADOPTED) else None
    for source in plan.others if adopted else ():
        mine = f"(SELECT _batch, _row FROM {adopted} WHERE dataset = '{source.dataset}')"
        only = f"SEMI JOIN {mine} AS x ON x._batch = r._batch AND x._row = r._row"
        parts.append(
            f"SELECT a.dataset, a._batch, a._row FROM {adopted} AS a "
            f"ANTI JOIN {session.live(source.dataset, only=only)} AS c "
            f"ON c._batch = a._batch AND c._row = a._row WHERE a.dataset = '{source.dataset}'"
        )
    nobody = "SELECT ''::VARCHAR AS dataset, 0::BIGINT AS _batch, 0::BIGINT AS _row WHERE false"
    session.connection.execute(f"CREATE OR REPLACE TABLE {GONE} AS {' UNION ALL '.join([nobody, *parts])}")
    session.later[f"gone {ADOPTED}"] = GONE


def rows(session: Session, plan: Plan, buckets: Sequence[int]) -> str:
    """SQL of the adopted rows of the people of some buckets; nothing where nothing was adopted."""
    if not session.exists(ADOPTED):
        return ""
    known = ", ".join(f"'{source.dataset}'" for source in plan.others)
    return _living(f"(SELECT * FROM {session.relation(ADOPTED, buckets)} WHERE dataset IN ({known}))") if known else ""


def moved(session: Session, buckets: Sequence[int]) -> str:
    """SQL of the addresses in some buckets whose statement stands with a person elsewhere."""
    if not session.exists(ADOPTED):
        return ""
    homes = ", ".join(map(str, buckets))
    found = f"(SELECT * FROM {session.relation(ADOPTED)} WHERE NOT keyed AND home IN ({homes}))"
    return f"(SELECT dataset, _batch, _row FROM {_living(found)})"


def _living(found: str) -> str:
    match = "a.dataset = g.dataset AND a._batch = g._batch AND a._row = g._row"
    return f"(SELECT a.* FROM {found} AS a ANTI JOIN {GONE} AS g ON {match})"


def concerned(session: Session, since: int, changed: Sequence[str]) -> list[str]:
    """SQL of the buckets and keys that adoption concerns, given SQL of those that changed rows do.

    Whoever got or lost a row since a snapshot; and the person of every row without a number that lies in a bucket where such
    rows changed: it may be the one.
    """
    if not session.exists(ADOPTED):
        return []
    parts = []
    changes = session.changes(ADOPTED, since)
    if changes:
        session.connection.execute(
            f'CREATE OR REPLACE TABLE "changed adopted" AS SELECT bucket, person_key, home, keyed FROM {changes.relation}'
        )
        parts.append('SELECT bucket, person_key FROM "changed adopted"')
        parts.append('SELECT home, NULL::BIGINT FROM "changed adopted" WHERE NOT keyed')
    if changed:
        union = " UNION ALL ".join(changed)
        parts.append(
            f"SELECT a.bucket, a.person_key FROM {session.relation(ADOPTED)} AS a "
            f"SEMI JOIN (SELECT * FROM ({union}) WHERE person_key IS NULL) AS c ON a.home = c.bucket WHERE NOT a.keyed"
        )
    return parts


def adopt(plan: Plan, index: int, met: Met, holders: Holders, adopted: pa.Table) -> Met:
    """A source's rows with those that linkage gave to the people: found rows are attached, rows from elsewhere added."""
    mine = adopted.filter(pc.equal(adopted.column("dataset"), plan.sources[index].dataset))
    if not mine.num_rows:
        return met
    keyed = truth(one(mine.column("keyed")))
    found = np.isin(address(met.rows), address(mine.filter(pa.array(keyed))))
    match = np.where(found & ~met.attached & (met.place >= 0), np.int8(CODE[LINKED]), met.match)
    others = mine.filter(pa.array(~keyed))
    place = holders.places(others.column("person_key"))
    codes = np.where(truth(one(others.column("numbered"))), np.int8(CODE["E01"]), np.int8(CODE["E12"]))
    added = others.select(met.rows.column_names).cast(met.rows.schema)
    return Met(
        pa.concat_tables([met.rows, added]),
        np.concatenate([match, np.where(place >= 0, np.int8(CODE[LINKED]), codes)]),
        np.concatenate([met.since, numbers(others.column("_batch"))]),
        np.concatenate([met.place, place]),
        np.concatenate([met.contested, np.zeros(len(place), bool)]),
    )


def address(rows: pa.Table) -> Int64s:
    """Batch and row of each row as one number."""
    found: Int64s = (numbers(rows.column("_batch")) << 36) | numbers(rows.column("_row"))
    return found


def staying(rows: pa.Table, dataset: str, gone: pa.Table | None) -> Mask | None:
    """Which rows of a source keep their statement here; None: all of them. `gone` are the addresses that moved."""
    mine = gone.filter(pc.equal(gone.column("dataset"), dataset)) if gone is not None else None
    if mine is None or not mine.num_rows:
        return None
    left = truth(one(rows.column("person_key")).is_null()) & np.isin(address(rows), address(mine))
    return ~left


def adopted_schema(plan: Plan) -> pa.Schema:
    """`linked.adopted`: the person, the record's address and home, whether it has a sound number, and what it states."""
    fields = {"bucket": pa.int32(), "person_key": pa.int64(), "dataset": pa.string(), "home": pa.int32()}
    fields |= {"keyed": pa.bool_()}
    for source in plan.others:
        for name, kind in frame.rows_schema(plan, source).items():
            fields.setdefault(name, arrow_type(kind))
    return pa.schema(list(fields.items()))
