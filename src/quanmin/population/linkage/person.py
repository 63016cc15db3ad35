"""The people a record may be: the golden records, with what only the benchmark says (former name, household, region)."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from quanmin.lake.session import Session
from quanmin.population.linkage import setting
from quanmin.population.linkage.record import column
from quanmin.population.plan import Plan
from quanmin.population.tables import ATTACHED, PERSON, STATEMENT
from quanmin.standards import kernels


def people(session: Session, plan: Plan, buckets: Sequence[int], only: int | None = None) -> pa.Table:
    """The people of some buckets, or the one with the key `only`.

    Columns: `id` (the person key), `contested`, name, former name, birth, sex, number, three regions, household.
    """
    bench = plan.benchmark
    known = session.schema(f"clean.{bench.dataset}").names
    beside = {
        "former": bench.former if bench.former in known else None,
        "region": setting.REGISTERED_REGION if setting.REGISTERED_REGION in known else None,
        "household": setting.HOUSEHOLD if setting.HOUSEHOLD in known else None,
    }
    columns = [f"{column('b', element)} AS {name}" for name, element in beside.items()]
    items = {fact.item for fact in plan.facts}
    place = "p.birth_place" if "birth_place" in items else "NULL::VARCHAR"
    query = (
        f"SELECT p.person_key AS id, p.contested, p.name, p.birth_date::VARCHAR AS birth, p.sex, {place} AS place, former, "
        f"region, household FROM {session.relation(PERSON, buckets)} AS p LEFT JOIN "
        f"(SELECT b.person_key, {', '.join(columns)} FROM {session.live(bench.dataset, buckets)} AS b "
        f"JOIN {session.relation(STATEMENT, buckets)} AS s ON s._batch = b._batch AND s._row = b._row "
        f"WHERE s.dataset = '{bench.dataset}' AND s.outcome = '{ATTACHED}') AS held ON held.person_key = p.person_key "
        f"{'' if only is None else f'WHERE p.person_key = {only} '}ORDER BY id"
    )
    rows = session.connection.sql(query).to_arrow_table()
    keys = rows.column("id")
    return rows.append_column("number", kernels.decode(keys)).append_column("origin", kernels.regions(keys))


def households(session: Session, plan: Plan, kin: pa.Table) -> pa.Table:
    """`id` of a record and `household`, the households in which the relatives that it names are registered."""
    known = session.schema(f"clean.{plan.benchmark.dataset}").names
    if setting.HOUSEHOLD not in known or not kin.num_rows:
        return pa.table({"id": pa.array([], pa.int64()), "household": pa.array([], pa.list_(pa.string()))})
    session.connection.register("kin", kin)
    query = (
        f'SELECT k.id, list(DISTINCT b."{setting.HOUSEHOLD}"::VARCHAR) AS household FROM kin AS k '
        f"JOIN {session.live(plan.benchmark.dataset)} AS b USING (person_key) "
        f'WHERE b."{setting.HOUSEHOLD}" IS NOT NULL GROUP BY k.id'
    )
    found = session.connection.sql(query).to_arrow_table()
    session.connection.unregister("kin")
    return found
