"""A build of the base: which buckets, in parallel, one commit.

Incremental unless told otherwise: only people whom the changes since the last build concern are computed anew, and their
rows replaced. The result is the same as that of a full build, row for row; a generated test holds it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from queue import SimpleQueue
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from quanmin import standards
from quanmin.lake import Lake
from quanmin.lake.cluster import EngineName, spread, without_secrets
from quanmin.lake.errors import VersionGone
from quanmin.lake.progress import Progress
from quanmin.lake.session import Session
from quanmin.lake.writer import Writer
from quanmin.ledger.workflow import CHINA, WorkingDays
from quanmin.population import adoption, change, ruling
from quanmin.population.bucket import Computation
from quanmin.population.errors import NoBenchmark, NotBuilt, PieceLost
from quanmin.population.plan import Plan, plan_of
from quanmin.population.program import program_of
from quanmin.population.reliability import Reliability, by_rank, estimate, from_table, to_table
from quanmin.population.review import merge
from quanmin.population.share import Errand, Group, Share, finish, run_errand
from quanmin.population.tables import (
    ATTACHED,
    DISCREPANCY,
    DISCREPANCY_SCHEMA,
    LINKED,
    PERSON,
    RELIABILITY,
    RELIABILITY_SCHEMA,
    STATEMENT,
    STATEMENT_SCHEMA,
    person_schema,
)
from quanmin.standards import kernels
from quanmin.text import Text
from quanmin.version import __version__

STAGE = "population"
ANSWER = WorkingDays(15)
"""How long a sender has to answer. No published rule sets it for the population base; 15 working days is what the death
certificate's network report allows, and one day's correction fits in it everywhere."""

SAMPLE_ROWS = 300_000
"""Records that the reliability of the sources is estimated from (at least, if there are so many)."""

LEAST_ROWS, MOST_ROWS = 200_000, 1_000_000
"""Records in a group of buckets."""

PEOPLE = [("bucket", "ascending"), ("person_key", "ascending")]
CONCERNED = "SEMI JOIN affected AS x ON x.person_key = r.person_key"
NUMBERLESS = "WHERE r.person_key IS NULL"
"""What narrows live rows to those of the concerned people, and to those of nobody."""

TABLES = (PERSON, STATEMENT, DISCREPANCY)

Heard = Callable[[int, int], None]
"""Hears how many pieces of how many are done."""

Reason = Literal["asked", "first", "rules", "gone"]

REASONS: dict[str, Text] = {
    "asked": Text("全量重建：按要求", "full build: it was asked for"),
    "first": Text("全量重建：首次建库", "full build: it is the first one"),
    "rules": Text("全量重建：标准或程序已变更", "full build: the standards or the program have changed"),
    "gone": Text(
        "全量重建：上次建库所依据的文件已被清理，无法得知其后的变化",
        "full build: files that the last build rests on were cleaned up, so what changed since cannot be known",
    ),
}
"""Why a build looked at every record."""


@dataclass(frozen=True)
class BuildReport:
    """The base after a build, and what the build did: `computed` counts the records it had to look at.

    `attached` records joined their person by number; of those set aside, `linked` found theirs otherwise. `full_reason` is a key
    of REASONS, None for an incremental build. `resumed` of the `computed` records were there from an earlier run that was lost.
    """

    records: int
    people: int
    attached: int
    set_aside: int
    errors: dict[str, int]
    seconds: float
    full: bool
    buckets: int
    computed: int
    snapshot: int
    full_reason: Reason | None = None
    linked: int = 0
    resumed: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


def build(
    lake: Lake,
    full: bool = False,
    engine: EngineName = "duckdb",
    calibrate: bool = False,
    told: Heard | None = None,
) -> BuildReport:
    """Build the base from the live rows of the clean tables; `full` looks at every record.

    `engine` says where the buckets are computed: in this process, or on the cluster of `QUANMIN_SPARK`. How far each source is
    believed is estimated by the first build and kept; `calibrate` estimates it anew (and so looks at every record). `told`
    hears how many pieces are done; what it raises ends the build, and the next one goes on from these pieces.
    """
    began = time.perf_counter()
    with lake.session(STAGE) as session:
        job = Job(session, plan_of(standards.catalogue()), full or calibrate, engine, calibrate, told)
        job.run()
    return report(lake, job, time.perf_counter() - began)


class Job:
    """One build in one session."""

    def __init__(
        self,
        session: Session,
        plan: Plan,
        full: bool,
        engine: EngineName = "duckdb",
        calibrate: bool = False,
        told: Heard | None = None,
    ) -> None:
        self.session, self.engine, self.told = session, engine, told or _unheard
        self.affected: pa.Table | None = None
        schemas = dict(zip(TABLES, (person_schema(plan), STATEMENT_SCHEMA, DISCREPANCY_SCHEMA), strict=True))
        self.writers: list[Writer] = [
            session.writer(table, schema, "bucket", layered=True) for table, schema in schemas.items()
        ]
        if not session.exists(f"clean.{plan.benchmark.dataset}"):
            raise NoBenchmark(dataset=plan.benchmark.dataset)
        self.plan = plan.limited([s.dataset for s in plan.sources if session.exists(f"clean.{s.dataset}")])
        self.ruled, self.before = ruling.standing(session, self.plan), ruling.built(session)
        self.reliability = self._reliability(calibrate)
        self.digest = f"{plan.digest} {self.reliability.digest} {__version__}"
        self.reason = self._reason(full)
        self.full = self.reason is not None
        self.layered = self.affected is not None and change.fits_a_layer(session, self.affected.num_rows)
        self.buckets = self._buckets()
        self.computed = self.resumed = 0

    def _reliability(self, calibrate: bool) -> Reliability:
        """How far each source is believed: as it was estimated last, else estimated now and kept by this commit."""
        if self.session.exists(RELIABILITY) and not calibrate:
            return from_table(
                self.session.connection.sql(f"FROM {self.session.relation(RELIABILITY)}").to_arrow_table()
            )
        writer = self.session.writer(RELIABILITY, RELIABILITY_SCHEMA)
        none = pa.table({"due_batch": pa.array([], pa.int64()), "due_on": pa.array([], pa.date32())})
        connection = self.session.connection.cursor()
        computation = Computation(connection, self.plan, program_of(self.plan), by_rank(self.plan), none)
        found = estimate(self.plan, computation.patterns(self._relations(self._sample())))
        writer.write(to_table(found))
        writer.overwrite()
        return found

    def _sample(self) -> list[int]:
        """Buckets, which are people drawn by chance, with records enough to judge the sources by."""
        rows = self._rows()
        chosen, seen = [], 0
        for bucket in sorted(rows):
            if seen < SAMPLE_ROWS:
                chosen.append(bucket)
                seen += rows[bucket]
        return chosen

    def _rows(self, buckets: Iterable[int] | None = None) -> dict[int, int]:
        """Records by bucket."""
        rows: dict[int, int] = {}
        for source in self.plan.sources:
            for file in self.session.entries(f"clean.{source.dataset}", buckets):
                rows[file.bucket or 0] = rows.get(file.bucket or 0, 0) + file.rows
        return rows

    def _reason(self, full: bool) -> Reason | None:
        """Why every record must be looked at; None, and whom the changes concern, when it need not be."""
        last = change.last_build(self.session)
        if full:
            return "asked"
        if last is None:
            return "first"
        if last.plan != self.digest:
            return "rules"
        try:
            found = change.affected(self.session, self.plan, last.snapshot)
            self.affected = ruling.widened(self.session, found, self.ruled, self.before)
        except VersionGone:  # vacuum took what the feed of changes would have to read
            return "gone"
        return None

    def _buckets(self) -> list[int]:
        """The buckets to write: those with rows now or before, or with a concerned person."""
        if self.affected is not None:
            return sorted(set(self.affected.column("bucket").to_pylist()))
        tables = [f"clean.{source.dataset}" for source in self.plan.sources]
        tables += [table for table in TABLES if self.session.exists(table)]
        found = {file.bucket for table in tables for file in self.session.entries(table)}
        return sorted(bucket for bucket in found if bucket is not None)

    def run(self) -> None:
        """Compute every bucket and commit."""
        if self.affected is not None and not self.buckets:
            return
        ruling.prepare(self.session, self.plan, self.ruled)
        adoption.prepare(self.session, self.plan)
        if not ruling.same(self.ruled, self.before):
            ruling.keep(self.session, self.ruled)
        for writer in self.writers if self.layered else ():
            writer.above()
            writer.mark(self.affected)
        groups = [self._group(buckets) for buckets in self._groups()]
        whole = Share(
            plan=self.plan,
            program=program_of(self.plan),
            reliability=self.reliability,
            due=due_dates(self.session.lake),
            affected=self._limit(),
            buckets=self.session.lake.settings.buckets,
            ruled=self.ruled,
        )
        self._compute(whole, groups)
        for writer in self.writers:
            if self.full:
                writer.overwrite()
            elif not self.layered:
                writer.replace_buckets(self.buckets)
        base = self.session.snapshot.id
        self.session.commit(note={"from": base, "plan": self.digest, "full": self.full, "computed": self.computed})
        self.progress.end()

    def _compute(self, whole: Share, groups: Sequence[Group]) -> None:
        """Compute what an earlier run of the same build has not, and take everything over."""
        self.progress = self._progress(groups)
        self.progress.begin()
        there = [self.progress.done(piece) for piece in range(len(groups))]
        self.resumed = sum(note.rows for note in there if note is not None)
        missing = {piece: groups[piece] for piece, note in enumerate(there) if note is None}

        def heard(done: int) -> None:
            self.told(len(groups) - len(missing) + done, len(groups))

        RUN[self.engine](self.session, self.writers, whole, missing, self.progress, heard)
        for piece in range(len(groups)):
            note = self.progress.done(piece)
            if note is None:
                raise PieceLost(piece=piece + 1, pieces=len(groups))
            self.computed += note.rows
            for writer in self.writers:
                writer.take_over(note.staged[writer.table.address])

    def _groups(self) -> list[list[int]]:
        """Buckets that are computed together: a step costs the same for few rows as for many, memory bounds them."""
        rows = {**dict.fromkeys(self.buckets, 0), **self._rows(self.buckets)}
        if self.affected is not None:  # their share of the records, as far as can be known
            share = self.affected.num_rows / max(sum(file.rows for file in self.session.entries(PERSON)), 1)
            rows = {bucket: int(number * min(share, 1)) + 1 for bucket, number in rows.items()}
        each = sum(rows.values()) // self.session.lake.settings.threads
        limit = min(max(each, LEAST_ROWS), MOST_ROWS)
        groups: list[list[int]] = []
        filled = 0
        for bucket in self.buckets:
            if not groups or filled + rows[bucket] > limit:
                groups.append([])
                filled = 0
            groups[-1].append(bucket)
            filled += rows[bucket]
        return groups

    def _group(self, buckets: list[int]) -> Group:
        """Some buckets with all that is read for them."""
        adopted, moved = adoption.rows(self.session, self.plan, buckets), adoption.moved(self.session, buckets)
        only = "" if self.affected is None else CONCERNED
        relations = [
            ruling.gathered(self.session, self.ruled, source.dataset, rows, buckets, only)
            for source, rows in zip(self.plan.sources, self._relations(buckets), strict=True)
        ]
        return Group(relations, self._kept(buckets), adopted, moved)

    def _relations(self, buckets: list[int]) -> list[str]:
        """SQL of each source's live rows in some buckets that have to be looked at."""
        live, datasets = self.session.live, [source.dataset for source in self.plan.sources]
        if self.affected is None:
            return [live(dataset, buckets) for dataset in datasets]
        nobody = [bucket for bucket in buckets if bucket in self.unnumbered]
        return [
            f"(SELECT * FROM {live(dataset, buckets, only=CONCERNED)} "
            f"UNION ALL SELECT * FROM {live(dataset, nobody, only=NUMBERLESS)})"
            for dataset in datasets
        ]

    def _progress(self, groups: Sequence[Group]) -> Progress:
        """The notes of this build: of these rows, by these rules, written in this way."""
        people = self.affected
        concerned = "" if people is None else _digest(people.sort_by(PEOPLE))
        parts = [str(self.session.snapshot.id), self.digest, str(self.layered), concerned, *map(repr, groups)]
        parts += [str(part.tolist()) for part in self.ruled]
        name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
        return Progress(self.session.lake.store, STAGE, name)

    @cached_property
    def unnumbered(self) -> set[int]:
        """The buckets whose rows without a person are looked at: the changed ones, or all that are written as a whole."""
        if self.affected is None or not self.layered:
            return set(self.buckets)
        lacking = self.affected.filter(pc.is_null(self.affected.column("person_key")))
        return set(lacking.column("bucket").to_pylist())

    def _kept(self, buckets: list[int]) -> list[str]:
        """SQL of the present rows of each table in some buckets, where they have to be written again."""
        if self.full or self.layered:
            return []
        return [self.session.relation(table, buckets) for table in TABLES]

    def _limit(self) -> pa.Table | None:
        """The concerned people."""
        return (
            None
            if self.affected is None
            else self.affected.select(["person_key"]).filter(pc.is_valid(self.affected.column("person_key")))
        )


def _digest(rows: pa.Table) -> str:
    """A short name of some rows; their number may be large."""
    found = hashlib.sha256()
    for column in rows.columns:
        found.update(kernels.filled(column, -1).tobytes())
    return found.hexdigest()


def _unheard(_done: int, _pieces: int) -> None:
    return None


def in_threads(
    session: Session,
    writers: Sequence[Writer],
    whole: Share,
    groups: Mapping[int, Group],
    progress: Progress,
    heard: Callable[[int], None],
) -> None:
    """Compute the groups in threads of this process, each on a connection of its own."""
    threads = min(session.lake.settings.threads, max(len(groups), 1))
    connections = SimpleQueue[duckdb.DuckDBPyConnection]()
    for _ in range(threads):
        connections.put(session.connection.cursor())

    def compute(piece: int) -> None:
        connection = connections.get()
        try:
            own = [writer.another() for writer in writers]
            finish(replace(whole, groups=[groups[piece]]), piece, connection, own, progress)
        finally:
            connections.put(connection)

    with ThreadPoolExecutor(threads) as pool:
        try:
            for done, _ in enumerate(pool.map(compute, groups), 1):
                heard(done)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


def on_cluster(
    session: Session,
    writers: Sequence[Writer],
    whole: Share,
    groups: Mapping[int, Group],
    progress: Progress,
    heard: Callable[[int], None],
) -> None:
    """Compute each group as a piece of work of the cluster, which notes what it staged."""
    tables = {writer.table.address: (writer.stored, writer.layer) for writer in writers}
    names = {name.strip('"'): name for name in session.later.values()}
    later = {name: session.connection.sql(f"FROM {quoted}").to_arrow_table() for name, quoted in names.items()}
    settings = session.lake.settings
    sent = without_secrets(settings)
    errands = [
        Errand(replace(whole, groups=[group]), piece, (progress.stage, progress.name), sent, tables, later)
        for piece, group in groups.items()
    ]
    if errands:
        spread(settings, run_errand, errands)
    heard(len(groups))


RUN = {"duckdb": in_threads, "spark": on_cluster}
"""Where the groups are computed; what they give is the same."""


def believed(lake: Lake) -> list[dict[str, Any]]:
    """How far each source is believed, where it has stated something: one row an item, stratum and source.

    `copies` are the shares of its errors that are another's. NotBuilt before the first build.
    """
    with lake.session(STAGE) as session:
        if not session.exists(RELIABILITY):
            raise NotBuilt()
        rows = session.connection.sql(f"FROM {session.relation(RELIABILITY)}").to_arrow_table()
    known = from_table(rows)
    return [
        {
            "item": item,
            "first": judges.datasets[first],
            "dataset": dataset,
            "right": trusted.right[place],
            "claims": trusted.claims[place],
            "copies": {judges.datasets[o]: share for o, share in enumerate(trusted.copied[place]) if share},
        }
        for item, judges in known.items.items()
        for first, trusted in enumerate(judges.strata)
        for place, dataset in enumerate(judges.datasets)
        if trusted.claims[place]
    ]


def due_day(at: dt.datetime) -> dt.date:
    """The last day of an answer to what was found at a time."""
    return (ANSWER.after(at) - dt.timedelta(seconds=1)).astimezone(CHINA).date()


def due_dates(lake: Lake) -> pa.Table:
    """Per batch the day when its sender's answer is due, counted from the day it was collected; per merge from its decision."""
    days: dict[int, dt.date] = {}
    for snapshot in lake.history():
        if snapshot.stage == "collect" and snapshot.document is not None and snapshot.at is not None:
            days.setdefault(snapshot.document, due_day(snapshot.at))
    for document in merge.standing(lake.ledger).values():
        days[document.id] = due_day(document.at)
    return pa.table({"due_batch": pa.array(days.keys(), pa.int64()), "due_on": pa.array(days.values(), pa.date32())})


def report(lake: Lake, job: Job, seconds: float) -> BuildReport:
    """Count the base as it stands now."""
    with lake.session(STAGE) as session:
        outcomes = _counts(session, STATEMENT, "outcome")
        errors = _counts(session, DISCREPANCY, "code")
        people = session.count(PERSON)
        records = sum(outcomes.values())
        attached = outcomes.get(ATTACHED, 0)
        number = session.snapshot.id
    counts = (records, people, attached, records - attached, dict(sorted(errors.items())))
    found = outcomes.get(LINKED, 0)
    return BuildReport(
        *counts, round(seconds, 3), job.full, len(job.buckets), job.computed, number, job.reason, found, job.resumed
    )


def _counts(session: Session, table: str, column: str) -> dict[str, int]:
    """Rows per value of a column."""
    query = f"SELECT {column}, count(*) FROM {session.relation(table)} GROUP BY 1"
    return {str(value): int(count) for value, count in session.connection.execute(query).fetchall()}
