"""Keys of which only what is read is sorted, and counts of values in one go: the same as the plain way."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quanmin.opendata.catalogue import counting
from quanmin.opendata.catalogue.counting import Counting
from quanmin.opendata.catalogue.keys import Keys

PAGES = st.lists(st.tuples(st.integers(0, 250), st.integers(0, 60)), max_size=6)


@given(st.sets(st.integers(0, 2**63), max_size=200), PAGES, st.integers(0, 2**63))
def test_every_page_is_the_one_of_the_sorted_keys(keys: set[int], pages: list[tuple[int, int]], some: int) -> None:
    plain = sorted(keys)
    lazy = Keys(np.array(list(keys), np.uint64))
    for start, rows in pages:
        assert lazy.page(start, rows).tolist() == plain[start : start + rows]
        assert lazy.upto(some) == sum(key < some for key in plain)
    assert len(lazy) == len(plain)


@given(st.lists(st.lists(st.integers(0, 9), max_size=40), min_size=1, max_size=30), st.data())
def test_counts_are_those_of_counting_one_by_one(values: list[list[int]], data: st.DataObject) -> None:
    offsets = np.append(0, np.cumsum([len(one) for one in values])).astype(np.int32)
    flat = np.array([value for one in values for value in one], np.int32)
    chosen = data.draw(st.lists(st.integers(0, len(values) - 1), unique=True))
    plain = [sum(values[number].count(value) for number in chosen) for value in range(10)]
    block, counting.BLOCK = counting.BLOCK, data.draw(st.integers(1, 8))
    try:
        assert Counting(offsets, flat, 10).count(np.array(chosen, np.uint32)).tolist() == plain
    finally:
        counting.BLOCK = block
