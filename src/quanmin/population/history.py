"""What happened to a person's record: every change of the golden record, and every record that ever spoke of the person.

Read from the base's own past: each build is a snapshot, and files that a build did not touch need not be read again. One
bucket of each version is looked at. Values are shown as the decision says; changes are found before they are masked, so that
it is told that a hidden value changed. Versions whose files vacuum removed are told as gone, never guessed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import Any, NamedTuple, cast

import pyarrow as pa

from quanmin import flow, standards, trust
from quanmin.lake import Lake, layer
from quanmin.lake.errors import NotReadable
from quanmin.lake.gate import ANSWER_ONLY, Reading
from quanmin.lake.gate import PERSON as KEY
from quanmin.lake.session import Session
from quanmin.ledger import Snapshot
from quanmin.ledger.errors import UnknownDocument
from quanmin.ledger.workflow import CHINA
from quanmin.population.errors import UnknownNumber
from quanmin.population.find import AGGREGATE_ONLY
from quanmin.population.identifiers import outcome_title
from quanmin.population.inquiry import ASPECTS, key_of, reading_of
from quanmin.population.review import journal, lead, merge
from quanmin.population.tables import DISCREPANCY, PERSON, STATEMENT
from quanmin.standards import kernels
from quanmin.text import Text

EVENTS: dict[str, Text] = {
    "entered": Text("入库", "entered"),
    "changed": Text("变更", "changed"),
    "left": Text("出库", "left"),
    "gone": Text("该版本的文件已被清理", "the files of this version were cleaned up"),
}
STATES: dict[str, Text] = {
    "live": Text("有效", "live"),
    "superseded": Text("已被后来的报送更正", "corrected by a later record"),
    "withdrawn": Text("批次已撤回", "the batch was withdrawn"),
    "moved": Text("关联或合并有变，已不归此号", "a link or a merge changed: it is no longer found under this number"),
}
_NUMBER = "citizen_number"
Row = Mapping[str, Any]


class Version(NamedTuple):
    """The rows of a table about one person from a snapshot on; None where the files are gone."""

    snapshot: Snapshot
    rows: list[Row] | None


def history(lake: Lake, decision: trust.Decision, number: str) -> dict[str, Any]:
    """`person`, `changes` of the golden record, `records` that spoke of the person and `reviews`, oldest first.

    A number that was merged leads to the person who survives: `merged` says so, `numbers` are the person's others, and
    `before` holds the history of each of them.
    The decision is one on the columns of `linked.person` that may ask for a person. Raises UnusableNumber, UnknownNumber
    (never in the base, and no record either), NotReadable, NotBuilt.
    """
    key = key_of(number)
    survivor = lead.of(lake, key)
    reading = reading_of(lake, decision)
    past = Past(reading.lake, reading.decision, reading.snapshot)

    numbers = (survivor, *lead.others(lake, survivor))

    def told(one: int) -> dict[str, Any]:
        reviews = journal.changes(lake, one)
        related = {*numbers, *merge.concerned(lake, reviews)}
        return {**cast(Past, past.where(person_key=one)).told(sorted(related)), "reviews": reviews}

    found = {**told(survivor), **lead.told(lake, decision, key)}
    before = list[dict[str, Any]]()
    for one in numbers[1:]:
        with suppress(UnknownNumber):  # a number that the base never had a row for
            before.append(told(one))
    return {**found, "before": before} if before else found


class Past(Reading):
    """A read of one person through the snapshots."""

    def told(self, related: Sequence[int] = ()) -> dict[str, Any]:
        """The whole history; one line in the audit. `related` are numbers under which a record may be found by now."""
        owed = {ANSWER_ONLY, AGGREGATE_ONLY} & set(self.decision.obligations)
        if owed:
            raise NotReadable(columns=_NUMBER)
        rows = 0
        reads = (PERSON, STATEMENT, DISCREPANCY)
        stage = flow.Stage("gate", Text("受控读取", "a gated read"), reads=reads, writes=())
        try:
            if not all(self.admits(key) for name, keys in self.conditions if name == KEY for key in keys):
                raise UnknownNumber()
            with Session(self.lake, stage, snapshot=self.snapshot) as session:
                golden = list(self._versions(session, PERSON))
                records = self._records(session, related)
            rows = sum(len(version.rows or ()) for version in golden) + len(records)
            if not rows:
                raise UnknownNumber()
            return {"person": self._number(golden), "changes": list(self._changes(golden)), "records": records}
        finally:
            self._audit(rows)

    # Versions

    @cached_property
    def _past(self) -> list[Snapshot]:
        """All snapshots up to the one that is read."""
        return [one for one in self.lake.history() if one.id <= self.snapshot.id]

    def _versions(self, session: Session, table: str) -> Iterator[Version]:
        """The person's rows in each version of a table whose bucket was written anew."""
        delta, before, version = self.lake.table(table), None, None
        for snapshot in self._past:
            now = snapshot.tables.get(table)
            if now is None or now == version:
                continue
            version = now
            wanted = self._buckets(session)
            files = [file for file in delta.files(now) if wanted is None or file.bucket in wanted]
            paths = {file.path for file in files}
            if paths == before:
                continue
            before = paths
            if not all(delta.has(file) for file in files):
                yield Version(snapshot, None)
                continue
            scanned = layer.current(files, delta.schema(now), delta.evolved(now))
            query = f"SELECT * EXCLUDE (bucket) FROM {scanned} WHERE {KEY} = ?"
            keys = [value for _, values in self.conditions for value in values]
            yield Version(snapshot, session.connection.sql(query, params=keys).to_arrow_table().to_pylist())

    # The golden record

    def _changes(self, golden: Sequence[Version]) -> Iterator[dict[str, Any]]:
        """What each build changed in the golden record."""
        held: Row | None = None
        for snapshot, rows in golden:
            head = {"snapshot": snapshot.id, "at": snapshot.at}
            if rows is None:
                yield {**head, "event": "gone", "title": EVENTS["gone"], "items": []}
                continue
            row = rows[0] if rows else None
            event = "changed" if held and row else "entered" if row else "left"
            items = self._differences(held, row)
            if items if held and row else held or row:
                yield {**head, "event": event, "title": EVENTS[event], "items": items}
            held = row

    def _differences(self, before: Row | None, after: Row | None) -> list[dict[str, Any]]:
        """The items whose value or provenance differs, each as decided."""
        found = []
        for item in standards.catalogue().items:
            names = (item.id, *(f"{item.id}_{aspect}" for aspect in ASPECTS))
            was, now = (
                [row[name] for name in names] if row and row[item.id] is not None else None for row in (before, after)
            )
            if was != now and self.decision.outcome(item.id) != "withheld":
                told = {"item": item.id, "title": item.title, "shown": self.decision.outcome(item.id)}
                sides = {"before": self._side(names, was), "after": self._side(names, now)}
                found.append({**told, "changed": (was and was[0]) != (now and now[0]), **sides})
        return found

    def _side(self, names: Sequence[str], values: Sequence[Any] | None) -> dict[str, Any] | None:
        """The value of an item and where it came from, as decided; None where the base had none."""
        if values is None:
            return None
        shown = [self._as_decided(name, value) for name, value in zip(names, values, strict=True)]
        return dict(zip(("value", *ASPECTS), shown, strict=True))

    def _as_decided(self, name: str, value: Any) -> Any:
        """One value of a column as the reader gets it."""
        column = next((one for one in self.decision.columns if one.name == name), None)
        if column is None or value is None:
            return None
        pseudonyms = trust.Pseudonyms.open(self.lake.settings, self.decision.purpose)
        shown = trust.transform(column, pa.array([value]), pseudonyms)
        return None if shown is None else shown[0].as_py()

    def _number(self, golden: Sequence[Version]) -> Any:
        """The number as decided."""
        row = next((version.rows[0] for version in reversed(golden) if version.rows), {})
        return self._as_decided(_NUMBER, row.get(_NUMBER))

    # Records

    def _records(self, session: Session, related: Sequence[int]) -> list[dict[str, Any]]:
        """Every record that any build found under the number."""
        found: dict[tuple[str, int, int], dict[str, Any]] = {}
        last: set[tuple[str, int, int]] = set()
        for snapshot, rows in self._versions(session, STATEMENT):
            if rows is None:
                continue
            last = set()
            for row in rows:
                place = (row["dataset"], row["_batch"], row["_row"])
                last.add(place)
                record = found.setdefault(place, self._new(place))
                if not record["outcomes"] or record["outcomes"][-1]["outcome"] != row["outcome"]:
                    told = {"outcome": row["outcome"], "title": outcome_title(row["outcome"])}
                    record["outcomes"].append({"snapshot": snapshot.id, "at": snapshot.at, **told})
        self._errors(session, found)
        elsewhere = self._elsewhere(session, [place for place in found if place not in last], related)
        for place, record in found.items():
            record["state"] = self._state(place, place in last, place in elsewhere)
            record["state_title"] = STATES[record["state"]]
        return sorted(found.values(), key=lambda one: (one["batch"], one["row"], one["dataset"]))

    def _new(self, place: tuple[str, int, int]) -> dict[str, Any]:
        dataset, batch, row = place
        known = standards.catalogue().datasets.get(dataset)
        return {
            "dataset": dataset,
            "title": known and known.title,
            "source": self._sender(batch) or (known and known.steward),
            "batch": batch,
            "row": row,
            "collected": self._days.get(batch),
            "outcomes": [],
            "errors": [],
        }

    def _errors(self, session: Session, found: Mapping[tuple[str, int, int], dict[str, Any]]) -> None:
        """Add the discrepancies that any build told of the records, with the build that no longer did."""
        told: dict[tuple[Any, ...], dict[str, Any]] = {}
        for snapshot, rows in self._versions(session, DISCREPANCY):
            if rows is None:
                continue
            present = {(r["dataset"], r["_batch"], r["_row"], r["element"], r["code"]): r["due_on"] for r in rows}
            for error, record in told.items():
                if error not in present and record["until"] is None:
                    record["until"] = snapshot.id
            for error, due in present.items():
                place, (element, code) = error[:3], error[3:]
                if place in found and (error not in told or told[error]["until"] is not None):
                    told[error] = {"element": element, "code": code, "title": outcome_title(code)}
                    told[error] |= {"due_on": due, "since": snapshot.id, "until": None}
                    found[place]["errors"].append(told[error])

    def _elsewhere(
        self, session: Session, places: Sequence[tuple[str, int, int]], related: Sequence[int]
    ) -> set[tuple[str, int, int]]:
        """Which records the base now has under another number, or under none."""
        if not places or not session.exists(STATEMENT):
            return set()
        count = self.lake.settings.buckets
        buckets = set(kernels.bucket_of(pa.array(related, pa.int64()), None, count).tolist())
        rows = pa.array([row for *_, row in places], pa.int64())
        buckets |= set(kernels.bucket_of(pa.nulls(len(places), pa.int64()), rows, count).tolist())
        asked = ", ".join("(?, ?, ?)" for _ in places)
        place = "dataset, _batch, _row"
        query = f"SELECT {place} FROM {session.relation(STATEMENT, buckets)} WHERE ({place}) IN ({asked})"
        return set(session.connection.execute(query, [part for place in places for part in place]).fetchall())

    def _state(self, place: tuple[str, int, int], live: bool, elsewhere: bool) -> str:
        """What became of a record: a withdrawal is told at once, a correction with the build that sees it."""
        if place[1] in self._withdrawn:
            return "withdrawn"
        return "live" if live else "moved" if elsewhere else "superseded"

    @cached_property
    def _days(self) -> dict[int, dt.date]:
        """The day on which each batch was collected."""
        found: dict[int, dt.date] = {}
        for one in self._past:
            if one.stage == "collect" and one.document is not None and one.at is not None:
                found.setdefault(one.document, one.at.astimezone(CHINA).date())
        return found

    @cached_property
    def _withdrawn(self) -> set[int]:
        """The batches that were taken back."""
        return {int(one.note["withdrawn"]) for one in self._past if "withdrawn" in one.note}

    def _sender(self, batch: int) -> Any:
        """The agency that sent a batch."""
        try:
            return self.lake.ledger.get(batch).data.get("source")
        except UnknownDocument:
            return None
