"""Records that linkage gave to a person: how they join the base.

`linked.adopted` holds each of them in the uniform shape, in the bucket of the person, with `own_key`, the number that the row
states itself (null: none, or no sound one), and `home`, the bucket where the row lies. A row under a number of the person is set
aside for its name only: its address counts here, and only while it is still set aside. Any other row is a guest: its values are
taken from here, unless the row has been withdrawn or corrected meanwhile, and its statement moves to the person. Where it lies
it keeps being told to its sender.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.lake.session import Session
from quanmin.population import frame
from quanmin.population.overlay import CODE, Holders, Int64s, Met, numbers, one, truth
from quanmin.population.plan import Plan
from quanmin.population.tables import ADOPTED, LINKED, arrow_type
from quanmin.standards import kernels

LEADS = '"numbers given up"'
"""The session's table of numbers given up: `old`, `surviving` and the bucket of the survivor; made by `ruling`."""
GONE = '"adopted and gone"'
"""The session's table of adopted rows that are no longer live."""


def prepare(session: Session, plan: Plan) -> None:
    """Find the adopted rows that were withdrawn or corrected, and guests of nobody; call it before `rows` and `moved`."""
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
    parts += _of_nobody(session, plan)
    nobody = "SELECT ''::VARCHAR AS dataset, 0::BIGINT AS _batch, 0::BIGINT AS _row WHERE false"
    session.connection.execute(f"CREATE OR REPLACE TABLE {GONE} AS {' UNION ALL '.join([nobody, *parts])}")
    session.later[f"gone {ADOPTED}"] = GONE


def _of_nobody(session: Session, plan: Plan) -> list[str]:
    """SQL of the guests with a number of their own whose person the register does not have: they stay where they lie."""
    if not session.exists(ADOPTED):
        return []
    guests = f"(SELECT * FROM {_placed(session)} WHERE own_key IS NOT NULL AND NOT keyed)"
    keys = session.connection.sql(f"SELECT DISTINCT person_key FROM {guests}").to_arrow_table().column(0)
    if not len(keys):
        return []
    buckets = set(kernels.bucket_of(keys, None, session.lake.settings.buckets).tolist())
    held = session.live(plan.benchmark.dataset, buckets)
    return [
        f"SELECT g.dataset, g._batch, g._row FROM {guests} AS g ANTI JOIN {held} AS h ON h.person_key = g.person_key"
    ]


def _placed(session: Session, buckets: Sequence[int] | None = None) -> str:
    """SQL of the adopted rows, of all people or of those of some buckets, under the numbers that survive.

    `keyed` says that a row states a number of its person.
    """
    wanted = [] if buckets is None else [f"coalesce(p.bucket, a.bucket) IN ({', '.join(map(str, buckets))})"]
    led = "" if buckets is None else f" WHERE bucket IN ({', '.join(map(str, buckets))})"
    homes = session.connection.sql(f"SELECT DISTINCT home FROM {LEADS}{led}").to_arrow_table().column(0).to_pylist()
    found = session.relation(ADOPTED, None if buckets is None else {*buckets, *homes})
    return (
        "(SELECT * EXCLUDE (own), own IS NOT DISTINCT FROM person_key AS keyed FROM (SELECT a.* REPLACE ("
        "coalesce(p.surviving, a.person_key) AS person_key, coalesce(p.bucket, a.bucket) AS bucket, "
        "coalesce(o.bucket, a.home) AS home), coalesce(o.surviving, a.own_key) AS own "
        f"FROM {found} AS a LEFT JOIN {LEADS} AS p ON p.old = a.person_key LEFT JOIN {LEADS} AS o ON o.old = a.own_key"
        f"{' WHERE ' if wanted else ''}{''.join(wanted)}))"
    )


def rows(session: Session, plan: Plan, buckets: Sequence[int]) -> str:
    """SQL of the adopted rows of the people of some buckets; nothing where nothing was adopted."""
    if not session.exists(ADOPTED):
        return ""
    known = ", ".join(f"'{source.dataset}'" for source in plan.others)
    return _living(f"(SELECT * FROM {_placed(session, buckets)} WHERE dataset IN ({known}))") if known else ""


def moved(session: Session, buckets: Sequence[int]) -> str:
    """SQL of the addresses in some buckets, with the number they stand under, whose statement stands with another person."""
    if not session.exists(ADOPTED):
        return ""
    homes = ", ".join(map(str, buckets))
    found = f"(SELECT * FROM {_placed(session)} WHERE NOT keyed AND home IN ({homes}))"
    own = f"coalesce((SELECT surviving FROM {LEADS} WHERE old = own_key), own_key) AS own"
    return f"(SELECT dataset, _batch, _row, {own} FROM {_living(found)})"


def _living(found: str) -> str:
    match = "a.dataset = g.dataset AND a._batch = g._batch AND a._row = g._row"
    return f"(SELECT a.* FROM {found} AS a ANTI JOIN {GONE} AS g ON {match})"


def ties(session: Session) -> list[tuple[int, int]]:
    """Guests with a number of their own: that number and the person, each pair once. A change of one concerns the other."""
    if not session.exists(ADOPTED):
        return []
    guests = f"SELECT DISTINCT own_key, person_key FROM {session.relation(ADOPTED)} WHERE own_key <> person_key"
    return session.connection.sql(guests).fetchall()


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
            f'CREATE OR REPLACE TABLE "changed adopted" AS SELECT bucket, person_key, home, own_key FROM {changes.relation}'
        )
        parts.append('SELECT bucket, person_key FROM "changed adopted"')
        parts.append('SELECT home, own_key FROM "changed adopted"')
    if changed:
        union = " UNION ALL ".join(changed)
        parts.append(
            f"SELECT a.bucket, a.person_key FROM {session.relation(ADOPTED)} AS a "
            f"SEMI JOIN (SELECT * FROM ({union}) WHERE person_key IS NULL) AS c ON a.home = c.bucket WHERE a.own_key IS NULL"
        )
    return parts


def adopt(plan: Plan, index: int, met: Met, holders: Holders, adopted: pa.Table) -> Met:
    """A source's rows with those that linkage gave to the people: found rows are attached, rows from elsewhere added."""
    mine = adopted.filter(pc.equal(adopted.column("dataset"), plan.sources[index].dataset))
    if not mine.num_rows:
        return met
    keyed = truth(one(mine.column("keyed")))
    found = np.isin(address(met.rows), address(mine.filter(pa.array(keyed)))) & ~met.attached & (met.place >= 0)
    found &= True if met.barred is None else ~met.barred
    match = np.where(found, np.int8(CODE[LINKED]), met.match)
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


def remaining(plan: Plan, index: int, met: Met, gone: pa.Table) -> Met:
    """A source's rows without somebody else's guests; `gone` are their addresses and the numbers they stand under."""
    mine = gone.filter(pc.equal(gone.column("dataset"), plan.sources[index].dataset))
    if not mine.num_rows:
        return met
    at = pc.index_in(pa.array(address(met.rows)), value_set=pa.array(address(mine)))
    under = one(mine.column("own")).take(at)
    same = truth(pc.equal(pc.fill_null(under, 0), pc.fill_null(one(met.rows.column("person_key")), 0)))
    stay = ~(truth(at.is_valid()) & same)
    barred = None if met.barred is None else met.barred[stay]
    arrays = (met.match[stay], met.since[stay], met.place[stay], met.contested[stay], barred)
    return Met(met.rows.filter(pa.array(stay)), *arrays)


def address(rows: pa.Table) -> Int64s:
    """Batch and row of each row as one number."""
    found: Int64s = (numbers(rows.column("_batch")) << 36) | numbers(rows.column("_row"))
    return found


def adopted_schema(plan: Plan) -> pa.Schema:
    """`linked.adopted`: the person, the record's address, home and own number, and what it states."""
    fields = {"bucket": pa.int32(), "person_key": pa.int64(), "dataset": pa.string(), "home": pa.int32()}
    fields |= {"own_key": pa.int64()}
    for source in plan.others:
        for name, kind in frame.rows_schema(plan, source).items():
            fields.setdefault(name, arrow_type(kind))
    return pa.schema(list(fields.items()))
