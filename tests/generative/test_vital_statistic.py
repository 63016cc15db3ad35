"""Populations counted where they lie against the plain reference, and hidden counts that nothing gives away."""

from __future__ import annotations

import itertools
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import event, given, settings
from hypothesis import strategies as st

from quanmin.programs.vital.statistic.hiding import FINEST, LEVELS, hidden, hidden_together, level, summed
from quanmin.programs.vital.statistic.population import (
    Cohort,
    Person,
    count,
    grouped,
    january,
    person_years,
    populations,
)

SCHEMA = pa.schema({"sex": pa.string(), "birth": pa.date32(), "death": pa.date32(), "region": pa.string()})
REGIONS = ("110105", "130323", "130223", "130502", "139999", "99", None)
CORNERS = (date(2012, 2, 29), date(2014, 1, 1), date(2014, 12, 31), date(2015, 2, 28), date(2016, 1, 1))
days = st.one_of(st.sampled_from(CORNERS), st.dates(date(1900, 1, 1), date(2020, 12, 31)))


@st.composite
def people(draw: Any) -> Person:
    birth = draw(st.none() | days)
    died = draw(st.none() | st.just("early") | st.integers(0, 40_000))
    death = None if birth is None or died is None else birth + timedelta(days=died if isinstance(died, int) else 0)
    return Person(draw(st.sampled_from(("1", "2", "9"))), birth, death, draw(st.sampled_from(REGIONS)))


@settings(deadline=None, max_examples=60)
@given(st.lists(people(), max_size=30), days)
def test_a_population_is_the_plain_count(some: list[Person], day: date) -> None:
    connection = duckdb.connect()
    rows = [dict(zip(SCHEMA.names, one, strict=True)) for one in some]
    connection.register("people", pa.Table.from_pylist(rows, SCHEMA))
    session: Any = SimpleNamespace(connection=connection)
    plain = count(some, day)
    assert populations(session, "people", day) == plain
    event("somebody" if plain else "nobody")


@settings(deadline=None, max_examples=100)
@given(st.lists(people(), max_size=40), st.integers(1990, 2020))
def test_cohorts_give_every_first_of_january(some: list[Person], year: int) -> None:
    cohorts = [Cohort("", p.sex, p.birth.year, p.death.year if p.death else None, 1) for p in some if p.birth]
    plain = count(some, date(year, 1, 1))
    known = january(cohorts, year)
    for sex in ("1", "2"):
        expected = np.zeros(101)
        for cell, number in plain.items():
            expected[cell.age] += number if cell.sex == sex else 0
        assert known.of(sex).tolist() == expected.tolist()
    after = january(cohorts, year + 1)
    assert person_years(cohorts, year, year).total == (known.total + after.total) / 2
    assert grouped(known.of(""), range(0, 101, 5)).sum() == known.total


counts_of = st.lists(st.integers(0, 40), min_size=2, max_size=6)


@settings(deadline=None)
@given(counts_of, st.sampled_from((0, 3, 10)))
def test_no_hidden_cell_can_be_worked_out_of_the_sum(counts: list[int], minimum: int) -> None:
    off = hidden(counts, minimum)
    assert all(off[place] for place, one in enumerate(counts) if 0 < one < minimum)
    left = [one for one, hide in zip(counts, off, strict=True) if hide]
    enough = sum(one for one in counts if one >= minimum) + sum(left)
    if left and enough >= minimum and len([one for one in counts if one]) > 1:
        assert len(left) > 1 and (sum(left) >= minimum or sum(left) == sum(counts))
    event(f"hidden {len(left)}")


@settings(deadline=None)
@given(
    st.integers(2, 5).flatmap(
        lambda n: st.lists(st.lists(st.integers(0, 30), min_size=n, max_size=n), min_size=2, max_size=5)
    )
)
def test_the_sum_of_years_tells_no_single_year(years: list[list[int]]) -> None:
    together = hidden_together(years, 10)
    singles = np.array([hidden(one, 10) for one in years])
    for cell in range(len(years[0])):
        unknown = [years[place][cell] for place in range(len(years)) if singles[place][cell]]
        if not together[cell] and unknown:
            assert len(unknown) > 1 and sum(unknown) >= 10


ages = st.lists(st.integers(0, 60), min_size=len(FINEST), max_size=len(FINEST))
cells = st.lists(st.lists(ages, min_size=2, max_size=2), min_size=1, max_size=3)


@settings(deadline=None, max_examples=200)
@given(cells, st.sampled_from((0, 10, 30)))
def test_no_age_group_that_is_told_is_small_nor_what_is_left_between_two_levels(years: Any, minimum: int) -> None:
    starts = level(years, minimum)
    whole = np.array(years).sum(axis=0)
    for counts in summed(whole, starts) if starts else ():
        assert not ((counts > 0) & (counts < minimum)).any()
    own = [level([one], minimum) for one in years]
    for one, other in itertools.permutations([*own, starts], 2):
        assert set(one) <= set(other) or set(other) <= set(one)
    if minimum == 0:
        assert starts == FINEST
    event(f"level {LEVELS.index(starts) if starts else 'none'}")
