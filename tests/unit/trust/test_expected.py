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
from quanmin.trust.actor import ADMINISTRATOR
from quanmin.trust.column import BASE, known
from quanmin.trust.errors import AccessDenied
from quanmin.trust.policy import Rules, expected, shipped
from quanmin.trust.policy.expected import (
    FULL,
    PERSON,
    Expected,
    agreeing,
    columns_of,
    combinations,
    computed,
    datasets,
    line,
    made,
    shipped_table,
    situation_of,
    touched,
)
from quanmin.trust.policy.role import ROLES, typical
from quanmin.trust.policy.rule import load
from quanmin.trust.purpose import PURPOSES

NUMBER: str = kernels.decode(pa.array([PERSON], pa.int64()))[0].as_py()
TEXT = "某值 1"
RELEASE = ("release_officer", "release_checker")
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


def _one_by_one(rules: Rules, role: str) -> list[Expected]:
    """The lines of a role as a reader would get them: one question after another, each by itself."""
    found = []
    for dataset in expected.datasets():
        for purpose in PURPOSES:
            for situation in ("full", "bare"):
                answer = made(rules.apart(), dataset, typical(role), purpose, situation_of(situation, purpose))
                found += [one for one in (line(answer, role, situation),) if one is not None]
    return found


@pytest.mark.parametrize("role", ["nurse", "researcher", "administrator"])
def test_asking_in_one_batch_gives_what_asking_one_by_one_gives(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expected, "datasets", lambda: ("health.death", BASE))
    monkeypatch.setattr(expected, "_computed", {})
    rules = load(dict(shipped().files))
    assert set(computed(rules, [role])) == set(_one_by_one(rules, role))


def test_a_policy_that_fails_for_one_sort_fails_no_other_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """It errs (an overflow) for what belongs to the base only: other datasets are answered as ever, in a batch, too."""
    failing = """
    @id("trial.error")
    @zh("试验")
    @en("a trial")
    forbid (principal, action, resource in Dataset::"of base")
    when { 9223372036854775807 + resource.grade > 0 };
    """
    monkeypatch.setattr(expected, "datasets", lambda: ("health.death", BASE))
    monkeypatch.setattr(expected, "_computed", {})
    before = computed(shipped(), ["clinician"])
    after = computed(load({**shipped().files, "trial.cedar": failing}), ["clinician"])
    assert {one.dataset for one in before} == {"health.death", BASE}
    assert after == [one for one in before if one.dataset != BASE]


CHANGES = {
    "operator": ("administration.cedar", 'Purpose::"operation" && resource.grade == 1', 'Purpose::"operation"'),
    "nurse": ("treatment.cedar", "context.care && resource.grade <= 3 &&", "context.care && resource.grade <= 2 &&"),
    "insurer": ("insurance.cedar", '@coarse("month city")', '@coarse("year city")'),
}


@pytest.mark.parametrize("role", CHANGES)
def test_only_roles_that_a_changed_policy_speaks_to_can_change(role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file, was, becomes = CHANGES[role]
    text = shipped().files[file]
    assert text.count(was) == 1
    rules = load({**shipped().files, file: text.replace(was, becomes)})
    asked = touched(shipped(), rules)
    assert role in asked and len(asked) <= 2 and touched(rules, rules) == []
    monkeypatch.setattr(expected, "datasets", lambda: ("health.death",))
    monkeypatch.setattr(expected, "_computed", {})
    others = [one for one in ROLES if one not in asked]
    assert computed(shipped(), others) == computed(rules, others)


def test_a_change_of_what_speaks_to_everybody_may_touch_everybody() -> None:
    text = shipped().files["guard.cedar"]
    rules = load({**shipped().files, "guard.cedar": text.replace("resource.grade >= 4", "resource.grade >= 5")})
    assert touched(shipped(), rules) == touched(rules, shipped()) == list(ROLES)
    fewer = {name: body for name, body in shipped().files.items() if name != "guard.cedar"}
    assert touched(shipped(), load(fewer)) == list(ROLES)


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
        confided = one.owes == "disclosure_control"  # rows that nobody sees: they go into disclosure control
        for name, outcome in one.outcomes().items():
            about = known(one.dataset, name)
            assert about is not None
            if one.purpose in ("research", "statistics", "open_data") and about.role == "direct":
                assert outcome == "pseudonymised" and (one.purpose == "research" or confided)
            if one.purpose == "operation" or (one.purpose == "open_data" and not confided):
                assert about.grade == 1
            if confided:
                assert one.purpose == "open_data" and one.role in (*RELEASE, ADMINISTRATOR)
                assert (outcome == "pseudonymised") == (about.role == "direct") and outcome in (
                    "clear",
                    "pseudonymised",
                )
            elif one.situation == "bare" and about.grade >= 4 and one.purpose != "verification":
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
                context=agreeing(situation_of("full", purpose), dataset),
            )
            if expected is None:
                with pytest.raises(AccessDenied):
                    full.read(made)
                continue
            if "disclosure_control" in expected.owes:
                with pytest.raises(NotReadable):
                    full.read(made)
                [row] = full.confide(made, lambda reading: reading.fetch().to_pylist())
                assert set(row) == set(expected.outcomes())
                assert _wrong(expected, row) == [], expected.asked
                continue
            with pytest.raises(NotReadable):
                full.confide(made, lambda reading: reading.fetch().to_pylist())
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
