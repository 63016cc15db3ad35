"""The people a record may be: the golden records, with what only the benchmark says (former name, household, region).

Of the base two things are read of everybody, a few columns of the golden records and a few of the benchmark; what no record
may meet goes no further. Keys of the benchmark's columns take birth date and sex from the number, which no source overrules, so
that the two need not be joined for everybody.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.lake.session import Session
from quanmin.population.linkage import blocking, key, place, setting
from quanmin.population.linkage.blocking import Keyed
from quanmin.population.linkage.key import Sieve
from quanmin.population.linkage.record import column
from quanmin.population.plan import Plan
from quanmin.population.tables import ATTACHED, PERSON, STATEMENT
from quanmin.standards import kernels


class Read(NamedTuple):
    """SQL of the two sides of some people: their golden records, and the benchmark's live rows (by `id`, the person key).

    `refused` is SQL of the addresses of rows of the benchmark that are not attached.
    """

    golden: str
    held: str
    refused: str


def read(session: Session, plan: Plan, buckets: Sequence[int] | None, refused: str = "") -> Read:
    """What is read of some buckets; without `refused`, it is read from the statements of these buckets."""
    bench = plan.benchmark
    known = session.schema(f"clean.{bench.dataset}").names
    wanted = {"former": bench.former, "region": setting.REGISTERED_REGION, "household": setting.HOUSEHOLD}
    columns = [f"{column('b', e if e in known else None)} AS {name}" for name, e in wanted.items()]
    items = {fact.item for fact in plan.facts}
    place = "p.birth_place" if "birth_place" in items else "NULL::VARCHAR"
    if not refused:
        refused = f"{session.relation(STATEMENT, buckets)} WHERE outcome <> '{ATTACHED}' AND"
    else:
        refused = f"{refused} WHERE"
    return Read(
        f"(SELECT p.person_key AS id, p.contested, p.name, p.birth_date AS birth, p.sex, {place} AS place "
        f"FROM {session.relation(PERSON, buckets)} AS p)",
        f"(SELECT b.person_key AS id, b._batch, b._row, {', '.join(columns)} "
        f"FROM {session.live(bench.dataset, buckets)} AS b WHERE b.person_key IS NOT NULL)",
        f"(SELECT _batch, _row FROM {refused} dataset = '{bench.dataset}')",
    )


def people(session: Session, plan: Plan, buckets: Sequence[int], wanted: str) -> pa.Table:
    """The people of some buckets whose key is in `wanted` (SQL of keys), as `whole` says."""
    sides = read(session, plan, buckets)
    chosen = [f"(SELECT * FROM {side} WHERE id IN ({wanted}))" for side in sides[:2]]
    return whole(session.connection, chosen[0], chosen[1], sides.refused)


def whole(connection: duckdb.DuckDBPyConnection, golden: str, held: str, refused: str) -> pa.Table:
    """Golden records beside the benchmark's attached rows.

    Columns: `id` (the person key), `contested`, name, former name, birth, sex, number, three regions, household.
    """
    rows = connection.sql(
        "SELECT p.id, p.contested, p.name, p.birth::VARCHAR AS birth, p.sex, p.place, h.former, h.region, h.household "
        f"FROM {golden} AS p LEFT JOIN (SELECT b.* FROM {held} AS b ANTI JOIN {refused} AS r "
        "ON r._batch = b._batch AND r._row = b._row) AS h USING (id) ORDER BY p.id"
    ).to_arrow_table()
    keys = rows.column("id")
    return rows.append_column("number", kernels.decode(keys)).append_column("origin", kernels.regions(keys))


def meet(connection: duckdb.DuckDBPyConnection, sides: Read, sieve: Sieve) -> pa.Table:
    """The people who may meet a record, as of `whole`; adds their keys to `found` and all frequencies asked for to `counted`.

    Safe in several threads, each with a connection of its own.
    """
    golden = connection.sql(
        f"SELECT *, {blocking.DAY.format('birth')} AS day, {blocking.SEX} AS letter, "
        f"coalesce(TRY_CAST(place AS BIGINT), 0) AS county FROM {sides.golden}"
    ).to_arrow_table()
    held = connection.sql(
        "SELECT *, coalesce(TRY_CAST(region AS BIGINT), 0) AS county, household IS NOT NULL AS housed, "
        f"coalesce(hash(household), 0) AS home FROM {sides.held}"
    ).to_arrow_table()
    passed = []
    for rows, made in ((golden, of_golden(golden)), (held, of_held(held))):
        ids = blocking.number(rows, "id")
        for each in made:
            hit = sieve.holds(each.key)
            if each.kind == blocking.RARITY:
                _count(connection, rows.column("name").take(each.row[hit]))
            else:
                passed.append((each.key[hit], ids[each.row[hit]]))
    keys, ids = (np.concatenate(column) for column in zip(*passed, strict=True))
    connection.register("passed", pa.table({"key": keys, "person": ids}))
    connection.execute("INSERT INTO found SELECT DISTINCT key, person FROM passed")
    connection.register("golden", golden)
    connection.register("held", held)
    chosen = [f"(SELECT * FROM {side} WHERE id IN (SELECT person FROM passed))" for side in ("golden", "held")]
    met = whole(connection, chosen[0], chosen[1], sides.refused)
    for name in ("golden", "held", "passed"):
        connection.unregister(name)
    return met


def of_golden(rows: pa.Table) -> list[Keyed]:
    """Keys of what the golden records say, the frequency of their names among them."""
    ids, day, sex = (blocking.number(rows, name) for name in ("id", "day", "letter"))
    plain = kernels.normalise_names(rows.column("name"))
    folded = kernels.fold_variants(plain)
    name, county = key.of_names(folded), place.today_number(blocking.number(rows, "county"))
    dated, known = day > 0, (day > 0) & (sex > 0)
    made = [
        blocking.keyed(blocking.NUMBER, ids > 0, ids),
        blocking.keyed(blocking.NAME, name.there & dated, name.text, day),
        blocking.keyed(blocking.SOUND, name.there & known, name.sound, day // 100, sex),
        blocking.keyed(blocking.COUNTY, known, day, sex, place.today_number(kernels.region_numbers(ids))),
        blocking.keyed(blocking.COUNTY, known & (county > 0), day, sex, county),
    ]
    text, variants = (
        name.text.copy(),
        np.flatnonzero(kernels.to_numpy(pc.fill_null(pc.not_equal(plain, folded), False))),
    )
    text[variants] = key.of_names(plain.take(pa.array(variants))).text
    made.append(blocking.keyed(blocking.RARITY, name.there, text))
    return made


def of_held(rows: pa.Table) -> list[Keyed]:
    """Keys of what only the benchmark says; birth date (as 19710307) and sex (as its character) as the number tells them."""
    ids = blocking.number(rows, "id")
    day, sex = ids // 1000 % 100_000_000, ord("2") - ids % 2
    former = kernels.plain(rows.column("former"))
    some = np.flatnonzero(kernels.present_mask(former))
    name = key.of_names(kernels.fold_variants(kernels.normalise_names(former.take(pa.array(some)))))
    county = place.today_number(blocking.number(rows, "county"))
    return [
        Keyed(blocking.NAME, some[name.there], key.joined(blocking.NAME, name.text, day[some])[name.there]),
        blocking.keyed(blocking.COUNTY, county > 0, day, sex, county),
        blocking.keyed(blocking.HOUSEHOLD, blocking.number(rows, "housed"), blocking.number(rows, "home"), day),
    ]


def _count(connection: duckdb.DuckDBPyConnection, names: pa.ChunkedArray) -> None:
    connection.register("borne", pa.table({"name": kernels.normalise_names(names)}))
    connection.execute("INSERT INTO counted SELECT name, count(*) FROM borne GROUP BY name")
    connection.unregister("borne")


def households(session: Session, plan: Plan, kin: str, homes: str) -> None:
    """Make the table `homes`: `id` of a record and `household`, in which the relatives in the table `kin` are registered."""
    known = session.schema(f"clean.{plan.benchmark.dataset}").names
    query = "SELECT 0::BIGINT AS id, ['']::VARCHAR[] AS household WHERE false"
    if setting.HOUSEHOLD in known:
        query = (
            f'SELECT k.id, list(DISTINCT b."{setting.HOUSEHOLD}"::VARCHAR) AS household FROM {kin} AS k '
            f"JOIN {session.live(plan.benchmark.dataset)} AS b USING (person_key) "
            f'WHERE b."{setting.HOUSEHOLD}" IS NOT NULL GROUP BY k.id'
        )
    session.connection.execute(f"CREATE OR REPLACE TABLE {homes} AS {query}")


def nobody() -> pa.Table:
    """No people, in the shape of `whole`."""
    texts = ("name", "birth", "sex", "place", "former", "region", "household", "number", "origin")
    fields = [("id", pa.int64()), ("contested", pa.bool_()), *((name, pa.string()) for name in texts)]
    return pa.schema(fields).empty_table()
