"""Living people by age and division: counted like by hand, and small counts cannot be worked out."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanmin import population, trust
from quanmin.lake.errors import NotReadable
from quanmin.population.errors import NotBuilt
from quanmin.population.published import Shelf
from quanmin.population.structure import MINIMUM, SEXES, arranged, hide, structure
from quanmin.standards.identity import citizen_number

BORN = dt.date(1980, 1, 1)


def number(place: int, division: int = 110105, born: int = 19800101) -> str:
    """A valid number for each of many people; odd places are men."""
    return str(citizen_number.decode(division * 10**11 + born * 1000 + place))


@pytest.fixture
def base(office: Any) -> Any:
    """30 people of two provinces, two of whom are over a hundred, and one who died."""
    people = [number(place, 110105 if place < 20 else 370102) for place in range(1, 29)]
    people += [number(1, 370102, 19100101), number(2, 370102, 19100101)]
    office.send(office.bench, *({"number": one, "name": "李明"} for one in people))
    office.send(
        office.death, {"number": people[0], "name": "李明", "death_date": dt.date(2020, 1, 1)}, also=("death_date",)
    )
    office.build()
    return office


def counted(rows: Any, *names: str) -> dict[tuple[Any, ...], Any]:
    return {(*(row[name] for name in names), row["sex"]): row["people"] for row in rows}


def test_the_living_are_counted_by_age_and_by_division(base: Any) -> None:
    made = structure(base.lake, base.decision("supervision", population.PERSON_COLUMNS, case="C-1"))
    age = (made.day.year - BORN.year - ((made.day.month, made.day.day) < (1, 1))) // 5 * 5
    ages = counted(made.ages, "from")
    assert (ages[age, "1"], ages[age, "2"], ages[100, "1"], ages[100, "2"]) == (13, 14, 1, 1)
    assert sum(ages.values()) == 29, "one died"
    divisions = counted(made.divisions, "level", "region")
    assert divisions["province", "110000", "1"] == divisions["city", "110100", "1"] == 9
    assert divisions["province", "370000", "2"] == divisions["city", "370100", "2"] == 6
    assert made.minimum == 0 and not any(row["suppressed"] for row in made.ages)


def test_the_public_is_told_no_small_count_and_the_audit_is_told_once(base: Any) -> None:
    shelf = Shelf(lambda: base.lake)
    before = trust.audit.head(base.lake.ledger).sequence
    first = shelf.figures()
    asked = trust.audit.head(base.lake.ledger).sequence
    assert shelf.figures() is first and trust.audit.head(base.lake.ledger).sequence == asked
    events = [one.fields["event"] for one in trust.audit.search(base.lake.ledger, actor="public")]
    assert events == ["read", "read", "decide"] and asked == before + 3
    told = [row["people"] for row in (*first.structure.ages, *first.structure.divisions)]
    assert all(count is None or count == 0 or count >= MINIMUM for count in told)
    assert any(count is None for count in told)
    assert first.structure.minimum == first.statistics.minimum == MINIMUM and first.people == 30
    base.send(base.bench, {"number": number(40), "name": "王芳"})
    assert shelf.figures() is first, "collected, not built"
    base.build()
    assert shelf.figures().people == 31


def test_before_the_first_build_there_is_nothing(office: Any) -> None:
    with pytest.raises(NotBuilt):
        Shelf(lambda: office.lake).figures()


def test_an_answer_only_is_no_count(base: Any) -> None:
    with pytest.raises(NotReadable):
        structure(base.lake, base.decision("verification", ("person_key", "citizen_number", "name")))


@given(
    st.lists(
        st.tuples(
            st.sampled_from([110105, 120101, 370102, 370202, 370302, 440103]),
            st.sampled_from(SEXES),
            st.sampled_from([None, 0, 5, 40, 100]),
            st.integers(1, 40),
        ),
        max_size=30,
    )
)
def test_what_is_hidden_cannot_be_worked_out(rows: list[tuple[int, str, int | None, int]]) -> None:
    """Of every group whose sum is known: the hidden counts together are not small, and never one alone, unless all are hidden."""
    ages, divisions = arranged(rows)
    plain = {**divisions}, {**ages}
    hide(ages, divisions, MINIMUM)
    for sex in SEXES:
        groups = [([one for one in ages if one[1] == sex], ages, plain[1])]
        provinces = [one for one in divisions if one[1] == sex and one[0].endswith("0000")]
        groups.append((provinces, divisions, plain[0]))
        for province in provinces:
            cities = [
                one for one in divisions if one[1] == sex and one[0][:2] == province[0][:2] and one not in provinces
            ]
            if divisions[province] is None:
                assert all(divisions[one] is None for one in cities)
            else:
                groups.append((cities, divisions, plain[0]))
        for group, shown, true in groups:
            hidden = [one for one in group if shown[one] is None]
            assert all((shown[one] or MINIMUM) >= MINIMUM for one in group)
            assert all(shown[one] in (None, true[one]) for one in group)
            others = [one for one in group if shown[one]]
            if hidden and others:
                assert len(hidden) > 1 and sum(true[one] or 0 for one in hidden) >= MINIMUM
