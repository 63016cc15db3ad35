"""One bit a row against Python's own sets."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from quanmin.collect.row_set import RowSet

ROWS = 300
NUMBERS = st.lists(st.integers(1, ROWS), max_size=40)


def made(numbers: list[int]) -> RowSet:
    found = RowSet(ROWS)
    found.add(np.array(numbers, np.int64))
    return found


@given(NUMBERS, NUMBERS, st.integers(1, ROWS), st.integers(0, ROWS), st.integers(0, 50))
def test_it_is_a_set_of_numbers(one: list[int], other: list[int], first: int, last: int, most: int) -> None:
    both = set(one) | set(other)
    found = made(one).update([made(other)])
    assert len(found) == len(both)
    assert found.first(most) == sorted(both)[:most]
    assert found.between(first, last).tolist() == sorted(row for row in both if first <= row <= last)
    everything = np.arange(1, ROWS + 1)
    assert everything[found.among(everything)].tolist() == sorted(both)


def test_it_takes_a_bit_a_row_and_finds_the_last_of_many() -> None:
    found = RowSet(40_000_000)
    assert found._bits.nbytes < 5_000_100
    found.add(np.array([40_000_000, 39_999_999], np.int64))
    assert found.first(5) == [39_999_999, 40_000_000]
