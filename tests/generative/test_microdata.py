"""The anonymiser against an obvious reference: every node of small lattices, rows as Python values, persons as sets."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quanmin.errors import QuanminError
from quanmin.opendata.microdata import Hierarchy, Plan, anonymise, anonymise_sets
from quanmin.opendata.microdata.grouping import condense

TINY = 1e-9


@dataclass
class Case:
    """A table as rows, and the recipe."""

    columns: dict[str, list[Any]]
    plan: Plan

    @property
    def table(self) -> pa.Table:
        types = {"who": pa.int64(), "ill": pa.string(), "cost": pa.int64()}
        return pa.table({name: pa.array(own, types.get(name, pa.string())) for name, own in self.columns.items()})


@st.composite
def hierarchies(draw: st.DrawFn, name: str) -> Hierarchy:
    """Two to five values under nested levels."""
    leaves = [f"{name}{n}" for n in range(draw(st.integers(2, 5)))]
    paths: dict[Any, tuple[str, ...]] = {leaf: () for leaf in leaves}
    groups = {leaf: leaf for leaf in leaves}
    for level in range(draw(st.integers(0, 2))):
        above = {group: f"{level}.{draw(st.integers(0, 2))}" for group in sorted(set(groups.values()))}
        groups = {leaf: above[groups[leaf]] for leaf in leaves}
        paths = {leaf: (*paths[leaf], groups[leaf]) for leaf in leaves}
    return Hierarchy(name, paths)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Up to forty rows with NULLs, persons in several rows, a word and a number that are sensitive."""
    quasi = {name: draw(hierarchies(name)) for name in "abc"[: draw(st.integers(1, 3))]}
    rows = draw(st.integers(4, 40))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    nulls = draw(st.booleans())
    columns: dict[str, list[Any]] = {}
    for name, own in quasi.items():
        words = [*own.paths, *([None] if nulls else [])]
        columns[name] = [words[n] for n in np.minimum(random.geometric(0.5, rows) - 1, len(words) - 1)]
    person = "who" if draw(st.booleans()) else None
    if person:
        columns["who"] = random.integers(0, max(rows * draw(st.sampled_from([1, 3])) // 2, 1), rows).tolist()
    sensitive = tuple(draw(st.sampled_from([(), ("ill",), ("cost",), ("ill", "cost")])))
    if "ill" in sensitive:
        columns["ill"] = [[None, "x", "y", "z"][n] for n in random.integers(0, 4, rows)]
    if "cost" in sensitive:
        columns["cost"] = random.integers(1, 6, rows).tolist()
    population = None
    if draw(st.booleans()) and not person:
        more = {n: [words[i] for i in random.integers(0, len(words), 30)] for n, words in _words(quasi).items()}
        population = pa.table({n: pa.array(columns[n] + own, pa.string()) for n, own in more.items()})
    return Case(
        columns,
        Plan(
            quasi=quasi,
            population=population,
            k=draw(st.integers(2, 4)),
            sensitive=sensitive,
            person=person,
            diversity=draw(st.integers(1, 3)) if sensitive else 1,
            entropy=draw(st.booleans()),
            closeness=draw(st.sampled_from([None, 0.2, 0.4, 0.6])) if sensitive else None,
            ordered=frozenset({"cost"} if "cost" in sensitive and draw(st.booleans()) else ()),
            suppress=draw(st.sampled_from([0.0, 0.1, 0.3, 0.9])),
        ),
    )


def _words(quasi: dict[str, Hierarchy]) -> dict[str, list[Any]]:
    return {name: list(own.paths) for name, own in quasi.items()}


def told(hierarchy: Hierarchy, level: int, value: Any) -> Any:
    if level == hierarchy.height - 1:
        return "*"
    return None if value is None else value if level == 0 else hierarchy.paths[value][level - 1]


def lost(hierarchy: Hierarchy, level: int, value: Any, nulls: bool) -> float:
    leaves = [*hierarchy.paths, *([None] if nulls else [])]
    label = told(hierarchy, level, value)
    return (sum(told(hierarchy, level, leaf) == label for leaf in leaves) - 1) / max(len(leaves) - 1, 1)


def shares(case: Case, rows: list[int], name: str) -> dict[Any, float]:
    """The distribution of a sensitive column, each person and value once."""
    who = case.columns.get("who", range(len(case.columns[name])))
    counts = Counter(value for _, value in {(who[row], case.columns[name][row]) for row in rows})
    return {value: count / sum(counts.values()) for value, count in counts.items()}


def pooled(case: Case, classes: list[list[int]], name: str) -> dict[Any, float]:
    """The whole: a person counts once for each value and class."""
    who = case.columns.get("who", range(len(case.columns[name])))
    counts = Counter(v for rows in classes for _, v in {(who[row], case.columns[name][row]) for row in rows})
    return {value: count / sum(counts.values()) for value, count in counts.items()}


def distance(own: dict[Any, float], whole: dict[Any, float], ordered: bool) -> float:
    if not ordered:
        return sum(abs(own.get(v, 0) - whole.get(v, 0)) for v in {*own, *whole}) / 2
    values, run, found = sorted(whole), 0.0, 0.0
    for value in values:
        run += own.get(value, 0) - whole[value]
        found += abs(run)
    return found / max(len(values) - 1, 1)


def weak(case: Case, rows: list[int], node: tuple[int, ...] | None = None) -> bool:
    """Whether a class breaks k or l by itself."""
    plan = case.plan
    who = case.columns.get("who", range(10**6))
    persons = {who[row] for row in rows}
    if (len(persons) if plan.population is None or node is None else people(case, rows[0], node)) < plan.k:
        return True
    for name in plan.sensitive if plan.diversity > 1 else ():
        own = case.columns[name]
        holders = defaultdict(set)
        for row in rows:
            holders[own[row]].add(who[row])
        if len(holders) < plan.diversity or any(have == persons for have in holders.values()):
            return True
    for name in plan.sensitive if plan.entropy else ():
        entropy = -sum(share * math.log(share) for share in shares(case, rows, name).values())
        if math.exp(entropy) < plan.diversity - TINY:
            return True
    return False


def people(case: Case, row: int, node: tuple[int, ...]) -> int:
    """The people of the population in the class of a row."""
    levels = dict(zip(case.plan.quasi, node, strict=True))
    own = {name: told(h, levels[name], case.columns[name][row]) for name, h in case.plan.quasi.items()}
    population = case.plan.population.to_pylist()
    return sum(all(told(h, levels[n], one[n]) == own[n] for n, h in case.plan.quasi.items()) for one in population)


def released(case: Case, node: tuple[int, ...]) -> list[list[int]]:
    """The classes of a node that hold the rule."""
    plan = case.plan
    groups = defaultdict(list)
    columns = [case.columns[name] for name in plan.quasi]
    for row in range(len(columns[0])):
        groups[
            tuple(told(h, level, own[row]) for h, level, own in zip(plan.quasi.values(), node, columns, strict=True))
        ].append(row)
    kept = [rows for rows in groups.values() if not weak(case, rows, node)]
    while plan.closeness is not None and kept:
        whole = {name: pooled(case, kept, name) for name in plan.sensitive}
        near = [
            rows
            for rows in kept
            if all(
                distance(shares(case, rows, n), whole[n], n in plan.ordered) <= plan.closeness + TINY
                for n in plan.sensitive
            )
        ]
        if len(near) == len(kept):
            break
        kept = near
    return kept


def best(case: Case) -> float | None:
    """The least loss of all nodes that hold the rule; None if none does."""
    plan, rows = case.plan, len(next(iter(case.columns.values())))
    found = []
    for node in itertools.product(*(range(h.height) for h in plan.quasi.values())):
        kept = [row for group in released(case, node) for row in group]
        if not kept or rows - len(kept) > int(plan.suppress * rows + TINY):
            continue
        cells = sum(
            lost(h, level, case.columns[name][row], None in case.columns[name])
            for (name, h), level in zip(plan.quasi.items(), node, strict=True)
            for row in kept
        )
        found.append((cells / len(node) + rows - len(kept)) / rows)
    return min(found, default=None)


SEEN: Counter[str] = Counter()


def note(case: Case, refused: bool) -> None:
    plan, who = case.plan, case.columns.get("who", [])
    for name, seen in {
        "refused": refused,
        "released": not refused,
        "NULL": any(None in case.columns[name] for name in plan.quasi),
        "several rows": len(set(who)) < len(who),
        "suppression": plan.suppress > 0,
        "t": plan.closeness is not None,
        "ordered": bool(plan.ordered) and plan.closeness is not None,
        "entropy": plan.entropy and plan.diversity > 1,
        "l": plan.diversity > 1,
        "k-map": plan.population is not None,
    }.items():
        SEEN[name] += seen


@settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def optimum_or_refusal(case: Case) -> None:
    expected = best(case)
    note(case, expected is None)
    if expected is None:
        with pytest.raises(QuanminError):
            anonymise(case.table, case.plan)
        return
    found = anonymise(case.table, case.plan)
    assert found.report.loss.ncp == pytest.approx(expected, abs=TINY)
    kept = released(case, tuple(found.levels.values()))
    assert found.report.released == found.table.num_rows == sum(map(len, kept))
    assert found.report.classes == len(kept)
    names = [name for name in found.table.column_names if name in case.plan.quasi]
    hierarchies = case.plan.quasi
    rows = Counter(zip(*(found.table[name].to_pylist() for name in names), strict=True))
    wanted = Counter(
        tuple(told(hierarchies[name], found.levels[name], case.columns[name][row]) for name in names)
        for group in kept
        for row in group
    )
    assert rows == wanted
    for name in case.plan.sensitive:
        assert Counter(found.table[name].to_pylist()) == Counter(
            case.columns[name][row] for rows in kept for row in rows
        )


def test_the_lattice_finds_the_optimum_or_refuses_in_every_situation() -> None:
    SEEN.clear()
    optimum_or_refusal()
    assert {name: count for name, count in SEEN.items() if count < 10} == {}


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(cases())
def test_mondrian_holds_the_rule_in_each_class_and_loses_nobody(case: Case) -> None:
    everybody = [list(range(len(next(iter(case.columns.values())))))]
    case.plan = Plan(**{**vars(case.plan), "population": None})
    if weak(case, everybody[0]):
        with pytest.raises(QuanminError):
            anonymise(case.table, case.plan, "mondrian")
        return
    positions = case.table.append_column("row", pa.array(range(case.table.num_rows), pa.int64()))
    plan = Plan(**{**vars(case.plan), "harmless": ("row",)})
    found = anonymise(positions, plan, "mondrian")
    groups = defaultdict(list)
    for row, *labels in zip(
        found.table["row"].to_pylist(), *(found.table[n].to_pylist() for n in plan.quasi), strict=True
    ):
        groups[tuple(labels)].append(row)
        for label, (name, hierarchy) in zip(labels, plan.quasi.items(), strict=True):
            assert label in {told(hierarchy, level, case.columns[name][row]) for level in range(hierarchy.height)}
    assert sorted(row for rows in groups.values() for row in rows) == everybody[0]
    assert not [rows for rows in groups.values() if len(rows) and weak_k(case, rows)]
    assert found.report.k >= plan.k
    assert all(held.distinct >= plan.diversity for held in found.report.sensitive.values())
    if plan.closeness is not None:
        assert all(held.distance <= plan.closeness + TINY for held in found.report.sensitive.values())


def weak_k(case: Case, rows: list[int]) -> bool:
    who = case.columns.get("who", range(10**6))
    return len({who[row] for row in rows}) < case.plan.k


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.integers(0, 3)), max_size=60),
    st.sampled_from([1, 1000, 10**6]),
)
def test_condensed_numbers_are_those_of_the_distinct_tuples_in_order(rows: list[tuple[int, ...]], scale: int) -> None:
    array = np.array(rows, np.int32).reshape(-1, 3) * np.array([1, scale, 1], np.int32)
    found, count = condense([(array[:, 0], 7), (array[:, 1], 9 * scale + 1), (array[:, 2], 4)], len(array))
    wanted = sorted(set(map(tuple, array.tolist())))
    assert count == max(len(wanted), 1) or not rows
    assert found.tolist() == [wanted.index(tuple(row)) for row in array.tolist()]


@st.composite
def baskets(draw: st.DrawFn) -> tuple[list[tuple[int, str | None]], Hierarchy, int, int]:
    hierarchy = draw(hierarchies("i"))
    items = [*hierarchy.paths, None]
    people = draw(st.integers(2, 12))
    rows = draw(st.lists(st.tuples(st.integers(0, people - 1), st.sampled_from(items)), min_size=1, max_size=40))
    return rows, hierarchy, draw(st.integers(2, 4)), draw(st.integers(1, 3))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(baskets())
def test_every_combination_of_a_release_of_sets_is_shared_by_k(basket: tuple[Any, ...]) -> None:
    rows, hierarchy, k, m = basket
    table = pa.table({"who": pa.array([w for w, _ in rows]), "item": pa.array([i for _, i in rows], pa.string())})
    people = {w for w, _ in rows}
    if len(people) < k:
        with pytest.raises(QuanminError):
            anonymise_sets(table, "who", "item", hierarchy, k, m)
        return
    found = anonymise_sets(table, "who", "item", hierarchy, k, m)
    lists = found.table["item"].to_pylist()
    counts = Counter(
        c for one in lists for size in range(1, m + 1) for c in itertools.combinations(sorted(set(one)), size)
    )
    assert all(count >= k for count in counts.values())
    wanted = sorted(
        sorted({found.told[i] for w, i in rows if w == person and i and found.told[i]}) for person in people
    )
    assert lists == wanted
    own = Counter(i for w, i in set(rows) if i)
    plain = Counter(
        c
        for person in people
        for size in range(1, m + 1)
        for c in itertools.combinations(sorted({i for w, i in rows if w == person and i}), size)
    )
    if all(count >= k for count in plain.values()):
        assert found.loss == 0 and all(found.told[item] == item for item in own)
