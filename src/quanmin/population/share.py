"""A share of a build: some groups of buckets and all that is needed to compute them, wherever it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import pyarrow as pa

from quanmin.lake.cluster import Outpost
from quanmin.lake.progress import Progress
from quanmin.lake.writer import Writer
from quanmin.population.alias import NOTHING, Ruling
from quanmin.population.bucket import Base, Computation
from quanmin.population.plan import Plan
from quanmin.population.program import Program
from quanmin.population.reliability import Reliability
from quanmin.settings import Settings


class Group(NamedTuple):
    """Buckets that are computed together: SQL of each source's live rows, and of the present rows of each table.

    `kept` is empty in a full build; `adopted` and `moved` are SQL of what linkage gave to people here and elsewhere.
    """

    relations: list[str]
    kept: list[str]
    adopted: str = ""
    moved: str = ""


@dataclass(frozen=True)
class Share:
    """What is computed alike everywhere. `affected` are the concerned people (None: all), `buckets` the lake's number.

    `ruled` is what reviews decided about numbers.
    """

    plan: Plan
    program: Program
    reliability: Reliability
    due: pa.Table
    affected: pa.Table | None
    buckets: int
    groups: Sequence[Group] = ()
    ruled: Ruling = NOTHING

    def compute(self, connection: duckdb.DuckDBPyConnection, writers: Sequence[Writer]) -> int:
        """Compute the groups on one connection and stage their rows; how many records were looked at."""
        known = (self.plan, self.program, self.reliability, self.due, self.affected, self.ruled)
        computation = Computation(connection, *known)
        computed = 0
        for group in self.groups:
            base = computation.compute(group.relations, self.buckets, group.adopted, group.moved)
            computed += sum(rows.num_rows for rows in base.statement)
            _write(base, computation, group.kept, writers)
        return computed


def _write(base: Base, computation: Computation, kept: Sequence[str], writers: Sequence[Writer]) -> None:
    """Stage the new rows of a group and the old ones of the people who are not concerned."""
    for place, (writer, parts) in enumerate(zip(writers, base, strict=True)):
        for rows in parts:
            writer.write(rows)
        if kept:
            writer.write(computation.unconcerned(kept[place], writer.schema))


def finish(
    share: Share, piece: int, connection: duckdb.DuckDBPyConnection, writers: Sequence[Writer], progress: Progress
) -> None:
    """Compute a share and note it as a finished piece; one that fails leaves no files."""
    try:
        progress.note(piece, share.compute(connection, writers), writers)
    except BaseException:
        for writer in writers:
            writer.abandon()
        raise


@dataclass(frozen=True)
class Errand:
    """A share that is computed far from the session: with the settings, the tables to write (schema, layer), and `later`.

    `later` holds the tables of superseding keys that the relations name; `work` names what it is a piece of.
    """

    share: Share
    piece: int
    work: tuple[str, str]
    settings: Settings
    tables: Mapping[str, tuple[pa.Schema, int | None]]
    later: Mapping[str, pa.Table]


def run_errand(errand: Errand) -> int:
    """Compute a share at an outpost and note it there; the number of the piece."""
    with Outpost(errand.settings) as outpost:
        for name, rows in errand.later.items():
            outpost.connection.register(name, rows)
        writers = [outpost.writer(table, *known) for table, known in errand.tables.items()]
        progress = Progress(outpost.store, *errand.work)
        finish(errand.share, errand.piece, outpost.connection, writers, progress)
        return errand.piece
