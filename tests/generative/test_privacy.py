"""Bounding what a person counts with: the fast form against a plain one, and what must hold for the loss to be true."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.opendata.privacy import worker

PEOPLE = st.one_of(st.integers(0, 6), st.sampled_from(["a", "b", "张"]))
ROWS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 5)), max_size=60)


def plan(statistic: str, most: int) -> dict[str, Any]:
    return {"statistic": statistic, "contributions": most, "categories": 5}


def bounded(rows: list[tuple[Any, int]], how: dict[str, Any]) -> Counter[int]:
    persons = pa.chunked_array([pa.array([str(person) for person, _ in rows], pa.string())])
    return Counter(worker.bounded(persons, np.array([value for _, value in rows], np.int64), how).tolist())


def plain(rows: list[tuple[Any, int]], how: dict[str, Any]) -> dict[Any, tuple[Counter[int], int]]:
    """Of each person what may be counted, and how many of it."""
    found: dict[Any, Counter[int]] = {}
    for person, value in rows:
        found.setdefault(person, Counter())[value] += 1
    if how["statistic"] == "histogram":
        found = {person: Counter(set(values)) for person, values in found.items()}
    return {person: (values, min(values.total(), how["contributions"])) for person, values in found.items()}


@pytest.mark.parametrize("statistic", ["sum", "histogram"])
@given(rows=ROWS, most=st.integers(1, 4), seed=st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_each_person_counts_with_so_many_rows_whatever_the_others_do_and_in_any_order(
    statistic: str, rows: list[tuple[int, int]], most: int, seed: Any
) -> None:
    how = plan(statistic, most)
    whole, alone = bounded(rows, how), Counter[int]()
    for person, (values, count) in plain(rows, how).items():
        own = bounded([one for one in rows if one[0] == person], how)
        assert own.total() == count and own <= values
        without = bounded([one for one in rows if one[0] != person], how)
        assert whole - without == own and not without - whole  # a person less is these rows less, and nothing else
        alone += own
    assert alone == whole
    mixed = list(rows)
    seed.shuffle(mixed)
    assert bounded(mixed, how) == whole


def test_which_rows_stay_prefers_no_value() -> None:
    """Two thousand people with the values 0 to 9 each, one stays of each: all values are seen about equally often."""
    rows = [(person, value) for person in range(2_000) for value in range(10)]
    seen = bounded(rows, plan("sum", 1))
    assert sorted(seen) == list(range(10)) and 140 < min(seen.values()) and max(seen.values()) < 260
