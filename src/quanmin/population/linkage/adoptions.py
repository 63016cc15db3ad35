"""The records that are attached, as `linked.adopted`: in the uniform shape, so that the next build can take them up."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from quanmin.lake.session import Session
from quanmin.lake.writer import Writer
from quanmin.population.plan import Plan
from quanmin.population.program import program_of
from quanmin.standards import kernels

GIVEN = "CREATE OR REPLACE TABLE given (dataset VARCHAR, _batch BIGINT, _row BIGINT, adopter BIGINT)"
"""The session's table of attached records and their people; `note` adds to it."""

ROWS = 100_000
"""Rows written together."""


def note(session: Session, links: pa.Table) -> None:
    """Add the attached ones of some links to the table `given`."""
    chosen = links.filter(pc.equal(links.column("decision"), "attach"))
    session.connection.register("noted", chosen.select(["dataset", "_batch", "_row", "person_key"]))
    session.connection.execute("INSERT INTO given SELECT * FROM noted")
    session.connection.unregister("noted")


def give(session: Session, plan: Plan, writer: Writer) -> None:
    """Write the attached records of every source."""
    connection, buckets = session.connection, session.lake.settings.buckets
    for index, source in enumerate(plan.sources):
        if index == 0:
            continue
        found = f"(SELECT * FROM given WHERE dataset = '{source.dataset}')"
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW live_{index} AS SELECT c.* FROM {session.live(source.dataset)} AS c "
            f"SEMI JOIN {found} AS g ON g._batch = c._batch AND g._row = c._row"
        )
        rows = connection.sql(
            f"SELECT g.adopter, g.dataset, r.* FROM ({program_of(plan).rows[index]}) AS r "
            f"JOIN {found} AS g USING (_batch, _row) ORDER BY _batch, _row"
        ).to_arrow_reader(ROWS)
        for batch in rows:
            writer.write(_adopted(pa.Table.from_batches([batch]), writer.schema, buckets))


def _adopted(rows: pa.Table, schema: pa.Schema, buckets: int) -> pa.Table:
    """Rows of one source in the schema of the table."""
    adopter, key = rows.column("adopter"), rows.column("person_key")
    columns = {
        **{name: rows.column(name) for name in rows.column_names},
        "bucket": pa.array(kernels.bucket_of(adopter, None, buckets), pa.int32()),
        "home": pa.array(kernels.bucket_of(key, rows.column("_row"), buckets), pa.int32()),
        "own_key": key,
        "person_key": adopter,
    }
    made = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(len(rows), f.type) for f in schema]
    return pa.table(made, schema=schema)
