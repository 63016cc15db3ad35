"""The gate: a read for an actor."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from quanmin import trust
from quanmin.lake import Lake, gate
from quanmin.lake.errors import NotReadable
from quanmin.standards import kernels
from quanmin.trust import audit
from quanmin.trust.errors import AccessDenied

ME = trust.local_administrator()
NUMBERS = ["11010519491231002X", "440524188001010014"]
ITEMS = ("citizen_number", "name", "sex")


@pytest.fixture
def base(either_lake: Lake) -> Lake:
    """Two people in `linked.person`."""
    keys = kernels.encode(pa.array(NUMBERS))
    buckets = kernels.bucket_of(keys, pa.array([0, 0], pa.int64()), either_lake.settings.buckets)
    people = pa.table(
        {
            "bucket": pa.array(buckets, pa.int32()),
            "person_key": keys,
            "name": ["李明", "欧阳娜娜"],
            "sex": ["1", "2"],
            "sex_source": ["health.birth", None],
        }
    )
    with either_lake.session("population") as session:
        session.writer("linked.person", people.schema, "bucket").write(people)
        session.commit()
    return either_lake


def test_masked_without_a_case_and_clear_with_one(base: Lake) -> None:
    masked = base.read(trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS)).fetch()
    assert sorted(masked.to_pylist(), key=lambda row: row["sex"]) == [
        {"citizen_number": "110105************", "name": "李*", "sex": "1"},
        {"citizen_number": "440524************", "name": "欧***", "sex": "2"},
    ]
    clear = base.read(trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS, case="C-1")).fetch()
    assert set(clear["citizen_number"].to_pylist()) == set(NUMBERS)


def test_one_person_by_key_reads_one_bucket(base: Lake) -> None:
    key = kernels.encode(pa.array(NUMBERS[:1]))[0].as_py()
    reading = base.read(trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS))
    assert reading.where(person_key=key).fetch()["sex"].to_pylist() == ["1"]
    assert reading.where(person_key=[key, 1]).where(sex="2").fetch().num_rows == 0
    assert reading.where(person_key=[]).fetch().num_rows == 0
    assert reading.where(person_key=1).fetch().column_names == list(ITEMS)


def test_what_is_not_shown_cannot_be_asked_by(base: Lake) -> None:
    reading = base.read(trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS))
    for asked in ({"name": "李明"}, {"citizen_number": NUMBERS[0]}, {"sex_source": "health.birth"}):
        with pytest.raises(NotReadable):
            reading.where(**asked)
    counting = base.read(trust.decide(base.ledger, ME, "statistics", "linked.person", (*ITEMS, "person_key")))
    with pytest.raises(NotReadable):
        counting.where(person_key=1)
    assert counting.fetch().column_names == ["sex"]


def test_without_a_decision_there_is_no_read(base: Lake) -> None:
    with pytest.raises(TypeError):
        base.read("let me")  # type: ignore[arg-type]
    with pytest.raises(AccessDenied) as caught:
        base.read(trust.decide(base.ledger, ME, "curiosity", "linked.person", ITEMS))
    assert caught.value.category == "denied"


def test_every_read_is_in_the_audit_without_values(base: Lake) -> None:
    key = kernels.encode(pa.array(NUMBERS[:1]))[0].as_py()
    made = trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS, case="C-1")
    base.read(made).where(person_key=key).fetch()
    [entry] = audit.entries(base.ledger, "read")
    assert entry.fields["decision"] == made.id and entry.fields["rows"] == 1 and entry.fields["case"] == "C-1"
    assert entry.fields["persons"] == [trust.Pseudonyms.open(base.settings, "audit").of(key)]
    everything = str([one.fields for one in audit.entries(base.ledger)])
    assert str(key) not in everything and "李" not in everything
    assert audit.verify(base.ledger).sound


def test_that_a_read_began_is_kept_before_its_first_row_leaves(base: Lake) -> None:
    key = kernels.encode(pa.array(NUMBERS[:1]))[0].as_py()
    made = trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS, case="C-1")
    taking = base.read(made).where(person_key=key).batches()
    assert list(audit.entries(base.ledger, audit.BEGUN)) == []
    assert next(taking).num_rows == 0
    [begun] = audit.entries(base.ledger, audit.BEGUN)
    assert list(audit.entries(base.ledger, "read")) == []
    assert begun.fields["decision"] == made.id and begun.fields["case"] == "C-1" and "rows" not in begun.fields
    assert sum(batch.num_rows for batch in taking) == 1
    [ended] = audit.entries(base.ledger, "read")
    assert ended.fields == {**begun.fields, "event": "read", "rows": 1, "begun": begun.sequence, "ended": "whole"}
    [seen] = audit.of_person(base.ledger, ended.fields["persons"][0])
    assert seen.sequence == ended.sequence and audit.verify(base.ledger).sound


def test_a_read_that_is_given_up_or_fails_says_what_it_gave(base: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_ROWS", 1)
    made = trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS, case="C-1")

    def given_up() -> None:
        taking = base.read(made).batches()
        assert [next(taking).num_rows for _ in range(2)] == [0, 1]
        taking.close()

    def left() -> None:
        with pytest.raises(ZeroDivisionError):
            for batch in base.read(made).batches():
                assert 1 // batch.num_rows

    def failed() -> None:
        taking = base.read(made).batches()
        with pytest.raises(ZeroDivisionError), monkeypatch.context() as patch:
            next(taking)
            patch.setattr(gate.kernels, "decode", lambda *_: 1 // 0)
            next(taking)

    for way in (given_up, left, failed):
        way()
    reads = [(one.fields["rows"], one.fields["ended"]) for one in audit.entries(base.ledger, "read")]
    assert reads == [(1, "abandoned"), (0, "abandoned"), (0, "failed")]
    began = [one.sequence for one in audit.entries(base.ledger, audit.BEGUN)]
    assert [one.fields["begun"] for one in audit.entries(base.ledger, "read")] == began


def test_no_row_leaves_when_the_beginning_cannot_be_kept(base: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    made = trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS)

    def full(*_given: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(audit, "append", full)
    taking = base.read(made).batches()
    with pytest.raises(OSError, match="no room"):
        next(taking)
    with pytest.raises(OSError, match="no room"):
        base.read(made).fetch()
    assert list(taking) == []


def test_a_read_of_a_snapshot_stays_there(base: Lake) -> None:
    made = trust.decide(base.ledger, ME, "supervision", "linked.person", ITEMS)
    pinned = base.lineage("linked.person")[0].snapshot
    with base.session("population") as session:
        session.writer("linked.person", session.schema("linked.person"), "bucket").overwrite()
        session.commit()
    assert base.read(made).fetch().num_rows == 0
    assert base.read(made, snapshot=pinned).fetch().num_rows == 2


def test_columns_that_the_table_lacks_are_named(base: Lake) -> None:
    made = trust.decide(base.ledger, ME, "supervision", "linked.person", ("death_date",))
    with pytest.raises(NotReadable) as caught:
        base.read(made).fetch()
    assert "death_date" in str(caught.value)


def test_a_dataset_is_read_live(either_lake: Lake) -> None:
    schema: Any = pa.schema(
        [("certificate_no", pa.string()), ("sex", pa.string()), ("bucket", pa.int32()), ("_batch", pa.int64())]
    )
    for batch, sex in ((1, "1"), (2, "2")):
        with either_lake.session("collect") as session:
            rows = pa.table([["M1"], [sex], [0], [batch]], schema=schema)
            session.writer("clean.health.birth", schema, "bucket", key=["certificate_no"]).write(rows)
            session.commit()
    made = trust.decide(either_lake.ledger, ME, "supervision", "health.birth", ("sex",))
    assert either_lake.read(made).fetch().to_pylist() == [{"sex": "2"}]
