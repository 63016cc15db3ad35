"""Which number leads to which person, given what the reviews say and what the register holds."""

from __future__ import annotations

import pytest

from quanmin.population.alias import NOTHING, effective, ruling

A, B, C, D = 1, 2, 3, 4


@pytest.mark.parametrize(
    ("roots", "held", "leads"),
    [
        ({B: A}, {A, B}, {B: A}),
        ({B: A}, {A}, {B: A}),
        ({B: A}, {B}, {A: B}),
        ({B: A}, set(), {}),
        ({B: A, C: A}, {B, C}, {A: B, C: B}),
        ({B: A, D: C}, {A, B, D}, {B: A, C: D}),
    ],
    ids=[
        "both held",
        "the old one was cancelled",
        "the survivor was cancelled",
        "neither",
        "the lowest stands",
        "two people",
    ],
)
def test_a_person_stands_where_the_register_has_a_number(
    roots: dict[int, int], held: set[int], leads: dict[int, int]
) -> None:
    assert effective(roots, held) == leads


def test_a_ruling_is_in_the_order_of_the_numbers() -> None:
    made = ruling({B: A, A: C}, {B}, {A: 7, B: 8}, [D, C])
    assert [part.tolist() for part in made] == [[A, B], [C, A], [False, True], [7, 8], [C, D]]
    assert all(not len(part) for part in NOTHING)
