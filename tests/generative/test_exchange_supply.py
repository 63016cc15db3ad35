"""What was full once and the changes since, applied, are what is full now: for any history of a table."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.exchange.agreement import cremations
from tests.unit.exchange.agreement.parties import Parties

from quanmin import standards
from quanmin.exchange.agreement import decide
from quanmin.exchange.supply import consumer, inbox, parcel
from quanmin.exchange.supply.rows import Rows
from quanmin.exchange.supply.validation import Check
from quanmin.exchange.terms import FORMS, Terms
from quanmin.lake import Lake
from quanmin.lake.errors import VersionGone
from quanmin.settings import Settings

DATASET = "civil_affairs.funeral"
TABLE = f"clean.{DATASET}"
Row = dict[str, Any]

rows = st.tuples(
    st.sampled_from([None, "F1", "F2", "F3", "F4", "F5"]),
    st.sampled_from([0, 2, 3]),
    st.sampled_from(["1", "2"]),
    st.sampled_from([date(2026, 1, 1), date(2026, 2, 2), None]),
)
steps = st.one_of(
    st.tuples(st.just("add"), st.lists(rows, max_size=5, unique_by=lambda one: one[0] or id(one))),
    st.tuples(st.just("withdraw"), st.integers(1, 6)),
    st.tuples(st.just("rewrite"), st.integers(0, 3)),
    st.tuples(st.just("compact"), st.none()),
    st.tuples(st.just("vacuum"), st.integers(1, 3)),
)


class History:
    """A table to which things happen."""

    def __init__(self, lake: Lake) -> None:
        self.lake, self.batch = lake, 0
        elements = standards.catalogue().dataset(DATASET).elements
        kinds = [(one.name, cremations._TYPES.get(str(one.type), pa.string())) for one in elements]
        more = [("person_key", pa.int64()), ("bucket", pa.int32()), ("_batch", pa.int64())]
        self.schema = pa.schema([*kinds, *more])

    def add(self, told: list[tuple[Any, ...]]) -> None:
        self.batch += 1
        made = [
            {
                "funeral_no": key,
                "citizen_number": cremations.number(cremations.KEYS[place]),
                "person_key": cremations.KEYS[place],
                "disposal": disposal,
                "death_date": died,
                "bucket": place,
                "_batch": self.batch,
            }
            for key, place, disposal, died in told
        ]
        table = pa.Table.from_pylist(made, self.schema)
        with self.lake.session("collect") as session:
            session.writer(TABLE, self.schema, "bucket", key=("funeral_no",)).write(table)
            session.commit()

    def withdraw(self, batch: int) -> None:
        with self.lake.session("collect") as session:
            session.writer(TABLE, self.schema, "bucket").delete(f"_batch = {batch}")
            session.commit()

    def rewrite(self, bucket: int) -> None:
        """The rows of a bucket in new files: nothing changed."""
        with self.lake.session("collect") as session:
            query = f"SELECT * FROM {session.relation(TABLE)} AS t WHERE bucket = {bucket}"
            table = session.connection.sql(query).to_arrow_table().cast(self.schema)
        with self.lake.session("collect") as session:
            writer = session.writer(TABLE, self.schema, "bucket")
            writer.replace_buckets([bucket])
            writer.write(table)
            session.commit()

    def compact(self, _none: None) -> None:
        self.lake.compact(TABLE)

    def vacuum(self, retain: int) -> None:
        self.lake.vacuum(retain, timedelta(0))


def applied(full: list[Row], changes: list[Row], key: str | None) -> Counter[tuple[Any, ...]]:
    """The reference: changes put onto full rows, one by one."""
    state = [dict(one) for one in full]
    change_keys = {one[key] for one in changes if key and one[key] is not None}
    state = [one for one in state if key is None or one[key] not in change_keys]
    for told in sorted(changes, key=lambda one: one["_change"] != "delete"):
        row = {name: value for name, value in told.items() if name != "_change"}
        known = key is not None and row[key] is not None
        if told["_change"] != "delete":
            assert known or told["_change"] == "insert"
            state.append(row)
        elif not known:
            state.remove(row)
    return Counter(tuple(one.values()) for one in state)


def carried(given: Rows, terms: Terms, folder: Path) -> Path:
    """Rows written in the form agreed on and taken as a consumer takes them; the file that is kept."""
    path = folder / f"{given.content}.{terms.form}"
    made = parcel.write(path, terms.form, given)
    check = Check(terms, given.content)
    told: dict[str, Any] = {"content": given.content, "snapshot": given.snapshot, "since": given.since}
    told |= {"dataset": terms.dataset, "bytes": path.stat().st_size}
    if made.schema is None:
        taken = consumer._validated(check, path, folder / "aside")
    else:
        told["schema"] = json.loads(json.dumps(made.schema.to_dict()))
        taken = consumer._converted(check, told, path, folder / "aside")
    assert (taken.accepted, taken.quarantined, check.faults) == (made.rows, 0, {})
    assert not (folder / "aside").exists()
    return taken.file


@pytest.mark.parametrize("elements", [["funeral_no", "death_date"], ["citizen_number", "death_date"]])
@settings(max_examples=25, deadline=None)
@given(before=st.lists(steps, max_size=4), after=st.lists(steps, max_size=5), region=st.sampled_from([None, "370000"]))
def test_full_and_changes_are_full(
    elements: list[str], before: list[Any], after: list[Any], region: str | None
) -> None:
    with tempfile.TemporaryDirectory() as home, Lake.open(Settings(home=Path(home), buckets=4)) as lake:
        parties, history = Parties(lake.settings, lake.ledger), History(lake)
        terms = parties.in_force(
            elements=elements, region=region, where={"disposal": ["1"]}, mode="push", operations=[]
        )
        history.add([("F1", 2, "1", date(2026, 1, 1)), ("F2", 0, "1", None)])
        for name, told in before:
            getattr(history, name)(told)
        since = lake.snapshot().id
        first = lake.read(decide(lake, terms, delivery="D-1"))
        full = first.fetch().to_pylist()
        for name, told in after:
            getattr(history, name)(told)
        reading = lake.read(decide(lake, terms, delivery="D-2"))
        try:
            batches = list(reading.changes(since))
        except VersionGone:
            assert "vacuum" in {name for name, _ in after}
            return
        changes = [row for batch in batches for row in batch.to_pylist()]
        assert batches[0].num_rows == 0 and batches[0].schema.names == [*elements, "_change"]
        assert not changes or {"add", "withdraw"} & {name for name, _ in after}
        now = Counter(tuple(one.values()) for one in reading.fetch().to_pylist())
        assert applied(full, changes, "funeral_no" if "funeral_no" in elements else None) == now
        for form in FORMS:
            agreed, key = replace(terms, form=form), (tuple(reading.key.columns), tuple(sorted(reading.key.optional)))
            before_ = Rows("full", since, None, "s", *key, first.batches())
            after_ = Rows("change", reading.snapshot.id, since, "s", *key, iter(batches))
            files = [carried(one, agreed, Path(home)) for one in (before_, after_)]
            state = [row for one in inbox.rows(files) for row in one.to_pylist()]
            assert Counter(tuple(row[name] for name in elements) for row in state) == now, form
