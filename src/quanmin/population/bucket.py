"""One bucket of the base, from live rows to golden records, statements and discrepancies.

Everything about a person hashes to one bucket, so that buckets are computed alone: memory is bounded by the largest one,
and threads take one each. The engine brings the live rows and works out the expressions; kernels place each record at its
person (`overlay`) and set the sources side by side (`wide`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import duckdb
import numpy as np
import pyarrow as pa

from quanmin.population import alias, word
from quanmin.population.adoption import adopt, remaining
from quanmin.population.discrepancy import at_fault, findable, flagged
from quanmin.population.frame import MATCHES
from quanmin.population.golden import patterns, people
from quanmin.population.overlay import Holders, Mask, Met, latest, meet, settle_benchmark
from quanmin.population.plan import Plan
from quanmin.population.program import Program
from quanmin.population.reliability import Pattern, Reliability
from quanmin.population.tables import ATTACHED, DISCREPANCY_SCHEMA, STATEMENT_SCHEMA, person_schema
from quanmin.population.wide import wide
from quanmin.standards import kernels

BATCH = 1 << 30
"""Rows in one piece of a result: all of them, so that kernels need not join pieces."""


class Base(NamedTuple):
    """Some buckets' part of the three tables, in their declared schemas; statements in one table for each source."""

    person: list[pa.Table]
    statement: list[pa.Table]
    discrepancy: list[pa.Table]


class Computation:
    """Computes buckets on one connection; a thread has its own.

    `due` is a table of `due_batch` and `due_on`, `ruled` what reviews decided about numbers. `affected` (a table with
    `person_key`) are the people whom the work is limited to: the relations may name it.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        plan: Plan,
        program: Program,
        reliability: Reliability,
        due: pa.Table,
        affected: pa.Table | None = None,
        ruled: alias.Ruling = alias.NOTHING,
    ) -> None:
        self.connection, self.plan, self.program, self.reliability = connection, plan, program, reliability
        self.rows, self.ruled = program.rows, ruled
        self.limit = "" if affected is None else " SEMI JOIN affected AS x ON x.person_key = a.person_key"
        connection.register("due", due)
        connection.register("flagged", flagged(plan))
        connection.register("at_fault", at_fault(plan))
        if affected is not None:
            connection.register("affected", affected)

    def compute(self, relations: Sequence[str], buckets: int, adopted: str = "", moved: str = "") -> Base:
        """The base of some whole buckets of all `buckets`; `relations` gives each source's live rows as SQL text.

        `adopted` is SQL of rows that linkage gave to people of these buckets, `moved` of the addresses that lie here and were
        given to people elsewhere.
        """
        met, holders, beside, spoken = self.overlaid(relations, adopted, moved)
        golden = people(self.plan, beside, self.reliability)
        self.connection.register("person", golden)
        dead = self.dead(holders)
        found = pa.concat_tables([findable(self.plan, i, each, dead) for i, each in enumerate(met)])
        self.connection.register("found", found)
        return Base(
            [self.finished(golden, person_schema(self.plan), buckets)],
            [self.finished(stated(self.plan, i, each), STATEMENT_SCHEMA, buckets) for i, each in enumerate(spoken)],
            [self.finished(self.arrow(self.program.told), DISCREPANCY_SCHEMA, buckets)],
        )

    def patterns(self, relations: Sequence[str]) -> dict[str, dict[Pattern, int]]:
        """How many people of some whole buckets have each agreement pattern, by item."""
        return patterns(self.plan, self.overlaid(relations)[2])

    def overlaid(
        self, relations: Sequence[str], adopted: str = "", moved: str = ""
    ) -> tuple[list[Met], Holders, pa.Table, list[Met]]:
        """The records of each source at their people, the people, all sources side by side, and the records as they count.

        Records are told by where they lie and what they are without linkage; what they say counts where linkage puts them.
        """
        benchmark, holders = settle_benchmark(self.live(0, relations[0]))
        met = [benchmark, *(self.met(self.live(i, relation), holders) for i, relation in enumerate(relations) if i)]
        told, spoken, holders = alias.unite(met, holders, self.ruled)
        if moved:
            gone = self.arrow(f"FROM {moved}")
            spoken = [spoken[0], *(remaining(self.plan, i, each, gone) for i, each in enumerate(spoken) if i)]
        if adopted:
            found = self.arrow(f"SELECT a.* FROM {adopted} AS a{self.limit}")
            spoken = [spoken[0], *(adopt(self.plan, i, each, holders, found) for i, each in enumerate(spoken) if i)]
        last = [latest(each, holders.rows.num_rows) for each in spoken]
        return told, holders, wide(self.plan, holders, spoken, last), spoken

    def met(self, rows: pa.Table, holders: Holders) -> Met:
        """The rows of another source than the benchmark at the holders of their numbers."""
        found = meet(alias.renumbered(rows, self.ruled, held=False), holders)
        return alias.part(found, self.ruled, holders)

    def live(self, index: int, relation: str) -> pa.Table:
        """The live rows of a source in the uniform shape."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW live_{index} AS SELECT * FROM {relation}")
        return self.arrow(self.rows[index])

    def dead(self, holders: Holders) -> Mask:
        """Which holders have a golden date of death; the table `dead` holds the dates."""
        dead = np.zeros(holders.rows.num_rows, bool)
        if self.program.dead is not None:
            died = self.arrow(self.program.dead)
            self.connection.register("dead", died)
            dead[holders.places(died.column("d_key"))] = True
        return dead

    def unconcerned(self, relation: str, schema: pa.Schema) -> pa.Table:
        """The present rows of a table of the base that belong to people whom nothing concerns."""
        rows = f"(SELECT * FROM {relation} WHERE person_key IS NOT NULL)"
        columns = ", ".join(f'r."{name}"' for name in schema.names)
        sql = f"SELECT {columns} FROM {rows} AS r ANTI JOIN affected AS a ON r.person_key = a.person_key"
        return self.arrow(sql).cast(schema)

    def arrow(self, sql: str) -> pa.Table:
        """The result of a step for a kernel."""
        return self.connection.sql(sql).to_arrow_table(BATCH)

    def finished(self, made: pa.Table, schema: pa.Schema, buckets: int) -> pa.Table:
        """The result of a step as a part of a table of the lake: typed, words spelled, each row with its bucket."""
        keys = made.column("person_key")
        rows = made.column("_row") if "_row" in made.column_names else keys
        columns = {name: self.column(name, made.column(name), schema.field(name).type) for name in made.column_names}
        columns["bucket"] = pa.array(kernels.bucket_of(keys, rows, buckets), pa.int32())
        return pa.table([columns[name] for name in schema.names], names=schema.names)

    def column(self, name: str, made: pa.ChunkedArray, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
        """One finished column."""
        if pa.types.is_string(kind) and pa.types.is_integer(made.type):
            return word.spelled(made, word.words_of(self.plan, name))
        return made.cast(kind)


def stated(plan: Plan, index: int, met: Met) -> pa.Table:
    """What became of every record of a source."""
    words = word.words_of(plan, "outcome")
    outcomes = np.array([words.index(match if match in words else ATTACHED) for match in MATCHES], np.int16)
    dataset = word.words_of(plan, "dataset").index(plan.sources[index].dataset)
    rows = met.rows.select(["person_key", "_batch", "_row"])
    rows = rows.append_column("dataset", pa.array(np.full(len(met.match), dataset, np.int16)))
    return rows.append_column("outcome", pa.array(outcomes[met.match]))
