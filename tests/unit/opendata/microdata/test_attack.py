"""A8: what somebody learns from a release who knows a part of the people in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from quanmin.opendata.microdata import Hierarchy, Plan, anonymise


def told(hierarchy: Hierarchy, level: int, value: Any) -> str:
    """What a value became; hierarchies are public."""
    if level == hierarchy.height - 1:
        return "*"
    return str(value) if level == 0 else hierarchy.paths[value][level - 1]


@pytest.fixture
def attacked(
    town: pa.Table, plan: Plan
) -> tuple[list[tuple[dict[str, Any], list[dict[str, Any]]]], list[dict[str, Any]], Plan]:
    """An outside register of 5 % of the people with their exact quasi-identifiers, each with the rows that may be his.

    `trace` is the person's number again, as a column that the attacker is not given: it tells whether a guess was right.
    """
    traced = town.append_column("trace", town["person"])
    open_plan = Plan(**{**vars(plan), "harmless": ("trace",)})
    found = anonymise(traced, open_plan)
    classes = defaultdict(list)
    for row in found.table.to_pylist():
        classes[tuple(row[name] for name in plan.quasi)].append(row)
    known = town.take(np.random.default_rng(5).choice(len(town), len(town) // 20, replace=False)).to_pylist()
    candidates = []
    for person in known:
        key = tuple(told(h, found.levels[name], person[name]) for name, h in plan.quasi.items())
        candidates.append((person, classes.get(key, [])))
    return candidates, found.table.to_pylist(), plan


def test_linkage_with_an_outside_register_finds_one_in_k_at_most(attacked: Any) -> None:
    candidates, _, plan = attacked
    met = [(person, rows) for person, rows in candidates if rows]
    assert len(met) > 150  # nearly everybody of the register is in the release: the attack is a real one
    assert min(len(rows) for _, rows in met) >= plan.k
    random = np.random.default_rng(9)
    hits = [rows[random.integers(len(rows))]["trace"] == person["person"] for person, rows in met]
    chance = sum(1 / len(rows) for _, rows in met)
    assert chance / len(met) <= 1 / plan.k
    assert sum(hits) <= chance + 4 * chance**0.5  # and guessing gives no more than chance


def test_no_class_has_one_illness_only(attacked: Any) -> None:
    candidates, _, plan = attacked
    for _, rows in candidates:
        if rows:
            assert len({row["illness"] for row in rows}) >= plan.diversity


def test_belief_in_any_illness_rises_by_t_at_most(attacked: Any) -> None:
    candidates, released, plan = attacked
    whole = Counter(row["illness"] for row in released)
    for _, rows in candidates:
        for illness, count in Counter(row["illness"] for row in rows).items():
            assert count / len(rows) - whole[illness] / len(released) <= plan.closeness + 1e-9


def test_a_rare_illness_is_not_made_likely_in_a_county(town: pa.Table, plan: Plan) -> None:
    """Skewness: one in a hundred has it, all in one county; classes of that county would tell without t-closeness."""
    county = town["county"].to_pylist()
    rare = ["positive" if own == "370101" and n % 3 else "negative" for n, own in enumerate(county)]
    table = pa.table({"county": county, "hiv": rare})
    base = {"quasi": {"county": plan.quasi["county"]}, "sensitive": ("hiv",), "diversity": 2, "k": 10, "suppress": 0.95}
    free = anonymise(table, Plan(**base))
    held = anonymise(table, Plan(**base, closeness=0.1))
    share = rare.count("positive") / len(rare)

    def highest(found: pa.Table) -> float:
        classes = defaultdict(list)
        for row in found.to_pylist():
            classes[row["county"]].append(row["hiv"] == "positive")
        return max(sum(own) / len(own) for own in classes.values())

    assert highest(free.table) > share + 0.1
    assert held.report.sensitive["hiv"].distance <= 0.1 + 1e-9
    assert highest(held.table) <= Counter(held.table["hiv"].to_pylist())["positive"] / held.table.num_rows + 0.1 + 1e-9
