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
from quanmin.population.tables import LINKED, STATEMENT
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
    most: int | None = None,
    at: tuple[int, int] | None = None,
) -> pa.Table:
    """Rows with one of these outcomes, of the sources beside the benchmark, by address; column `id` numbers them.

    `most` is the size of a sample of each source, `at` the batch and row of the only one that is wanted.
    """
    limits = f" ORDER BY hash(s._batch, s._row), s._batch, s._row LIMIT {most}" if most is not None else ""
    one = f" AND s._batch = {at[0]} AND s._row = {at[1]}" if at is not None else ""
    parts = [_rows(session, source, outcomes, one + limits) for source in plan.others]
    if not parts:
        return _numbered(STATED.empty_table())
    query = f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY dataset, _batch, _row"
    return _numbered(session.connection.sql(query).to_arrow_table().cast(STATED))


def _numbered(rows: pa.Table) -> pa.Table:
    numbers = kernels.normalise_numbers(rows.column("number"))
    rows = rows.set_column(rows.schema.get_field_index("number"), "number", numbers)
    return rows.add_column(0, "id", pa.array(range(rows.num_rows), pa.int64()))


def places_and_relatives(session: Session, source: Source) -> tuple[list[str], list[str]]:
    """A source's elements that say where the person is registered, lives or was born, and those with others' numbers."""
    known = session.schema(f"clean.{source.dataset}").names
    elements = [e for e in standards.catalogue().dataset(source.dataset).elements if e.name in known]
    places = [e.name for e in elements if e.type == "region" and e.name in setting.REGIONS]
    return places, [e.name for e in elements if e.type == "citizen_number" and e.name != source.number]


def _rows(session: Session, source: Source, outcomes: Sequence[str], limits: str) -> str:
    """SQL of one source's rows; `limits` ends it."""
    regions, relatives = places_and_relatives(session, source)
    values = {"name": source.name, "birth": source.values.get("birth_date"), "sex": source.values.get("sex")}
    columns = [f"{column('c', element)} AS {name}" for name, element in values.items()]
    wanted = ", ".join(f"'{outcome}'" for outcome in outcomes)
    return (
        f"(SELECT '{source.dataset}' AS dataset, c._source, c._batch, c._row, s.outcome, c.person_key, "
        f"{', '.join(columns)}, {column('c', source.number)} AS number, "
        f"{_list(regions)} AS regions, {_list(relatives)} AS relatives "
        f"FROM {session.live(source.dataset)} AS c JOIN {session.relation(STATEMENT)} AS s "
        f"ON s._batch = c._batch AND s._row = c._row "
        f"WHERE s.dataset = '{source.dataset}' AND s.outcome IN ({wanted}){limits})"
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
