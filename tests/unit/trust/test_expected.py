"""The shipped table of expected decisions: what the policies say, and what a read of every dataset as every role gives."""

from __future__ import annotations

import datetime
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from quanmin import standards, trust
from quanmin.lake import Lake
from quanmin.lake.errors import NotReadable
from quanmin.settings import Settings
from quanmin.standards import kernels
from quanmin.trust.column import BASE, known
from quanmin.trust.errors import AccessDenied
from quanmin.trust.policy import shipped
from quanmin.trust.policy.expected import (
    FULL,
    PERSON,
    Expected,
    columns_of,
    combinations,
    computed,
    datasets,
    made,
    shipped_table,
    situation_of,
)
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.purpose import PURPOSES

NUMBER: str = kernels.decode(pa.array([PERSON], pa.int64()))[0].as_py()
TEXT = "某值 1"
_KINDS: dict[str, tuple[pa.DataType, Any]] = {
    "date": (pa.date32(), datetime.date(1949, 12, 31)),
    "datetime": (pa.timestamp("us"), datetime.datetime(1949, 12, 31, 1)),
    "integer": (pa.int64(), 7),
    "decimal": (pa.float64(), 7.5),
    "boolean": (pa.bool_(), True),
    "region": (pa.string(), "370102"),
    "citizen_number": (pa.string(), NUMBER),
}


def _rows(dataset: str) -> pa.Table:
    """One row about one person, with a value in every column."""
    if dataset == BASE:
        kinds = {item.id: item.type for item in standards.catalogue().items if item.id != "citizen_number"}
    else:
        kinds = {element.name: element.type for element in standards.catalogue().dataset(dataset).elements}
    types = {name: _KINDS.get(kind, (pa.string(), TEXT)) for name, kind in kinds.items()}
    columns = {name: pa.array([value], kind) for name, (kind, value) in types.items()}
    bucket = pa.array([0], pa.int32())
    return pa.table({**columns, "person_key": pa.array([PERSON], pa.int64()), "bucket": bucket})


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with Lake.open(Settings(home=tmp_path_factory.mktemp("expected") / "home", buckets=1)) as lake:
        for dataset in datasets():
            rows = _rows(dataset)
            with lake.session("population" if dataset == BASE else "collect") as session:
                table = dataset if dataset == BASE else f"clean.{dataset}"
                key = () if dataset == BASE else standards.catalogue().dataset(dataset).key
                batch = rows if dataset == BASE else rows.append_column("_batch", pa.array([1], pa.int64()))
                session.writer(table, batch.schema, "bucket", key=key).write(batch)
                session.commit()
        yield lake


def test_the_table_is_what_the_policies_say() -> None:
    """A change that this test finds is meant or not: look at it, and write the table anew by its script if it is."""
    table, now = shipped_table(), computed(shipped())
    changed = {one.asked for one in set(table) ^ set(now)}
    assert not changed and len(table) == len(now)


def test_the_table_is_about_every_dataset_role_and_purpose() -> None:
    table = shipped_table()
    assert {one.dataset for one in table} == set(datasets())
    assert {one.purpose for one in table} == set(PURPOSES)
    silent = {"system_administrator", "security_administrator", "audit_administrator"}
    assert {one.role for one in table} == set(ROLES) - silent
    assert max(Counter(one.asked for one in table).values()) == 1
    assert len(list(combinations())) == len(datasets()) * len(ROLES) * len(PURPOSES) * 2


def test_what_must_never_be_in_the_table() -> None:
    """Said apart from the policies, so that both would have to be wrong."""
    for one in shipped_table():
        for name, outcome in one.outcomes().items():
            about = known(one.dataset, name)
            assert about is not None
            if one.purpose in ("research", "statistics", "open_data") and about.role == "direct":
                assert outcome == "pseudonymised" and one.purpose == "research"
            if one.purpose == "operation" or one.purpose == "open_data":
                assert about.grade == 1
            if one.situation == "bare" and about.grade >= 4 and one.purpose != "verification":
                assert outcome in ("masked", "generalised")
            if one.purpose == "insurance" and about.grade == 5 and about.role != "direct":
                pytest.fail(f"{one.asked} {name}")
        if one.role in ("clinician", "nurse", "patient", "guardian", "insurer") and one.purpose != "open_data":
            assert "person" in one.rows and one.situation == "full"
        if one.purpose == "verification":
            assert one.owes == "answer_only"


def _kinds(dataset: str) -> dict[str, str]:
    if dataset == BASE:
        return {item.id: item.type for item in standards.catalogue().items}
    return {element.name: element.type for element in standards.catalogue().dataset(dataset).elements}


def _is(outcome: str, value: Any, stored: Any) -> bool:
    """Whether a value that was read is in the form that the table says."""
    match outcome:
        case "clear":
            return bool(value == stored)
        case "masked":
            return isinstance(value, str) and "*" in value and value != str(stored)
        case "generalised":
            return value in (datetime.date(1949, 1, 1), datetime.date(1949, 12, 1), "370100", "***", "某***")
        case "pseudonymised":
            return isinstance(value, str) and len(value) in (24, 32) and value != str(stored)
    return False


def _wrong(expected: Expected, row: dict[str, Any]) -> list[str]:
    stored = {name: _KINDS.get(kind, (None, TEXT))[1] for name, kind in _kinds(expected.dataset).items()}
    stored["person_key"] = PERSON
    return [name for name, value in row.items() if not _is(expected.outcomes()[name], value, stored[name])]


@pytest.mark.parametrize("role", ROLES)
def test_every_dataset_as_every_role_reads_what_the_table_says(full: Lake, role: str) -> None:
    table = {one.asked: one for one in shipped_table()}
    actor = typical(role)
    for dataset in datasets():
        for purpose in PURPOSES:
            expected = table.get((dataset, role, purpose, "full"))
            made = trust.decide(
                full.ledger,
                actor,
                purpose,
                dataset,
                columns_of(dataset),
                case="C-1",
                context=situation_of("full", purpose),
            )
            if expected is None:
                with pytest.raises(AccessDenied):
                    full.read(made)
                continue
            reading = full.read(made)
            if "answer_only" in expected.owes:
                with pytest.raises(NotReadable):
                    reading.fetch()
                stored = [name for name in expected.outcomes() if (dataset, name) != (BASE, "citizen_number")]
                assert all(reading.answers(name, bool) == [True] for name in stored)
                continue
            [row] = reading.fetch().to_pylist()
            assert set(row) == set(expected.outcomes())
            assert _wrong(expected, row) == [], expected.asked


def test_a_decision_that_is_in_no_audit_reads_nothing(full: Lake) -> None:
    decision = made(shipped(), BASE, typical("supervisor"), "supervision", FULL)
    assert decision.allowed and not decision.binding
    with pytest.raises(TypeError):
        full.read(decision)
