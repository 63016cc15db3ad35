"""One person with two numbers: who is found, who is not, and that the hashes find what the plain comparison finds."""

from __future__ import annotations

import datetime as dt
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin import standards
from quanmin.lake.session import Session
from quanmin.population.plan import plan_of
from quanmin.population.review.double import alike, doubles, near
from quanmin.population.review.queue import STAGE
from quanmin.population.tables import PERSON

from .conftest import ELSEWHERE, LI, LI_AGAIN, OTHER_NUMBER, key, person


def found(office: Any) -> list[Any]:
    with Session(office.lake, STAGE) as session:
        return doubles(session, plan_of(standards.catalogue()))


def test_who_is_one_person_with_two_numbers(desk: Any) -> None:
    pairs = {one.people: (one.records, one.near) for one in found(desk.office)}
    assert pairs == {
        (key(LI), key(LI_AGAIN)): ((2, 1), True),
        (key(ELSEWHERE), key(OTHER_NUMBER)): ((1, 0), False),
    }


DAY = dt.date(1990, 2, 3)
FAR = person(DAY, "周强", 335, "440524", birth_place="130224")


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({**FAR}, 1),
        ({**FAR, "name": "周墙"}, 0),
        ({**FAR, "birth_place": "440524"}, 0),
        ({**FAR, "birth_place": None}, 0),
        ({**FAR, "birth_place": None, "registered_address": "新华路1号"}, 1),
        (person(dt.date(1990, 2, 4), "周强", 335, "440524", birth_place="130224"), 0),
        (person(DAY, "周强", 336, "440524", birth_place="130224"), 0),
    ],
)
def test_each_part_is_needed(office: Any, other: dict[str, Any], expected: int) -> None:
    office.send(office.bench, person(DAY, "周强", 11, birth_place="130224", registered_address="新华路1号"), other)
    office.build()
    assert len(found(office)) == expected


def test_people_far_apart_whom_others_know_both_are_two(office: Any) -> None:
    known = person(DAY, "周强", 11, birth_place="130224")
    office.send(office.bench, known, FAR)
    office.send(office.whole, known, FAR)
    office.build()
    assert found(office) == []


def test_a_placeholder_shared_by_many_is_not_a_pair(office: Any) -> None:
    office.send(office.bench, *(person(DAY, "周强", 11 + 2 * i, birth_place="130224") for i in range(9)))
    office.build()
    assert found(office) == []


def test_the_hashes_find_what_every_pair_compared_finds(office: Any) -> None:
    rows = [
        person(
            dt.date(1990, 2, 3 + a % 2),
            "王" + "峰峯芳"[b],
            11 + 2 * (3 * a + b),
            birth_place=["130224", "440524"][a // 2],
        )
        for a in range(4)
        for b in range(3)
    ]
    office.send(office.bench, *rows)
    office.build()
    with Session(office.lake, STAGE) as session:
        people = session.connection.sql(
            f"SELECT * FROM {session.relation(PERSON)} ORDER BY person_key"
        ).to_arrow_table()
    plain = [(a["person_key"], b["person_key"]) for a, b in combinations(people.to_pylist(), 2) if alike(a, b)]
    assert plain
    assert [one.people for one in found(office)] == plain


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("1234", "1234", False),
        ("1234", "1235", True),
        ("1234", "1324", True),
        ("1234", "4231", False),
        ("12", "123", False),
    ],
)
def test_near(left: str, right: str, expected: bool) -> None:
    assert near(left, right) is near(right, left) is expected


@given(st.text("0123456789", min_size=17, max_size=17), st.integers(0, 15))
def test_exchanged_neighbours_are_near(number: str, place: int) -> None:
    exchanged = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert near(number, exchanged) is (number != exchanged)
