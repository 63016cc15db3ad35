"""One bucket of the base, from live rows to golden records, statements and discrepancies.

Everything about a person hashes to one bucket, so that buckets are computed alone: memory is bounded by the largest one,
and threads take one each. The engine runs the program; kernels here settle what an engine cannot: shared numbers, names
that differ, and what a number states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanmin.population import name as names
from quanmin.population.plan import Plan
from quanmin.population.program import Program, program_of
from quanmin.population.tables import DISCREPANCY_SCHEMA, STATEMENT_SCHEMA, person_schema
from quanmin.population.twin import Claimant, Rivals, outcome, settle
from quanmin.standards import kernels

Shared = dict[int, Rivals]


class Base(NamedTuple):
    """A bucket's part of the three tables, in their declared schemas."""

    person: pa.Table
    statement: pa.Table
    discrepancy: pa.Table


class Computation:
    """Computes buckets on one connection; a thread has its own.

    `due` is a table of `due_batch` and `due_on`. `affected` (a table with `person_key`) limits the work to these people and
    to rows without a usable number.
    """

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, plan: Plan, due: pa.Table, affected: pa.Table | None = None
    ) -> None:
        self.connection, self.plan = connection, plan
        self.program: Program = program_of(plan)
        self.rows = self.program.rows if affected is None else self.program.affected
        connection.register("due", due)
        connection.register("told", told_table(plan))
        if affected is not None:
            connection.register("affected", affected)

    def compute(self, relations: Sequence[str], buckets: int) -> Base:
        """The base of some whole buckets of all `buckets`; `relations` gives each source's live rows as SQL text."""
        for index, relation in enumerate(relations):
            self.view(f"live_{index}", f"SELECT * FROM {relation}")
            self.view(f"rows_{index}", self.rows[index])
        rivals = self.settle_benchmark()
        for index in range(1, len(self.plan.sources)):
            self.settle_source(index, rivals)
        self.table("person", self.program.people)
        if self.program.dead is not None:
            self.table("dead", self.program.dead)
        return Base(
            self.finished("SELECT * FROM person", person_schema(self.plan), buckets),
            self.finished(self.program.statements, STATEMENT_SCHEMA, buckets),
            self.finished(self.program.told, DISCREPANCY_SCHEMA, buckets),
        )

    def settle_benchmark(self) -> Shared:
        """Make `full_0` and `bench`; the answer holds the rivals of every contested number."""
        self.table("shared", self.program.shared)
        twins, rivals = settle_twins(self.arrow(self.program.shared_rows))
        self.connection.register("twins", twins)
        self.table("full_0", self.program.bench_matched)
        keys = self.arrow("SELECT person_key FROM full_0 WHERE \"match\" = 'same'").column(0)
        self.connection.register("numbers", stated_by_number(keys.combine_chunks()))
        self.table("bench", self.program.holders)
        return rivals

    def settle_source(self, index: int, rivals: Shared) -> None:
        """Make `full_<index>` and `latest_<index>` of another source."""
        self.table(f"met_{index}", self.program.met[index])
        unsure = self.arrow(self.program.unsure[index])
        self.connection.register(f"sure_{index}", settle_names(unsure, rivals))
        self.view(f"full_{index}", self.program.full[index])
        self.view(f"latest_{index}", self.program.latest[index])

    def table(self, name: str, sql: str) -> None:
        """Keep the result of a step."""
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")

    def unconcerned(self, relation: str, schema: pa.Schema) -> pa.Table:
        """The present rows of a table of the base that belong to people whom nothing concerns."""
        rows = f"(SELECT * FROM {relation} WHERE person_key IS NOT NULL)"
        columns = ", ".join(f'r."{name}"' for name in schema.names)
        sql = f"SELECT {columns} FROM {rows} AS r ANTI JOIN affected AS a ON r.person_key = a.person_key"
        return self.arrow(sql).cast(schema)

    def view(self, name: str, sql: str) -> None:
        """Name a step that is worked out where it is used."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {sql}")

    def arrow(self, sql: str) -> pa.Table:
        """The result of a step for a kernel."""
        return self.connection.sql(sql).to_arrow_table()

    def finished(self, sql: str, schema: pa.Schema, buckets: int) -> pa.Table:
        """The result of a step as a part of a table of the lake."""
        made = self.arrow(sql)
        columns = {name: made.column(name).cast(schema.field(name).type) for name in schema.names if name != "bucket"}
        keys = made.column("person_key")
        rows = made.column("_row") if "_row" in made.column_names else keys
        columns["bucket"] = pa.chunked_array([pa.array(kernels.bucket_of(keys, rows, buckets), pa.int32())])
        return pa.table(columns).select(schema.names).cast(schema)


def settle_twins(rows: pa.Table) -> tuple[pa.Table, Shared]:
    """Benchmark rows under shared numbers with `match`, `since` and `contested`, and the rivals of contested numbers."""
    keys = rows.column("person_key").to_pylist()
    columns = [rows.column(name).to_pylist() for name in ("name", "former", "event", "_batch", "_row")]
    groups: dict[int, list[int]] = {}
    for place, key in enumerate(keys):
        groups.setdefault(key, []).append(place)
    match, since, rivals = [""] * len(keys), [0] * len(keys), {}
    for key, places in groups.items():
        settled = settle([Claimant(*(column[place] for column in columns)) for place in places])
        latest = max(columns[3][place] for place in places)
        for place, result in zip(places, settled.outcomes, strict=True):
            match[place], since[place] = "same" if result == "attached" else result, latest
        if settled.rivals is not None:
            rivals[key] = settled.rivals
    contested = pa.array([key in rivals for key in keys], pa.bool_())
    return (
        rows.append_column("match", pa.array(match, pa.string()))
        .append_column("since", pa.array(since, pa.int64()))
        .append_column("contested", contested)
    ), rivals


def settle_names(rows: pa.Table, rivals: Shared) -> pa.Table:
    """The final `match` of rows whose raw names differ from the benchmark's."""
    rows = rows.combine_chunks()
    stated, holder, former = (_one(rows.column(name)) for name in ("name", "b_name", "b_former"))
    found = names.matches(stated, holder, former)
    match = pc.if_else(pc.equal(found, "other"), "E03", found)
    shared = np.flatnonzero(np.isin(rows.column("person_key").to_numpy(), list(rivals)))
    if len(shared):
        settled = match.to_pylist()
        for place in shared:
            key = rows.column("person_key")[place].as_py()
            settled[place] = outcome(found[place].as_py(), stated[place].as_py(), rivals[key])
        match = pa.array(settled, pa.string())
    kept = rows.drop_columns(["b_name", "b_former"])
    return kept.set_column(kept.schema.get_field_index("match"), "match", match)


def stated_by_number(keys: pa.Array) -> pa.Table:
    """What citizen numbers state by themselves."""
    return pa.table(
        {
            "number_key": keys,
            "citizen_number": kernels.decode(keys),
            "n_sex": kernels.sexes(keys),
            "n_birth_date": kernels.birth_dates(keys),
        }
    )


def told_table(plan: Plan) -> pa.Table:
    """Which code and element the sender is told when a rule of a dataset fails."""
    rows = [
        {"dataset": source.dataset, "rule": rule, "code": code, "element": element}
        for source in plan.sources
        for rule, (code, element) in source.told.items()
    ]
    schema = pa.schema([(name, pa.string()) for name in ("dataset", "rule", "code", "element")])
    return pa.Table.from_pylist(rows, schema)


def _one(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    merged = column.combine_chunks()
    return merged if isinstance(merged, pa.Array) else pa.concat_arrays(merged.chunks)
