"""The base in figures: coverage, completeness, agreement of the sources, errors and their trend. Counts, never a person.

Computed over groups of buckets, whose counts add up because a person lies in one bucket: memory does not grow with the base.
A purpose that owes aggregates only (statistics) gets every item counted, and no cell from which fewer than MINIMUM people or
records could be told, nor one from which such a cell could be worked out. Other purposes get the items they may see.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import pyarrow as pa
from duckdb.func import ARROW

from quanmin import flow, standards, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, Reading
from quanmin.lake.gate import PERSON as KEY
from quanmin.lake.session import Session
from quanmin.ledger.workflow import CHINA
from quanmin.population.find import AGGREGATE_ONLY
from quanmin.population.inquiry import reading_of
from quanmin.population.plan import Plan, Source, plan_of
from quanmin.population.tables import ATTACHED, DISCREPANCY, LINKED, PERSON, RULING, STATEMENT
from quanmin.standards import kernels
from quanmin.text import Text

MINIMUM = 10
"""A cell of fewer people or records than this is not published, as most statistical offices have it."""
GROUP_ROWS = 4_000_000
"""Records that are counted at once."""

Part = Literal["coverage", "completeness", "agreement", "errors", "trend"]
PARTS: tuple[Part, ...] = get_args(Part)

TITLES: dict[Part, Text] = {
    "coverage": Text("各来源覆盖", "coverage by source"),
    "completeness": Text("各项完整率", "completeness by item"),
    "agreement": Text("来源两两一致率", "agreement by pair of sources and item"),
    "errors": Text("各来源错误", "errors by source and code"),
    "trend": Text("错误趋势", "trend of errors by day of the batch"),
}

_TEXT, _COUNT, _SHARE, _FLAG = pa.string(), pa.int64(), pa.float64(), pa.bool_()

SCHEMAS: dict[Part, pa.Schema] = {
    "coverage": pa.schema(
        {"dataset": _TEXT, "records": _COUNT, "attached": _COUNT, "attached_share": _SHARE}
        | {"base": _COUNT, "people": _COUNT, "people_share": _SHARE, "suppressed": _FLAG}
    ),
    "completeness": pa.schema(
        {"item": _TEXT, "people": _COUNT, "filled": _COUNT, "filled_share": _SHARE, "suppressed": _FLAG}
    ),
    "agreement": pa.schema(
        {"item": _TEXT, "first": _TEXT, "second": _TEXT, "both": _COUNT, "agree": _COUNT, "agree_share": _SHARE}
        | {"suppressed": _FLAG}
    ),
    "errors": pa.schema(
        {"dataset": _TEXT, "source": _TEXT, "code": _TEXT, "records": _COUNT, "errors": _COUNT, "errors_share": _SHARE}
        | {"suppressed": _FLAG}
    ),
    "trend": pa.schema(
        {"day": pa.date32(), "dataset": _TEXT, "source": _TEXT, "code": _TEXT, "records": _COUNT, "errors": _COUNT}
        | {"errors_share": _SHARE, "suppressed": _FLAG}
    ),
}
"""The tables. `base` are the people of the base; a share is of the count before its own; what is suppressed is null."""

_TOLD: dict[Part, dict[str, str | None]] = {
    "coverage": {"attached": "records", "people": "base"},
    "completeness": {"filled": "people"},
    "agreement": {"both": None, "agree": "both"},
    "errors": {"errors": "records"},
    "trend": {"errors": "records"},
}
"""What each table tells: a count, and the count that it is a part of."""

_SUMMED: dict[Part, tuple[str, ...]] = {"errors": ("dataset",), "trend": ("dataset", "source", "code")}
"""The rows whose counts add up to something that another table tells."""

Row = dict[str, Any]
Counts = dict[tuple[Any, ...], list[int]]


@dataclass(frozen=True)
class Statistics:
    """The tables asked for, as Arrow; `minimum` is the smallest count that is told (0: every one)."""

    snapshot: int
    purpose: str
    minimum: int
    tables: dict[Part, pa.Table] = field(default_factory=dict)

    def __getitem__(self, part: Part) -> pa.Table:
        return self.tables[part]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        head = {"snapshot": self.snapshot, "purpose": self.purpose, "minimum": self.minimum}
        return head | {part: table.to_pylist() for part, table in self.tables.items()}


def statistics(lake: Lake, decision: trust.Decision, parts: Iterable[Part] = PARTS) -> Statistics:
    """The tables of `parts`. The decision is one on the columns of `linked.person`.

    Raises NotReadable for a purpose that owes an answer only, NotBuilt.
    """
    reading = reading_of(lake, decision)
    return Figures(reading.lake, reading.decision, reading.snapshot).told(tuple(dict.fromkeys(parts)))


class Figures(Reading):
    """A read that counts the base where it lies, and gives counts only."""

    def told(self, parts: Sequence[Part]) -> Statistics:
        """The tables; one line in the audit."""
        if ANSWER_ONLY in self.decision.obligations:
            raise NotReadable(columns=", ".join(column.name for column in self.columns))
        self.whole()
        publishing = AGGREGATE_ONLY in self.decision.obligations
        minimum = MINIMUM if publishing else 0
        rows: dict[Part, list[Row]] = {}
        try:
            plan = plan_of(standards.catalogue())
            reads = (PERSON, STATEMENT, DISCREPANCY, RULING, *(f"clean.{source.dataset}" for source in plan.sources))
            stage = flow.Stage("gate", Text("受控读取", "a gated read"), reads=reads, writes=())
            with Session(self.lake, stage, snapshot=self.snapshot) as session:
                plan = plan.limited([s.dataset for s in plan.sources if session.exists(f"clean.{s.dataset}")])
                items = [i.id for i in standards.catalogue().items if publishing or self._shows(i.id)]
                made = Counting(session, plan, items, days_of(self.lake, self.snapshot.id))
                needed = {*parts, *(("errors",) if "trend" in parts else ())}
                rows = {part: made.counted(part) for part in PARTS if part in needed}
            if minimum:
                suppress(rows, minimum)
            tables = {part: pa.Table.from_pylist(rows[part], SCHEMAS[part]) for part in parts}
            return Statistics(self.snapshot.id, self.decision.purpose, minimum, tables)
        finally:
            self._audit(sum(map(len, rows.values())))

    def _shows(self, item: str) -> bool:
        return self.decision.outcome(item) != "withheld"


class Counting:
    """Counts in one session, group by group; `days` has the day on which each batch was collected."""

    def __init__(self, session: Session, plan: Plan, items: Sequence[str], days: Mapping[int, dt.date]) -> None:
        self.session, self.plan, self.items = session, plan, items
        self.groups = list(_groups(session))
        collected = pa.table({"batch": pa.array(days.keys(), pa.int64()), "day": pa.array(days.values(), pa.date32())})
        session.connection.register("days", collected)
        self.people = session.count(PERSON)

    def counted(self, part: Part) -> list[Row]:
        """The rows of a table, before anything is suppressed."""
        match part:
            case "coverage":
                return self.coverage()
            case "completeness":
                return self.completeness()
            case "agreement":
                return self.agreement()
            case "errors":
                return self.errors()
            case "trend":
                return self.trend()

    def coverage(self) -> list[Row]:
        """Records, attached records and covered people of each source."""
        attached = f"FILTER ({_SPEAKS})"
        found = self._summed(
            f"SELECT dataset, count(*), count(*) {attached}, count(DISTINCT {KEY}) {attached} FROM {{{STATEMENT}}} GROUP BY 1",
            keys=1,
        )
        return [
            _row("coverage", *key, records, attached, self.people, people)
            for key, (records, attached, people) in sorted(found.items())
        ]

    def completeness(self) -> list[Row]:
        """In how many golden records each item is filled."""
        if not self.items:
            return []
        columns = ", ".join(f'count("{item}")' for item in self.items)
        filled = self._summed(f"SELECT {columns} FROM {{{PERSON}}}", keys=0).get((), [0] * len(self.items))
        return [_row("completeness", item, self.people, count) for item, count in zip(self.items, filled, strict=True)]

    def errors(self) -> list[Row]:
        """Records with an error, by source and code, against all records of the dataset."""
        records = self._summed(f"SELECT dataset, count(*) FROM {{{STATEMENT}}} GROUP BY 1", keys=1)
        found = self._summed(
            f"SELECT dataset, _source, code, {_RECORDS} FROM {{{DISCREPANCY}}} GROUP BY 1, 2, 3", keys=3
        )
        return [_row("errors", *key, records[key[:1]][0], count) for key, [count] in sorted(found.items())]

    def trend(self) -> list[Row]:
        """The same by the day on which the batch was collected; a day without errors of a kind has a row with 0."""
        days = "JOIN days ON days.batch = _batch"
        records = self._summed(f"SELECT day, dataset, count(*) FROM {{{STATEMENT}}} {days} GROUP BY 1, 2", keys=2)
        query = f"SELECT day, dataset, _source, code, {_RECORDS} FROM {{{DISCREPANCY}}} {days} GROUP BY 1, 2, 3, 4"
        found = self._summed(query, keys=4)
        for dataset, source, code in {key[1:] for key in found}:
            for day, other in records:
                if other == dataset:
                    found.setdefault((day, dataset, source, code), [0])
        return [_row("trend", *key, records[key[:2]][0], count) for key, [count] in sorted(found.items())]

    def agreement(self) -> list[Row]:
        """For each pair of sources and item: people for whom both state it, and for whom they state the same."""
        items = [fact.item for fact in self.plan.stated if fact.item in self.items]
        if not items:
            return []
        self.session.connection.create_function(
            _NORMALISED, kernels.normalise_names, ["VARCHAR"], "VARCHAR", type=ARROW
        )
        stated = " UNION ALL ".join(
            f"({latest(source, number, items)})" for number, source in enumerate(self.plan.sources)
        )
        counts = ", ".join(
            f"count(*) FILTER (a.{i} IS NOT NULL AND b.{i} IS NOT NULL), count(*) FILTER (a.{i} = b.{i})" for i in items
        )
        found = self._summed(
            f"WITH stated AS MATERIALIZED ({stated}) SELECT a.place, b.place, {counts} "
            f"FROM stated AS a JOIN stated AS b ON a.{KEY} = b.{KEY} AND a.place < b.place GROUP BY 1, 2",
            keys=2,
        )
        rows = []
        for place, item in enumerate(items):
            for (first, second), numbers in sorted(found.items()):
                both, agree = numbers[2 * place : 2 * place + 2]
                if both:
                    pair = (self.plan.sources[first].dataset, self.plan.sources[second].dataset)
                    rows.append(_row("agreement", item, *pair, both, agree))
        return rows

    def _summed(self, query: str, keys: int) -> Counts:
        """A query run on each group of buckets; its first `keys` columns name the counts that follow, which are added up.

        `{table}` stands for the rows of a table of the base, `{live dataset}` for the live rows of a dataset.
        """
        found: Counts = {}
        for buckets in self.groups:
            for row in self.session.connection.execute(self._asked(query, buckets)).fetchall():
                before = found.setdefault(row[:keys], [0] * (len(row) - keys))
                found[row[:keys]] = [a + b for a, b in zip(before, row[keys:], strict=True)]
        return found

    def _asked(self, query: str, buckets: Sequence[int]) -> str:
        return _FIELD.sub(lambda field: self._relation(field.group(1), buckets), query)

    def _relation(self, field: str, buckets: Sequence[int]) -> str:
        if field.startswith(_LIVE):
            return self._spoken(field.removeprefix(_LIVE), buckets)
        return self.session.relation(field, buckets)

    def _spoken(self, dataset: str, buckets: Sequence[int]) -> str:
        """The live rows of some buckets, and those from elsewhere that speak of people here."""
        live = self.session.live(dataset, buckets)
        if dataset not in self.strays:
            return live
        here = f"SELECT * EXCLUDE (person_bucket) FROM {_stray(dataset)} WHERE person_bucket IN ({_listed(buckets)})"
        return f"(SELECT * FROM {live} UNION ALL BY NAME {here})"

    @cached_property
    def strays(self) -> set[str]:
        """The datasets with rows that may lie in another bucket than the person of whom they speak; makes a table of each.

        Linkage attached them, or they state a number that was given up. A row may be there twice: only the latest word counts.
        """
        session, connection = self.session, self.session.connection
        led = f"{KEY} IN (SELECT surviving FROM {session.relation(RULING)})" if session.exists(RULING) else "false"
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE strays AS SELECT dataset, _batch, _row, bucket AS person_bucket "
            f"FROM {session.relation(STATEMENT)} WHERE outcome = '{LINKED}' OR (outcome = '{ATTACHED}' AND {led})"
        )
        found = {str(name) for (name,) in connection.execute("SELECT DISTINCT dataset FROM strays").fetchall()}
        known = {source.dataset for source in self.plan.sources}
        for dataset in found & known:
            connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {_stray(dataset)} AS "
                f"SELECT c.*, s.person_bucket FROM {session.live(dataset)} AS c "
                f"JOIN (SELECT * FROM strays WHERE dataset = '{dataset}') AS s ON s._batch = c._batch AND s._row = c._row"
            )
        return found & known


_SPEAKS = f"outcome IN ('{ATTACHED}', '{LINKED}')"
"""Whether a record is a person's: by its number, or as linkage found."""
_RECORDS = "count(DISTINCT (_batch, _row))"
_NORMALISED = "normalised_name"
_LIVE = "live "
_FIELD = re.compile(r"\{([a-z_. ]+)\}")


def _stray(dataset: str) -> str:
    return f'"stray {dataset}"'


def _listed(buckets: Iterable[int]) -> str:
    return ", ".join(map(str, buckets))


def latest(source: Source, number: int, items: Sequence[str]) -> str:
    """SQL of the latest word of a source about each person it is attached to: its place in the plan, a hash per item.

    What the row itself says is over is nothing, and a row that tells of something over stands behind all others: as a build
    has it.
    """
    event = f'c."{source.event}"::DATE' if source.event else "NULL::DATE"
    over = {
        item: f'(c."{end}" IS NOT NULL AND ({event} IS NULL OR c."{end}" <= {event}))'
        for item, end in source.ended.items()
    }
    hashes = []
    for item in items:
        element = source.values.get(item)
        value = f'c."{element}"' if element else "NULL::VARCHAR"
        value = f"{_NORMALISED}({value})" if item == "name" and element else value
        value = f"CASE WHEN NOT {over[item]} THEN {value} END" if item in over and element else value
        hashes.append(f"CASE WHEN {value} IS NOT NULL THEN hash({value}::VARCHAR) END AS {item}")
    behind = (
        " OR ".join(f'({test} AND c."{source.values[item]}" IS NOT NULL)' for item, test in over.items()) or "false"
    )
    order = f"({behind}), {event} DESC NULLS LAST, c._batch DESC, c._row DESC"
    spoken = f"SELECT _batch, _row, {KEY} FROM {{{STATEMENT}}} WHERE dataset = '{source.dataset}' AND {_SPEAKS}"
    return (
        f"SELECT s.{KEY}, {number} AS place, {', '.join(hashes)} FROM {{{_LIVE}{source.dataset}}} AS c "
        f"JOIN ({spoken}) AS s USING (_batch, _row) "
        f"QUALIFY row_number() OVER (PARTITION BY s.{KEY} ORDER BY {order}) = 1"
    )


def suppress(rows: Mapping[Part, list[Row]], minimum: int) -> None:
    """Hide every cell that tells of fewer than `minimum`, and those from which such a cell could be worked out.

    A count and its whole tell the rest too, so that a small rest hides as well. Where one row of a group whose sum is told
    elsewhere is hidden alone, the smallest other one is hidden with it, and what adds up to a hidden one is hidden too.
    """
    for part, found in rows.items():
        groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
        for row in found:
            if any(_telling(row, told, whole, minimum) for told, whole in _TOLD[part].items()):
                _hide(row, part)
            for whole in _TOLD[part].values():
                if whole is not None and _small(row[whole], minimum):
                    row[whole] = None
            groups[tuple(row[name] for name in _SUMMED.get(part, ()))].append(row)
        for group in groups.values() if part in _SUMMED else ():
            _complement(group, part)
    hidden = [_kind(row) for row in rows.get("errors", ()) if row["suppressed"]]
    for row in rows.get("trend", ()):
        if _kind(row) in hidden:
            _hide(row, "trend")


def _small(count: int | None, minimum: int) -> bool:
    return count is not None and 0 < count < minimum


def _telling(row: Row, told: str, whole: str | None, minimum: int) -> bool:
    """Whether a count, its whole or the rest is small."""
    parts = (row[told],) if whole is None else (row[told], row[whole], row[whole] - row[told])
    return any(_small(count, minimum) for count in parts)


def _hide(row: Row, part: Part) -> None:
    row["suppressed"] = True
    for told in _TOLD[part]:
        row[told] = None
        if f"{told}_share" in row:
            row[f"{told}_share"] = None


def _complement(group: list[Row], part: Part) -> None:
    """Hide a second row of a group that has one hidden row."""
    [told] = _TOLD[part]
    others = [row for row in group if not row["suppressed"] and row[told]]
    if sum(row["suppressed"] for row in group) == 1 and others:
        _hide(min(others, key=lambda row: int(row[told])), part)


def _kind(row: Row) -> tuple[str, str, str]:
    return row["dataset"], row["source"], row["code"]


def _row(part: Part, *values: Any) -> Row:
    """A row of a table from its names and counts; shares are worked out."""
    names = [name for name in SCHEMAS[part].names if not name.endswith("_share") and name != "suppressed"]
    row: Row = {**dict(zip(names, values, strict=True)), "suppressed": False}
    for told, whole in _TOLD[part].items():
        if whole is not None:
            row[f"{told}_share"] = row[told] / row[whole] if row[whole] else None
    return row


def _groups(session: Session) -> Iterator[list[int]]:
    """Buckets that are counted together."""
    rows: dict[int | None, int] = defaultdict(int)
    for table in (STATEMENT, PERSON):
        for file in session.entries(table):
            rows[file.bucket] += file.rows
    group, filled = list[int](), 0
    for bucket in sorted(bucket for bucket in rows if bucket is not None):
        if group and filled + rows[bucket] > GROUP_ROWS:
            yield group
            group, filled = [], 0
        group.append(bucket)
        filled += rows[bucket]
    yield group


def days_of(lake: Lake, until: int | None = None) -> dict[int, dt.date]:
    """The day on which each batch was collected, up to a snapshot."""
    found: dict[int, dt.date] = {}
    for one in lake.history():
        if until is not None and one.id > until:
            break
        if one.stage == "collect" and one.document is not None and one.at is not None:
            found.setdefault(one.document, one.at.astimezone(CHINA).date())
    return found
