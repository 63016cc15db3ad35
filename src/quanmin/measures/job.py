"""A computation of figures: which indicators and periods, in as few passes over the tables as can be, one commit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

from quanmin import standards
from quanmin.lake import Lake
from quanmin.lake.cluster import EngineName
from quanmin.lake.engine import literal
from quanmin.lake.session import Session
from quanmin.measures.cell import Pass
from quanmin.measures.change import STAGE, Difference, Last, last_computed, note
from quanmin.measures.errors import UnknownIndicator
from quanmin.measures.figure import FIGURE, SCHEMA, computed
from quanmin.measures.period import Period, parse_period
from quanmin.measures.place import Places
from quanmin.measures.roll import Roll, told_apart
from quanmin.measures.source import cells_of
from quanmin.standards import Catalogue
from quanmin.standards.indicator import Indicator
from quanmin.version import __version__

ROWS = 1_000_000
"""Figures that are in memory at once."""


@dataclass(frozen=True)
class Report:
    """What a computation did: `computed` indicators got `figures` in so many `periods`; the `unchanged` ones were left.

    `missing` are indicators whose tables are not there yet, with these tables. `snapshot` holds the figures, `sources` is the
    one they were computed from.
    """

    computed: tuple[str, ...]
    unchanged: tuple[str, ...]
    missing: dict[str, tuple[str, ...]]
    figures: int
    periods: int
    seconds: float
    snapshot: int
    sources: int

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return asdict(self)


@dataclass
class Task:
    """The indicators to compute, each with its periods (None: all), and what is known of the others."""

    needed: dict[str, set[str] | None] = field(default_factory=dict)
    unchanged: list[str] = field(default_factory=list)
    missing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


def compute(
    lake: Lake,
    indicators: Iterable[str] | None = None,
    full: bool = False,
    engine: EngineName = "duckdb",
    catalogue: Catalogue | None = None,
) -> Report:
    """Compute the figures of some indicators, or of all: only what changed since they were computed last, unless `full`.

    `engine` says where the tables are counted: in this process, or on the cluster of `QUANMIN_SPARK`. Raises UnknownIndicator,
    and what the lake raises.
    """
    began = time.perf_counter()
    with lake.session(STAGE) as session:
        job = Job(session, catalogue or standards.catalogue(), engine)
        return job.run(indicators, full, began)


class Job:
    """One computation in one session."""

    def __init__(self, session: Session, catalogue: Catalogue, engine: EngineName = "duckdb") -> None:
        self.session, self.catalogue, self.engine = session, catalogue, engine
        self.measures = catalogue.indicators
        self.writer = session.writer(FIGURE, SCHEMA, "bucket")
        self.base = session.snapshot
        self.state = last_computed(session)
        self.now = datetime.now(UTC).replace(tzinfo=None)
        self.written: dict[str, set[str]] = {}
        self.computed_rows = 0

    def run(self, indicators: Iterable[str] | None, full: bool, began: float) -> Report:
        """Compute what is to be computed, and commit."""
        wanted = self._wanted(indicators)
        task = self.task(wanted, full, everything=indicators is None)
        found = [self.measures.indicators[name] for name in task.needed]
        if found:
            self._compute(found, task)
        if found or task.gone:
            self._replace(task)
        before = dict(self.state)
        for name in task.gone:
            self.state.pop(name, None)
        for name in (*task.needed, *task.unchanged):
            self.state[name] = Last(self.definition(name), self.base.id)
        snapshot = self.base
        if self.writer.changes or self._moved(before):
            snapshot = self.session.commit(note=note(self.state, self.base))
        labels = {label for one in self.written.values() for label in one}
        return Report(
            computed=tuple(one.id for one in found),
            unchanged=tuple(task.unchanged),
            missing=task.missing,
            figures=self.computed_rows,
            periods=len(labels),
            seconds=time.perf_counter() - began,
            snapshot=snapshot.id,
            sources=self.base.id,
        )

    def _moved(self, before: Mapping[str, Last]) -> bool:
        """Whether the next computation would have to look at changes that this one has seen."""
        if before.keys() != self.state.keys():
            return True
        earlier = {one.sources for name, one in before.items() if one != self.state[name]}
        seen = [self.session.lake.snapshot(number).tables for number in sorted(earlier)]
        return any(old.get(table) != self.base.tables.get(table) for old in seen for table in self.measures.tables)

    def _wanted(self, indicators: Iterable[str] | None) -> list[Indicator]:
        known = self.measures.indicators
        names = list(known) if indicators is None else list(dict.fromkeys(indicators))
        for name in names:
            if name not in known:
                raise UnknownIndicator(indicator=name)
        return [known[name] for name in names]

    @cached_property
    def _around(self) -> str:
        """A digest of what every figure rests on beside its definition: the divisions, and this program."""
        rows = repr(self.catalogue.regions.rows) + __version__
        return hashlib.sha256(rows.encode()).hexdigest()[:16]

    def definition(self, indicator: str) -> str:
        """The digest of all that defines the figures of an indicator."""
        return hashlib.sha256((self.measures.digest(indicator) + self._around).encode()).hexdigest()[:16]

    def task(self, wanted: Sequence[Indicator], full: bool, everything: bool) -> Task:
        """What there is to do."""
        task = Task()
        difference = Difference(self.session, self.catalogue)
        for one in wanted:
            tables = dict.fromkeys(self.measures.measures[part].table for part in self.measures.needed(one))
            absent = tuple(table for table in tables if not self.session.exists(table))
            last = self.state.get(one.id)
            if absent:
                task.missing[one.id] = absent
            elif full or last is None or last.definition != self.definition(one.id):
                task.needed[one.id] = None
            else:
                periods = difference.periods(one, last)
                if periods is None or periods:
                    task.needed[one.id] = periods
                else:
                    task.unchanged.append(one.id)
        if everything:
            task.gone = [name for name in self.state if name not in self.measures.indicators or name in task.missing]
        return task

    def _compute(self, found: Sequence[Indicator], task: Task) -> None:
        """Count, roll up, and write the figures."""
        roll = Roll(self.session.connection, self.measures, found, self._places)
        self.written = roll.count(self._cells, {one.id: task.needed[one.id] for one in found})
        for one in found:
            for kept in told_apart(one):
                self._write(roll, one, roll.figures(one, kept, self.written[one.id]))

    def _cells(self, made: Pass, months: Collection[int] | None, periods: Sequence[Period]) -> str:
        return cells_of(self.session, self.catalogue, made, months, periods, self.engine)

    @cached_property
    def _places(self) -> Places:
        return Places(self.catalogue.regions)

    def _write(self, roll: Roll, indicator: Indicator, query: str) -> None:
        """Compute the figures that a query gives the sides of, and stage them."""
        reader = self.session.connection.sql(f"{query} ORDER BY ALL").to_arrow_reader(ROWS)
        for batch in reader:
            rows = pa.table(batch)
            if rows.num_rows:
                self.computed_rows += rows.num_rows
                self.writer.write(self._figures(indicator, roll.periods, rows))

    def _figures(self, indicator: Indicator, periods: Mapping[str, Period], rows: pa.Table) -> pa.Table:
        """Rows of the table of figures."""
        above, below = _floats(rows, "above"), _floats(rows, "below")
        made = computed(indicator, above, below, rows.column("moved").to_numpy().astype(bool))
        labels = rows.column("period").combine_chunks().dictionary_encode()
        told = [periods[label] for label in labels.dictionary.to_pylist()]
        days = {
            "period_start": [one.start for one in told],
            "period_end": [one.end for one in told],
            "settles_on": [one.end + timedelta(days=indicator.settles) for one in told],
        }
        columns: dict[str, Any] = {name: rows.column(name) for name in ("bucket", "level", "region", "categories")}
        columns |= {name: pa.array(values, pa.date32()).take(labels.indices) for name, values in days.items()}
        columns["period"] = labels
        columns["period_kind"] = pa.array([one.kind for one in told]).take(labels.indices)
        columns["numerator"] = pa.array(above)
        columns["denominator"] = pa.array(below, from_pandas=True)
        for name in ("value", "lower", "upper"):
            columns[name] = pa.array(getattr(made, name), from_pandas=True)
        columns["marks"] = pa.array(made.marks, pa.string())
        words = {"indicator": indicator.id, "version": indicator.version, "definition": self.definition(indicator.id)}
        for name, value in (words | {"sources": self.base.id, "computed_at": self.now}).items():
            columns[name] = pa.repeat(pa.scalar(value, SCHEMA.field(name).type), rows.num_rows)
        return pa.table({field.name: columns[field.name] for field in SCHEMA}).cast(SCHEMA)

    def _replace(self, task: Task) -> None:
        """Put the new figures in place of the old ones of the same indicators and periods; the others stay."""
        buckets = {one.bucket for label in _labels(task, self.written) if (one := parse_period(label)) is not None}
        if self.session.exists(FIGURE) and self.base.tables.get(FIGURE) is not None:
            whole = [name for name, periods in task.needed.items() if periods is None] + task.gone
            part = {name: periods for name, periods in task.needed.items() if periods is not None}
            buckets |= self._buckets_of(whole)
            kept = self._kept(whole, part, sorted(buckets))
            for batch in kept:
                self.writer.write(pa.table(batch).cast(SCHEMA))
        self.writer.replace_buckets(buckets)

    def _buckets_of(self, names: Collection[str]) -> set[int]:
        """The buckets in which some indicators have figures."""
        listed = ", ".join(map(literal, names)) or "NULL"
        query = f"SELECT DISTINCT bucket FROM {self.session.relation(FIGURE)} WHERE indicator IN ({listed})"
        return {int(bucket) for (bucket,) in self.session.connection.execute(query).fetchall()}

    def _kept(self, whole: Collection[str], part: Mapping[str, Collection[str]], buckets: Collection[int]) -> Any:
        """The rows of some buckets that stay as they are."""
        rows = [(name, label) for name, labels in part.items() for label in labels]
        replaced = pa.table(
            {"indicator": [name for name, _ in rows], "period": [label for _, label in rows]},
            schema=pa.schema([("indicator", pa.string()), ("period", pa.string())]),
        )
        self.session.connection.register("replaced", replaced)
        listed = ", ".join(map(literal, whole)) or "''"
        names = ", ".join(f"f.{name}" for name in SCHEMA.names)
        query = (
            f"SELECT {names} FROM {self.session.relation(FIGURE, buckets)} AS f "
            "ANTI JOIN replaced AS r ON r.indicator = f.indicator AND r.period = f.period "
            f"WHERE f.indicator NOT IN ({listed})"
        )
        return self.session.connection.sql(query).to_arrow_reader(ROWS)


def _floats(rows: pa.Table, name: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A column of numbers, nan where there is none."""
    found: np.ndarray[Any, np.dtype[np.float64]] = rows.column(name).to_numpy().astype(np.float64)
    return found


def _labels(task: Task, written: Mapping[str, Collection[str]]) -> set[str]:
    """The periods that are written, and those that are emptied."""
    found = {label for labels in written.values() for label in labels}
    return found | {label for labels in task.needed.values() for label in labels or ()}
