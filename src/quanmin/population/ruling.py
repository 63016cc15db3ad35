"""What reviews decided about numbers, in a session: read from the ledger, held against the register, kept beside the base.

`linked.ruling` is what the base was built by. An incremental build compares it with what holds now; questions asked between a
decision and the next build follow it to the rows that are there.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.lake.session import Session
from quanmin.population import adoption, alias
from quanmin.population.adoption import LEADS
from quanmin.population.alias import Ruling
from quanmin.population.plan import Plan
from quanmin.population.review import merge, split
from quanmin.population.tables import RULING, RULING_SCHEMA
from quanmin.standards import kernels


def standing(session: Session, plan: Plan) -> Ruling:
    """What holds now."""
    ledger = session.lake.ledger
    merges = merge.standing(ledger)
    roots = merge.rooted({old: int(one.data["surviving"]) for old, one in merges.items()})
    held = _held(session, plan, {*roots, *roots.values()})
    documents = {old: one.id for old, one in merges.items()}
    return alias.ruling(alias.effective(roots, held), held, documents, split.everyone(ledger))


def _held(session: Session, plan: Plan, keys: Iterable[int]) -> set[int]:
    """Those of some numbers that the register has."""
    asked = pa.array(sorted(keys), pa.int64())
    if not len(asked):
        return set()
    session.connection.register("asked", pa.table({"asked": asked}))
    rows = session.live(plan.benchmark.dataset, set(_buckets(session, asked).tolist()))
    query = f"SELECT DISTINCT person_key FROM {rows} AS r SEMI JOIN asked ON asked.asked = r.person_key"
    found = session.connection.sql(query).fetchall()
    session.connection.unregister("asked")
    return {key for (key,) in found}


def _buckets(session: Session, keys: pa.Array) -> np.ndarray:
    return kernels.bucket_of(keys, None, session.lake.settings.buckets)


def built(session: Session) -> Ruling:
    """What the base was built by."""
    if not session.exists(RULING):
        return alias.NOTHING
    rows = session.connection.sql(f"FROM {session.relation(RULING)}").to_arrow_table().to_pylist()
    merged = [row for row in rows if row["surviving"] is not None]
    return alias.ruling(
        {row["person_key"]: row["surviving"] for row in merged},
        {row["person_key"] for row in merged if row["held"]},
        {row["person_key"]: row["document"] for row in merged},
        [row["person_key"] for row in rows if row["surviving"] is None],
    )


def keep(session: Session, ruled: Ruling) -> None:
    """Write what the base is built by, with the same commit."""
    writer = session.writer(RULING, RULING_SCHEMA, "bucket")
    keys = pa.array(np.concatenate([ruled.old, ruled.parted]), pa.int64())
    none = pa.nulls(len(ruled.parted), pa.int64())
    columns = {
        "bucket": pa.array(_buckets(session, keys), pa.int32()),
        "person_key": keys,
        "surviving": pa.concat_arrays([pa.array(ruled.surviving), none]),
        "held": pa.concat_arrays([pa.array(ruled.held), none.cast(pa.bool_())]),
        "document": pa.concat_arrays([pa.array(ruled.document), none]),
    }
    writer.write(pa.table(columns, RULING_SCHEMA))
    writer.overwrite()


def same(now: Ruling, before: Ruling) -> bool:
    """Whether two rulings make the same base."""
    return all(np.array_equal(a, b) for a, b in zip(now, before, strict=True))


def _changed(now: Ruling, before: Ruling) -> set[int]:
    """The numbers about which two rulings differ."""
    told = [
        set(zip(*(column.tolist() for column in (one.old, one.surviving, one.held, one.document)), strict=True))
        for one in (now, before)
    ]
    parted = set(now.parted.tolist()) ^ set(before.parted.tolist())
    return {key for old, surviving, *_ in told[0] ^ told[1] for key in (old, surviving)} | parted


def widened(session: Session, affected: pa.Table, now: Ruling, before: Ruling) -> pa.Table:
    """The concerned people with those whom rulings tie to them: who shares a number, and who has a guest from another."""
    ties = [pair for one in (now, before) for pair in zip(one.old.tolist(), one.surviving.tolist(), strict=True)]
    ties += adoption.ties(session)
    tied: dict[int, set[int]] = {}
    for left, right in ties:
        tied.setdefault(left, set()).add(right)
        tied.setdefault(right, set()).add(left)
    keys = affected.column("person_key")
    known = set(keys.filter(pc.is_in(keys, value_set=pa.array(list(tied), pa.int64()))).to_pylist())
    changed = _changed(now, before)
    reached = _reached(known | changed, tied)
    new = pa.array(sorted(reached - known), pa.int64())
    new = new.filter(pc.invert(pc.is_in(new, value_set=keys.combine_chunks())))
    more = pa.table({"bucket": pa.array(_buckets(session, new), pa.int32()), "person_key": new})
    return pa.concat_tables([affected, more.select(affected.column_names).cast(affected.schema)])


def _reached(start: set[int], tied: dict[int, set[int]]) -> set[int]:
    """Everybody to whom a chain of ties leads."""
    found, waiting = set(start), list(start)
    while waiting:
        for other in tied.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found


def prepare(session: Session, plan: Plan, ruled: Ruling) -> None:
    """Make the tables of the numbers given up and, for each source, of their live rows; before `gathered`."""
    old, surviving = pa.array(ruled.old), pa.array(ruled.surviving)
    columns = {"bucket": _buckets(session, surviving), "home": _buckets(session, old)}
    leads = pa.table({"old": old, "surviving": surviving, **{name: pa.array(one) for name, one in columns.items()}})
    _make(session, LEADS, leads)
    if not len(old):
        return
    for source in plan.sources:
        rows = session.live(source.dataset, set(columns["home"].tolist()))
        query = f"SELECT r.*, m.bucket AS lead FROM {rows} AS r JOIN {LEADS} AS m ON m.old = r.person_key"
        _make(session, _given_up(source.dataset), session.connection.sql(query).to_arrow_table())


def _make(session: Session, name: str, rows: pa.Table) -> None:
    """A table of the session that also travels to a cluster."""
    session.connection.register("made", rows)
    session.connection.execute(f"CREATE OR REPLACE TABLE {name} AS FROM made")
    session.connection.unregister("made")
    session.later[f"ruling {name}"] = name


def _given_up(dataset: str) -> str:
    return f'"given up {dataset}"'


def gathered(session: Session, ruled: Ruling, dataset: str, rows: str, buckets: Iterable[int], only: str = "") -> str:
    """SQL of a source's rows of the people of some buckets, given SQL of those that lie there; `only` narrows rows `r`."""
    wanted = set(buckets)
    if not len(ruled.old):
        return rows
    leaving, coming = (
        wanted & set(_buckets(session, pa.array(keys)).tolist()) for keys in (ruled.old, ruled.surviving)
    )
    if leaving:
        rows = f"(SELECT r.* FROM {rows} AS r ANTI JOIN {LEADS} AS m ON m.old = r.person_key)"
    if coming:
        listed = ", ".join(map(str, sorted(coming)))
        moved = f"SELECT r.* EXCLUDE (lead) FROM {_given_up(dataset)} AS r {only} WHERE lead IN ({listed})"
        rows = f"(SELECT * FROM {rows} UNION ALL BY NAME {moved})"
    return rows
