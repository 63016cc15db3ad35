"""The rows of the sources that linkage reads: those set aside, to be linked, and attached ones, to learn from."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from quanmin import standards
from quanmin.lake.session import Session
from quanmin.population.frame import CODES
from quanmin.population.linkage import setting
from quanmin.population.plan import Plan, Source
from quanmin.population.tables import ATTACHED, LINKED, STATEMENT
from quanmin.standards import kernels

SET_ASIDE = (*(code for code in CODES if code != "E07"), LINKED)
"""Outcomes of the residual: what a number did not join, also if linkage did; a record sent twice is nobody else's."""

TEXTS = pa.list_(pa.string())
STATED = pa.schema(
    [
        ("dataset", pa.string()),
        ("_source", pa.string()),
        ("_batch", pa.int64()),
        ("_row", pa.int64()),
        ("outcome", pa.string()),
        ("person_key", pa.int64()),
        ("name", pa.string()),
        ("birth", pa.string()),
        ("sex", pa.string()),
        ("number", pa.string()),
        ("regions", TEXTS),
        ("relatives", TEXTS),
    ]
)
"""The address of a row, what became of it, and what it states; `relatives` are other people's numbers in it."""


def stated(
    session: Session,
    plan: Plan,
    outcomes: Sequence[str],
    at: tuple[int, int] | None = None,
) -> pa.Table:
    """Rows with one of these outcomes, of the sources beside the benchmark, by address; column `id` numbers them.

    `at` is the batch and row of the only one that is wanted.
    """
    one = f" AND _batch = {at[0]} AND _row = {at[1]}" if at is not None else ""
    wanted = ", ".join(f"'{outcome}'" for outcome in outcomes)
    told = f"(SELECT * FROM {session.relation(STATEMENT)} WHERE outcome IN ({wanted}){one})"
    return _read(session, [_rows(session, source, told) for source in plan.others])


def sample(session: Session, plan: Plan, outcomes: Sequence[str], buckets: Sequence[int], most: int) -> pa.Table:
    """At most so many rows of each source with one of these outcomes, drawn by chance from some buckets, as of `stated`."""
    limits = f"ORDER BY hash(s._batch, s._row), s._batch, s._row LIMIT {most}"
    wanted = ", ".join(f"'{outcome}'" for outcome in outcomes)
    told = f"(SELECT * FROM {session.relation(STATEMENT, buckets)} WHERE outcome IN ({wanted}))"
    return _read(session, [_rows(session, source, told, buckets, limits) for source in plan.others])


def gather(session: Session, plan: Plan) -> int:
    """Make the tables `aside`, the addresses of what is not attached, and `stated`, the residual as of `stated`; its size."""
    connection = session.connection
    connection.execute(
        f"CREATE OR REPLACE TABLE aside AS SELECT dataset, _batch, _row, outcome FROM {session.relation(STATEMENT)} "
        f"WHERE outcome <> '{ATTACHED}'"
    )
    wanted = ", ".join(f"'{outcome}'" for outcome in SET_ASIDE)
    told = f"(SELECT * FROM aside WHERE outcome IN ({wanted}))"
    parts = [_rows(session, source, told) for source in plan.others]
    connection.register("nothing", STATED.empty_table())
    connection.execute(
        "CREATE OR REPLACE TABLE stated AS SELECT row_number() OVER (ORDER BY dataset, _batch, _row) - 1 AS id, * "
        f"FROM ({' UNION ALL '.join([*parts, 'SELECT * FROM nothing'])})"
    )
    connection.unregister("nothing")
    return int(connection.table("stated").shape[0])


def part(session: Session, first: int, last: int) -> pa.Table:
    """The rows of the table `stated` from one `id` on, before another one."""
    rows = session.connection.sql(f"SELECT * FROM stated WHERE id >= {first} AND id < {last} ORDER BY id")
    return _spelled(rows.to_arrow_table())


def _read(session: Session, parts: Sequence[str]) -> pa.Table:
    rows = STATED.empty_table()
    if parts:
        query = f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY dataset, _batch, _row"
        rows = session.connection.sql(query).to_arrow_table().cast(STATED)
    return _spelled(rows.add_column(0, "id", pa.array(range(rows.num_rows), pa.int64())))


def _spelled(rows: pa.Table) -> pa.Table:
    numbers = kernels.normalise_numbers(rows.column("number"))
    return rows.set_column(rows.schema.get_field_index("number"), "number", numbers)


def places_and_relatives(session: Session, source: Source) -> tuple[list[str], list[str]]:
    """A source's elements that say where the person is registered, lives or was born, and those with others' numbers."""
    known = session.schema(f"clean.{source.dataset}").names
    elements = [e for e in standards.catalogue().dataset(source.dataset).elements if e.name in known]
    places = [e.name for e in elements if e.type == "region" and e.name in setting.REGIONS]
    return places, [e.name for e in elements if e.type == "citizen_number" and e.name != source.number]


def _rows(session: Session, source: Source, told: str, buckets: Sequence[int] | None = None, limits: str = "") -> str:
    """SQL of one source's rows whose statements are `told` (SQL too); `limits` ends it."""
    regions, relatives = places_and_relatives(session, source)
    values = {"name": source.name, "birth": source.values.get("birth_date"), "sex": source.values.get("sex")}
    columns = [f"{column('c', element)} AS {name}" for name, element in values.items()]
    return (
        f"(SELECT '{source.dataset}' AS dataset, c._source, c._batch, c._row, s.outcome, c.person_key, "
        f"{', '.join(columns)}, {column('c', source.number)} AS number, "
        f"{_list(regions)} AS regions, {_list(relatives)} AS relatives "
        f"FROM {session.live(source.dataset, buckets)} AS c JOIN {told} AS s ON s._batch = c._batch AND s._row = c._row "
        f"WHERE s.dataset = '{source.dataset}' {limits})"
    )


def column(table: str, element: str | None) -> str:
    """SQL of an element as text; a null where there is none."""
    return f'{table}."{element}"::VARCHAR' if element else "NULL::VARCHAR"


def _list(elements: Sequence[str]) -> str:
    """SQL of a list of texts without nulls."""
    named = ", ".join(column("c", element) for element in elements)
    return f"list_filter([{named}]::VARCHAR[], lambda x: x IS NOT NULL)"


def kin(rows: pa.Table) -> pa.Table:
    """`id` of a record and `person_key` of each relative that it names with a sound number."""
    lists = rows.column("relatives").combine_chunks()
    places = pc.list_parent_indices(lists)
    keys = kernels.encode(pc.list_flatten(lists))
    table = pa.table({"id": rows.column("id").combine_chunks().take(places), "person_key": keys})
    return table.filter(pc.is_valid(table.column("person_key")))
