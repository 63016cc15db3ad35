"""The gate applies the rows of a decision, on every way to a row; no reader has its connection."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
import pytest

from quanmin import trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.lake.lookup import LookUps
from quanmin.standards import kernels
from quanmin.trust import Situation

NUMBERS = ["37010219491231002X", "370202198001010011", "440524188001010014"]
ME = trust.local_administrator()
OFFICER = trust.Actor("officer", frozenset({"supervisor"}), kind="staff", region="370000", mfa=True, assurance=2)
DOCTOR = trust.Actor("doctor", frozenset({"clinician"}), kind="clinician", region="370100", mfa=True, assurance=2)
SCHOLAR = trust.Actor("scholar", frozenset({"researcher"}), kind="staff", region="000000", mfa=True, assurance=2)


def _keys() -> list[int]:
    texts = [number[:17] for number in NUMBERS]
    return [int(text) for text in texts]


@pytest.fixture
def base(lake: Lake) -> Lake:
    keys = pa.array(_keys(), pa.int64())
    buckets = kernels.bucket_of(keys, pa.array([0, 0, 0], pa.int64()), lake.settings.buckets)
    people = pa.table(
        {
            "bucket": pa.array(buckets, pa.int32()),
            "person_key": keys,
            "name": ["李明", "王芳", "陈"],
            "sex": ["1", "2", "1"],
        }
    )
    with lake.session("population") as session:
        session.writer("linked.person", people.schema, "bucket").write(people)
        session.commit()
    registered = pa.table(
        {
            "household_no": ["A1", "A2", "A3"],
            "member_no": pa.array([1, 1, 1], pa.int64()),
            "person_key": keys,
            "registered_region": ["370102", "440104", "370202"],
            "bucket": pa.array([0, 0, 0], pa.int32()),
            "_batch": pa.array([1, 1, 1], pa.int64()),
        }
    )
    with lake.session("collect") as session:
        table = "clean.public_security.household_registration"
        session.writer(table, registered.schema, "bucket", key=["household_no", "member_no"]).write(registered)
        session.commit()
    return lake


def _read(
    lake: Lake, actor: trust.Actor, purpose: str, columns: Any, dataset: str = "linked.person", **more: Any
) -> Any:
    return lake.read(trust.decide(lake.ledger, actor, purpose, dataset, columns, **more))


def test_an_officer_sees_the_own_division(base: Lake) -> None:
    whole = _read(base, OFFICER, "supervision", ("name", "sex"), case="C-1")
    assert sorted(whole.fetch()["name"].to_pylist()) == ["李明", "王芳"]
    city = _read(base, OFFICER, "supervision", ("name",), case="C-1", context=Situation(region="370100"))
    assert city.fetch()["name"].to_pylist() == ["李明"]
    reading = _read(base, OFFICER, "supervision", ("name", "citizen_number"), case="C-1")
    assert reading.where(person_key=_keys()[2]).fetch().num_rows == 0
    assert reading.where(person_key=_keys()).fetch().num_rows == 2


def test_rows_of_a_dataset_go_by_where_people_are_registered(base: Lake) -> None:
    dataset = "public_security.household_registration"
    reading = _read(base, OFFICER, "supervision", ("registered_region", "household_no"), dataset, case="C-1")
    assert sorted(reading.fetch()["registered_region"].to_pylist()) == ["370102", "370202"]


def test_a_doctor_sees_the_patient_only(base: Lake) -> None:
    context = Situation(care=True, person=_keys()[1])
    reading = _read(base, DOCTOR, "treatment", ("name", "person_key"), context=context)
    assert reading.fetch()["name"].to_pylist() == ["王芳"]
    assert reading.where(person_key=_keys()[0]).fetch().num_rows == 0
    [entry] = list(trust.audit.entries(base.ledger, "read"))[:1]
    assert entry.fields["persons"] == [trust.Pseudonyms.open(base.settings, "audit").of(_keys()[1])]


def test_a_division_that_cannot_be_told_shows_nothing(base: Lake) -> None:
    column = trust.Rows(region="370000")
    assert column.stem == "37" and trust.Rows(region="000000").stem is None
    with pytest.raises(NotReadable):
        _read(base, OFFICER, "supervision", ("sex",)).whole()


def test_look_ups_keep_to_the_rows(base: Lake) -> None:
    ups = LookUps(base, "linked.person")
    made = trust.decide(base.ledger, OFFICER, "supervision", "linked.person", ("name", "citizen_number"), case="C-1")
    assert ups.row(made, _keys()[0]) is not None
    assert ups.row(made, _keys()[2]) is None
    ups.close()


def test_who_took_consent_back_is_left_out(base: Lake) -> None:
    left = trust.Pseudonyms.open(base.settings, "consent").of(_keys()[0])
    context = Situation(agreement=True, without=frozenset({left}))
    reading = _read(base, SCHOLAR, "research", ("name", "sex"), context=context)
    assert reading.fetch().num_rows == 2
    assert not reading.admits(_keys()[0]) and reading.admits(_keys()[1])
    unknown = Situation(agreement=True, without=frozenset({"not a pseudonym"}))
    assert _read(base, SCHOLAR, "research", ("sex",), context=unknown).fetch().num_rows == 0


POISON = {
    'CREATE OR REPLACE TEMP MACRO "left"(a, b) AS a': 'DROP MACRO "left"',
    "CREATE OR REPLACE MACRO starts_with(a, b) AS true": "DROP MACRO starts_with",
    "CREATE OR REPLACE TEMP VIEW read_parquet AS SELECT 1": "DROP VIEW read_parquet",
    "CREATE OR REPLACE MACRO count(x) AS 7": "DROP MACRO count",
}


@pytest.mark.parametrize("poison", POISON)
def test_sql_of_a_reader_does_not_reach_the_gate(base: Lake, poison: str) -> None:
    """Finding 6: a macro on the analyst's connection switches a threshold off; here nobody has that connection."""
    duckdb.execute(poison)
    try:
        shown = _read(base, OFFICER, "supervision", ("name",)).fetch()["name"].to_pylist()
    finally:
        duckdb.execute(POISON[poison])
    assert sorted(shown) == ["李*", "王*"]


def test_no_reader_is_given_a_connection_or_writes_sql(base: Lake) -> None:
    reading = _read(base, OFFICER, "supervision", ("sex", "name"))
    held = [
        getattr(reading, name) for name in dir(reading) if not name.startswith("_") and name not in ("lake", "columns")
    ]
    assert not any(isinstance(one, duckdb.DuckDBPyConnection | duckdb.DuckDBPyRelation) for one in held)
    assert reading.where(sex="1' OR '1'='1").fetch().num_rows == 0
    for name in ("sex\" = '1' OR \"sex", "1=1 --", "rowid", "name"):
        with pytest.raises(NotReadable):
            reading.where(**{name: "1"})
