"""A15: whatever comes in is refused with a reason, or the release holds k by persons; never a silent pass."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from quanmin import standards
from quanmin.opendata.microdata import Hierarchy, Plan, anonymise, flat, identifiers, numbers
from quanmin.opendata.microdata import errors as refused


def one(rows: list[str | None], k: int = 2, **more: object) -> pa.Table:
    values = sorted({row for row in rows if row is not None})
    return anonymise(
        pa.table({"ward": pa.array(rows, pa.string())}), Plan(quasi={"ward": flat("ward", values)}, k=k, **more)
    )


def test_a_release_holds_the_rule_and_loses_the_person(town: pa.Table, plan: Plan) -> None:
    found = anonymise(town, plan)
    assert "person" not in found.table.column_names
    assert found.report.k >= 10 and found.report.suppressed <= 200
    classes = Counter(zip(*(found.table[name].to_pylist() for name in plan.quasi), strict=True))
    assert min(classes.values()) == found.report.k and len(classes) == found.report.classes
    assert all(held.distinct >= 3 and held.distance <= 0.3 + 1e-9 for held in found.report.sensitive.values())
    assert found.report.released + found.report.suppressed == found.report.rows == 4000
    assert not found.report.needs_exception


def test_the_report_is_json_and_counts_every_class(town: pa.Table, plan: Plan) -> None:
    report = anonymise(town, plan).report
    told = json.loads(json.dumps(report.to_dict()))
    assert sum(told["histogram"].values()) == told["classes"]
    assert sum(int(size) * count for size, count in told["histogram"].items()) == told["released"]
    assert told["risk"]["prosecutor"] == 1 / told["k"]
    assert told == json.loads(json.dumps(anonymise(town, plan).report.to_dict()))  # evidence that can be replayed


def test_a_direct_identifier_is_refused_at_once(town: pa.Table, plan: Plan) -> None:
    numbered = town.append_column("citizen_number", pa.array(["110105194912310021"] * len(town)))
    known = identifiers(standards.catalogue().dataset("public_security.household_registration"))
    assert "citizen_number" in known
    with pytest.raises(refused.IdentifierInRecipe, match="citizen_number") as caught:
        anonymise(numbered, replace(plan, identifiers=known, harmless=("citizen_number",)))
    assert "110105" not in str(caught.value)
    with pytest.raises(refused.IdentifierInRecipe):
        anonymise(town, replace(plan, identifiers=frozenset({"illness"})))


def test_undeclared_and_missing_columns_are_refused(town: pa.Table, plan: Plan) -> None:
    with pytest.raises(refused.UndeclaredColumn, match="shoe"):
        anonymise(town.append_column("shoe", pa.array([42] * len(town))), plan)
    with pytest.raises(refused.MissingColumn, match="sex"):
        anonymise(town.drop_columns(["sex"]), plan)
    doubled = town.append_column("sex", town["sex"])
    with pytest.raises(refused.MissingColumn):
        anonymise(doubled, plan)


@pytest.mark.parametrize(
    "change",
    [
        {"quasi": {}},
        {"k": 1},
        {"diversity": 0},
        {"closeness": 1.5},
        {"suppress": 1.0},
        {"suppress": -0.1},
        {"sampled": 0.0},
        {"sensitive": (), "ordered": frozenset()},
        {"sensitive": ("sex",)},
        {"ordered": frozenset({"sex"})},
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused(plan: Plan, change: dict[str, object]) -> None:
    with pytest.raises(refused.RecipeInvalid):
        replace(plan, **change)


def test_null_as_a_quasi_identifier_is_a_class_of_its_own() -> None:
    found = one(["a", "a", None, None])
    assert found.table["ward"].to_pylist() == ["a", "a", None, None]
    found = one(["a", "a", None])  # one NULL would stand alone
    assert found.table["ward"].to_pylist() == ["*", "*", "*"]
    found = one(["b", "a", None, "a", "b", None])
    assert Counter(found.table["ward"].to_pylist()) == {"a": 2, "b": 2, None: 2}


def test_more_k_than_persons_is_refused() -> None:
    with pytest.raises(refused.TooFewPersons, match="3 persons"):
        one(["a", "b", "c"], k=4)
    with pytest.raises(refused.TooFewPersons):
        anonymise(pa.table({"ward": pa.array([], pa.string())}), Plan(quasi={"ward": flat("ward", ["a"])}, k=2))


def test_k_rows_of_one_person_are_one_person() -> None:
    rows = pa.table({"who": [1] * 9 + [2, 3], "ward": ["a"] * 9 + ["b", "b"]})
    plan = Plan(quasi={"ward": flat("ward", ["a", "b"])}, person="who", k=2)
    found = anonymise(rows, plan)
    assert set(found.table["ward"].to_pylist()) == {"*"}
    assert found.report.persons == 3 and found.report.k == 3
    with pytest.raises(refused.TooFewPersons):
        anonymise(pa.table({"who": [1] * 20, "ward": ["a"] * 20}), plan)


def test_persons_in_rows_of_several_classes_count_once_where_these_meet() -> None:
    """Two people, each in both wards: merged they are two, not four."""
    rows = pa.table({"who": ["x", "x", "y", "y"], "ward": ["a", "b", "a", "b"]})
    plan = Plan(quasi={"ward": flat("ward", ["a", "b"])}, person="who", k=2)
    assert anonymise(rows, plan).report.k == 2
    with pytest.raises(refused.TooFewPersons):
        anonymise(rows, replace(plan, k=3))


def test_an_illness_that_all_persons_of_a_class_have_is_not_hidden_by_their_other_rows() -> None:
    rows = pa.table({"who": [1, 1, 2, 2, 3], "ward": ["a"] * 5, "ill": ["flu", "cold", "flu", "cough", "flu"]})
    plan = Plan(quasi={"ward": flat("ward", ["a"])}, person="who", sensitive=("ill",), k=3, diversity=3)
    with pytest.raises(refused.NothingHolds):
        anonymise(rows, plan)


def test_duplicate_rows_are_persons_only_where_nobody_says_otherwise() -> None:
    assert one(["a"] * 3 + ["b"] * 3, k=3).report.k == 3
    rows = pa.table({"who": pa.array([7, 7, 7, 8, 9]), "ward": ["a"] * 3 + ["b"] * 2})
    found = anonymise(rows, Plan(quasi={"ward": flat("ward", ["a", "b"])}, person="who", k=2))
    assert set(found.table["ward"].to_pylist()) == {"*"}


def test_all_suppressed_is_refused_with_the_numbers() -> None:
    rows = pa.table({"ward": [f"w{n}" for n in range(20)], "ill": ["flu"] * 20})
    plan = Plan(
        quasi={"ward": flat("ward", rows["ward"].to_pylist())}, sensitive=("ill",), diversity=2, k=2, suppress=0.99
    )
    with pytest.raises(refused.NothingHolds, match="must leave out 20 of 20 rows"):
        anonymise(rows, plan)
    with pytest.raises(refused.NothingHolds):
        anonymise(rows, plan, "mondrian")


def test_rows_of_nobody_are_refused() -> None:
    rows = pa.table({"who": pa.array([1, None, 2]), "ward": ["a"] * 3})
    with pytest.raises(refused.PersonUnknown, match="1 rows"):
        anonymise(rows, Plan(quasi={"ward": flat("ward", ["a"])}, person="who", k=2))


def test_a_million_unique_rows_end_in_the_star_or_in_a_refusal() -> None:
    count = 1_000_000
    table = pa.table({"id": np.arange(count, dtype=np.int64), "other": np.arange(count, dtype=np.int64)[::-1]})
    line = numbers(0, count - 1, (1000,))
    found = anonymise(table, Plan(quasi={"id": line, "other": line}, k=10))
    assert found.report.k >= 10 and found.table.num_rows == count
    with pytest.raises(refused.NothingHolds):
        anonymise(
            table.append_column("ill", pa.array(["x"] * count)),
            Plan(quasi={"id": line, "other": line}, k=10, sensitive=("ill",), diversity=2, suppress=0.5),
        )


def test_what_was_left_out_is_not_left_in_a_dictionary() -> None:
    rows = pa.table(
        {"ward": ["a"] * 9 + ["b"], "ill": pa.array(["flu", "cold", "flu"] * 3 + ["rare"]).dictionary_encode()}
    )
    plan = Plan(quasi={"ward": flat("ward", ["a", "b"])}, sensitive=("ill",), k=2, suppress=0.2)
    found = anonymise(rows, plan).table["ill"].combine_chunks()
    assert sorted(found.dictionary.to_pylist()) == ["cold", "flu"]


def test_the_order_of_rows_tells_nothing(town: pa.Table, plan: Plan) -> None:
    shuffled = town.take(np.random.default_rng(3).permutation(len(town)))
    assert anonymise(shuffled, plan).table.to_pylist() == anonymise(town, plan).table.to_pylist()


def test_k_map_counts_the_population(hierarchies: dict[str, Hierarchy]) -> None:
    rows = pa.table({"sex": ["1", "2", "2"]})
    people = pa.table({"sex": ["1"] * 10 + ["2"] * 40, "unused": [0] * 50})
    plan = Plan(quasi={"sex": hierarchies["sex"]}, k=10, population=people)
    found = anonymise(rows, plan)
    assert found.levels == {"sex": 0} and found.report.k == 10
    assert found.report.risk.prosecutor == 1.0 and found.report.risk.journalist == 0.1
    assert found.report.risk.marketer == pytest.approx((1 / 10 + 2 / 40) / 3)
    assert anonymise(rows, replace(plan, k=11)).levels == {"sex": 1}
    with pytest.raises(refused.TooFewPersons):
        anonymise(rows, replace(plan, k=51))
    with pytest.raises(refused.TooFewPersons, match="0 persons"):
        anonymise(rows.slice(0, 0), plan)
    with pytest.raises(refused.MissingColumn):
        anonymise(rows, replace(plan, population=pa.table({"other": [1]})))
    with pytest.raises(refused.ValueUnfit):
        anonymise(
            pa.table({"age": [1, 2]}),
            Plan(quasi={"age": numbers(0, 9, (5,))}, k=2, population=pa.table({"age": ["old"]})),
        )


def test_ordered_columns_are_numbers_or_dates_without_null(town: pa.Table, plan: Plan) -> None:
    with pytest.raises(refused.ValueUnfit):
        anonymise(town, replace(plan, ordered=frozenset({"illness"})))
    cost = pa.array([None, *town["cost"].to_pylist()[1:]])
    place = town.column_names.index("cost")
    with pytest.raises(refused.ValueUnfit):
        anonymise(town.set_column(place, "cost", cost), plan)


def test_too_many_combinations_are_refused() -> None:
    deep = numbers(0, 1, tuple(2**n for n in range(1, 9)))
    names = [f"q{n}" for n in range(8)]
    table = pa.table({name: [0, 1] for name in names})
    with pytest.raises(refused.TooManyCombinations):
        anonymise(table, Plan(quasi=dict.fromkeys(names, deep), k=2))


def test_a_weaker_rule_and_local_recoding_need_an_exception(town: pa.Table, plan: Plan) -> None:
    assert anonymise(town, replace(plan, k=5)).report.needs_exception
    local = anonymise(town, plan, "mondrian").report
    assert local.needs_exception and "combinatorial" in local.warnings[0].en
    with pytest.raises(refused.RecipeInvalid):
        anonymise(town, plan, "other")


def test_mondrian_loses_less_and_tells_ranges(town: pa.Table, plan: Plan) -> None:
    local, full = anonymise(town, plan, "mondrian"), anonymise(town, plan)
    assert local.report.loss.ncp < full.report.loss.ncp
    assert local.table.num_rows == 4000
    groups = defaultdict(list)
    for row in local.table.to_pylist():
        groups[row["county"], row["born"], row["sex"]].append(row["illness"])
    assert min(map(len, groups.values())) >= 10 and min(len(set(ill)) for ill in groups.values()) >= 3
    spans = [word.split("..") for word in set(local.table["born"].to_pylist()) if ".." in word]
    assert spans and all(date.fromisoformat(a) < date.fromisoformat(b) for a, b in spans)


def test_the_journalist_is_estimated_from_the_sampled_share(town: pa.Table, plan: Plan) -> None:
    whole, tenth = anonymise(town, plan).report.risk, anonymise(town, replace(plan, sampled=0.1)).report.risk
    assert tenth.journalist == pytest.approx(whole.prosecutor / 10) and tenth.prosecutor == whole.prosecutor
    assert whole.journalist == whole.prosecutor and whole.marketer == pytest.approx(whole.prosecutor_mean)


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.struct([("a", pa.int64())])])
@pytest.mark.parametrize("place", ["ward", "ill", "who"])
def test_columns_whose_values_cannot_be_told_apart_are_refused(kind: pa.DataType, place: str) -> None:
    odd = pa.array([["a"], ["b"]] if pa.types.is_list(kind) else [{"a": 1}, {"a": 2}], kind)
    columns = {"ward": pa.array(["a", "a"]), "ill": pa.array(["x", "y"]), "who": pa.array(["p", "q"])} | {place: odd}
    plan = Plan(quasi={"ward": flat("ward", ["a"])}, sensitive=("ill",), person="who", k=2)
    with pytest.raises(refused.ValueUnfit, match=place):
        anonymise(pa.table(columns), plan)


def test_a_column_of_nothing_is_one_class() -> None:
    found = anonymise(pa.table({"ward": pa.nulls(3)}), Plan(quasi={"ward": flat("ward", ["a"])}, k=3))
    assert found.report.classes == 1 and found.table.num_rows == 3
