"""Keys of names and numbers, and the sieve: what was put in always passes, little else does."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanmin.population.linkage import key, spelling

NAMES = st.lists(st.none() | st.text("张章伟维·娜Aé𠮷", max_size=6), min_size=1, max_size=12)


@settings(deadline=None)
@given(NAMES)
def test_names_have_one_number_if_they_are_the_same_or_sound_the_same(names: list[str | None]) -> None:
    found = key.of_names(pa.array(names, pa.string()))
    assert found.there.tolist() == [bool(name) for name in names]
    for i, one in enumerate(names):
        for j, other in enumerate(names):
            if one and other:
                assert (found.text[i] == found.text[j]) == (one == other)
                assert (found.sound[i] == found.sound[j]) == (spelling.sounded(one) == spelling.sounded(other))


def test_names_of_a_slice_are_those_of_the_whole() -> None:
    names = pa.array(["张伟", None, "章维", "李晓明", ""])
    whole, part = key.of_names(names), key.of_names(names.slice(2))
    assert part.text.tolist() == whole.text[2:].tolist()
    assert whole.sound[0] == whole.sound[2] and whole.text[0] != whole.text[2]


def test_a_key_depends_on_its_kind_and_on_the_order_of_its_parts() -> None:
    one, two = np.array([7, 8]), np.array([8, 7])
    assert key.joined(1, one, two).tolist() == key.joined(1, one, two).tolist()
    assert len({*key.joined(1, one, two).tolist(), *key.joined(2, one, two).tolist()}) == 4


@pytest.mark.parametrize("count", [0, 1, 5_000])
def test_the_sieve_passes_what_was_put_in_and_hardly_anything_else(count: int) -> None:
    inside, outside = key.joined(1, np.arange(count)), key.joined(2, np.arange(100_000))
    sieve = key.Sieve(count)
    sieve.add(inside)
    assert sieve.holds(inside).all()
    assert sieve.holds(outside).mean() < 0.002
